-- What must be true of all money at any time, as two views that return no row. sql/invariants runs them, so do the tests in
-- the middle of their transactions, and a task does every day.

create view private.market_ledger_violations with (security_invoker = true) as
select 'entries_sum_to_zero' as rule, e.currency as id, format('sum %s', sum(e.amount_minor)) as detail
from market.entries as e group by e.currency having sum(e.amount_minor) <> 0
union all
select 'transfer_has_its_two_entries', t.id::text, format('%s entries', count(e.account_id))
from market.transfers as t left join market.entries as e on e.transfer_id = t.id
group by t.id
having count(e.account_id) <> 2
  or coalesce(sum(e.amount_minor) filter (where e.account_id = t.from_account_id and e.currency = t.currency), 0) <> -t.amount_minor
  or coalesce(sum(e.amount_minor) filter (where e.account_id = t.to_account_id and e.currency = t.currency), 0) <> t.amount_minor
union all
select 'balance_is_sum_of_entries', a.id::text,
  format('balance %s at entry %s; entries say %s, %s of them', a.balance_minor, a.last_entry_no, s.total, s.entries)
from market.accounts as a
cross join lateral (
  select coalesce(sum(e.amount_minor), 0) as total, count(*) as entries, coalesce(max(e.entry_no), 0) as last_no
  from market.entries as e where e.account_id = a.id
) as s
where a.balance_minor <> s.total or a.last_entry_no <> s.entries or a.last_entry_no <> s.last_no
union all
select 'entry_follows_the_one_before', e.account_id || ' ' || e.entry_no, format('before %s, previous after %s', e.balance_before, e.previous)
from (
  select n.*, lag(n.balance_after, 1, 0::bigint) over (partition by n.account_id order by n.entry_no) as previous
  from market.entries as n
) as e
where e.balance_before <> e.previous or e.balance_after <> e.balance_before + e.amount_minor
union all
select 'transfer_is_of_a_legal_kind', t.id::text, format('%s from %s to %s', t.kind, f.kind, o.kind)
from market.transfers as t
join market.accounts as f on f.id = t.from_account_id
join market.accounts as o on o.id = t.to_account_id
left join market.transfer_kinds as k on k.kind = t.kind and k.from_kind = f.kind and k.to_kind = o.kind
where k.kind is null or (k.reverses is null) <> (t.reverses_id is null)
union all
select 'reversals_within_what_they_reverse', t.id::text, format('%s of %s', sum(r.amount_minor), t.amount_minor)
from market.transfers as t join market.transfers as r on r.reverses_id = t.id
group by t.id having sum(r.amount_minor) > t.amount_minor
union all
select 'account_belongs_to_the_chain', t.id::text, format('%s: account %s of %s', t.kind, a.kind, a.owner_id)
from market.transfers as t
join market.bookings as b on b.id = t.chain_id
join market.accounts as a on a.id in (t.from_account_id, t.to_account_id)
where a.currency <> b.currency or a.owner_id <> case a.kind
  when 'escrow' then b.chain_id when 'disputed' then b.chain_id
  when 'tutor' then b.tutor_tombstone when 'platform' then b.tutor_tombstone
  else b.learner_tombstone
end
union all
select 'account_belongs_to_the_payout', t.id::text, format('%s: account %s of %s', t.kind, a.kind, a.owner_id)
from market.transfers as t
join market.payouts as y on y.id = t.payout_id
join market.accounts as a on a.id in (t.from_account_id, t.to_account_id)
where a.owner_id <> y.tutor_tombstone or a.currency <> y.currency or t.amount_minor <> y.amount_minor;
comment on view private.market_ledger_violations is 'Where the ledger disagrees with itself: never a row.';

