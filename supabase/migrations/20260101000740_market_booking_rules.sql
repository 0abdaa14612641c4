-- The rules of a booking, in triggers, so that they hold whoever moves it: legal moves only, what was agreed on never
-- changes, every move leaves an event, and a tutor's totals follow.

insert into core.settings (key, value, description) values
  ('market.hold_minutes', '15', 'For how many minutes a slot is held until it must be paid.'),
  ('market.max_holds', '3', 'How many slots one learner may hold unpaid at once.'),
  ('market.max_upcoming', '60', 'How many sessions one learner may have before him.'),
  ('market.max_unpaid', '10', 'How many slots of one tutor one learner may hold in a day without paying for them.'),
  ('market.max_free_upcoming', '10', 'How many sessions free of charge one learner may have before him with one tutor.'),
  ('market.commission_bp', '1500', 'The platform''s share of a booking in hundredths of a percent; rounded down. A booking keeps the one it was made with.'),
  ('market.move_notice_hours', '24', 'Up to so many hours before the start a learner may move a booking.'),
  ('market.max_moves', '5', 'How often one booking may be moved.'),
  ('market.no_show_after_minutes', '10', 'So many minutes after the start somebody may be reported not to have come.'),
  ('market.no_show_within_hours', '24', 'Up to so many hours after the end.'),
  ('market.no_show_settle_hours', '24', 'So many hours after the report its money is divided, unless it is contested.'),
  ('market.complete_after_hours', '24', 'So many hours after its end a session counts as completed when nobody said otherwise.'),
  ('market.reminder_hours', '[24, 1]', 'How many hours before the start both are reminded.'),
  ('market.feedback_days', '60', 'For how many days after a session feedback may be given.'),
  ('market.max_notes', '50', 'How many notes one person may keep on one booking.'),
  ('market.booking_limits', '{
    "hold": {"burst": 20, "per_hour": 60},
    "move": {"burst": 10, "per_hour": 20},
    "link": {"burst": 20, "per_hour": 60},
    "note": {"burst": 40, "per_hour": 120},
    "reply": {"burst": 20, "per_hour": 60}
  }', 'Burst at once, then per hour and person: slots held, bookings moved, links set, notes written, replies to feedback.');

create function private.tg_bookings__check_transition()
returns trigger
language plpgsql
stable
security definer -- booking_transitions is read for whoever makes the move
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    -- Straight to scheduled only what costs nothing, or what is paid already: the successor of a scheduled one.
    if new.status = 'hold'
      or new.status = 'scheduled' and (new.payment_status = 'free' or new.rescheduled_from_id is not null)
    then
      return new;
    end if;
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A booking does not begin as %s.', new.status),
      hint = 'It begins as a hold; free of charge, or moved, as scheduled.';
  end if;
  if not exists (
    select from market.booking_transitions as t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A booking cannot go from %s to %s.', old.status, new.status),
      hint = 'See market.booking_transitions for the legal moves.';
  end if;
  return new;
end;
$$;
comment on function private.tg_bookings__check_transition() is 'Trigger: illegal_transition (409).';

-- Who, when and for how much was agreed on. Another time is another booking of the same chain.
create function private.tg_bookings__keep_terms()
returns trigger
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_leaving text := current_setting('lyceum.leaving', true);
begin
  if tg_op = 'UPDATE'
    and (
      new.id, new.chain_id, new.rescheduled_from_id, new.tutor_tombstone, new.learner_tombstone, new.starts_at, new.ends_at,
      new.blocked_from, new.blocked_to, new.price_minor, new.currency, new.commission_rate_bp, new.commission_minor,
      new.cancellation_policy, new.refund_steps, new.idempotency_key, new.created_at
    ) is not distinct from (
      old.id, old.chain_id, old.rescheduled_from_id, old.tutor_tombstone, old.learner_tombstone, old.starts_at, old.ends_at,
      old.blocked_from, old.blocked_to, old.price_minor, old.currency, old.commission_rate_bp, old.commission_minor,
      old.cancellation_policy, old.refund_steps, old.idempotency_key, old.created_at
    )
    -- People only ever go, and with their account (private.tg_profiles__leave_bookings).
    and (new.tutor_id is not distinct from old.tutor_id or new.tutor_id is null and old.tutor_id::text = v_leaving)
    and (new.learner_id is not distinct from old.learner_id or new.learner_id is null and old.learner_id::text = v_leaving)
    and new.calendar_sequence >= old.calendar_sequence
  then
    return new;
  end if;
  raise sqlstate 'PT403' using
    message = 'booking_terms_fixed',
    detail = format('%s of a booking is refused: who, when and for how much stays as it was agreed on.', tg_op),
    hint = 'Cancel it, or move it with market.reschedule_booking.';
end;
$$;
comment on function private.tg_bookings__keep_terms() is 'Trigger: booking_terms_fixed (403). Bookings are never deleted.';

create function private.booking_party(p_booking market.bookings, p_user_id uuid)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_user_id when p_booking.learner_id then 'learner' when p_booking.tutor_id then 'tutor' end;
$$;
comment on function private.booking_party(market.bookings, uuid) is 'learner, tutor, or null for everybody else.';

create function private.tg_bookings__record()
returns trigger
language plpgsql
volatile
security definer -- writes a history that nobody may write
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_actor text := case
    -- A hold runs out by the clock, whoever comes upon it.
    when new.status = 'expired' then 'system'
    when new.status = 'cancelled' then new.cancelled_by
    when private.booking_party(new, v_user_id) is not null then private.booking_party(new, v_user_id)
    when private.has_role('admin') then 'administrator'
    else 'system'
  end;
begin
  insert into market.booking_events (booking_id, from_status, to_status, actor, actor_id, reason, data)
  values (
    new.id, case tg_op when 'UPDATE' then old.status end, new.status, v_actor,
    -- Which administrator it was, only the audit says.
    case when v_actor in ('learner', 'tutor') then (select p.id from core.profiles as p where p.id = v_user_id) end,
    case
      when new.moved_at is not null or tg_op = 'INSERT' and new.rescheduled_from_id is not null then 'moved'
      when new.status = 'cancelled' and new.cancelled_by = 'system' then 'account_deleted'
      -- Never what the parties wrote: this outlives them.
      when v_actor in ('administrator', 'system') then nullif(current_setting('lyceum.change_reason', true), '')
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'no_show_by', new.no_show_by,
      'refund_minor', case when new.status = 'cancelled' then new.refund_minor end,
      'rescheduled_from_id', case tg_op when 'INSERT' then new.rescheduled_from_id end
    ))
  );
  return null;
