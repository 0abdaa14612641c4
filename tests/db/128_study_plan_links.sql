-- A plan as a calendar: who makes links, what they open, how often, and what stands in it.
begin;
select plan(46);
select tests.share_temporaries();
set local time zone 'UTC';

delete from core.busy_sources;
create table private.test_busy (user_id uuid, times tstzrange);
create function private.test_plan_busy(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language sql stable set search_path = '' as $$
  select coalesce(range_agg(b.times), '{}') from private.test_busy as b where b.user_id = p_user_id; $$;
insert into core.busy_sources (module, busy_function) values ('test', 'test_plan_busy');

create temp table who as select tests.create_user('feed-learner@study.local') as learner, tests.create_user('feed-stranger@study.local') as stranger;
create temp table links (name text primary key, link jsonb);
grant all on links to public;
create function pg_temp.open(p_name text, p_version text default null, p_client text default '192.0.2.1') returns jsonb language sql as $$
  select study.open_plan_link(encode(sha256(convert_to(link ->> 'token', 'UTF8')), 'hex'), p_client, p_version) from links where name = p_name; $$;
create function pg_temp.read(p_name text) returns table (block text) language sql as $$
  select format('%s %s %s', b ->> 'kind', b ->> 'status', coalesce(b ->> 'topic', '-')) from jsonb_array_elements(pg_temp.open(p_name) -> 'content' -> 'blocks') as b; $$;

-- Links ------------------------------------------------------------------------------------------------------------
select tests.as_anon();
select throws_ok($$ select study.create_plan_link() $$, '42501', null, 'a visitor makes no link');
select throws_ok($$ select study.revoke_plan_link() $$, '42501', null, 'revokes none');
select throws_ok($$ select study.open_plan_link(repeat('0', 64)) $$, '42501', null, 'opens none in the database');
select throws_ok($$ select 1 from study.plan_links $$, '42501', null, 'nor sees any');
select tests.as_user((select learner from who));
select is(study.revoke_plan_link(), null, 'without a link there is nothing to revoke');
insert into links select 'old', study.create_plan_link();
select matches((select link ->> 'path' from links where name = 'old'), '^/calendar/study/[A-Za-z0-9_-]{43}\.ics$', 'a link has a path');
select is((select string_agg(k, ' ' order by k) from links, jsonb_object_keys(link) as k), 'created_at id path token', 'and this is all of it');
select is((select count(*) from study.plan_links), 1::bigint, 'its owner sees that it is there');
select throws_ok($$ select token_hash from study.plan_links $$, '42501', null, 'not what opens it');
select throws_ok($$ insert into study.plan_links (user_id, token_hash) values (auth.uid(), repeat('0', 64)) $$, '42501', null, 'nobody writes links directly');
select throws_ok($$ update study.plan_links set revoked_at = null $$, '42501', null, 'nor changes them');
select throws_ok($$ delete from study.plan_links $$, '42501', null, 'nor deletes them');
select throws_ok($$ select pg_temp.open('old') $$, '42501', null, 'opening is for services');
insert into links select 'learner', study.create_plan_link();
select isnt((select link ->> 'token' from links where name = 'learner'), (select link ->> 'token' from links where name = 'old'), 'asked again it is another one');
select is((select count(*) from study.plan_links where revoked_at is null), 1::bigint, 'of which one is alive');
select tests.as_user((select stranger from who));
select is((select count(*) from study.plan_links), 0::bigint, 'nobody else sees them');
insert into links select 'stranger', study.create_plan_link();
select tests.as_owner();
select is((select count(*) from study.plan_links where token_hash in (select link ->> 'token' from links)), 0::bigint, 'no token is kept');

-- Opening ----------------------------------------------------------------------------------------------------------
select tests.as_service();
select is(pg_temp.open('old'), null, 'the link before opens nothing');
select is(study.open_plan_link(repeat('0', 64)), null, 'nor does what is no link');
select is(study.open_plan_link(null, null), null, 'nor nothing');
select is(pg_temp.open('learner') -> 'content', '{"blocks": []}', 'one without blocks is an empty calendar');
select is(pg_temp.open('learner', pg_temp.open('learner') ->> 'version') -> 'content', 'null', 'that is not sent twice');
select tests.as_owner();
select isnt((select last_used_at from study.plan_links where user_id = (select learner from who) and revoked_at is null), null, 'its owner sees when it was used');

-- Blocks -----------------------------------------------------------------------------------------------------------
create temp table topic as select gen_random_uuid() as id;
insert into core.topics (id, slug, name) select id, 'feed-heart', 'Heart' from topic;
insert into study.learning_paths (user_id, name) select learner, 'Exam' from who;
create function pg_temp.put(p_kind text, p_status text, p_in interval) returns void language sql as $$
  insert into study.plan_blocks (user_id, kind, status, topic_id, learning_path_id, starts_at, ends_at, planned_count, reason)
  select learner, p_kind, p_status, case when p_kind <> 'review' then topic.id end,
    case when p_kind = 'path' then (select l.id from study.learning_paths as l where l.user_id = learner) end, now() + p_in, now() + p_in + interval '30 minutes', 12, 'daily_goal'
  from who, topic; $$;
select pg_temp.put('review', 'suggested', '1 day'), pg_temp.put('path', 'accepted', '2 days'), pg_temp.put('practice', 'dismissed', '3 days'),
  pg_temp.put('practice', 'missed', '-1 day'), pg_temp.put('practice', 'done', '-2 days'), pg_temp.put('review', 'done', '-61 days'),
  pg_temp.put('practice', 'suggested', '4 days'), pg_temp.put('path', 'accepted', '5 days');
insert into private.test_busy select learner, tstzrange(now() + interval '4 days', now() + interval '6 days') from who;
select tests.as_service();
select results_eq($$ select pg_temp.read('learner') $$, $$ values ('practice done Heart'), ('review suggested -'), ('path accepted Heart'), ('path accepted Heart') $$,
  'what is suggested, accepted, done; not what is dismissed, missed, long ago, or suggested where one is busy by now');
select is((select string_agg(k, ' ' order by k) from jsonb_object_keys(pg_temp.open('learner') -> 'content' -> 'blocks' -> 0) as k),
  'created_at ends_at id kind path planned_count sequence starts_at status topic updated_at', 'no people');
select is((select b ->> 'path' from jsonb_array_elements(pg_temp.open('learner') -> 'content' -> 'blocks') as b where b ->> 'kind' = 'path' limit 1), 'Exam', 'a path by its name');
select is((select count(*) from pg_temp.read('stranger')), 0::bigint, 'nobody else has it');
create temp table version as select pg_temp.open('learner') ->> 'version' as v;
select is(pg_temp.open('learner', (select v from version)) -> 'content', 'null', 'what has not changed is not sent again');
select tests.as_user((select learner from who));
create temp table moved as select m.id from study.move_plan_block((select b.id from study.plan_blocks as b where b.kind = 'review' and b.status = 'suggested'), now() + interval '30 hours') as m;
grant select on moved to public;
select tests.as_service();
select isnt(pg_temp.open('learner', (select v from version)) -> 'content', 'null', 'a move is news');
select results_eq($$ select b ->> 'id', (b ->> 'sequence')::integer, to_timestamp((b ->> 'starts_at')::bigint) from jsonb_array_elements(pg_temp.open('learner') -> 'content' -> 'blocks') as b where b ->> 'kind' = 'review' $$,
  $$ select id::text, 1, to_timestamp(extract(epoch from now())::bigint + 30 * 3600) from moved $$, 'the same event, with a higher number, at another time');
select tests.as_owner();
update core.topics set name = 'Heart and vessels' where slug = 'feed-heart';
select tests.as_service();
select is((select count(*) from pg_temp.read('learner') as r where r.block like '%Heart and vessels'), 3::bigint, 'and another name, too');

-- Who goes ---------------------------------------------------------------------------------------------------------
select tests.as_owner();
update core.profiles set is_active = false where id = (select learner from who);
select tests.as_service();
select is(pg_temp.open('learner'), null, 'the link of somebody suspended opens nothing');
select tests.as_user((select learner from who));
select throws_ok($$ select study.create_plan_link() $$, 'PT403', 'account_inactive', 'he makes none');
select isnt(study.revoke_plan_link(), null, 'and may revoke his');
select is(study.revoke_plan_link(), study.revoke_plan_link(), 'again: the same');
select tests.as_owner();
update core.profiles set is_active = true where id = (select learner from who);
select tests.as_service();
select is(pg_temp.open('learner'), null, 'what is revoked stays so');
select tests.as_owner();
update study.plan_links set revoked_at = now() - interval '31 days' where user_id = (select learner from who);
select tests.as_user((select learner from who));
delete from links where name = 'learner';
insert into links select 'learner', study.create_plan_link();
select is((select count(*) from study.plan_links), 1::bigint, 'old ones are not kept');

-- Limits -----------------------------------------------------------------------------------------------------------
select tests.as_owner();
update core.settings set value = value || '{"plan_link": {"burst": 1, "per_hour": 1}, "plan_fetch": {"burst": 1, "per_hour": 1}, "plan_miss": {"burst": 1, "per_hour": 1}}' where key = 'study.limits';
select tests.as_service();
select lives_ok($$ select study.open_plan_link(repeat('1', 64), '198.51.100.7') $$, 'one miss');
select throws_ok($$ select study.open_plan_link(repeat('2', 64), '198.51.100.7') $$, 'PT429', 'rate_limited', 'and no more from there');
select lives_ok($$ select study.open_plan_link(repeat('2', 64), '198.51.100.8') $$, 'elsewhere nobody minds');
select lives_ok($$ select pg_temp.open('learner') $$, 'one reading');
select throws_ok($$ select pg_temp.open('learner') $$, 'PT429', 'rate_limited', 'and no more at once');
select tests.as_user((select learner from who));
select lives_ok($$ select study.create_plan_link() $$, 'one link');
select throws_ok($$ select study.create_plan_link() $$, 'PT429', 'rate_limited', 'nor links without end');

select tests.as_owner();
delete from auth.users where id = (select learner from who);
select is((select count(*) from study.plan_links where user_id = (select learner from who)), 0::bigint, 'with an account its links go');
select is((select count(*) from study.plans where user_id = (select learner from who)), 0::bigint, 'and its plan');
select * from finish();
rollback;