create view private.market_payment_violations with (security_invoker = true) as
with moved as (
  -- What transfers moved in all, less what was taken back, by what they were for.
  select
    coalesce(k.reverses, t.kind) as kind, t.chain_id, t.payment_id, t.refund_id, t.dispute_id, t.payout_id,
    sum(case when t.reverses_id is null then t.amount_minor else -t.amount_minor end)::bigint as amount
  from market.transfers as t join market.transfer_kinds as k on k.kind = t.kind
  group by 1, 2, 3, 4, 5, 6
),
paid as (
  select
    p.*,
    (select coalesce(sum(r.amount_minor), 0)::bigint from market.refunds as r where r.payment_id = p.id and r.status <> 'cancelled') as refunded,
    (select coalesce(sum(d.amount_minor), 0)::bigint from market.disputes as d where d.payment_id = p.id and d.status = 'open') as in_dispute,
    (select coalesce(sum(d.amount_minor), 0)::bigint from market.disputes as d where d.payment_id = p.id and d.status = 'lost') as lost
  from market.payments as p
),
chain as (
  select
    b.*,
    coalesce((
      select greatest(0, p.amount_minor - p.refunded - p.in_dispute - p.lost) from paid as p where p.chain_id = b.chain_id and p.is_kept
    ), 0)::bigint as kept,
    coalesce((select sum(m.amount) from moved as m where m.chain_id = b.chain_id and m.kind = 'earning'), 0) as earned,
    coalesce((select sum(m.amount) from moved as m where m.chain_id = b.chain_id and m.kind = 'commission'), 0) as taken,
    coalesce((select sum(m.amount) from moved as m where m.chain_id = b.chain_id and m.kind = 'loss'), 0) as loss,
    coalesce((
      select sum(greatest(0, p.refunded + p.in_dispute + p.lost - p.amount_minor)) from paid as p where p.chain_id = b.chain_id
    ), 0) as due_loss,
    (select a.balance_minor from market.accounts as a where a.kind = 'escrow' and a.owner_id = b.chain_id) as escrow,
    (select a.balance_minor from market.accounts as a where a.kind = 'disputed' and a.owner_id = b.chain_id) as disputed
  from market.bookings as b
  where b.price_minor > 0 and not exists (select from market.bookings as n where n.rescheduled_from_id = b.id)
)
select 'captured_payment_is_booked_once' as rule, p.id::text as id,
  format('%s of %s, ledger %s', p.status, p.amount_minor, coalesce(m.amount, 0)) as detail
from paid as p left join moved as m on m.payment_id = p.id and m.kind = 'payment'
where coalesce(m.amount, 0) <> case p.status when 'captured' then p.amount_minor else 0 end
union all
select 'payment_is_of_its_booking', p.id::text, format('%s %s for %s %s', p.amount_minor, p.currency, b.price_minor, b.currency)
from paid as p join market.bookings as b on b.id = p.booking_id
where (p.amount_minor, p.currency, p.chain_id, p.learner_tombstone) <> (b.price_minor, b.currency, b.chain_id, b.learner_tombstone)
union all
select 'refunds_within_the_payment', p.id::text, format('refunds %s, said %s, paid %s', p.refunded, p.refunded_minor, p.amount_minor)
from paid as p
where p.refunded <> p.refunded_minor or p.refunded > p.amount_minor
union all
-- No captured money without a booking that it pays for: what nobody keeps goes back whole.
select 'unkept_payment_goes_back_whole', p.id::text, format('%s of %s', p.refunded + p.lost, p.amount_minor)
from paid as p
where p.status = 'captured' and not p.is_kept and p.refunded + p.lost < p.amount_minor
union all
select 'kept_payment_has_a_booking', p.id::text, c.status
from paid as p join chain as c on c.chain_id = p.chain_id
where p.is_kept and c.status in ('hold', 'expired')
union all
select 'booking_that_costs_is_paid_for', c.id::text, c.status
from chain as c
where c.status in ('scheduled', 'completed', 'no_show')
  and not exists (select from paid as p where p.chain_id = c.chain_id and p.is_kept)
union all
select 'only_what_is_over_is_settled', c.id::text, c.status
from chain as c where c.settled_at is not null and c.status not in ('completed', 'no_show', 'cancelled')
union all
select 'escrow_holds_what_is_not_settled', c.id::text, format('escrow %s, kept %s, settled %s', c.escrow, c.kept, c.settled_at is not null)
from chain as c
where coalesce(c.escrow, 0) <> case when c.settled_at is null then c.kept else 0 end
union all
-- Money leaves escrow for tutor and platform only for a booking that is over, in the parts that were agreed on.
select 'kept_money_is_divided', c.id::text, format('kept %s: tutor %s, platform %s', c.kept, c.earned, c.taken)
from chain as c
where c.taken <> case when c.settled_at is null then 0 else c.kept * c.commission_rate_bp / 10000 end
  or c.earned + c.taken <> case when c.settled_at is null then 0 else c.kept end
