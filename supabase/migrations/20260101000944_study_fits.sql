-- Weights of one's own: a learner with enough reviews has them fitted to how he, and not most people, forgets. A job does it; the
-- new weights are put in use only when they foretell better what they have not seen. Who asks, and whom the clock asks for.

insert into ops.job_types (job_type, queue, priority, max_attempts, lease_seconds, description) values
  ('study.fit_weights', 'default', 8, 3, 300, 'Fit the FSRS weights of a learner to his reviews. Payload: fit_id.');
insert into core.settings (key, value, description) values
  ('study.fit_min_reviews', '1000', 'Reviews that a learner has before weights are fitted to them.'),
  ('study.fit_new_reviews', '400', 'Reviews since the last fit before the clock asks for another.'),
  ('study.fit_every_days', '7', 'Days between two fits that the clock asks for.'),
  ('study.fit_max_reviews', '100000', 'Reviews that one fit looks at.'),
  ('study.fits_at_once', '200', 'Fits that the clock asks for in one go.')
on conflict (key) do nothing;
update core.settings set value = value || '{"fit": {"burst": 3, "per_hour": 3}}' where key = 'study.limits';

-- The last of some reviews that stand: whether there are as many is answered without counting them all.
create function private.study_has_reviews(p_user_id uuid, p_since timestamptz, p_count integer)
returns boolean
language sql
stable
security definer -- reads the log of whoever is asked about
set search_path = ''
as $$
  select p_count <= 0 or exists (
    select from study.review_logs as l
    where l.user_id = p_user_id and l.undone_at is null and (p_since is null or l.reviewed_at > p_since)
    offset p_count - 1 limit 1
  );
$$;
comment on function private.study_has_reviews(uuid, timestamptz, integer) is
  'Whether a learner has so many reviews (after p_since; null: ever) that were not undone.';

create function private.study_ask_fit(p_user_id uuid, p_at timestamptz)
returns study.weight_fits
language plpgsql
volatile
security definer -- writes fits and the queue
set search_path = ''
as $$
declare
  v_settings study.learner_settings := private.study_settings(p_user_id);
  v_fit study.weight_fits;
begin
  insert into study.weight_fits (user_id, weights_before, created_at)
  values (p_user_id, v_settings.weights, p_at)
  on conflict (user_id) where status = 'pending' do nothing
  returning * into v_fit;
  if not found then
    -- One is under way: that one.
    select * into v_fit from study.weight_fits as f where f.user_id = p_user_id and f.status = 'pending';
    return v_fit;
  end if;
  perform ops.enqueue_job(
    'study.fit_weights', jsonb_build_object('fit_id', v_fit.id), v_fit.id, 'study.fit_weights:' || v_fit.id
  );
  return v_fit;
end;
$$;
comment on function private.study_ask_fit(uuid, timestamptz) is 'A fit of a learner''s weights, and its job; the one under way when there is one.';

create function private.study_fit_weights(p_at timestamptz)
returns study.weight_fits
language plpgsql
volatile
security definer -- acts for the caller, whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_least integer := private.setting_number('study.fit_min_reviews');
  v_fit study.weight_fits;
begin
  select * into v_fit from study.weight_fits as f where f.user_id = v_user_id and f.status = 'pending';
  if found then
    return v_fit;
  end if;
  if not private.study_has_reviews(v_user_id, null, v_least) then
    raise sqlstate 'PT409' using
      message = 'too_few_reviews', detail = format('Weights of one''s own take %s reviews.', v_least),
      hint = 'The published weights serve until then: go on reviewing.';
  end if;
  perform private.limit_action('study.limits', 'fit', v_user_id::text);
  return private.study_ask_fit(v_user_id, p_at);
end;
$$;
comment on function private.study_fit_weights(timestamptz) is 'See study.fit_weights.';

create function private.study_end_fit(p_fit_id uuid, p_status text, p_error text, p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- fits have no direct writing
set search_path = ''
as $$
begin
  update study.weight_fits as f
  set status = p_status, error_message = left(p_error, 500), completed_at = greatest(p_at, f.created_at)
  where f.id = p_fit_id and f.status = 'pending';
end;
$$;
comment on function private.study_end_fit(uuid, text, text, timestamptz) is 'Ends a fit that is under way, without new weights.';

create function private.study_tend_fits(p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- looks at everybody's reviews
set search_path = ''
as $$
declare
  v_every interval := make_interval(days => private.setting_number('study.fit_every_days'));
  v_least integer := private.setting_number('study.fit_min_reviews');
  v_new integer := private.setting_number('study.fit_new_reviews');
  v_given_up integer := 0;
  v_asked integer := 0;
  v_id uuid;
begin
  -- Its job failed too often, or was lost.
  for v_id in
    select f.id from study.weight_fits as f
    where f.status = 'pending' and f.created_at < p_at - interval '10 minutes'
      and not exists (select from ops.queue_items as q where q.resource_id = f.id)
    limit 500
    for no key update skip locked
  loop
    perform private.study_end_fit(v_id, 'failed', 'The worker failed.', p_at);
    v_given_up := v_given_up + 1;
  end loop;
  for v_id in
    select l.user_id
    from study.learners as l
    join core.profiles as p on p.id = l.user_id and p.is_active
    left join study.learner_settings as s on s.user_id = l.user_id
    left join lateral (
      select f.created_at, f.status from study.weight_fits as f where f.user_id = l.user_id order by f.created_at desc limit 1
    ) as f on true
    -- Each review is of a card or of a question: fewer than these there cannot be.
    where l.cards_reviewed + l.questions_answered >= v_least and coalesce(s.scheduler, 'fsrs') = 'fsrs'
      and (f.created_at is null or f.status <> 'pending' and f.created_at <= p_at - v_every)
      and private.study_has_reviews(l.user_id, f.created_at, case when f.created_at is null then v_least else v_new end)
    order by f.created_at nulls first, l.user_id
    limit private.setting_number('study.fits_at_once')
  loop
    perform private.study_ask_fit(v_id, p_at);
    v_asked := v_asked + 1;
  end loop;
  return jsonb_build_object('asked', v_asked, 'given_up', v_given_up);
end;
$$;
comment on function private.study_tend_fits(timestamptz) is
  'Asks for fits of those learners on FSRS who have enough new reviews, the longest waiting first, and ends fits whose job was lost. Returns {asked, given_up}.';

create function private.study_tend_fits()
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_tend_fits(now()); $$;
comment on function private.study_tend_fits() is 'As the clock calls it.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_tend_fits', 'private.study_tend_fits', '6 hours', 'FSRS weights fitted to learners with enough new reviews, each at most weekly.');

revoke execute on function
  private.study_has_reviews(uuid, timestamptz, integer), private.study_ask_fit(uuid, timestamptz), private.study_fit_weights(timestamptz),
  private.study_end_fit(uuid, text, text, timestamptz), private.study_tend_fits(timestamptz), private.study_tend_fits()
  from public, anon, authenticated;
