-- Weights of one's own: what the worker of study.fit_weights calls, under the lease of its job, and the doors to all of it. Any of
-- it may be repeated. Whether new weights are put in use is decided here, not by the worker alone.

create function private.study_fit_lease(p_job_id uuid, p_lease_token bigint)
returns study.weight_fits
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
declare
  v_item ops.queue_items;
  v_fit study.weight_fits;
begin
  select q.* into v_item from ops.queue_items as q where q.id = p_job_id and q.job_type = 'study.fit_weights';
  if v_item.id is null then
    perform private.raise_lease_lost(p_job_id);
  end if;
  select * into v_fit from study.weight_fits as f where f.id = v_item.resource_id;
  -- The learner first, as whatever else concerns him, and the queue last.
  if v_fit.id is not null then
    perform private.study_learner(v_fit.user_id);
    select * into v_fit from study.weight_fits as f where f.id = v_item.resource_id for no key update;
  end if;
  perform ops.assert_lease(p_job_id, p_lease_token);
  return case when v_fit.status = 'pending' then v_fit end;
end;
$$;
comment on function private.study_fit_lease(uuid, bigint) is
  'The fit of a leased job, its learner locked; null when it has ended or the learner is gone; lease_lost (409).';

create function private.study_begin_fit(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker what a learner wishes
set search_path = ''
as $$
declare
  v_fit study.weight_fits := private.study_fit_lease(p_job_id, p_lease_token);
  v_settings study.learner_settings;
begin
  if v_fit.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  -- What is in use now is what the new weights are held against.
  v_settings := private.study_settings(v_fit.user_id);
  update study.weight_fits as f set weights_before = v_settings.weights where f.id = v_fit.id;
  return jsonb_build_object(
    'proceed', true, 'fit_id', v_fit.id, 'weights', to_jsonb(v_settings.weights),
    'relearning_steps', cardinality(v_settings.relearning_steps_minutes),
    'has_steps', cardinality(v_settings.learning_steps_minutes) + cardinality(v_settings.relearning_steps_minutes) > 0,
    'max_reviews', private.setting_number('study.fit_max_reviews')
  );
end;
$$;
comment on function private.study_begin_fit(uuid, bigint) is 'See study.begin_fit.';

create function private.study_fit_histories(p_job_id uuid, p_lease_token bigint, p_after uuid, p_limit integer)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker a learner's reviews
set search_path = ''
as $$
declare
  v_fit study.weight_fits := private.study_fit_lease(p_job_id, p_lease_token);
  v_limit integer := least(greatest(coalesce(p_limit, 1), 1), 2000);
  v_page record;
begin
  if v_fit.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  with cards as (
    select c.id from study.sm2_review_cards as c
    where c.user_id = v_fit.user_id and c.state <> 'new' and (p_after is null or c.id > p_after)
    order by c.id
    limit v_limit
  ),
  histories as (
    select l.card_id,
      jsonb_agg(
        -- How long after which other day: that is all the memory model asks for.
        jsonb_build_array(l.rating, l.elapsed_days, round(extract(epoch from l.reviewed_at)))
        order by l.review_no
      ) as reviews
    from cards
    join study.review_logs as l on l.card_id = cards.id and l.undone_at is null
    group by l.card_id
  )
  select
    coalesce((select jsonb_agg(h.reviews order by h.card_id) from histories as h), '[]') as reviews,
    (select count(*) from cards) as taken,
    (select c.id from cards as c order by c.id desc limit 1) as last_id
  into v_page;
  return jsonb_build_object(
    'proceed', true, 'cards', v_page.reviews, 'next', case when v_page.taken = v_limit then v_page.last_id end
  );
end;
$$;
comment on function private.study_fit_histories(uuid, bigint, uuid, integer) is 'See study.fit_histories.';

create function private.study_record_fit(
  p_job_id uuid, p_lease_token bigint, p_weights double precision[], p_review_count integer, p_held_out_count integer,
  p_loss_before double precision, p_loss_after double precision, p_is_better boolean, p_error text, p_at timestamptz
)
returns jsonb
language plpgsql
volatile
security definer -- writes a learner's weights for the worker
set search_path = ''
as $$
declare
  v_fit study.weight_fits := private.study_fit_lease(p_job_id, p_lease_token);
  v_settings study.learner_settings;
  v_is_unchanged boolean;
  v_is_adopted boolean;
begin
  if v_fit.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  if p_error is not null then
    perform private.study_end_fit(v_fit.id, 'failed', p_error, p_at);
    return jsonb_build_object('proceed', false, 'is_adopted', false);
  end if;
  -- Within bounds, and numbers at all: what is not, clipping changes.
  if cardinality(p_weights) is distinct from 21
    or p_weights <> private.fsrs_weights(p_weights, 1, true)
    or p_loss_before is null or p_loss_after is null or not (p_loss_before between 0 and 100 and p_loss_after between 0 and 100)
  then
    raise sqlstate 'PT422' using
      message = 'fit_invalid', detail = 'A fit has 21 weights within their bounds, and losses.', hint = 'Clip the weights first.';
  end if;
  v_settings := private.study_settings(v_fit.user_id);
  v_is_unchanged := v_settings.weights is not distinct from v_fit.weights_before;
  v_is_adopted := v_is_unchanged and p_is_better and p_loss_after < p_loss_before;
  update study.weight_fits as f
  set status = 'completed', review_count = p_review_count, held_out_count = p_held_out_count, weights = p_weights,
    loss_before = p_loss_before, loss_after = p_loss_after, is_adopted = v_is_adopted, completed_at = greatest(p_at, f.created_at),
    error_message = case when not v_is_unchanged then 'The weights were changed meanwhile.' end
  where f.id = v_fit.id;
  if v_is_adopted then
    insert into study.learner_settings as s (user_id, weights) values (v_fit.user_id, p_weights)
    on conflict (user_id) do update set weights = excluded.weights, updated_at = p_at;
    perform private.study_reschedule_all(v_fit.user_id, p_at);
    perform private.notify(
      v_fit.user_id, 'weights_fitted', 'info', 'Your reviews are timed to your own memory',
      format('%s reviews were looked at; the cards were placed anew.', p_review_count),
      jsonb_build_object('fit_id', v_fit.id), '/study/memory', 'weights_fitted'
    );
  end if;
  return jsonb_build_object('proceed', false, 'is_adopted', v_is_adopted);
end;
$$;
comment on function private.study_record_fit(uuid, bigint, double precision[], integer, integer, double precision, double precision, boolean, text, timestamptz) is
  'See study.record_fit.';

create function study.fit_weights()
returns study.weight_fits
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_fit_weights(now()); $$;
comment on function study.fit_weights() is
  'Has the weights of FSRS fitted to your reviews, by a job; the row of study.weight_fits says how it ended. They are put in use, and your cards placed anew, only when they foretell reviews that they have not seen better than those in use. While one is under way: that one. too_few_reviews (409), rate_limited (429).';

create function study.begin_fit(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_begin_fit(p_job_id, p_lease_token); $$;
comment on function study.begin_fit(uuid, bigint) is
  'Workers: {proceed, fit_id, weights (those in use; null: the published ones), relearning_steps, has_steps, max_reviews}; proceed false: nothing to do any more. lease_lost (409).';

create function study.fit_histories(p_job_id uuid, p_lease_token bigint, p_after uuid default null, p_limit integer default 500)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_fit_histories(p_job_id, p_lease_token, p_after, p_limit); $$;
comment on function study.fit_histories(uuid, bigint, uuid, integer) is
  'Workers: the reviews of up to p_limit cards behind p_after: {proceed, cards: [[[rating, days since the review before, seconds since 1970], …], …], next}; next null: there are no more. lease_lost (409).';

create function study.record_fit(
  p_job_id uuid, p_lease_token bigint, p_weights double precision[] default null, p_review_count integer default 0,
  p_held_out_count integer default 0, p_loss_before double precision default null, p_loss_after double precision default null,
  p_is_better boolean default false, p_error text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.study_record_fit(
    p_job_id, p_lease_token, p_weights, p_review_count, p_held_out_count, p_loss_before, p_loss_after, p_is_better, p_error, now()
  );
$$;
comment on function study.record_fit(uuid, bigint, double precision[], integer, integer, double precision, double precision, boolean, text) is
  'Workers: how a fit ended: the weights and the mean log-loss on what was held out, before and after; or p_error. They are put in use when p_is_better, the loss is lower, and nobody changed the weights meanwhile. Returns {proceed: false, is_adopted}. fit_invalid (422), lease_lost (409).';

revoke execute on function
  private.study_fit_lease(uuid, bigint), private.study_begin_fit(uuid, bigint),
  private.study_fit_histories(uuid, bigint, uuid, integer),
  private.study_record_fit(uuid, bigint, double precision[], integer, integer, double precision, double precision, boolean, text, timestamptz),
  study.fit_weights(), study.begin_fit(uuid, bigint), study.fit_histories(uuid, bigint, uuid, integer),
  study.record_fit(uuid, bigint, double precision[], integer, integer, double precision, double precision, boolean, text)
  from public, anon, authenticated;
grant execute on function private.study_fit_weights(timestamptz), study.fit_weights() to authenticated;
grant execute on function
  private.study_begin_fit(uuid, bigint), private.study_fit_histories(uuid, bigint, uuid, integer),
  private.study_record_fit(uuid, bigint, double precision[], integer, integer, double precision, double precision, boolean, text, timestamptz),
  study.begin_fit(uuid, bigint), study.fit_histories(uuid, bigint, uuid, integer),
  study.record_fit(uuid, bigint, double precision[], integer, integer, double precision, double precision, boolean, text)
  to service_role;
