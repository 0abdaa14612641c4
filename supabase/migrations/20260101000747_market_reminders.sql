-- What happens by the clock, and what people are told. Each booking is closed in a transaction of its own, by a job: the
-- scheduled tasks share one, and money of several tutors in one transaction would have others wait in a circle.

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('market.remind', 5, 60, 'Remind both parties of a session, if it still stands.'),
  ('market.close_booking', 8, 60, 'End a booking by the clock, and divide its money.');

create function private.booking_tell(p_booking market.bookings, p_type text, p_for text)
returns void
language plpgsql
volatile
security definer -- tells people things
set search_path = ''
as $$
declare
  v_user_id uuid := case p_for when 'tutor' then p_booking.tutor_id else p_booking.learner_id end;
  v_zone text := (select p.time_zone from core.profiles as p where p.id = v_user_id);
begin
  if v_zone is null then
    return;
  end if;
  -- Without who did it: who has blocked the other one must still hear that a session is off.
  perform private.notify(
    v_user_id, p_type,
    case when p_type in ('booking_cancelled', 'booking_no_show', 'booking_contested') then 'warning' else 'info' end,
    case p_type
      when 'booking_scheduled' then 'Session booked'
      when 'booking_moved' then 'Session moved'
      when 'booking_cancelled' then 'Session cancelled'
      when 'booking_completed' then 'How was your session?'
      when 'booking_no_show' then 'You were reported not to have come'
      when 'booking_contested' then 'Your report is contested'
      when 'booking_resolved' then 'An administrator has decided'
      when 'booking_link' then 'New meeting link'
      when 'booking_reminder' then 'Session soon'
    end,
    format('%s: %s (%s)', p_booking.title, to_char(p_booking.starts_at at time zone v_zone, 'Dy DD Mon YYYY HH24:MI'), v_zone),
    jsonb_build_object(
      'booking_id', p_booking.id, 'chain_id', p_booking.chain_id, 'starts_at', p_booking.starts_at,
      'status', p_booking.status, 'refund_minor', p_booking.refund_minor, 'currency', p_booking.currency
    ),
    '/bookings/' || p_booking.id,
    -- A job that runs twice, or a link that changes twice, is one notification.
    case when p_type in ('booking_reminder', 'booking_link') then format('%s:%s', p_type, p_booking.id) end
  );
end;
$$;
comment on function private.booking_tell(market.bookings, text, text) is 'Tells the tutor or the learner what became of a booking, in his own time zone.';

create function private.booking_remind(p_booking market.bookings)
returns void
language plpgsql
volatile
security definer -- enqueues jobs
set search_path = ''
as $$
begin
  perform ops.enqueue_job(
    'market.remind', jsonb_build_object('hours', h.value::integer), p_booking.id, format('%s:%s', p_booking.id, h.value),
    p_booking.starts_at - h.value::integer * interval '1 hour'
  )
  from jsonb_array_elements_text(private.setting('market.reminder_hours')) as h (value)
  where p_booking.starts_at - h.value::integer * interval '1 hour' > clock_timestamp();
end;
$$;
comment on function private.booking_remind(market.bookings) is 'Enqueues the reminders of a booking that are still to come.';

create function private.booking_scheduled(p_booking market.bookings)
returns void
language plpgsql
volatile
security definer -- enqueues jobs and tells people things
set search_path = ''
as $$
begin
  perform private.booking_remind(p_booking);
  perform private.booking_tell(p_booking, 'booking_scheduled', w) from unnest(array['learner', 'tutor']) as w;
end;
$$;
comment on function private.booking_scheduled(market.bookings) is 'What follows when a booking is settled on: reminders, and both are told.';

