-- How a booking ends: completed, or somebody did not come.
--
-- The tutor says that it took place, or a day later the clock does. Either says that the other did not come, within a day;
-- that one may contest it before the money is divided, and then an administrator decides. What the tutor said first does not
-- take the learner's day from him: his report has the money wait again. Suspended people report and contest, too: it is their
-- money.

create function private.market_complete_booking(p_booking_id uuid)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
begin
  if private.booking_party(v_booking, v_user_id) is distinct from 'tutor' then
    perform private.booking_role_required('tutor');
  end if;
  if v_booking.status = 'completed' then
    return v_booking;
  end if;
  perform private.booking_expect(v_booking, '{scheduled}');
  if v_booking.ends_at > clock_timestamp() then
    raise sqlstate 'PT409' using
      message = 'booking_not_over', detail = 'It has not ended.', hint = 'Say so when it has.';
  end if;
  return private.booking_close(v_booking.id, v_user_id);
end;
$$;
comment on function private.market_complete_booking(uuid) is 'Behind market.complete_booking.';

create function private.booking_close(p_booking_id uuid, p_actor_id uuid)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings and divides money; not executable by clients
set search_path = ''
as $$
declare
  v_booking market.bookings;
begin
  update market.bookings as b set status = 'completed', completed_at = clock_timestamp()
  where b.id = p_booking_id
  returning * into v_booking;
  perform private.booking_settle(p_booking_id, p_actor_id);
  perform private.booking_tell(v_booking, 'booking_completed', 'learner');
  select * into v_booking from market.bookings as b where b.id = p_booking_id;
  return v_booking;
end;
$$;
comment on function private.booking_close(uuid, uuid) is 'A booking took place: completed, its money divided, its learner asked for feedback.';

create function private.market_report_no_show(p_booking_id uuid, p_who text)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
  v_party text := private.booking_party(v_booking, v_user_id);
  v_from timestamptz := v_booking.starts_at + make_interval(mins => private.setting_number('market.no_show_after_minutes'));
  v_to timestamptz := v_booking.ends_at + make_interval(hours => private.setting_number('market.no_show_within_hours'));
begin
  if v_party is null or p_who is distinct from (case v_party when 'learner' then 'tutor' else 'learner' end) then
    raise sqlstate 'PT422' using
      message = 'no_show_of_other',
      detail = 'The learner says that the tutor did not come, the tutor that the learner did not.',
      hint = 'Send p_who tutor or learner: the other one. Administrators: market.resolve_booking.';
  end if;
  if v_booking.status = 'no_show' and v_booking.no_show_by = p_who then
    return v_booking;
  end if;
  perform private.booking_expect(v_booking, case p_who when 'tutor' then '{scheduled,completed}' else '{scheduled}' end::text[]);
  if v_booking.status = 'completed' and exists (
    select from market.booking_events as e where e.booking_id = v_booking.id and e.actor = 'administrator'
  ) then
    raise sqlstate 'PT409' using
      message = 'booking_resolved',
      detail = 'An administrator has decided how it ended.',
      hint = 'Write to support.';
  end if;
  if clock_timestamp() not between v_from and v_to then
    raise sqlstate 'PT409' using
      message = 'no_show_not_now',
      detail = format('This is said from %s minutes after the start until %s hours after the end.',
        private.setting_number('market.no_show_after_minutes'), private.setting_number('market.no_show_within_hours')),
      hint = 'Wait a little; when it is too late, write to support.';
  end if;
  update market.bookings as b
  set status = 'no_show', no_show_by = p_who, no_show_at = clock_timestamp(), completed_at = null, settled_at = null
  where b.id = v_booking.id
  returning * into v_booking;
  -- Divided already, when the tutor had called it completed: back into escrow until it is clear.
  perform private.ledger_lock_chain(v_booking.chain_id);
  perform private.ledger_finish(v_booking.chain_id);
  perform private.booking_tell(v_booking, 'booking_no_show', p_who);
  select * into v_booking from market.bookings as b where b.id = v_booking.id;
  return v_booking;
