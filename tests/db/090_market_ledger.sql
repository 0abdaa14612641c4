-- The ledger: whoever writes, a balance is the sum of its entries, a transfer has two of them, and nothing is undone but by
-- a reversal of no more than what it reverses.
begin;
select tests.share_temporaries();
select plan(48);

create temp table p as select
  tests.tutor('ledger-tutor@test.local') as tutor, tests.create_user('ledger-learner@test.local') as learner,
  tests.create_user('ledger-stranger@test.local') as stranger, tests.create_user('ledger-admin@test.local', '{admin}') as admin;
create temp table o as select tests.offer((select tutor from p), 10001) as id;
create temp table b as select tests.booking((select id from o), (select learner from p), tests.hour(200)) as id;
create temp table a as select
  private.ledger_account('learner', (select learner from p), 'EUR') as learner,
  private.ledger_account('escrow', (select id from b), 'EUR') as escrow,
  private.ledger_account('tutor', (select tutor from p), 'EUR') as tutor,
  private.ledger_account('platform', (select tutor from p), 'EUR') as platform,
  private.ledger_account('tutor', (select tutor from p), 'USD') as dollars;

select is(tests.money_of((select id from b)), '-10001 10001 0 0 0 0', 'what was paid lies in escrow');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');
select is(private.ledger_account('learner', (select learner from p), 'EUR'), (select learner from a), 'an account is opened once');

-- One way in, once for each key.
create temp table t as select private.ledger_transfer(
  'earning', (select escrow from a), (select tutor from a), 1000, 'key-one', (select id from b)) as id;
select is(tests.balance('tutor', (select tutor from p)), 1000::bigint, 'a transfer moves its amount');
select is(
  private.ledger_transfer('earning', (select escrow from a), (select tutor from a), 1000, 'key-one', (select id from b)),
  (select id from t), 'the same key again is the same transfer');
select is(tests.balance('tutor', (select tutor from p)), 1000::bigint, 'which moves nothing more');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select tutor from a), 1001, 'key-one', (select id from b)) $$,
  'PT409', 'transfer_key_reused', 'nor is it another amount');
select results_eq(
  $$ select account_id, entry_no, amount_minor, balance_before, balance_after from market.entries
     where transfer_id = (select id from t) order by amount_minor $$,
  $$ select escrow, 2::bigint, -1000::bigint, 10001::bigint, 9001::bigint from a
     union all select tutor, 1::bigint, 1000::bigint, 0::bigint, 1000::bigint from a $$,
  'its two entries carry the balances before and after');

-- What it refuses.
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select tutor from a), 9002, 'too-much', (select id from b)) $$,
  'PT409', 'insufficient_funds', 'escrow is never overdrawn');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select tutor from a), 0, 'nothing', (select id from b)) $$,
  '23514', null, 'nothing is no transfer');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select tutor from a), -5, 'backwards', (select id from b)) $$,
  '23514', null, 'nor is less than nothing');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select dollars from a), 5, 'exchange', (select id from b)) $$,
  '23503', null, 'two currencies do not meet');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select escrow from a), 5, 'circle', (select id from b)) $$,
  'PT409', 'illegal_transfer', 'nor an account itself');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select learner from a), (select tutor from a), 5, 'past-escrow', (select id from b)) $$,
  'PT409', 'illegal_transfer', 'an earning comes out of escrow');
select throws_ok(
  $$ select private.ledger_transfer('adjustment', (select escrow from a), (select tutor from a), 5, 'made-up', (select id from b)) $$,
  'PT409', 'illegal_transfer', 'an unknown kind is none');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), (select tutor from a), 5, 'of-nothing') $$,
  '23514', null, 'a transfer belongs to a chain or to a payout');
select throws_ok(
  $$ select private.ledger_transfer('earning', (select escrow from a), gen_random_uuid(), 5, 'nowhere', (select id from b)) $$,
  'PT409', 'illegal_transfer', 'an account that is not there gets nothing');

-- Every legal kind, and every other pair of accounts for it.
create temp table every_account as
select k.kind, private.ledger_account(
  k.kind, case when k.kind in ('escrow', 'disputed') then (select id from b)
    when k.kind in ('learner', 'refunds') then (select learner from p) else (select tutor from p) end, 'EUR'
) as id
from (values ('learner'), ('escrow'), ('tutor'), ('platform'), ('refunds'), ('disputed'), ('in_transit'), ('paid_out')) as k (kind);
create function pg_temp.refused(p_kind text, p_from uuid, p_to uuid) returns text language plpgsql as $$
begin
  perform private.ledger_transfer(p_kind, p_from, p_to, 1, 'tried:' || gen_random_uuid(), (select id from b));
  return 'done';
exception when others then return sqlerrm;
end;
$$;
select is_empty($$
  select k.kind, f.kind, t.kind, pg_temp.refused(k.kind, f.id, t.id)
  from market.transfer_kinds as k, every_account as f, every_account as t
  where f.id <> t.id and (f.kind, t.kind) <> (k.from_kind, k.to_kind)
    and pg_temp.refused(k.kind, f.id, t.id) <> 'illegal_transfer'
$$, 'each kind goes between its two kinds of account, and between no others');
select is_empty($$
  select k.kind, pg_temp.refused(k.kind, f.id, t.id)
  from market.transfer_kinds as k join every_account as f on f.kind = k.from_kind join every_account as t on t.kind = k.to_kind
  where k.reverses is not null and pg_temp.refused(k.kind, f.id, t.id) <> 'illegal_reversal'
$$, 'a reversal names what it reverses');

