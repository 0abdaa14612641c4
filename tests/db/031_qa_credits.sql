-- Credits: a ledger that never disagrees with the balance and never goes below zero.
begin;
select tests.share_temporaries();
select plan(25);

create temp table p as
select tests.create_user('payer@test.local', array['student']) as student,
  tests.create_user('payer-admin@test.local', array['admin']) as admin,
  tests.create_user('payer-stranger@test.local', array['student']) as stranger,
  tests.qa_expert('payer-expert@test.local') as expert;
select tests.qa_only_experts(array[(select expert from p)]);
create function pg_temp.balance() returns text language sql security definer as $$
  select credits_available || '/' || credits_held from qa.clients where user_id = (select student from p);
$$;

select is(pg_temp.balance(), '3/0', 'a new person has the welcome credits of the free plan');

create temp table q1 as select tests.qa_submit((select student from p)) as id;
select is(pg_temp.balance(), '2/1', 'submitting holds the price');
select tests.qa_drive((select id from q1), 'delivered');
select is(pg_temp.balance(), '2/0', 'delivery captures it');

create temp table q2 as select tests.qa_submit((select student from p)) as id;
select tests.as_user((select student from p));
select lives_ok($$ select qa.cancel_question((select id from q2), 'found it myself') $$, 'the client cancels');
select is(pg_temp.balance(), '2/0', 'cancelling releases the hold');
select lives_ok($$ select qa.cancel_question((select id from q2)) $$, 'cancelling again is harmless');
select is(pg_temp.balance(), '2/0', 'and releases nothing more');

select tests.as_owner();
create temp table q3 as select tests.qa_submit((select student from p)) as id;
select tests.qa_drive((select id from q3), 'expert_review');
select tests.as_user((select expert from p));
select lives_ok($$
  with sheet as (select qa.claim_review((select id from q3)) as s)
  select qa.complete_review((s ->> 'review_id')::uuid, (s ->> 'lease_token')::bigint, 'rejected',
    p_rejection_reason => 'Nobody can know that.') from sheet
$$, 'the expert rejects');
select is(pg_temp.balance(), '2/0', 'a final rejection releases the hold');

-- Prices by priority, and the end of the money.
select tests.as_user((select student from p));
select lives_ok(
  $$ select qa.submit_question('What makes the second heart sound?', 'urgent-key-1', p_priority => 'high') $$, 'a high priority');
select is(pg_temp.balance(), '0/2', 'holds two credits');
select throws_ok(
  $$ select qa.submit_question('And what makes the third heart sound?', 'urgent-key-2') $$,
  'PT402', 'insufficient_credits', 'no credit, no question');
select is((select count(*)::integer from qa.questions where idempotency_key = 'urgent-key-2'), 0, 'the refused question is not there');
select is(pg_temp.balance(), '0/2', 'and the balance is as it was');

-- Who may book.
select throws_ok(
  $$ select qa.grant_credits((select student from p), 10, 'a gift to myself', 'gift-1') $$,
  'PT403', 'role_required', 'a client does not grant himself credits');
select throws_ok(
  $$ insert into qa.credit_entries (client_id, entry_type, available_delta, held_delta, available_after, held_after, idempotency_key)
     select id, 'grant', 100, 0, 0, 0, 'forged' from qa.clients $$, '42501', null, 'nor writes the ledger');
select throws_ok($$ update qa.clients set credits_available = 99 $$, '42501', null, 'nor his balance');
select tests.as_user((select admin from p));
select lives_ok($$ select qa.grant_credits((select student from p), 10, 'Exam week', 'exam-week') $$, 'an administrator grants');
select lives_ok($$ select qa.grant_credits((select student from p), 10, 'Exam week', 'exam-week') $$, 'and again, by a retry');
select is(pg_temp.balance(), '10/2', 'which counts once');
select lives_ok($$ select qa.refund_question((select id from q1), 'Goodwill') $$, 'an administrator refunds a delivered question');
select is(pg_temp.balance(), '11/2', 'the price is back');

select tests.as_owner();
select throws_ok($$ delete from qa.credit_entries $$, 'PT403', 'append_only', 'not even the owner deletes from the ledger');
select is_empty($$
  select c.id from qa.clients c left join qa.credit_entries e on e.client_id = c.id
  group by c.id having c.credits_available <> coalesce(sum(e.available_delta), 0) or c.credits_held <> coalesce(sum(e.held_delta), 0)
$$, 'balances are the sums of their entries');
select tests.as_user((select stranger from p));
select is((select count(*)::integer from qa.credit_entries where client_id <> private.my_client_id()), 0, 'a stranger sees no other ledger');

select * from finish();
rollback;