end;
$$;
comment on function private.market_report_no_show(uuid, text) is 'Behind market.report_no_show.';

create function private.market_contest_no_show(p_booking_id uuid, p_reason text)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_reason text := private.clean_text(p_reason, 'reason', 1, 500);
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
begin
  perform private.booking_expect(v_booking, '{no_show}');
  if private.booking_party(v_booking, v_user_id) is distinct from v_booking.no_show_by then
    perform private.booking_role_required(v_booking.no_show_by);
  end if;
  if v_booking.contested_at is not null then
    return v_booking;
  end if;
  if v_booking.settled_at is not null then
    raise sqlstate 'PT409' using
      message = 'booking_settled', detail = 'Its money has been divided.', hint = 'Write to support.';
  end if;
  update market.bookings as b set contested_at = clock_timestamp(), contest_reason = v_reason
  where b.id = v_booking.id
  returning * into v_booking;
  perform private.booking_tell(
    v_booking, 'booking_contested', case v_booking.no_show_by when 'tutor' then 'learner' else 'tutor' end
  );
  return v_booking;
end;
$$;
comment on function private.market_contest_no_show(uuid, text) is 'Behind market.contest_no_show.';

create function private.market_resolve_booking(p_booking_id uuid, p_outcome text, p_reason text)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for an administrator
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_admin('bookings');
  v_reason text := private.clean_text(p_reason, 'reason', 1, 500);
  v_no_show_by text := case p_outcome when 'tutor_no_show' then 'tutor' when 'learner_no_show' then 'learner' end;
  v_booking market.bookings;
begin
  v_booking := private.booking_enter(p_booking_id, v_user_id);
  if coalesce(p_outcome, '') not in ('completed', 'tutor_no_show', 'learner_no_show') then
    raise sqlstate 'PT422' using
      message = 'outcome_invalid',
      detail = 'It was completed, or there was a tutor_no_show or a learner_no_show.',
      hint = 'Send one of these.';
  end if;
  if private.booking_party(v_booking, v_user_id) is not null then
    raise sqlstate 'PT403' using
      message = 'own_content', detail = 'Nobody decides about his own booking.', hint = 'Ask another administrator.';
  end if;
  perform private.booking_expect(v_booking, '{scheduled,completed,no_show}');
  if v_booking.starts_at > clock_timestamp() then
    raise sqlstate 'PT409' using
      message = 'booking_not_over', detail = 'It has not begun.', hint = 'Decide when it has; until then it can be cancelled.';
  end if;
  if v_booking.settled_at is not null and v_booking.contested_at is null
    and p_outcome = coalesce(v_booking.no_show_by || '_no_show', v_booking.status)
  then
    return v_booking;
  end if;
  -- What has gone back to a learner is not taken from him again.
  if v_booking.no_show_by = 'tutor' and v_booking.settled_at is not null and p_outcome <> 'tutor_no_show'
    and v_booking.price_minor > 0
  then
    raise sqlstate 'PT409' using
      message = 'booking_refunded', detail = 'Its money went back to the learner.', hint = 'Compensate the tutor outside of this booking.';
  end if;

  perform set_config('lyceum.change_reason', v_reason, true);
  if v_booking.status = 'no_show' and v_booking.no_show_by is distinct from v_no_show_by then
    update market.bookings as b
    set status = 'completed', completed_at = clock_timestamp(), no_show_by = null, no_show_at = null,
      contested_at = null, contest_reason = null
    where b.id = v_booking.id
    returning * into v_booking;
  end if;
  if v_no_show_by is not null and v_booking.status <> 'no_show' then
    update market.bookings as b
    set status = 'no_show', no_show_by = v_no_show_by, no_show_at = clock_timestamp(), completed_at = null,
      -- Divided for the tutor before: divided again, for the learner.
      settled_at = case when v_no_show_by = 'tutor' then null else b.settled_at end
    where b.id = v_booking.id
    returning * into v_booking;
  elsif v_no_show_by is null and v_booking.status = 'scheduled' then
    update market.bookings as b set status = 'completed', completed_at = clock_timestamp() where b.id = v_booking.id;
  end if;
  perform set_config('lyceum.change_reason', '', true);
  update market.bookings as b set contested_at = null, contest_reason = null
  where b.id = v_booking.id and b.contested_at is not null;
  perform private.booking_settle(v_booking.id, v_user_id);
  select * into v_booking from market.bookings as b where b.id = v_booking.id;
  perform private.booking_tell(v_booking, 'booking_resolved', w) from unnest(array['learner', 'tutor']) as w;
  return v_booking;
