-- What the ledger should say of a chain of bookings follows from its rows: what was captured, given back and disputed, and
-- whether its last booking is settled. private.ledger_settle works out the difference to what it does say, and moves that.
-- So every order of events, and every repetition, ends in the same balances.
--
--   kept   = payment - refunds - disputes (open or lost), of the payment that the chain is paid with; never below 0
--   before settlement all of kept lies in escrow; after it, commission = kept * rate / 10000 (rounded down) is the
--   platform's and the rest the tutor's. What was taken of a payment beyond its amount is the platform's loss.
--
-- Locks, in this order: the chain's last booking, its payments, accounts by id.

create function private.ledger_lock_chain(p_chain_id uuid)
returns market.bookings
language plpgsql
volatile
security definer -- locks rows
set search_path = ''
as $$
declare
  v_booking market.bookings;
begin
  loop
    select b.* into v_booking from market.bookings as b
    where b.chain_id = p_chain_id
      and not exists (select from market.bookings as n where n.rescheduled_from_id = b.id);
    select b.* into v_booking from market.bookings as b where b.id = v_booking.id for no key update;
    -- It may have been moved while we waited.
    exit when not exists (select from market.bookings as n where n.rescheduled_from_id = v_booking.id);
  end loop;
  perform from market.payments as p where p.chain_id = p_chain_id order by p.id for no key update;
  return v_booking;
end;
$$;
comment on function private.ledger_lock_chain(uuid) is 'The last booking of a chain; it and the payments of the chain are locked.';

create function private.ledger_reverse(p_chain_id uuid, p_kind text, p_reversal text, p_amount bigint)
returns void
language plpgsql
volatile
security definer -- writes the ledger
set search_path = ''
as $$
declare
  v_left bigint := p_amount;
  v_transfer market.transfers;
  v_open bigint;
begin
  for v_transfer in
    select t.* from market.transfers as t where t.chain_id = p_chain_id and t.kind = p_kind order by t.created_at desc, t.id
  loop
    exit when v_left <= 0;
    v_open := v_transfer.amount_minor - (
      select coalesce(sum(r.amount_minor), 0) from market.transfers as r where r.reverses_id = v_transfer.id
    );
    continue when v_open <= 0;
    perform private.ledger_take_back(v_transfer, p_reversal, least(v_open, v_left));
    v_left := v_left - least(v_open, v_left);
  end loop;
end;
$$;
comment on function private.ledger_reverse(uuid, text, text, bigint) is
  'Takes back this much of what transfers of a kind moved for a chain, the latest first.';

create function private.ledger_settle(p_booking market.bookings)
returns void
language plpgsql
volatile
security definer -- writes the ledger; whoever calls has locked the chain
set search_path = ''
as $$
declare
  v_chain uuid := p_booking.chain_id;
  v_currency text := p_booking.currency;
  v_escrow uuid;
  v_tutor uuid;
  v_platform uuid;
  v_refunds uuid;
  v_learner uuid;
  v_disputed uuid;
  v_row record;
  v_kept bigint := 0;
  v_given bigint := 0;
  v_loss bigint := 0;
  v_commission bigint := 0;
  v_earning bigint := 0;
  v_now record;
  v_round integer;
  v_status text;
