-- Disputes, and events in every order: whatever came first, the same books in the end.
begin;
select tests.share_temporaries();
select plan(45);

create temp table p as select
  tests.tutor('dispute-tutor@test.local') as tutor, tests.create_user('dispute-learner@test.local') as learner,
  tests.create_user('dispute-admin@test.local', '{admin}') as admin;
create temp table o as select tests.offer((select tutor from p), 10001) as id;
create temp sequence hours start 100 increment 2;
create function pg_temp.case_of(p_status text) returns uuid language sql as $$
  select tests.booking(
    tests.offer(tests.tutor('t' || gen_random_uuid() || '@test.local'), 10001),
    tests.create_user('l' || gen_random_uuid() || '@test.local'),
    case when p_status in ('hold', 'scheduled') then tests.hour(nextval('hours')::integer) else tests.hour(-5) end, p_status
  );
$$;
create function pg_temp.dispute(p_id uuid, p_what text, p_change jsonb default '{}') returns text language sql as $$
  select tests.money_event(p_id, case p_what when 'open' then 'dispute_opened' else 'dispute_closed' end,
    jsonb_build_object('provider_dispute_id', 'dp_' || p_id, 'reason', 'fraudulent')
    || case p_what when 'open' then '{}' else jsonb_build_object('outcome', p_what) end || p_change);
$$;
create function pg_temp.status(p_id uuid) returns text language sql as $$
  select concat_ws(' ', status, payment_status, refund_minor) from market.bookings where id = p_id;
$$;

-- Before settlement.
create temp table u as select pg_temp.case_of('scheduled') as id;
select is(pg_temp.dispute((select id from u), 'open'), 'processed', 'a bank takes the money of a session to come');
select is(tests.money_of((select id from u)), '-10001 0 0 0 0 10001', 'it is held apart');
select is(pg_temp.status((select id from u)), 'scheduled disputed 0', 'the booking says so');
select is(pg_temp.dispute((select id from u), 'open'), 'processed', 'told again, nothing changes');
update market.bookings set status = 'completed', completed_at = now() where id = (select id from u);
select private.booking_settle((select id from u));
select is(tests.money_of((select id from u)), '-10001 0 0 0 0 10001', 'it took place: nothing is there to be divided yet');
select is(pg_temp.dispute((select id from u), 'won'), 'processed', 'the bank decides for us');
select is(tests.money_of((select id from u)), '-10001 0 8501 1500 0 0', 'now it is divided');
select is(pg_temp.status((select id from u)), 'completed paid 0', 'and paid for');
select is(pg_temp.dispute((select id from u), 'open'), 'processed', 'late news of its beginning');
select is(tests.money_of((select id from u)), '-10001 0 8501 1500 0 0', 'changes nothing');
select is(pg_temp.dispute((select id from u), 'lost'), 'failed', 'a contradiction is flagged');
select is(tests.money_of((select id from u)), '-10001 0 8501 1500 0 0', 'and moves nothing');

