-- Curricula made by the AI provider: who asks and how often, what a worker may do, what becomes of a plan.
begin;
select plan(76);
select tests.share_temporaries();

create temp table who as select
  tests.create_user('asks@gen.local') as asker,
  tests.create_user('other@gen.local') as other,
  tests.create_user('gone@gen.local') as gone,
  tests.create_user('quiet@gen.local') as quiet;
update core.profiles set is_active = false where id = (select quiet from who);
insert into core.topics (slug, name) values ('gen-hearts', 'Hearts');
insert into core.blocks (blocker_id, blocked_id) select other, asker from who;

create temp table d (name text primary key, id uuid);
insert into d values
  ('pump', private.index_document('study', 'passage', gen_random_uuid(), 'The pump', E'The heart pumps about five\n litres of blood a minute.', null, '{"page": 3}')),
  ('topical', private.index_document('study', 'passage', gen_random_uuid(), 'Valves', 'Four flaps keep the way.', (select id from core.topics where slug = 'gen-hearts'))),
  ('mine', private.index_document('study', 'passage', gen_random_uuid(), 'My <b>notes</b>', 'The heart has my own <b>chambers</b>.', null, '{}', 'owner', (select asker from who))),
  ('ours', private.index_document('study', 'passage', gen_random_uuid(), 'Our notes', 'The heart of our group.', null, '{}', 'restricted', null, 0, array[(select asker from who)])),
  ('theirs', private.index_document('study', 'passage', gen_random_uuid(), 'Their notes', 'The heart of somebody else.', null, '{}', 'owner', (select other from who))),
  ('private', private.index_document('study', 'passage', gen_random_uuid(), 'Notes of one', 'The heart of one who blocks nobody.', null, '{}', 'owner', (select gone from who))),
  ('closed', private.index_document('study', 'passage', gen_random_uuid(), 'Notes of a few', 'The heart of a closed circle.', null, '{}', 'restricted', null, 0, array[(select gone from who)])),
  ('blocked', private.index_document('study', 'passage', gen_random_uuid(), 'By one who blocks', 'The heart of a stranger.', null, '{}', 'authenticated', (select other from who))),
  ('post', private.index_document('social', 'post', gen_random_uuid(), 'A post', 'The heart of a community.'));
create function pg_temp.d(p_name text) returns uuid language sql stable as $$ select id from d where name = p_name $$;

create function pg_temp.ask(p_key text, p_subject text default 'The heart', p_sessions integer default 2, p_topic text default null)
returns learning.generation_requests language sql as $$
  select learning.generate_curriculum(p_subject, p_sessions, 45, p_topic => p_topic, p_goals => 'Pass', p_idempotency_key => p_key);
$$;
create function pg_temp.row(p_key text) returns learning.generation_requests language sql stable security definer as $$
  select * from learning.generation_requests where idempotency_key = p_key;
$$;
create temp table job (request_id uuid primary key, id uuid, token bigint);
create function pg_temp.claim() returns void language sql as $$
  insert into job select j.resource_id, j.id, j.lease_token from ops.claim_jobs('test', 50, 'default', array['learning.generate']) as j
  on conflict (request_id) do update set id = excluded.id, token = excluded.token;
$$;
create function pg_temp.begin(p_key text) returns jsonb language sql as $$
  select learning.begin_generation(j.request_id, j.id, j.token) from job as j where j.request_id = (pg_temp.row(p_key)).id;
$$;
create function pg_temp.report(p_key text, p_progress integer) returns boolean language sql as $$
  select learning.report_generation(j.request_id, j.id, j.token, p_progress) from job as j where j.request_id = (pg_temp.row(p_key)).id;
$$;
create function pg_temp.plan() returns jsonb language sql stable as $$
  select jsonb_build_object('title', 'Hearts', 'sessions', jsonb_build_array(
    jsonb_build_object('title', 'One', 'objectives', '["Say what a heart is"]'::jsonb, 'materials', 'Read', 'notes', 'By rules',
      'duration', 30, 'requires', '[]'::jsonb, 'passages', jsonb_build_array(
        jsonb_build_object('document_id', pg_temp.d('pump'), 'quote', 'The heart pumps about five litres'),
        jsonb_build_object('document_id', pg_temp.d('mine'), 'quote', 'The heart has my own <b>chambers</b>.'),
        jsonb_build_object('document_id', pg_temp.d('theirs'), 'quote', 'The heart of somebody else.'),
        jsonb_build_object('document_id', pg_temp.d('private'), 'quote', ''),
        jsonb_build_object('document_id', pg_temp.d('closed'), 'quote', ''),
        jsonb_build_object('document_id', pg_temp.d('blocked'), 'quote', ''),
        jsonb_build_object('document_id', pg_temp.d('post'), 'quote', ''),
        jsonb_build_object('document_id', gen_random_uuid(), 'quote', 'invented'),
        jsonb_build_object('document_id', 'no id', 'quote', 'invented'))),
    jsonb_build_object('title', 'Two', 'objectives', '[]'::jsonb, 'materials', '', 'notes', '', 'duration', null, 'requires', '[1]'::jsonb,
      'passages', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('pump'), 'quote', 'The heart pumps ten litres')))));