begin
  if not exists (select from market.payments as p where p.chain_id = v_chain and p.status = 'captured') then
    return;
  end if;
  v_disputed := private.ledger_account('disputed', v_chain, v_currency);
  v_escrow := private.ledger_account('escrow', v_chain, v_currency);
  v_learner := private.ledger_account('learner', p_booking.learner_tombstone, v_currency);
  v_platform := private.ledger_account('platform', p_booking.tutor_tombstone, v_currency);
  v_refunds := private.ledger_account('refunds', p_booking.learner_tombstone, v_currency);
  v_tutor := private.ledger_account('tutor', p_booking.tutor_tombstone, v_currency);
  perform from market.accounts as a
  where a.id in (v_escrow, v_tutor, v_platform, v_refunds, v_learner, v_disputed) order by a.id for no key update;

  -- What should be.
  for v_row in
    select p.id, p.is_kept, p.amount_minor, p.refunded_minor,
      (select coalesce(sum(r.amount_minor), 0)::bigint from market.refunds as r
        where r.payment_id = p.id and r.status <> 'cancelled') as refunded,
      (select coalesce(sum(d.amount_minor), 0)::bigint from market.disputes as d
        where d.payment_id = p.id and d.status = 'open') as in_dispute,
      (select coalesce(sum(d.amount_minor), 0)::bigint from market.disputes as d
        where d.payment_id = p.id and d.status = 'lost') as lost
    from market.payments as p where p.chain_id = v_chain and p.status = 'captured' order by p.id
  loop
    perform private.ledger_transfer(
      'payment', v_learner, v_escrow, v_row.amount_minor, 'payment:' || v_row.id, v_chain, v_row.id
    );
    if v_row.refunded <> v_row.refunded_minor then
      update market.payments as p set refunded_minor = v_row.refunded where p.id = v_row.id;
    end if;
    v_loss := v_loss + greatest(0, v_row.refunded + v_row.in_dispute + v_row.lost - v_row.amount_minor);
    v_given := v_row.refunded + v_row.lost;
    if v_row.is_kept then
      v_kept := greatest(0, v_row.amount_minor - v_row.refunded - v_row.in_dispute - v_row.lost);
      v_status := case
        when v_row.in_dispute > 0 then 'disputed'
        when v_given >= v_row.amount_minor then 'refunded'
        when v_given > 0 then 'partially_refunded'
        else 'paid'
      end;
      update market.bookings as b
      set payment_status = v_status, refund_minor = least(b.price_minor, v_given)
      where b.id = p_booking.id and (b.payment_status, b.refund_minor) is distinct from (v_status, least(b.price_minor, v_given));
    elsif p_booking.payment_status in ('pending', 'failed') then
      -- Paid for what is not to be had: all of it goes back.
      update market.bookings as b set payment_status = 'refunded', refund_minor = least(b.price_minor, v_given)
      where b.id = p_booking.id;
    end if;
  end loop;
  if p_booking.settled_at is not null then
    v_commission := v_kept * p_booking.commission_rate_bp / 10000;
    v_earning := v_kept - v_commission;
  end if;

  -- What is.
  select
    coalesce(sum(case t.kind when 'earning' then t.amount_minor when 'earning_reversal' then -t.amount_minor end), 0)::bigint as earning,
    coalesce(sum(case t.kind when 'commission' then t.amount_minor when 'commission_reversal' then -t.amount_minor end), 0)::bigint as commission,
    coalesce(sum(case t.kind when 'loss' then t.amount_minor when 'loss_reversal' then -t.amount_minor end), 0)::bigint as loss
  into v_now from market.transfers as t where t.chain_id = v_chain;

  -- First into escrow, then out of it: so it is never short.
  perform private.ledger_reverse(v_chain, 'earning', 'earning_reversal', v_now.earning - v_earning);
  perform private.ledger_reverse(v_chain, 'commission', 'commission_reversal', v_now.commission - v_commission);
  if v_loss > v_now.loss then
    select count(*) + 1 into v_round from market.transfers as t where t.chain_id = v_chain and t.kind = 'loss';
    perform private.ledger_transfer(
      'loss', v_platform, v_escrow, v_loss - v_now.loss, format('loss:%s:%s', v_chain, v_round), v_chain
    );
  end if;
  perform private.ledger_settle_refunds(v_chain, v_escrow, v_refunds, v_learner);
  perform private.ledger_settle_disputes(v_chain, v_escrow, v_disputed, v_learner);
  perform private.ledger_reverse(v_chain, 'loss', 'loss_reversal', v_now.loss - v_loss);
  select count(*) + 1 into v_round from market.transfers as t where t.chain_id = v_chain and t.kind in ('earning', 'commission');
  if v_earning > v_now.earning then
    perform private.ledger_transfer(
      'earning', v_escrow, v_tutor, v_earning - v_now.earning, format('earning:%s:%s', v_chain, v_round), v_chain
    );
  end if;
  if v_commission > v_now.commission then
    perform private.ledger_transfer(
      'commission', v_escrow, v_platform, v_commission - v_now.commission, format('commission:%s:%s', v_chain, v_round), v_chain
    );
  end if;
