-- Bookings to look at: one's own as a list, and one of them with all that belongs to it, each in one call.

create function private.booking_cursor(p_cursor text, out starts_at timestamptz, out id uuid)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_cursor is null then
    return;
  end if;
  starts_at := to_timestamp(0) + split_part(p_cursor, '_', 1)::bigint * interval '1 microsecond';
  id := split_part(p_cursor, '_', 2)::uuid;
exception when data_exception then
  raise sqlstate 'PT400' using
    message = 'cursor_invalid',
    detail = 'This is no cursor of this list.',
    hint = 'Send the cursor of the last row of the page before.';
end;
$$;
comment on function private.booking_cursor(text) is 'Takes a cursor apart; cursor_invalid (400) when it is none.';

create function private.market_my_bookings(p_role text, p_status text[], p_limit integer, p_cursor text)
returns table (
  id uuid, chain_id uuid, role text, status text, title text, starts_at timestamptz, ends_at timestamptz,
  hold_expires_at timestamptz, price_minor bigint, currency text, payment_status text, refund_minor bigint, meeting_link text,
  other_id uuid, other_username text, other_name text, other_avatar_path text, offer_id uuid, is_contested boolean,
  has_feedback boolean, cursor text
)
language plpgsql
stable
security definer -- joins names and feedback to the caller's own bookings
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_after record;
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 100);
begin
  if p_role is not null and p_role not in ('learner', 'tutor')
    or exists (
      select from unnest(p_status) as s
      where s is null or s not in ('hold', 'scheduled', 'completed', 'cancelled', 'no_show', 'expired')
    )
  then
    raise sqlstate 'PT422' using
      message = 'filter_invalid',
      detail = 'p_role is learner or tutor; p_status has statuses of bookings.',
      hint = 'Leave out what is not to be filtered.';
  end if;
  select c.* into v_after from private.booking_cursor(p_cursor) as c;
  return query
  with mine as (
    -- Each half goes along its own index. Holds that ran out and bookings that were moved are asked for by name, or not shown.
    (
      select b.*, 'learner' as party, b.tutor_id as other from market.bookings as b
      where b.learner_id = v_user_id and p_role is distinct from 'tutor' and b.moved_at is null
        and b.status = any (coalesce(p_status, '{hold,scheduled,completed,cancelled,no_show}'))
        and (p_cursor is null or (b.starts_at, b.id) < (v_after.starts_at, v_after.id))
      order by b.starts_at desc, b.id desc
      limit v_limit
    )
    union all
    (
      select b.*, 'tutor', b.learner_id from market.bookings as b
      where b.tutor_id = v_user_id and p_role is distinct from 'learner' and b.moved_at is null
        and b.status = any (coalesce(p_status, '{hold,scheduled,completed,cancelled,no_show}'))
        and (p_cursor is null or (b.starts_at, b.id) < (v_after.starts_at, v_after.id))
      order by b.starts_at desc, b.id desc
      limit v_limit
    )
  )
  select m.id, m.chain_id, m.party, m.status, m.title, m.starts_at, m.ends_at, m.hold_expires_at, m.price_minor, m.currency,
    m.payment_status, m.refund_minor, m.meeting_link, m.other, p.username::text, p.full_name, p.avatar_path, m.offer_id,
    m.contested_at is not null, f.booking_id is not null,
    (extract(epoch from m.starts_at) * 1000000)::bigint || '_' || m.id
  from mine as m
  left join core.profiles as p on p.id = m.other
  left join market.session_feedback as f on f.booking_id = m.id
  order by m.starts_at desc, m.id desc
  limit v_limit;
end;
$$;
comment on function private.market_my_bookings(text, text[], integer, text) is 'Behind market.my_bookings.';