create function private.market_send_reminder(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- tells people things, for the worker that holds the job
set search_path = ''
as $$
declare
  v_job ops.queue_items;
  v_booking market.bookings;
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  select * into v_job from ops.queue_items as q where q.id = p_job_id and q.job_type = 'market.remind';
  select * into v_booking from market.bookings as b where b.id = v_job.resource_id;
  -- Moved, called off, begun; or late, and the next one is due.
  if v_booking.status is distinct from 'scheduled' or v_booking.starts_at <= clock_timestamp() or exists (
    select from jsonb_array_elements_text(private.setting('market.reminder_hours')) as h (value)
    where h.value::integer < (v_job.payload ->> 'hours')::integer
      and v_booking.starts_at - h.value::integer * interval '1 hour' <= clock_timestamp()
  ) then
    return '{"reminded": false}'::jsonb;
  end if;
  perform private.booking_tell(v_booking, 'booking_reminder', w) from unnest(array['learner', 'tutor']) as w;
  return '{"reminded": true}'::jsonb;
end;
$$;
comment on function private.market_send_reminder(uuid, bigint) is 'See market.send_reminder.';

create function private.market_due_bookings(p_booking_id uuid default null)
returns setof uuid
language sql
stable
security definer -- reads bookings of everybody; not executable by clients
set search_path = ''
as $$
  select b.id from market.bookings as b
  where b.status = 'scheduled' and (p_booking_id is null or b.id = p_booking_id)
    and b.ends_at <= clock_timestamp() - make_interval(hours => private.setting_number('market.complete_after_hours'))
  union all
  select b.id from market.bookings as b
  where b.settled_at is null and b.moved_at is null and b.status in ('completed', 'cancelled', 'no_show')
    and (p_booking_id is null or b.id = p_booking_id)
    and (b.status <> 'no_show' or b.contested_at is null and b.no_show_at
      <= clock_timestamp() - make_interval(hours => private.setting_number('market.no_show_settle_hours')));
$$;
comment on function private.market_due_bookings(uuid) is
  'Bookings that the clock ends, or whose money is to be divided; or the one asked for, if it is one of them.';

create function private.market_close_due()
returns text
language plpgsql
volatile
security definer -- enqueues jobs
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  -- One that has died is looked at by somebody first.
  v_ids := array(
    select d from private.market_due_bookings() as d
    where not exists (select from ops.queue_items as q where q.job_type = 'market.close_booking' and q.dedupe_key = d::text)
      and not exists (
        select from ops.dead_letters as l
        where l.job_type = 'market.close_booking' and l.resource_id = d and l.rerun_at is null
      )
    limit 500
  );
  perform ops.enqueue_job('market.close_booking', '{}', i, i::text) from unnest(v_ids) as i;
  return cardinality(v_ids) || ' bookings to close';
end;
$$;
comment on function private.market_close_due() is 'Scheduled task: a job for each booking that the clock ends, 500 at a time.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('market_close_due', 'private.market_close_due', interval '5 minutes', 'A job for each booking that the clock ends.');

create function private.market_close_booking(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- ends bookings, for the worker that holds the job
set search_path = ''
as $$
declare
  v_id uuid;
  v_booking market.bookings;
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  select q.resource_id into v_id from ops.queue_items as q where q.id = p_job_id and q.job_type = 'market.close_booking';
  v_booking := private.booking_enter(v_id, null);
  if not exists (select from private.market_due_bookings(v_id)) then
    return '{"outcome": "nothing"}'::jsonb;
  end if;
  if v_booking.status = 'scheduled' then
    v_booking := private.booking_close(v_id, null);
    return jsonb_build_object('outcome', v_booking.status);
  end if;
  return jsonb_build_object('outcome', private.booking_settle(v_id));
end;
$$;
comment on function private.market_close_booking(uuid, bigint) is 'See market.close_booking.';

create function market.send_reminder(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.market_send_reminder(p_job_id, p_lease_token); $$;
comment on function market.send_reminder(uuid, bigint) is
  'Worker of market.remind: tells both parties, unless the session was moved or called off; {reminded}. Errors: lease_lost (409).';

create function market.close_booking(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.market_close_booking(p_job_id, p_lease_token); $$;
comment on function market.close_booking(uuid, bigint) is
  'Worker of market.close_booking: completes what ended a day ago, divides the money of what is over; {outcome}. Errors: lease_lost (409).';

revoke execute on function
  private.booking_tell(market.bookings, text, text), private.booking_remind(market.bookings),
  private.booking_scheduled(market.bookings), private.market_send_reminder(uuid, bigint), private.market_due_bookings(uuid),
  private.market_close_due(), private.market_close_booking(uuid, bigint), market.send_reminder(uuid, bigint),
  market.close_booking(uuid, bigint)
  from public, anon, authenticated;
grant execute on function
  private.market_send_reminder(uuid, bigint), private.market_close_booking(uuid, bigint), market.send_reminder(uuid, bigint),
  market.close_booking(uuid, bigint)
  to service_role;
