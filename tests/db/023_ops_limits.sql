-- Rate limits, idempotency keys, webhooks and the cache.
begin;
select plan(54);

create temp table p as select tests.create_user('limits@test.local') as id, tests.create_user('limits2@test.local') as other;
grant select on p to public;

-- Token bucket ------------------------------------------------------------------------------------------------

select lives_ok($$ select private.rate_limit('t', 3, 0.5) from generate_series(1, 3) $$, 'a full bucket gives what it holds');
select throws_ok($$ select private.rate_limit('t', 3, 0.5) $$, 'PT429', 'rate_limited', 'and no more');
create function pg_temp.detail(p_sql text) returns text language plpgsql as $$
declare v_detail text;
begin
  execute p_sql;
  return null;
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return v_detail;
end $$;
select matches(pg_temp.detail($$ select private.rate_limit('t', 3, 0.5) $$), '^Retry after [12] seconds\.$', 'it says when to come back');
select lives_ok($$ select private.rate_limit('t2', 3, 0.5) $$, 'another key has its own bucket');
update ops.rate_limits set updated_at = updated_at - interval '2 seconds' where key = 't';
select lives_ok($$ select private.rate_limit('t', 3, 0.5) $$, 'it refills');
select throws_ok($$ select private.rate_limit('t', 3, 0.5) $$, 'PT429', 'rate_limited', 'at its pace');
update ops.rate_limits set updated_at = updated_at - interval '1 day' where key = 't';
select lives_ok($$ select private.rate_limit('t', 3, 0.5, 3) $$, 'a cost takes several at once');
select throws_ok($$ select private.rate_limit('t', 3, 0.5) $$, 'PT429', 'rate_limited', 'and no refill goes above the brim');
select lives_ok($$ select private.rate_limit('never', 1, 0) $$, 'without refill');
select is(pg_temp.detail($$ select private.rate_limit('never', 1, 0) $$), 'The limit is used up.', 'there is no coming back');
select throws_ok(format('select private.rate_limit(%s)', args), 'PT422', 'invalid_rate_limit', args || ' makes no sense')
from unnest(array['''k'', 0, 1', '''k'', 1, -1', '''k'', 1, 1, 2', '''k'', 1, 1, -1']) as args;

-- Idempotency -------------------------------------------------------------------------------------------------

select is(private.begin_idempotent(id, 'ask', 'k1', 'h1'), null, 'a new key may go on') from p;
select throws_ok($$ select private.begin_idempotent(id, 'ask', 'k1', 'h1') from p $$, 'PT409', 'request_in_progress', 'while it works, the same one waits');
select throws_ok($$ select private.begin_idempotent(id, 'ask', 'k1', 'h2') from p $$, 'PT422', 'idempotency_key_reused', 'another request under its key is refused');
select lives_ok($$ select private.finish_idempotent(id, 'ask', 'k1', '{"answer": 42}') from p $$, 'it ends');
select is(private.begin_idempotent(id, 'ask', 'k1', 'h1'), '{"answer": 42}', 'then the same one gets its answer') from p;
select throws_ok($$ select private.begin_idempotent(id, 'ask', 'k1', 'h2') from p $$, 'PT422', 'idempotency_key_reused', 'and another one still none');
select is(private.begin_idempotent(other, 'ask', 'k1', 'h2'), null, 'a key is its user''s') from p;
select is(private.begin_idempotent(id, 'rate', 'k1', 'h2'), null, 'and its operation''s') from p;
select is(private.begin_idempotent(null, 'hook', 'k1', 'h1'), null, 'a service has keys, too');
select throws_ok($$ select private.begin_idempotent(null, 'hook', 'k1', 'h1') $$, 'PT409', 'request_in_progress', 'that count once');
update ops.idempotency_keys set locked_until = now() - interval '1 second' where operation = 'hook';
select is(private.begin_idempotent(null, 'hook', 'k1', 'h1'), null, 'what was given up can be taken over');
select lives_ok($$ select private.finish_idempotent(null, 'hook', 'k1', null) $$, 'an answer may be empty');
select is(private.begin_idempotent(null, 'hook', 'k1', 'h1'), 'null'::jsonb, 'which is not the same as none');
select throws_ok($$ select private.finish_idempotent(null, 'hook', 'k1', '{}') $$, 'PT409', 'request_not_in_progress', 'it ends once');
select throws_ok($$ select private.begin_idempotent(null, 'hook', '', 'h1') $$, 'PT422', 'invalid_idempotency_key', 'an empty key is none');
delete from auth.users where id = (select other from p);
select is((select count(*) from ops.idempotency_keys as i, p where i.user_id = p.other), 0::bigint, 'keys go with their user');

-- Webhooks ----------------------------------------------------------------------------------------------------

select tests.as_service();
create temp table hook as select core.receive_webhook('pay', 'evt_1', 'paid', '{"a": 1}') as id;
select isnt((select id from hook), null, 'a new event is to be worked on');
select is(core.receive_webhook('pay', 'evt_1', 'paid', '{"a": 1}'), null, 'its repetition is not, while it is worked on');
select isnt(core.receive_webhook('ocr', 'evt_1', 'read'), null, 'another provider may use the same id');
select lives_ok($$ select core.finish_webhook((select id from hook), 'failed', 'no such account') $$, 'it fails');
select is(core.receive_webhook('pay', 'evt_1', 'paid', '{"a": 1}'), (select id from hook), 'then its repetition is worked on again');
select lives_ok($$ select core.finish_webhook((select id from hook), 'processed') $$, 'it is done');
select is(core.receive_webhook('pay', 'evt_1', 'paid', '{"a": 1}'), null, 'and done once');
select throws_ok($$ select core.finish_webhook((select id from hook), 'processed') $$, 'PT409', 'webhook_not_open', 'nor does it end twice');
select is((select w.deliveries from ops.webhook_events as w, hook where w.id = hook.id), 4, 'all deliveries are counted');

-- Cache -------------------------------------------------------------------------------------------------------

select is(core.cache_get('ocr', 'abc'), null, 'nothing is cached');
select lives_ok($$ select core.cache_put('ocr', 'abc', '{"text": "x"}') $$, 'something is');
select is(core.cache_get('ocr', 'abc'), '{"text": "x"}'::jsonb, 'and found');
select core.cache_put('ocr', 'abc', '{"text": "y"}', 60);
select is(core.cache_get('ocr', 'abc'), '{"text": "y"}'::jsonb, 'the newer value counts');
select is((select c.hits from ops.cache_entries as c where c.key = 'abc'), 1::bigint, 'hits are counted');
select throws_ok($$ select core.cache_put('ocr', 'abc', '1', 0) $$, 'PT422', 'invalid_cache_entry', 'an entry lives for a time');
select tests.as_owner();
update ops.cache_entries set expires_at = now() - interval '1 second';
select is(core.cache_get('ocr', 'abc'), null, 'what has expired is not found');

-- Who may -----------------------------------------------------------------------------------------------------

select tests.as_user((select id from p));
select throws_ok(format('select core.%s', call), '42501', null, 'a user may not: ' || call)
from unnest(array['take_rate_limit(''k'', 1, 1)', 'begin_idempotent(null, ''a'', ''k'', ''h'')', 'finish_idempotent(null, ''a'', ''k'', null)',
  'receive_webhook(''a'', ''b'', ''c'')', 'finish_webhook(gen_random_uuid(), ''failed'')', 'cache_get(''a'', ''b'')', 'cache_put(''a'', ''b'', ''1'')']) as call;
select throws_ok($$ select from ops.rate_limits $$, '42501', null, 'nor look');

select * from finish();
rollback;
