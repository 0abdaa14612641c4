-- Tutors: totals of ratings are those of the feedback that nobody has hidden; a tutor is listed when he can be booked; what
-- a search looks at is what it must be. After an import that passed by the triggers: select market.repair_cards().

select 'rating_is_feedback' as rule, t.id::text as id,
  format('%s of %s ratings, counted %s of %s', t.rating_sum, t.rating_count, f.sum, f.count) as detail
from market.tutors as t
cross join lateral (
  select coalesce(sum(s.rating), 0) as sum, count(*) as count
  from market.session_feedback as s
  where s.tutor_id = t.id and s.hidden_at is null
) as f
where t.rating_sum <> f.sum or t.rating_count <> f.count

union all

select 'listed_is_bookable', t.id::text, format('is_listed is %s', t.is_listed)
from market.tutors as t
join core.experts as e on e.id = t.id
join core.profiles as p on p.id = t.id
where t.is_listed <> (
  t.accepts_bookings and t.hidden_at is null and e.verification_status = 'verified' and e.is_available and p.is_active
)

union all

select 'card_is_made_of', coalesce(m.tutor_id, c.tutor_id)::text, 'the card is not what it must be'
from private.market_cards_made as m
full join market.tutor_cards as c on c.tutor_id = m.tutor_id
where to_jsonb(m) is distinct from to_jsonb(c)

union all

select 'active_offer_in_currency', o.id::text, format('%s, while its tutor charges in %s', o.currency, e.currency)
from market.offers as o
join core.experts as e on e.id = o.tutor_id
where o.is_active and o.currency <> e.currency;