$$;
create function pg_temp.finish(p_key text, p_plan jsonb default pg_temp.plan()) returns jsonb language sql as $$
  select learning.finish_generation(j.request_id, j.id, j.token, p_plan, 'local', 'local-outline-1') from job as j where j.request_id = (pg_temp.row(p_key)).id;
$$;
create function pg_temp.events(p_key text) returns text language sql stable security definer as $$
  select string_agg((m.payload ->> 'status') || ':' || (m.payload ->> 'progress'), ' ' order by m.cmin::text::bigint)
  from realtime.messages as m
  where m.event = 'curriculum_progress' and m.topic = 'user:' || (pg_temp.row(p_key)).user_id and m.private
    and m.payload ->> 'request_id' = (pg_temp.row(p_key)).id::text;
$$;

-- Asking -----------------------------------------------------------------------------------------------------------
select tests.as_anon();
select throws_ok($$ select pg_temp.ask('key-anon') $$, '42501', null, 'a visitor asks for nothing');
select tests.as_user((select quiet from who));
select throws_ok($$ select pg_temp.ask('key-quiet') $$, 'PT403', 'account_inactive', 'nor does a suspended person');
select tests.as_user((select asker from who));
select throws_ok($$ select pg_temp.ask(null) $$, 'PT422', 'idempotency_key_required', 'a key is required');
select throws_ok($$ select pg_temp.ask('short') $$, 'PT422', 'idempotency_key_required', 'of eight characters');
select throws_ok($$ select pg_temp.ask('key-00001', '  ') $$, 'PT422', 'text_required', 'and a subject');
select throws_ok($$ select pg_temp.ask('key-00001', '<script>alert(1)</script>') $$, 'PT422', 'markup_not_allowed', 'without markup');
select throws_ok($$ select pg_temp.ask('key-00001', 'The heart', 0) $$, 'PT422', 'curriculum_invalid', 'no session is no curriculum');
select throws_ok($$ select pg_temp.ask('key-00001', 'The heart', 41) $$, 'PT422', 'curriculum_invalid', 'nor are too many');
select throws_ok($$ select learning.generate_curriculum('The heart', null, 45, p_idempotency_key => 'key-00001') $$, 'PT422', 'curriculum_invalid', 'nor an unknown number');
select throws_ok($$ select learning.generate_curriculum('The heart', 2, 4, p_idempotency_key => 'key-00001') $$, 'PT422', 'curriculum_invalid', 'sessions have a length');
select throws_ok($$ select learning.generate_curriculum('The heart', 2, 45, 'genius', p_idempotency_key => 'key-00001') $$, 'PT422', 'curriculum_invalid', 'levels are three');
select throws_ok($$ select learning.generate_curriculum('The heart', 2, 45, p_language => 'English', p_idempotency_key => 'key-00001') $$, 'PT422', 'curriculum_invalid', 'a language is a tag');
select throws_ok($$ select pg_temp.ask('key-00001', p_topic => 'no-such-topic') $$, 'PT422', 'unknown_topic', 'a topic is there');
select is((select count(*) from learning.generation_requests), 0::bigint, 'nothing of that is kept');
select is((pg_temp.ask('key-00001')).status, 'queued', 'a request waits');
select is((pg_temp.ask('key-00001')).id, (pg_temp.row('key-00001')).id, 'the same again is the same');
select throws_ok($$ select pg_temp.ask('key-00001', 'The kidney') $$, 'PT422', 'idempotency_key_reused', 'something else is not');
select is((pg_temp.ask('key-00002', p_topic => 'gen-hearts')).status, 'queued', 'a second one');
select is((pg_temp.ask('key-00003')).status, 'queued', 'and a third');
select throws_ok($$ select pg_temp.ask('key-00004') $$, 'PT409', 'generation_limit_reached', 'no more at once');
select is((pg_temp.ask('key-00001')).status, 'queued', 'a retry is always heard');
select throws_ok($$ insert into learning.generation_requests (request) values ('{}') $$, '42501', null, 'nobody writes requests directly');
select throws_ok($$ update learning.generation_requests set status = 'completed' $$, '42501', null, 'nor changes them');
select throws_ok($$ select learning.begin_generation(gen_random_uuid(), gen_random_uuid(), 1) $$, '42501', null, 'people begin no stage');
select throws_ok($$ select learning.generation_passages(gen_random_uuid(), gen_random_uuid(), 1) $$, '42501', null, 'read no passages');
select throws_ok($$ select learning.report_generation(gen_random_uuid(), gen_random_uuid(), 1, 1) $$, '42501', null, 'report nothing');
select throws_ok($$ select learning.finish_generation(gen_random_uuid(), gen_random_uuid(), 1, '{}', '', '') $$, '42501', null, 'finish nothing');
select throws_ok($$ select learning.fail_generation(gen_random_uuid(), gen_random_uuid(), 1, 'x') $$, '42501', null, 'and fail nothing');
select throws_ok($$ select learning.cancel_generation(gen_random_uuid()) $$, 'PT404', 'generation_not_found', 'what is not there is not cancelled');
select tests.as_user((select other from who));
select is((select count(*) from learning.generation_requests), 0::bigint, 'nobody else sees them');
select throws_ok($$ select learning.cancel_generation((pg_temp.row('key-00001')).id) $$, 'PT404', 'generation_not_found', 'nor cancels them');