end;
$$;
comment on function private.market_resolve_booking(uuid, text, text) is 'Behind market.resolve_booking.';

create function market.complete_booking(p_booking_id uuid)
returns market.bookings language sql volatile security invoker set search_path = ''
as $$ select private.market_complete_booking(p_booking_id); $$;
comment on function market.complete_booking(uuid) is
  'The tutor says that it took place: its money is divided. Without him the clock does so a day after the end. Again changes nothing. Errors: booking_not_found (404), tutor_required (403), booking_not_over, booking_moved, booking_state (409).';

create function market.report_no_show(p_booking_id uuid, p_who text)
returns market.bookings language sql volatile security invoker set search_path = ''
as $$ select private.market_report_no_show(p_booking_id, p_who); $$;
comment on function market.report_no_show(uuid, text) is
  'One party says that the other (tutor or learner) did not come; the learner also when the tutor has called it completed. A day later the money goes back to the learner, or to the tutor, unless it is contested. Errors: booking_not_found (404), no_show_of_other (422), no_show_not_now, booking_moved, booking_state, booking_resolved (409).';

create function market.contest_no_show(p_booking_id uuid, p_reason text)
returns market.bookings language sql volatile security invoker set search_path = ''
as $$ select private.market_contest_no_show(p_booking_id, p_reason); $$;
comment on function market.contest_no_show(uuid, text) is
  'Who is said not to have come says otherwise: an administrator decides, and the money waits. Errors: booking_not_found (404), learner_required, tutor_required (403), booking_settled, booking_state (409), text_required (422).';

create function market.resolve_booking(p_booking_id uuid, p_outcome text, p_reason text)
returns market.bookings language sql volatile security invoker set search_path = ''
as $$ select private.market_resolve_booking(p_booking_id, p_outcome, p_reason); $$;
comment on function market.resolve_booking(uuid, text, text) is
  'Administrators (permission bookings) and services: how a session ended, completed, tutor_no_show or learner_no_show; the money follows at once. The same again changes nothing. What went back to a learner is not taken from him again. Errors: role_required, permission_required, own_content (403), booking_not_found (404), outcome_invalid, text_required (422), booking_refunded, booking_not_over, booking_state (409).';

revoke execute on function
  private.market_complete_booking(uuid), private.booking_close(uuid, uuid), private.market_report_no_show(uuid, text),
  private.market_contest_no_show(uuid, text), private.market_resolve_booking(uuid, text, text), market.complete_booking(uuid),
  market.report_no_show(uuid, text), market.contest_no_show(uuid, text), market.resolve_booking(uuid, text, text)
  from public, anon, authenticated;
grant execute on function
  private.market_complete_booking(uuid), private.market_report_no_show(uuid, text),
  private.market_contest_no_show(uuid, text), private.market_resolve_booking(uuid, text, text), market.complete_booking(uuid),
  market.report_no_show(uuid, text), market.contest_no_show(uuid, text), market.resolve_booking(uuid, text, text)
  to authenticated;
grant execute on function private.market_resolve_booking(uuid, text, text), market.resolve_booking(uuid, text, text)
  to service_role;