end;
$$;
comment on function private.ledger_settle(market.bookings) is
  'Brings the ledger of a chain to what its rows say: captured, refunded, disputed, settled. Its last booking, as it is now, locked by private.ledger_lock_chain. Idempotent.';

create function private.ledger_settle_refunds(p_chain_id uuid, p_escrow uuid, p_refunds uuid, p_learner uuid)
returns void
language plpgsql
volatile
security definer -- writes the ledger for ledger_settle
set search_path = ''
as $$
declare
  v_refund market.refunds;
  v_owed market.transfers;
  v_paid market.transfers;
begin
  -- Those that are cancelled first: what they held may be what another one gives.
  for v_refund in
    select r.* from market.refunds as r join market.payments as p on p.id = r.payment_id
    where p.chain_id = p_chain_id order by r.status <> 'cancelled', r.created_at, r.id
  loop
    v_owed := null;
    select t.* into v_owed from market.transfers as t where t.idempotency_key = 'refund:' || v_refund.id;
    if v_refund.status = 'cancelled' then
      if v_owed.id is not null and not exists (select from market.transfers as t where t.reverses_id = v_owed.id) then
        perform private.ledger_take_back(v_owed, 'refund_cancelled', v_owed.amount_minor);
      end if;
      continue;
    end if;
    if v_owed.id is null then
      perform private.ledger_transfer(
        'refund', p_escrow, p_refunds, v_refund.amount_minor, 'refund:' || v_refund.id, p_chain_id,
        v_refund.payment_id, v_refund.id
      );
    end if;
    -- The last time that it was paid, unless it came back.
    v_paid := null;
    select t.* into v_paid from market.transfers as t
    where t.refund_id = v_refund.id and t.kind = 'refund_paid'
      and not exists (select from market.transfers as b where b.reverses_id = t.id);
    if v_refund.status = 'succeeded' and v_paid.id is null then
      perform private.ledger_transfer(
        'refund_paid', p_refunds, p_learner, v_refund.amount_minor,
        format('refund_paid:%s:%s', v_refund.id, v_refund.attempt), p_chain_id, v_refund.payment_id, v_refund.id
      );
    elsif v_refund.status <> 'succeeded' and v_paid.id is not null then
      perform private.ledger_take_back(v_paid, 'refund_failed', v_paid.amount_minor);
    end if;
  end loop;
end;
$$;

create function private.ledger_settle_disputes(p_chain_id uuid, p_escrow uuid, p_disputed uuid, p_learner uuid)
returns void
language plpgsql
volatile
security definer -- writes the ledger for ledger_settle
set search_path = ''
as $$
declare
  v_dispute market.disputes;
  v_held market.transfers;
begin
  -- Those that were won first: what they bring back may be what another one takes.
  for v_dispute in
    select d.* from market.disputes as d join market.payments as p on p.id = d.payment_id
    where p.chain_id = p_chain_id order by d.status <> 'won', d.created_at, d.id
  loop
    v_held := null;
    select t.* into v_held from market.transfers as t where t.idempotency_key = 'dispute:' || v_dispute.id;
    if v_dispute.status = 'won' then
      if v_held.id is not null and not exists (select from market.transfers as t where t.reverses_id = v_held.id) then
        perform private.ledger_take_back(v_held, 'dispute_won', v_held.amount_minor);
      end if;
      continue;
    end if;
    if v_held.id is null then
      perform private.ledger_transfer(
        'dispute', p_escrow, p_disputed, v_dispute.amount_minor, 'dispute:' || v_dispute.id, p_chain_id,
        v_dispute.payment_id, null, v_dispute.id
      );
    end if;
    if v_dispute.status = 'lost' then
      perform private.ledger_transfer(
        'dispute_lost', p_disputed, p_learner, v_dispute.amount_minor, 'dispute_lost:' || v_dispute.id, p_chain_id,
        v_dispute.payment_id, null, v_dispute.id
      );
    end if;
  end loop;
end;
$$;

revoke execute on function
  private.ledger_lock_chain(uuid), private.ledger_reverse(uuid, text, text, bigint), private.ledger_settle(market.bookings),
  private.ledger_settle_refunds(uuid, uuid, uuid, uuid), private.ledger_settle_disputes(uuid, uuid, uuid, uuid)
  from public, anon, authenticated;