end;
$$;
comment on function private.tg_bookings__record() is 'Trigger: every move as a row of booking_events, with who made it.';

create function private.tg_bookings__count()
returns trigger
language plpgsql
volatile
security definer -- writes totals that nobody may write
set search_path = ''
as $$
declare
  v_completed integer := (new.status = 'completed')::integer - (old.status = 'completed')::integer;
  v_no_show integer := coalesce((new.no_show_by = 'tutor')::integer, 0) - coalesce((old.no_show_by = 'tutor')::integer, 0);
  -- Giving back a slot that was never paid for is no cancellation.
  v_cancelled integer := (old.status = 'scheduled' and new.status = 'cancelled' and new.cancelled_by = 'tutor')::integer;
begin
  if v_completed <> 0 or v_no_show <> 0 or v_cancelled <> 0 then
    update market.tutors as t
    set completed_count = t.completed_count + v_completed, no_show_count = t.no_show_count + v_no_show,
      cancelled_count = t.cancelled_count + v_cancelled
    where t.id = new.tutor_tombstone;
  end if;
  return null;
end;
$$;
comment on function private.tg_bookings__count() is 'Trigger: sessions that a tutor gave, missed and called off.';

create trigger _100_keep_terms before update or delete on market.bookings
  for each row execute function private.tg_bookings__keep_terms();
create trigger _110_refuse_truncate before truncate on market.bookings
  for each statement execute function private.tg_bookings__keep_terms();
create trigger _200_check_transition_insert before insert on market.bookings
  for each row execute function private.tg_bookings__check_transition();
create trigger _200_check_transition before update of status on market.bookings
  for each row when (old.status is distinct from new.status) execute function private.tg_bookings__check_transition();
create trigger _500_record_insert after insert on market.bookings
  for each row execute function private.tg_bookings__record();
create trigger _500_record after update of status on market.bookings
  for each row when (old.status is distinct from new.status) execute function private.tg_bookings__record();
create trigger _510_count after update of status on market.bookings
  for each row when (old.status is distinct from new.status) execute function private.tg_bookings__count();
create trigger _900_touch_updated_at before update on market.bookings
  for each row execute function private.tg__touch_updated_at();
-- The first argument stands for the subject, whose reason would be taken away: a booking never goes.
create trigger _100_guard_history before update or delete on market.booking_events
  for each row execute function private.tg__guard_history('booking_id', 'actor_id');
create trigger _110_refuse_truncate before truncate on market.booking_events
  for each statement execute function private.tg__guard_history();

revoke execute on function
  private.booking_party(market.bookings, uuid),
  private.tg_bookings__check_transition(), private.tg_bookings__keep_terms(), private.tg_bookings__record(),
  private.tg_bookings__count()
  from public, anon, authenticated;