-- Cancelling -------------------------------------------------------------------------------------------------------
select tests.as_user((select asker from who));
select is((learning.cancel_generation((pg_temp.row('key-00003')).id)).status, 'cancelled', 'the owner cancels');
select is((learning.cancel_generation((pg_temp.row('key-00003')).id)).status, 'cancelled', 'again: the same');
select is((pg_temp.ask('key-00003')).status, 'cancelled', 'and its key still means it');
select tests.as_owner();
select is((select count(*) from ops.queue_items where resource_id = (pg_temp.row('key-00003')).id), 0::bigint, 'its job is gone');
select is(pg_temp.events('key-00003'), 'cancelled:0', 'whoever waits is told');

-- The stages -------------------------------------------------------------------------------------------------------
select pg_temp.claim();
select tests.as_service();
select throws_ok($$ select learning.begin_generation((pg_temp.row('key-00001')).id, id, token) from job where request_id = (pg_temp.row('key-00002')).id $$, 'PT409', 'lease_lost', 'the lease of one request opens no other');
select throws_ok($$ select learning.finish_generation(request_id, id, token - 1, '{}', '', '') from job limit 1 $$, 'PT409', 'lease_lost', 'nor does a wrong token');
select is(pg_temp.finish('key-00001') ->> 'recorded', 'false', 'nothing is finished that has not begun');
select is(pg_temp.report('key-00001', 50), false, 'nor reported');
select is(pg_temp.begin('key-00001') - 'request', '{"proceed": true}', 'begin');
select is(pg_temp.begin('key-00001') -> 'request' ->> 'subject', 'The heart', 'gives the request, again too');
select is(pg_temp.begin('key-00002') -> 'request' ->> 'topic', 'Hearts', 'with the name of the topic');
select set_eq($$ select p.id from job as j, learning.generation_passages(j.request_id, j.id, j.token) as p where j.request_id = (pg_temp.row('key-00001')).id $$,
  $$ select id from d where name in ('pump', 'mine', 'ours') $$, 'passages: what the learner may read; not other people''s, nor of those who block him, nor other kinds');
select results_eq($$ select p.id from job as j, learning.generation_passages(j.request_id, j.id, j.token, 1) as p where j.request_id = (pg_temp.row('key-00002')).id and p.is_of_topic $$,
  $$ select pg_temp.d('topical') $$, 'what is filed under his topic goes first, though it shares no word with the subject but the topic''s');
select is(pg_temp.report('key-00001', 40), true, 'progress');
select is(pg_temp.report('key-00001', 30), true, 'that does not go back');
select is((pg_temp.row('key-00001')).progress, 40::smallint, 'stands');
select is(pg_temp.report('key-00001', 400), true, 'what is not finished');
select is((pg_temp.row('key-00001')).progress, 99::smallint, 'is never whole');
select is(pg_temp.events('key-00001'), 'running:5 running:5 running:40 running:99', 'each step is told');

-- A plan becomes a curriculum -------------------------------------------------------------------------------------
select is(pg_temp.finish('key-00001') ->> 'recorded', 'true', 'a plan is kept');
select is(pg_temp.finish('key-00001') - 'curriculum_id', '{"recorded": false, "status": "completed"}', 'once');
select tests.as_user((select asker from who));
select results_eq($$ select title, source, total_sessions, session_duration, goals, status from learning.curricula $$,
  $$ values ('Hearts', 'generated', 2, 45, 'Pass', 'active') $$, 'its owner has a curriculum');