-- Reversals.
create function pg_temp.back(p_amount bigint, p_from uuid, p_to uuid, p_kind text default 'earning_reversal') returns text language plpgsql as $$
begin
  perform private.ledger_transfer(p_kind, p_from, p_to, p_amount, 'back:' || gen_random_uuid(), (select id from b),
    p_reverses_id => (select id from t));
  return 'done';
exception when others then return sqlerrm;
end;
$$;
select is(pg_temp.back(600, (select tutor from a), (select escrow from a)), 'done', 'a part is taken back');
select is(pg_temp.back(401, (select tutor from a), (select escrow from a)), 'illegal_reversal', 'but not more than was moved');
select is(pg_temp.back(400, (select escrow from a), (select tutor from a)), 'illegal_transfer', 'nor the way it came');
select is(pg_temp.back(400, (select platform from a), (select escrow from a), 'commission_reversal'), 'illegal_reversal', 'nor from another account');
select is(pg_temp.back(400, (select escrow from a), (select tutor from a), 'earning'), 'illegal_reversal', 'what is no reversal names none');
select is(pg_temp.back(400, (select tutor from a), (select escrow from a)), 'done', 'the rest is taken back');
select is(pg_temp.back(1, (select tutor from a), (select escrow from a)), 'illegal_reversal', 'and then nothing is left');
select is(tests.money_of((select id from b)), '-10001 10001 0 0 0 0', 'all is as it was');
select is_empty($$ select tests.money_broken() $$, 'everything adds up again');

-- Past the door, as the owner of the database.
select throws_ok($$ update market.transfers set amount_minor = 1 $$, 'PT403', 'append_only', 'a transfer is never changed');
select throws_ok($$ delete from market.transfers $$, 'PT403', 'append_only', 'nor removed');
select throws_ok($$ truncate market.transfers cascade $$, 'PT403', 'append_only', 'nor are all at once');
select throws_ok($$ update market.entries set amount_minor = 1 $$, 'PT403', 'append_only', 'an entry is never changed');
select throws_ok($$ delete from market.entries $$, 'PT403', 'append_only', 'nor removed');
select throws_ok(
  $$ insert into market.entries (account_id, entry_no, transfer_id, currency, amount_minor, balance_before, balance_after)
     select (select learner from a), 9, id, 'EUR', 1000, 0, 1000 from t $$, 'PT403', 'append_only', 'no entry without its transfer');
select throws_ok(
  $$ insert into market.entries (account_id, entry_no, transfer_id, currency, amount_minor, balance_before, balance_after)
     select (select tutor from a), 9, id, 'EUR', 1000, 0, 1000 from t $$, '23505', null, 'nor twice for one');
select throws_ok($$ update market.accounts set balance_minor = 1000000 $$, 'PT403', 'append_only', 'a balance is not set by hand');
select throws_ok(
  $$ update market.accounts set balance_minor = 7, last_entry_no = last_entry_no + 1 where id = (select tutor from a); set constraints all immediate $$,
  '23503', null, 'nor past its entries');
select throws_ok($$ update market.accounts set owner_id = gen_random_uuid() $$, 'PT403', 'append_only', 'an account keeps its owner');
select throws_ok($$ delete from market.accounts $$, 'PT403', 'append_only', 'and is never closed');
select throws_ok(
  $$ insert into market.accounts (kind, owner_id, currency, balance_minor) values ('tutor', gen_random_uuid(), 'EUR', 5) $$,
  'PT403', 'append_only', 'nor opened with something in it');
-- A raw transfer is no way round: it writes its entries all the same.
insert into market.transfers (kind, from_account_id, to_account_id, amount_minor, currency, chain_id, idempotency_key)
select 'commission', escrow, platform, 1, 'EUR', (select id from b), 'raw' from a;
select is(tests.balance('platform', (select tutor from p)), 1::bigint, 'a raw transfer moves its accounts, too');
select private.ledger_take_back(x, 'commission_reversal', 1) from market.transfers as x where x.idempotency_key = 'raw';

-- The checks see what they are for: rows bent past all triggers.
set local session_replication_role = replica;
savepoint bent;
update market.entries set amount_minor = amount_minor + 1, balance_after = balance_after + 1 where account_id = (select escrow from a) and entry_no = 1;
select ok((select count(distinct rule) >= 3 from private.market_ledger_violations), 'a bent entry is seen by three rules');
rollback to bent;
update market.accounts set balance_minor = balance_minor + 1 where id = (select escrow from a);
select is((select string_agg(rule, ',') from private.market_ledger_violations), 'balance_is_sum_of_entries', 'a bent balance is seen');
rollback to bent;
update market.payments set refunded_minor = 5;
select is((select string_agg(rule, ',') from private.market_payment_violations), 'refunds_within_the_payment', 'a refund that is none is seen');
rollback to bent;
update market.payments set is_kept = false;
select ok((select count(*) >= 2 from private.market_payment_violations
  where rule in ('unkept_payment_goes_back_whole', 'booking_that_costs_is_paid_for')), 'captured money without a booking is seen');
rollback to bent;
set local session_replication_role = origin;

-- Who sees what.
select tests.as_user((select learner from p));
select results_eq($$ select kind from market.accounts order by kind $$, $$ values ('learner'), ('refunds') $$, 'a learner sees his accounts');
select tests.as_user((select stranger from p));
select is((select count(*) from market.transfers) + (select count(*) from market.entries) + (select count(*) from market.accounts),
  0::bigint, 'a stranger sees nothing');
select tests.as_user((select admin from p));
select ok((select count(*) from market.entries) >= 8, 'an administrator sees all');

select * from finish();
rollback;