-- After settlement, and after the tutor was paid out.
create temp table w as select pg_temp.case_of('completed') as id;
insert into market.payout_accounts (tutor_tombstone, tutor_id, provider, provider_account_id, status)
select tutor_id, tutor_id, 'local', 'acct_' || id, 'enabled' from market.bookings where id = (select id from w);
update core.settings set value = '0' where key = 'market.payout_delay_days';
select is(market.run_payouts(), 1, 'the tutor is paid out');
create temp table y as select y.* from market.payouts as y, market.bookings as b where b.id = (select id from w) and y.tutor_id = b.tutor_id;
create temp table yj as select * from tests.money_lease((select id from y), 'market.send_payout');
select is(market.begin_payout((select id from yj), (select lease_token from yj)) ->> 'amount_minor', '8501', 'all of it');
select market.finish_payout((select id from yj), (select lease_token from yj), 'tr_w', 'sent');
select is(pg_temp.dispute((select id from w), 'open', '{"amount_minor": 4000}'), 'processed', 'then the learner disputes a part');
select is(tests.money_of((select id from w)), '-10001 0 -3400 900 0 4000', 'the tutor owes his part, the platform gives back its own');
select is(pg_temp.dispute((select id from w), 'lost', '{"amount_minor": 4000}'), 'processed', 'the bank decides for him');
select is(tests.money_of((select id from w)), '-6001 0 -3400 900 0 0', 'he has it; the tutor owes his part');
select is(pg_temp.status((select id from w)), 'completed partially_refunded 4000', 'the booking says so');
select is(market.run_payouts(), 0, 'nothing is sent to somebody who owes');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- A refund that is not sent yet meets a dispute.
create temp table m as select pg_temp.case_of('tutor_no_show') as id;
select private.booking_settle((select id from m));
create temp table mr as select r.* from market.refunds as r where r.payment_id = (tests.payment_of((select id from m))).id;
select is(pg_temp.dispute((select id from m), 'open'), 'processed', 'he has asked his bank as well');
select is(tests.money_of((select id from m)), '-10001 0 0 -10001 10001 10001', 'for now the platform stands in for both');
create temp table mj as select * from tests.money_lease((select id from mr), 'market.send_refund');
select is(market.begin_refund((select id from mj), (select lease_token from mj)) ->> 'reason', 'disputed', 'the refund waits for the bank');
select is(pg_temp.dispute((select id from m), 'lost'), 'processed', 'the bank has given it back to him');
select is(tests.money_of((select id from m)), '0 0 0 0 0 0', 'so the refund is no longer owed');
select is((select status from market.refunds where id = (select id from mr)), 'cancelled', 'and is cancelled');
-- In part: what is left is owed.
create temp table n as select pg_temp.case_of('tutor_no_show') as id;
select private.booking_settle((select id from n));
select pg_temp.dispute((select id from n), 'open', '{"amount_minor": 4000}');
select pg_temp.dispute((select id from n), 'lost', '{"amount_minor": 4000}');
select is(tests.money_of((select id from n)), '-6001 0 0 0 6001 0', 'what the bank has not given is owed still');
-- Won: the refund goes ahead.
create temp table v as select pg_temp.case_of('tutor_no_show') as id;
select private.booking_settle((select id from v));
select pg_temp.dispute((select id from v), 'open');
delete from ops.queue_items where job_type = 'market.send_refund';
select pg_temp.dispute((select id from v), 'won');
select is(tests.money_of((select id from v)), '-10001 0 0 0 10001 0', 'when the bank decides for us, the refund is owed as before');
select is((select count(*) from ops.queue_items where job_type = 'market.send_refund'), 1::bigint, 'and is sent');
-- Sent already: the platform's loss.
create temp table l as select pg_temp.case_of('completed') as id;
select tests.money_event((select id from l), 'refund_succeeded', '{"provider_refund_id": "re_l"}');
select pg_temp.dispute((select id from l), 'open');
select pg_temp.dispute((select id from l), 'lost');
select is(tests.money_of((select id from l)), '10001 0 0 -10001 0 0', 'given back twice: the platform''s loss, not the tutor''s');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');
-- Forged.
create temp table f as select pg_temp.case_of('completed') as id;
select is(pg_temp.dispute((select id from f), 'open', '{"amount_minor": 10002}'), 'failed', 'more than was paid is flagged');
select is(pg_temp.dispute((select id from f), 'open', '{"amount_minor": 0}'), 'failed', 'and nothing, too');
select is(pg_temp.dispute((select id from f), 'open', '{"currency": "USD"}'), 'failed', 'and another currency');
select throws_ok($$ select pg_temp.dispute((select id from f), 'perhaps') $$, 'PT422', 'event_invalid', 'and no outcome');
select is(pg_temp.dispute((select id from f), 'open', jsonb_build_object('provider_dispute_id', 'dp_' || (select id from w))), 'failed', 'one dispute is of one payment');
select is(tests.money_of((select id from f)), '-10001 0 8501 1500 0 0', 'none of that moved anything');

-- Every order: the capture, its failure heard of before or after, a dispute's beginning and end, a refund by hand, and the
-- session taking place. What cannot be placed yet is delivered again, as the provider does. Each event comes twice.
create function pg_temp.step(p_id uuid, p_payment uuid, p_step text, p_outcome text) returns boolean language plpgsql as $$
declare
  v_answer text;
  v_common jsonb := jsonb_build_object('provider_payment_id', 'pi_' || p_payment, 'amount_minor', 10001, 'currency', 'EUR');
