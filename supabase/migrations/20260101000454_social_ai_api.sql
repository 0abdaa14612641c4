-- AI answers: the stages as RPCs for workers (the service role alone), and ratings by people.

create function social.begin_ai_answer(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.begin_ai_answer(p_ai_answer_id, p_job_id, p_lease_token); $$;
comment on function social.begin_ai_answer(uuid, uuid, bigint) is
  'Worker: takes an AI answer up, again if need be. {proceed, question_id, title, content}; proceed is false when there is nothing to do: it is finished, or the question was closed or removed. Errors: lease_lost (409).';

create function social.ai_answer_passages(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_limit integer default 24)
returns table (id uuid, title text, body text, locator jsonb)
language sql volatile security invoker set search_path = ''
as $$ select * from private.ai_answer_passages(p_ai_answer_id, p_job_id, p_lease_token, p_limit); $$;
comment on function social.ai_answer_passages(uuid, uuid, bigint, integer) is
  'Worker: passages that share words with the question, best first, among what everybody signed in may read. Errors: lease_lost (409).';

create function social.stream_ai_answer(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_index integer, p_text text)
returns boolean language sql volatile security invoker set search_path = ''
as $$ select private.stream_ai_answer(p_ai_answer_id, p_job_id, p_lease_token, p_index, p_text); $$;
comment on function social.stream_ai_answer(uuid, uuid, bigint, integer, text) is
  'Worker: sends the next piece of the text to question:<id>; index 0 begins anew. False: the question was closed or removed, stop. Errors: lease_lost (409), invalid_delta (422).';

create function social.record_ai_answer(
  p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_text text, p_citations jsonb, p_is_covered boolean,
  p_confidence numeric, p_provider text, p_model text, p_tokens_used integer default null, p_processing_time_ms integer default null
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$
  select private.record_ai_answer(
    p_ai_answer_id, p_job_id, p_lease_token, p_text, p_citations, p_is_covered,
    p_confidence, p_provider, p_model, p_tokens_used, p_processing_time_ms
  );
$$;
comment on function social.record_ai_answer(uuid, uuid, bigint, text, jsonb, boolean, numeric, text, text, integer, integer) is
  'Worker: stores the text with its citations [{document_id, quote}] and sends it to question:<id>. {recorded, status, error_code?}; doing it twice does nothing. Errors: lease_lost (409), citation_required, citation_unknown, citation_not_in_source, markup_not_allowed (422).';

create function social.fail_ai_answer(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_error_code text)
returns boolean language sql volatile security invoker set search_path = ''
as $$ select private.fail_ai_answer(p_ai_answer_id, p_job_id, p_lease_token, p_error_code); $$;
comment on function social.fail_ai_answer(uuid, uuid, bigint, text) is
  'Worker: ends an AI answer that cannot be made. False when it was finished. Errors: lease_lost (409).';

-- Ratings: one a person, changeable. The sums in ai_answers follow by this trigger; answers are locked in the order of
-- their ids, since the ratings of somebody who leaves go in one statement.
create function private.tg_ai_answer_ratings__count()
returns trigger
language plpgsql
security definer -- people may not write ai_answers
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_counts integer[];
  v_sums integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(c.ai_answer_id), array_agg(c.n), array_agg(c.s) into v_ids, v_counts, v_sums
    from (select n.ai_answer_id, count(*)::integer as n, sum(n.rating)::integer as s from new_rows as n group by 1) as c;
  elsif tg_op = 'DELETE' then
    select array_agg(c.ai_answer_id), array_agg(-c.n), array_agg(-c.s) into v_ids, v_counts, v_sums
    from (select o.ai_answer_id, count(*)::integer as n, sum(o.rating)::integer as s from old_rows as o group by 1) as c;
  else
    select array_agg(c.ai_answer_id), array_agg(c.n), array_agg(c.s) into v_ids, v_counts, v_sums
    from (
      select r.ai_answer_id, sum(r.n)::integer as n, sum(r.s)::integer as s
      from (
        select n.ai_answer_id, 1 as n, n.rating::integer as s from new_rows as n
        union all
        select o.ai_answer_id, -1, -o.rating from old_rows as o
      ) as r
      group by 1
    ) as c;
  end if;
  perform from social.ai_answers as a where a.id = any (v_ids) order by a.id for no key update;
  update social.ai_answers as a
  set ratings_count = a.ratings_count + c.n, ratings_sum = a.ratings_sum + c.s
  from unnest(v_ids, v_counts, v_sums) as c (id, n, s)
  where a.id = c.id and (c.n <> 0 or c.s <> 0);
  return null;
end;
$$;
comment on function private.tg_ai_answer_ratings__count() is 'Trigger: keeps ratings_count and ratings_sum of AI answers.';
create trigger _500_count_inserted after insert on social.ai_answer_ratings
  referencing new table as new_rows
  for each statement execute function private.tg_ai_answer_ratings__count();
create trigger _500_count_updated after update on social.ai_answer_ratings
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.tg_ai_answer_ratings__count();
create trigger _500_count_deleted after delete on social.ai_answer_ratings
  referencing old table as old_rows
  for each statement execute function private.tg_ai_answer_ratings__count();
create trigger _900_touch_updated_at before update on social.ai_answer_ratings
  for each row execute function private.tg__touch_updated_at();

create function private.rate_ai_answer(p_ai_answer_id uuid, p_rating integer)
returns jsonb
language plpgsql
volatile
security definer -- writes ratings, which people may not
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_answer social.ai_answers;
begin
  if p_rating is null or p_rating not between 1 and 5 then
    raise sqlstate 'PT422' using
      message = 'invalid_rating', detail = 'A rating is a whole number from 1 to 5.', hint = 'Send one of these.';
  end if;
  perform private.social_require_content('ai_answer', p_ai_answer_id, v_user_id);
  select * into v_answer from social.ai_answers as a where a.id = p_ai_answer_id;
  perform private.social_require_content('question', v_answer.question_id, v_user_id);
  if v_answer.status is distinct from 'completed' then
    raise sqlstate 'PT409' using
      message = 'ai_answer_not_completed', detail = 'Only an answer that is there can be rated.', hint = 'Wait for it to be completed.';
  end if;
  perform private.social_limit('vote', v_user_id);
  insert into social.ai_answer_ratings as r (ai_answer_id, user_id, rating)
  values (p_ai_answer_id, v_user_id, p_rating)
  on conflict (ai_answer_id, user_id) do update set rating = excluded.rating where r.rating <> excluded.rating;
  select * into v_answer from social.ai_answers as a where a.id = p_ai_answer_id;
  return jsonb_build_object(
    'ai_answer_id', p_ai_answer_id, 'rating', p_rating,
    'ratings_count', v_answer.ratings_count, 'ratings_sum', v_answer.ratings_sum
  );
end;
$$;
comment on function private.rate_ai_answer(uuid, integer) is 'See social.rate_ai_answer.';

create function social.rate_ai_answer(p_ai_answer_id uuid, p_rating integer)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.rate_ai_answer(p_ai_answer_id, p_rating); $$;
comment on function social.rate_ai_answer(uuid, integer) is
  'Rates a completed AI answer, 1 to 5; rating again changes it. {ai_answer_id, rating, ratings_count, ratings_sum}. Errors: not_authenticated (401), account_inactive (403), content_not_found (404), content_removed, ai_answer_not_completed (409), invalid_rating (422), rate_limited (429).';

revoke execute on function
  private.tg_ai_answer_ratings__count(), private.rate_ai_answer(uuid, integer), social.rate_ai_answer(uuid, integer)
  from public, anon, authenticated;
grant execute on function private.rate_ai_answer(uuid, integer), social.rate_ai_answer(uuid, integer) to authenticated;

do $$
declare
  v_name text;
  v_function regprocedure;
begin
  foreach v_name in array array[
    'begin_ai_answer', 'ai_answer_passages', 'stream_ai_answer', 'record_ai_answer', 'fail_ai_answer'
  ] loop
    for v_function in
      select p.oid::regprocedure from pg_catalog.pg_proc as p
      where p.pronamespace in ('social'::regnamespace, 'private'::regnamespace) and p.proname = v_name
    loop
      execute format('revoke execute on function %s from public, anon, authenticated', v_function);
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end loop;
end;
$$;
