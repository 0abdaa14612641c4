-- How good tutors are: how well they know their topics, and how they are rated. Totals follow session_feedback, whatever
-- happens to it, and so does the score by which tutors are ranked.
--
-- Two ratings of 5 say less than two hundred of 4.8. A tutor is ranked by his shrunken ("Bayesian") average, as lists of
-- films and books are (IMDb's Top 250 publishes the formula as its weighted rating):
--   score = (C·m + Σ ratings) / (C + n)
-- n ratings of his own, and C ratings of mean m that everybody begins with (market.rating_prior). It stands in
-- ten-thousandths, so that pages can go on exactly where one ended.

create function private.market_score(p_rating_sum bigint, p_rating_count bigint, p_prior jsonb)
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select round(coalesce(
    10000 * ((p_prior ->> 'ratings')::numeric * (p_prior ->> 'mean')::numeric + p_rating_sum)
      / nullif((p_prior ->> 'ratings')::numeric + p_rating_count, 0),
    10000 * (p_prior ->> 'mean')::numeric
  ))::integer;
$$;
comment on function private.market_score(bigint, bigint, jsonb) is
  'The shrunken average in ten-thousandths; the mean of the prior when nothing at all counts.';

create function private.tg_session_feedback__count()
returns trigger
language plpgsql
volatile
security definer -- totals are written by nobody else
set search_path = ''
as $$
declare
  v_id uuid;
  v_sum integer;
  v_count integer;
begin
  -- By tutor: when a rating goes from one to another (it never should), both are right.
  for v_id, v_sum, v_count in
    select c.tutor_id, sum(c.rating), sum(c.n)
    from (
      select old.tutor_id as tutor_id, -old.rating as rating, -1 as n where tg_op <> 'INSERT' and old.hidden_at is null
      union all
      select new.tutor_id, new.rating, 1 where tg_op <> 'DELETE' and new.hidden_at is null
    ) as c
    where c.tutor_id is not null
    group by c.tutor_id
    order by c.tutor_id
  loop
    if v_sum <> 0 or v_count <> 0 then
      update market.tutors as t
      set rating_sum = t.rating_sum + v_sum, rating_count = t.rating_count + v_count
      where t.id = v_id;
    end if;
  end loop;
  return null;
end;
$$;
comment on function private.tg_session_feedback__count() is
  'Trigger: rating_sum and rating_count of a tutor are those of his feedback that no moderator has hidden.';
create trigger _500_count
  after insert or update of rating, hidden_at, tutor_id or delete on market.session_feedback
  for each row execute function private.tg_session_feedback__count();

-- Being an authority is for others to say: 5 is given by administrators.
create function private.market_set_proficiency(p_topic text, p_proficiency integer, p_expert_id uuid)
returns core.expert_topics
language plpgsql
volatile
security definer -- expert_topics has no update grant; an expert sets his own, an administrator anybody's
set search_path = ''
as $$
declare
  v_me uuid := private.require_user();
  v_expert_id uuid := coalesce(p_expert_id, v_me);
  v_row core.expert_topics;
begin
  if v_expert_id <> v_me then
    perform private.require_admin('experts');
  end if;
  if p_proficiency is null or p_proficiency not between 1 and 5 then
    raise sqlstate 'PT422' using
      message = 'proficiency_invalid', detail = 'Proficiency is 1 to 5.', hint = 'Send one of these.';
  end if;
  select x.* into v_row from core.expert_topics as x
  where x.expert_id = v_expert_id and x.topic_id = private.topic_by_slug(p_topic)
  for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'speciality_not_found',
      detail = 'This expert is not listed for this topic.',
      hint = 'See market.expert_specialties.';
  end if;
  if v_expert_id = v_me and p_proficiency = 5 and v_row.proficiency < 5 then
    raise sqlstate 'PT403' using
      message = 'own_authority',
      detail = 'Nobody makes himself an authority.',
      hint = 'Set 4 at most, or ask an administrator.';
  end if;
  update core.expert_topics as x set proficiency = p_proficiency
  where x.expert_id = v_row.expert_id and x.topic_id = v_row.topic_id
  returning x.* into v_row;
  return v_row;
end;
$$;
comment on function private.market_set_proficiency(text, integer, uuid) is 'See market.set_proficiency.';

create function market.set_proficiency(p_topic text, p_proficiency integer, p_expert_id uuid default null)
returns core.expert_topics
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_set_proficiency(p_topic, p_proficiency, p_expert_id); $$;
comment on function market.set_proficiency(text, integer, uuid) is
  'How well you know a topic that you are an expert for: 1 the basics … 4; 5, an authority, is set by administrators, who set anybody''s. Errors: own_authority, permission_required, role_required (403), speciality_not_found (404), proficiency_invalid (422).';

revoke execute on function
  private.market_score(bigint, bigint, jsonb), private.tg_session_feedback__count(),
  private.market_set_proficiency(text, integer, uuid), market.set_proficiency(text, integer, uuid)
  from public, anon, authenticated;
grant execute on function private.market_set_proficiency(text, integer, uuid), market.set_proficiency(text, integer, uuid)
  to authenticated;