union all
select 'loss_is_what_was_taken_beyond_payments', c.id::text, format('%s, should be %s', c.loss, c.due_loss)
from chain as c where c.loss <> c.due_loss
union all
select 'commission_is_by_its_rate', b.id::text, format('%s of %s at %s', b.commission_minor, b.price_minor, b.commission_rate_bp)
from market.bookings as b
where b.commission_minor <> b.price_minor * b.commission_rate_bp / 10000
union all
select 'disputed_holds_open_disputes', c.id::text, c.disputed::text
from chain as c
where coalesce(c.disputed, 0) <> coalesce((select sum(p.in_dispute) from paid as p where p.chain_id = c.chain_id), 0)
union all
select 'booking_says_what_was_given_back', c.id::text, format('%s %s of %s', c.payment_status, c.refund_minor, p.refunded + p.lost)
from chain as c join paid as p on p.chain_id = c.chain_id and p.is_kept
-- What is called off says at once what will go back; it goes when it is settled.
where c.refund_minor <> least(c.price_minor, p.refunded + p.lost) and (c.settled_at is not null or c.status not in ('cancelled', 'no_show'))
  or c.payment_status <> case
    when p.in_dispute > 0 then 'disputed' when p.refunded + p.lost >= p.amount_minor then 'refunded'
    when p.refunded + p.lost > 0 then 'partially_refunded' else 'paid'
  end
union all
select 'refund_is_in_the_ledger', r.id::text, format('%s %s: owed %s, paid %s', r.status, r.amount_minor, o.amount, g.amount)
from market.refunds as r
left join moved as o on o.refund_id = r.id and o.kind = 'refund'
left join moved as g on g.refund_id = r.id and g.kind = 'refund_paid'
where coalesce(o.amount, 0) <> case r.status when 'cancelled' then 0 else r.amount_minor end
  or coalesce(g.amount, 0) <> case r.status when 'succeeded' then r.amount_minor else 0 end
union all
select 'refunds_account_is_what_is_owed', a.id::text, a.balance_minor::text
from market.accounts as a
where a.kind = 'refunds' and a.balance_minor <> coalesce((
  select sum(r.amount_minor) from market.refunds as r join market.payments as p on p.id = r.payment_id
  where p.learner_tombstone = a.owner_id and p.currency = a.currency and r.status in ('pending', 'sent', 'failed')
), 0)
union all
select 'dispute_is_in_the_ledger', d.id::text, format('%s %s: held %s, lost %s', d.status, d.amount_minor, h.amount, l.amount)
from market.disputes as d
left join moved as h on h.dispute_id = d.id and h.kind = 'dispute'
left join moved as l on l.dispute_id = d.id and l.kind = 'dispute_lost'
where coalesce(h.amount, 0) <> case d.status when 'won' then 0 else d.amount_minor end
  or coalesce(l.amount, 0) <> case d.status when 'lost' then d.amount_minor else 0 end
union all
select 'payout_is_in_the_ledger', y.id::text, format('%s %s: taken %s, arrived %s', y.status, y.amount_minor, t.amount, a.amount)
from market.payouts as y
left join moved as t on t.payout_id = y.id and t.kind = 'payout'
left join moved as a on a.payout_id = y.id and a.kind = 'payout_paid'
where coalesce(t.amount, 0) <> case
    when y.status = 'failed' or y.status = 'pending' and y.sending_at is null then 0 else y.amount_minor
  end
  or coalesce(a.amount, 0) <> case y.status when 'paid' then y.amount_minor else 0 end
union all
select 'batch_adds_up', b.id::text, format('%s payouts, %s', b.payouts_count, b.total_minor)
from market.payout_batches as b left join market.payouts as y on y.batch_id = b.id
group by b.id
having b.payouts_count <> count(y.id) or b.total_minor <> coalesce(sum(y.amount_minor), 0)
  or bool_or(y.currency <> b.currency);
comment on view private.market_payment_violations is
  'Where payments, refunds, disputes, payouts and bookings disagree with the ledger: never a row.';

create function private.market_check_money()
returns integer
language plpgsql
volatile
security definer -- reads all money, and tells administrators, as a task
set search_path = ''
as $$
declare
  v_count integer;
begin
  select count(*) into v_count
  from (select from private.market_ledger_violations union all select from private.market_payment_violations) as v;
  if v_count > 0 then
    perform private.notify(
      r.user_id, 'money_disagrees', 'error', 'The books do not add up', format('%s findings; see sql/invariants.', v_count),
      '{}', null, 'money_disagrees'
    ) from core.user_roles as r where r.role = 'admin';
  end if;
  return v_count;
end;
$$;
comment on function private.market_check_money() is 'Runs the checks of all money and tells administrators of what they find.';

insert into ops.scheduled_tasks (name, command, every, description) values
  ('market_check_money', 'private.market_check_money', interval '1 day', 'Do all balances, payments and bookings agree?');

revoke all on private.market_ledger_violations, private.market_payment_violations from public, anon, authenticated;
revoke execute on function private.market_check_money() from public, anon, authenticated;