select is((pg_temp.row('key-00001')).curriculum_id, (select id from learning.curricula), 'and the request says which');
select results_eq($$ select session_number, title, objectives, duration from learning.sessions order by 1 $$,
  $$ values (1, 'One', '{"Say what a heart is"}'::text[], 30), (2, 'Two', '{}'::text[], null) $$, 'with its sessions');
select is((select count(*) from learning.session_prerequisites), 1::bigint, 'and what they require');
select is((select resources from learning.sessions where session_number = 1), jsonb_build_array(
  jsonb_build_object('title', 'The pump', 'document_id', pg_temp.d('pump'), 'quote', 'The heart pumps about five litres', 'locator', '{"page": 3}'::jsonb),
  jsonb_build_object('title', 'My ‹b>notes‹/b>', 'document_id', pg_temp.d('mine'), 'quote', '', 'locator', '{}'::jsonb)),
  'passages that were invented, or are not for him, are dropped; a quote with markup too');
select is((select resources -> 0 ->> 'quote' from learning.sessions where session_number = 2), '', 'and one that does not stand there');
select is((select count(*) from core.notifications where type = 'curriculum_ready'), 1::bigint, 'he is told');
select throws_ok($$ select learning.cancel_generation((pg_temp.row('key-00001')).id) $$, 'PT409', 'generation_finished', 'what is there is not cancelled');

-- What cannot be kept ----------------------------------------------------------------------------------------------
select tests.as_service();
select is(pg_temp.finish('key-00002', jsonb_set(pg_temp.plan(), '{sessions,1,requires}', '[2]')) ->> 'error_code', 'plan_unusable', 'a session that requires itself');
select is((select count(*) from learning.curricula), 1::bigint, 'leaves nothing behind');
select tests.as_user((select asker from who));
select pg_temp.ask('key-more1'); select pg_temp.ask('key-more2'); select pg_temp.ask('key-more3');
select tests.as_owner();
select pg_temp.claim();
select tests.as_service();
select pg_temp.begin('key-more1'), pg_temp.begin('key-more2'), pg_temp.begin('key-more3');
select is(pg_temp.finish('key-more1', jsonb_set(pg_temp.plan(), '{sessions}', (pg_temp.plan() -> 'sessions') - 1)) ->> 'error_code', 'plan_unusable', 'another number of sessions than was asked for');
select is(pg_temp.finish('key-more2', jsonb_set(pg_temp.plan(), '{sessions,0,duration}', '90')) ->> 'error_code', 'plan_unusable', 'longer ones');
select is(pg_temp.finish('key-more3', '"junk"') ->> 'error_code', 'plan_unusable', 'something else altogether');
select is((select count(*) from core.notifications where type = 'curriculum_failed'), 4::bigint, 'each is told');
select is(pg_temp.events('key-more1'), 'running:5 failed:5', 'at once');

-- Failing, and jobs that are gone ----------------------------------------------------------------------------------
select tests.as_user((select asker from who));
select pg_temp.ask('key-fail1'); select pg_temp.ask('key-fail2');
select tests.as_user((select gone from who));
select pg_temp.ask('key-gone1');
select tests.as_owner();
select pg_temp.claim();
select tests.as_service();
select pg_temp.begin('key-fail1');
select is(learning.fail_generation(request_id, id, token, 'Not A Code', 'why'), true, 'a worker gives up') from job where request_id = (pg_temp.row('key-fail1')).id;
select is((pg_temp.row('key-fail1')).error_code, 'generation_failed', 'with a code that is one');
select is(learning.fail_generation(request_id, id, token, 'refused'), false, 'once') from job where request_id = (pg_temp.row('key-fail1')).id;
select tests.as_owner();
update core.profiles set is_active = false where id = (select gone from who);
select tests.as_service();
select is(pg_temp.begin('key-gone1'), '{"status": "failed", "proceed": false}', 'nothing is made for somebody suspended');
select tests.as_owner();
select ops.cancel_jobs_for((pg_temp.row('key-fail2')).id);
select is(private.learning_rescue_generations(), 1, 'whose job is gone is found');
select is((pg_temp.row('key-fail2')).error_code, 'generation_failed', 'and ended');
select throws_ok($$ update learning.generation_requests set status = 'running', error_code = null where idempotency_key = 'key-fail2' $$, 'PT409', 'generation_finished', 'what is over stays as it ended');
delete from auth.users where id = (select asker from who);
select is((select count(*) from learning.generation_requests where user_id = (select asker from who)), 0::bigint, 'requests go with their owner');

select * from finish();
rollback;
