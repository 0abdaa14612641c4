-- Bookings: nobody is booked twice, chains are whole, the history says what the row says, and totals are counts.
-- They hold because bookings are written by RPCs alone, under exclusion constraints and triggers.

with live as (
  select b.* from market.bookings b where b.status in ('hold', 'scheduled', 'completed', 'no_show')
),
events as (
  select
    e.*,
    lag(e.to_status) over (partition by e.booking_id order by e.id) as before,
    row_number() over (partition by e.booking_id order by e.id desc) as from_last
  from market.booking_events e
)
select 'nobody_is_booked_twice' as rule, a.id::text as id, format('overlaps %s of the same person', b.id) as detail
from live a
join live b on a.id < b.id
  and (a.tutor_tombstone = b.tutor_tombstone or a.learner_tombstone = b.learner_tombstone)
  and tstzrange(a.blocked_from, a.blocked_to) && tstzrange(b.blocked_from, b.blocked_to)

union all

select 'tombstone_is_the_person', b.id::text, 'it names somebody else than the booking'
from market.bookings b
where b.tutor_id <> b.tutor_tombstone or b.learner_id <> b.learner_tombstone

union all

-- A chain: one first, one last, each of the others moved and followed by exactly one.
select 'moved_has_one_successor', b.id::text, format('moved_at %s, %s successors', b.moved_at, count(n.id))
from market.bookings b
left join market.bookings n on n.rescheduled_from_id = b.id
group by b.id
having count(n.id) <> (b.moved_at is not null)::integer

union all

select 'chain_begins_once', c.chain_id::text, format('%s beginnings, %s ends', c.firsts, c.lasts)
from (
  select
    b.chain_id,
    count(*) filter (where b.rescheduled_from_id is null and b.id = b.chain_id) as firsts,
    count(*) filter (where b.moved_at is null) as lasts
  from market.bookings b
  group by b.chain_id
) c
where c.firsts <> 1 or c.lasts <> 1

union all

select 'successor_keeps_the_terms', n.id::text, format('differs from %s', b.id)
from market.bookings n
join market.bookings b on b.id = n.rescheduled_from_id
where (n.chain_id, n.tutor_tombstone, n.learner_tombstone, n.price_minor, n.currency, n.commission_rate_bp, n.commission_minor)
    is distinct from
    (b.chain_id, b.tutor_tombstone, b.learner_tombstone, b.price_minor, b.currency, b.commission_rate_bp, b.commission_minor)
  or n.calendar_sequence <= b.calendar_sequence
  or n.ends_at - n.starts_at <> b.ends_at - b.starts_at

union all

select 'commission_is_rounded_down', b.id::text, format('%s of %s at %s', b.commission_minor, b.price_minor, b.commission_rate_bp)
from market.bookings b
where b.commission_minor <> b.price_minor * b.commission_rate_bp / 10000

union all

select 'history_ends_where_the_booking_is', b.id::text, format('the booking is %s, its last event %s', b.status, e.to_status)
from market.bookings b
left join events e on e.booking_id = b.id and e.from_last = 1
where e.to_status is distinct from b.status

union all

select 'history_is_a_path', e.booking_id::text, format('event %s goes from %s, the one before to %s', e.id, e.from_status, e.before)
from events e
where e.from_status is distinct from e.before
  or e.from_status is not null and not exists (
    select from market.booking_transitions t where t.from_status = e.from_status and t.to_status = e.to_status
  )

union all

select 'feedback_is_of_what_took_place', f.booking_id::text, format('the booking is %s', b.status)
from market.session_feedback f
join market.bookings b on b.id = f.booking_id
where b.status not in ('completed', 'no_show')
  or f.tutor_id <> b.tutor_tombstone or f.learner_id <> b.learner_tombstone
  or not exists (select from market.booking_events e where e.booking_id = b.id and e.to_status = 'completed')

union all

select 'notes_are_of_parties', n.id::text, format('%s is neither tutor nor learner', n.author_id)
from market.booking_notes n
join market.bookings b on b.id = n.booking_id
where n.author_id not in (b.tutor_tombstone, b.learner_tombstone)

union all

select 'totals_are_counts', t.id::text,
  format('completed %s of %s, missed %s of %s, called off %s of %s', t.completed_count, c.completed, t.no_show_count, c.no_show,
    t.cancelled_count, c.cancelled)
from market.tutors t
cross join lateral (
  select
    count(*) filter (where b.status = 'completed') as completed,
    count(*) filter (where b.no_show_by = 'tutor') as no_show,
    count(*) filter (where b.cancelled_by = 'tutor') as cancelled
  from market.bookings b
  where b.tutor_tombstone = t.id
) c
where (t.completed_count, t.no_show_count, t.cancelled_count) <> (c.completed, c.no_show, c.cancelled);