begin
  if p_step = 'session' then
    update market.bookings set status = 'completed', completed_at = now() where id = p_id and status = 'scheduled';
    if not found then
      return (select status = 'completed' from market.bookings where id = p_id);
    end if;
    perform private.booking_settle(p_id);
    return true;
  end if;
  for v_time in 1..2 loop
    v_answer := market.record_payment_event('local', format('evt_%s_%s', p_id, p_step), case p_step
      when 'captured' then 'payment_captured' when 'failed' then 'payment_failed' when 'opened' then 'dispute_opened'
      when 'closed' then 'dispute_closed' when 'refund' then 'refund_succeeded' end,
      v_common || case p_step
        when 'captured' then jsonb_build_object('payment_id', p_payment)
        when 'failed' then jsonb_build_object('payment_id', p_payment, 'provider_payment_id', null)
        when 'refund' then jsonb_build_object('provider_refund_id', 're_' || p_id, 'amount_minor', 3000)
        else jsonb_build_object('provider_dispute_id', 'dp_' || p_id, 'outcome', p_outcome) end, now());
    if v_answer not in ('processed', 'repeated') then
      raise exception 'step % of %: %', p_step, p_id, v_answer;
    end if;
  end loop;
  return true;
exception when sqlstate 'PT404' then
  return false;
end;
$$;
create function pg_temp.run(p_order text[], p_outcome text) returns text language plpgsql as $$
declare
  v_id uuid := tests.booking((select id from o), (select learner from p), tests.hour(nextval('hours')::integer), 'hold');
  v_payment uuid := (market.begin_checkout(v_id, (select learner from p), 'local') ->> 'payment_id')::uuid;
  v_left text[] := p_order;
  v_again text[];
  v_step text;
begin
  for v_round in 1..6 loop
    v_again := '{}';
    foreach v_step in array v_left loop
      if not pg_temp.step(v_id, v_payment, v_step, p_outcome) then
        v_again := v_again || v_step;
      end if;
    end loop;
    exit when v_again = '{}';
    v_left := v_again;
  end loop;
  return pg_temp.status(v_id) || ':' || (
    select string_agg(k.kind || ' ' || k.net, ' ' order by k.kind)
    from (
      select a.kind, sum(e.amount_minor) as net
      from market.entries as e join market.transfers as t on t.id = e.transfer_id join market.accounts as a on a.id = e.account_id
      where t.chain_id = v_id group by a.kind
    ) as k where k.net <> 0
  );
end;
$$;
update core.settings set value = '1000000' where key like 'market.checkout%';
create temp table orders as
with recursive steps as (select unnest(array['captured', 'failed', 'opened', 'closed', 'refund', 'session']) as step),
orders as (
  select array[step] as steps from steps
  union all
  select o.steps || s.step from orders as o join steps as s on s.step <> all (o.steps)
)
select row_number() over (order by steps) as n, steps from orders where cardinality(steps) = 6;
select is((select count(*) from orders), 720::bigint, 'there are 720 orders of six things');
create temp table ends as
select n, steps, pg_temp.run(steps, case when n % 2 = 0 then 'won' else 'lost' end) as ending, case when n % 2 = 0 then 'won' else 'lost' end as outcome
from orders where n % 9 = 0;
select results_eq(
  $$ select outcome, ending from ends group by 1, 2 order by 1 $$,
  $$ values
    ('lost', 'completed refunded 10001:learner 3000 platform -3000'),
    ('won', 'completed partially_refunded 3000:learner -7001 platform 1050 tutor 5951') $$,
  'whatever the order, one of two ends');
select is((select count(*) from ends), 80::bigint, 'of 80 orders');
select is_empty($$ select tests.money_broken() $$, 'and everything adds up');

-- Who sees disputes.
select tests.as_user((select learner_id from market.bookings where id = (select id from w)));
select is((select count(*) from market.disputes), 1::bigint, 'a learner sees his dispute');
select tests.as_user((select tutor_id from market.bookings where id = (select id from w)));
select is((select count(*) from market.disputes), 0::bigint, 'its tutor is told, but sees no payments of others');
select is((select count(*) from core.notifications where type = 'payment_disputed' and user_id = auth.uid()), 2::bigint, 'he is told');

select * from finish();
rollback;
