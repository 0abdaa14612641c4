-- Bookings: who sees what, and the way into one that every RPC takes. Nobody writes a booking but through RPCs.
--
--   learner, tutor: their own bookings with all events; their own notes, and the other one's that are shared
--   everybody signed in: feedback that is not hidden, without who gave it
--   administrator:  bookings, events and feedback; never notes
--   suspended:      reads, and may cancel
--   anon:           nothing

do $$
declare
  v_table text;
begin
  foreach v_table in array array['bookings', 'booking_events', 'booking_notes', 'session_feedback'] loop
    execute format('alter table market.%I enable row level security', v_table);
    execute format('revoke all on market.%I from public, anon, authenticated', v_table);
    execute format('grant select on market.%I to service_role', v_table);
  end loop;
end;
$$;
grant select on market.bookings, market.booking_events, market.booking_notes to authenticated;
grant insert (id, booking_id, content, is_shared), update (content, is_shared), delete on market.booking_notes to authenticated;
-- Not learner_id: that somebody took lessons is his own affair. Both parties know it from the booking.
grant select (booking_id, tutor_id, rating, review, reply, hidden_at, created_at) on market.session_feedback to authenticated;

create policy bookings_select_party on market.bookings
  for select to authenticated
  using (
    ((learner_id = (select auth.uid()) or tutor_id = (select auth.uid())) and (select private.is_user()))
    or (select private.has_role('admin'))
  );

create policy booking_events_select_party on market.booking_events
  for select to authenticated
  using (
    exists (
    select from market.bookings as b where b.id = booking_id and (select auth.uid()) in (b.learner_id, b.tutor_id)
    )
    or (select private.has_role('admin'))
  );

create policy booking_notes_select_party on market.booking_notes
  for select to authenticated
  using (
    author_id = (select auth.uid()) and (select private.is_user())
    or is_shared and author_id <> all ((select private.my_block_ids())::uuid[]) and exists (
      select from market.bookings as b where b.id = booking_id and (select auth.uid()) in (b.learner_id, b.tutor_id)
    )
  );
-- Only of what was agreed on: whoever merely holds a slot does not write to its tutor.
create policy booking_notes_insert_party on market.booking_notes
  for insert to authenticated
  with check (
    author_id = (select auth.uid()) and (select private.is_active_user())
    and exists (
      select from market.bookings as b
      where b.id = booking_id and (select auth.uid()) in (b.learner_id, b.tutor_id)
        and b.status in ('scheduled', 'completed', 'no_show')
    )
  );
create policy booking_notes_update_author on market.booking_notes
  for update to authenticated
  using (author_id = (select auth.uid()) and (select private.is_active_user()))
  with check (author_id = (select auth.uid()));
create policy booking_notes_delete_author on market.booking_notes
  for delete to authenticated
  using (author_id = (select auth.uid()) and (select private.is_active_user()));

create policy session_feedback_select_user on market.session_feedback
  for select to authenticated
  using (
    (select private.is_user())
    and (hidden_at is null or (select auth.uid()) in (tutor_id, learner_id) or (select private.has_role('admin')))
  );

create function private.booking_not_found()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using
    message = 'booking_not_found',
    detail = 'There is no such booking, or it is not yours.',
    hint = 'Check its id.';
end;
$$;
comment on function private.booking_not_found() is 'Raises booking_not_found (404): whoever asks for what is not there, or not his, hears the same.';

-- Profiles first, then the booking: whoever deletes an account holds its profile and then wants its bookings.
create function private.booking_enter(p_booking_id uuid, p_user_id uuid)
returns market.bookings
language plpgsql
volatile
security definer -- locks a row for the caller, whom it checks
set search_path = ''
as $$
declare
  v_booking market.bookings;
  v_is_staff boolean := p_user_id is null and private.is_service() or private.has_role('admin');
begin
  select * into v_booking from market.bookings as b where b.id = p_booking_id;
  if not found or private.booking_party(v_booking, p_user_id) is null and not v_is_staff then
    perform private.booking_not_found();
  end if;
  perform from core.profiles as p where p.id in (v_booking.tutor_id, v_booking.learner_id) order by p.id for key share;
  select * into v_booking from market.bookings as b where b.id = p_booking_id for no key update;
  -- His account may have gone while we waited.
  if private.booking_party(v_booking, p_user_id) is null and not v_is_staff then
    perform private.booking_not_found();
  end if;
  return v_booking;
end;
$$;
comment on function private.booking_enter(uuid, uuid) is
  'Locks a booking for one of its parties or an administrator, or (p_user_id null) for a service; booking_not_found (404) for everybody else.';

create function private.booking_expect(p_booking market.bookings, p_statuses text[])
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_booking.moved_at is not null then
    raise sqlstate 'PT409' using
      message = 'booking_moved',
      detail = 'It was moved: another booking stands in its place.',
      hint = 'Take the one whose rescheduled_from_id is this one.';
  end if;
  if p_booking.status <> all (p_statuses) then
    raise sqlstate 'PT409' using
      message = 'booking_state',
      detail = format('The booking is %s; this needs one that is %s.', p_booking.status, array_to_string(p_statuses, ' or ')),
      hint = 'Reload it.';
  end if;
end;
$$;
comment on function private.booking_expect(market.bookings, text[]) is
  'Raises booking_moved or booking_state (409) unless the booking is in one of these states.';

create function private.booking_role_required(p_role text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_role = 'learner' then
    raise sqlstate 'PT403' using
      message = 'learner_required',
      detail = 'Only the learner of this booking may do this.',
      hint = 'A tutor who cannot come cancels: the learner gets everything back, and books again.';
  end if;
  raise sqlstate 'PT403' using
    message = 'tutor_required', detail = 'Only the tutor of this booking may do this.', hint = 'Ask the tutor.';
end;
$$;
comment on function private.booking_role_required(text) is 'Raises learner_required or tutor_required (403).';

revoke execute on function
  private.booking_not_found(), private.booking_enter(uuid, uuid), private.booking_expect(market.bookings, text[]),
  private.booking_role_required(text)
  from public, anon, authenticated;
