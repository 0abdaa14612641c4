-- Accounts that go, and feedback that is moderated.
--
-- A booking outlives both its people: tombstones stand where they were, and what they wrote goes with them. What is still
-- to come is called off: all comes back when the tutor goes, by the policy when the learner does. The money follows in jobs.

create function private.tg_profiles__leave_bookings()
returns trigger
language plpgsql
volatile
security definer -- writes bookings for somebody who is going
set search_path = ''
as $$
declare
  v_booking market.bookings;
  v_is_tutor boolean;
  v_is_off boolean;
begin
  perform set_config('lyceum.leaving', old.id::text, true);
  -- All in one order: the other party may be going at the same time. And each row once, with the keys that go with him
  -- emptied here: a row that we wrote before has all its keys looked at, the other party's too, who may be waiting for us.
  for v_booking in
    select b.* from market.bookings as b where b.tutor_id = old.id or b.learner_id = old.id order by b.id for no key update
  loop
    v_is_tutor := v_booking.tutor_id = old.id;
    v_is_off := v_booking.status = 'hold' or v_booking.status = 'scheduled'
      and (case when v_is_tutor then v_booking.ends_at else v_booking.starts_at end) > clock_timestamp();
    update market.bookings as b
    set tutor_id = case when not v_is_tutor then b.tutor_id end,
      learner_id = case when v_is_tutor then b.learner_id end,
      offer_id = case when not v_is_tutor then b.offer_id end,
      title = case when v_is_tutor then 'Session' else b.title end, -- it may hold his name
      meeting_link = case when not v_is_tutor then b.meeting_link end,
      cancel_reason = case
        when b.cancelled_by is distinct from (case when v_is_tutor then 'tutor' else 'learner' end) then b.cancel_reason
      end,
      contest_reason = case
        when b.no_show_by is distinct from (case when v_is_tutor then 'tutor' else 'learner' end) then b.contest_reason
      end,
      status = case when v_is_off then 'cancelled' else b.status end,
      cancelled_by = case when v_is_off then 'system' else b.cancelled_by end,
      cancelled_at = case when v_is_off then clock_timestamp() else b.cancelled_at end,
      refund_minor = case
        when v_is_off then private.booking_refund_now(v_booking, case when v_is_tutor then 'tutor' else 'learner' end)
        else b.refund_minor
      end,
      settled_at = case
        when v_is_off and b.payment_status in ('free', 'pending', 'failed') then clock_timestamp() else b.settled_at
      end,
      calendar_sequence = b.calendar_sequence + v_is_off::integer
    where b.id = v_booking.id
    returning * into v_booking;
    continue when not v_is_off;
    if v_booking.settled_at is null then
      perform ops.enqueue_job('market.close_booking', '{}', v_booking.id, v_booking.id::text);
    end if;
    if v_booking.payment_status <> 'pending' then
      perform private.booking_tell(v_booking, 'booking_cancelled', case when v_is_tutor then 'learner' else 'tutor' end);
    end if;
  end loop;
  update market.session_feedback as f set learner_id = null, review = '' where f.learner_id = old.id;
  update market.session_feedback as f set tutor_id = null, reply = '' where f.tutor_id = old.id;
  return old;
end;
$$;
comment on function private.tg_profiles__leave_bookings() is
  'Trigger: sessions of somebody who goes are called off, and what he wrote around them is taken away.';

create trigger _350_leave_bookings
  before delete on core.profiles
  for each row execute function private.tg_profiles__leave_bookings();

create function private.market_moderated(
  p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- called by private.moderated_thing; not executable by clients
set search_path = ''
as $$
begin
  select f.learner_id, 'Feedback: ' || f.rating || ' of 5', concat_ws(E'\n', f.review, nullif(f.reply, '')),
    '/tutors/' || f.tutor_id, true, f.hidden_at is not null
  into author_id, title, excerpt, link, is_visible, is_hidden
  from market.session_feedback as f where f.booking_id = p_id;
end;
$$;
comment on function private.market_moderated(text, uuid, uuid) is 'Looks up feedback for the moderators, by its booking.';

create function private.market_hide(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  update market.session_feedback as f set hidden_at = clock_timestamp() where f.booking_id = p_id and f.hidden_at is null;
end;
$$;
comment on function private.market_hide(text, uuid, uuid) is 'Hides feedback: it is not shown, and does not count.';

create function private.market_unhide(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  update market.session_feedback as f set hidden_at = null where f.booking_id = p_id and f.hidden_at is not null;
end;
$$;
comment on function private.market_unhide(text, uuid, uuid) is 'Shows hidden feedback again.';

insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function, description) values
  ('market', 'feedback', 'market_moderated', 'market_hide', 'market_unhide', 'What a learner said of a session; the id is that of the booking.');

revoke execute on function
  private.tg_profiles__leave_bookings(), private.market_moderated(text, uuid, uuid), private.market_hide(text, uuid, uuid),
  private.market_unhide(text, uuid, uuid)
  from public, anon, authenticated;