create function private.market_booking_page(p_booking_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- joins what belongs to a booking, for those who may see it
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_booking market.bookings;
  v_party text;
begin
  select * into v_booking from market.bookings as b where b.id = p_booking_id;
  v_party := private.booking_party(v_booking, v_user_id);
  if v_booking.id is null or v_party is null and not private.has_role('admin') then
    perform private.booking_not_found();
  end if;
  return jsonb_build_object(
    'booking', to_jsonb(v_booking) - 'idempotency_key',
    'role', coalesce(v_party, 'administrator'),
    'tutor', private.booking_person(v_booking.tutor_id),
    'learner', private.booking_person(v_booking.learner_id),
    'chain', (
      select jsonb_agg(jsonb_build_object('id', c.id, 'starts_at', c.starts_at, 'status', c.status, 'moved_at', c.moved_at)
        order by c.calendar_sequence, c.created_at)
      from market.bookings as c where c.chain_id = v_booking.chain_id
    ),
    'events', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'from_status', e.from_status, 'to_status', e.to_status, 'actor', e.actor, 'reason', e.reason, 'data', e.data,
        'created_at', e.created_at
      ) order by e.id), '[]')
      from market.booking_events as e where e.booking_id = v_booking.id
    ),
    -- Notes stay with the session when it moves. Never an administrator's to read.
    'notes', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', n.id, 'booking_id', n.booking_id, 'is_mine', n.author_id = v_user_id, 'content', n.content,
        'is_shared', n.is_shared, 'created_at', n.created_at, 'updated_at', n.updated_at
      ) order by n.created_at, n.id), '[]')
      from market.booking_notes as n
      join market.bookings as c on c.id = n.booking_id
      where c.chain_id = v_booking.chain_id and v_party is not null
        and (n.author_id = v_user_id or n.is_shared and n.author_id <> all (private.my_block_ids()))
    ),
    'feedback', (
      select jsonb_build_object(
        'rating', f.rating, 'review', f.review, 'reply', f.reply, 'is_hidden', f.hidden_at is not null, 'created_at', f.created_at
      )
      from market.session_feedback as f where f.booking_id = v_booking.id
    ),
    'refund_now_minor', private.booking_refund_now(v_booking, coalesce(v_party, 'administrator'))
  );
end;
$$;
comment on function private.market_booking_page(uuid) is 'Behind market.booking_page.';

create function private.booking_person(p_id uuid)
returns jsonb
language sql
stable
security definer -- names of people, for the other party of a booking
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p.id, 'username', p.username, 'full_name', p.full_name, 'avatar_path', p.avatar_path, 'time_zone', p.time_zone
  )
  from core.profiles as p where p.id = p_id;
$$;
comment on function private.booking_person(uuid) is 'Who it is; null when his account is gone.';

create function market.my_bookings(
  p_role text default null, p_status text[] default null, p_limit integer default 20, p_cursor text default null
)
returns table (
  id uuid, chain_id uuid, role text, status text, title text, starts_at timestamptz, ends_at timestamptz,
  hold_expires_at timestamptz, price_minor bigint, currency text, payment_status text, refund_minor bigint, meeting_link text,
  other_id uuid, other_username text, other_name text, other_avatar_path text, offer_id uuid, is_contested boolean,
  has_feedback boolean, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.market_my_bookings(p_role, p_status, p_limit, p_cursor); $$;
comment on function market.my_bookings(text, text[], integer, text) is
  'One''s bookings as learner, as tutor, or both, the latest start first, with the other party. p_status: some statuses only; without it all but holds that ran out. Of one that was moved only the successor. Pass the cursor of the last row for the next page. Errors: filter_invalid (422), cursor_invalid (400).';

create function market.booking_page(p_booking_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_booking_page(p_booking_id); $$;
comment on function market.booking_page(uuid) is
  'One booking in one call: {booking, role, tutor, learner, chain, events, notes, feedback, refund_now_minor}. refund_now_minor: what would go back if the caller cancelled now. For its parties and administrators (who see no notes). Errors: booking_not_found (404).';

revoke execute on function
  private.booking_cursor(text), private.market_my_bookings(text, text[], integer, text), private.market_booking_page(uuid),
  private.booking_person(uuid), market.my_bookings(text, text[], integer, text), market.booking_page(uuid)
  from public, anon, authenticated;
grant execute on function
  private.market_my_bookings(text, text[], integer, text), private.market_booking_page(uuid),
  market.my_bookings(text, text[], integer, text), market.booking_page(uuid)
  to authenticated;
