-- Sharing with people, and by secret links: who may, who is told, what ends it, and what a link opens.
begin;
select plan(95);

create temp table people as select
  tests.create_user('share-owner@lyceum.test') as owner, tests.create_user('share-friend@lyceum.test') as friend,
  tests.create_user('share-editor@lyceum.test') as editor, tests.create_user('share-stranger@lyceum.test') as stranger,
  tests.create_user('share-admin@lyceum.test', '{admin}') as admin, tests.create_user('share-gone@lyceum.test') as gone;
grant select on people to public;
create temp table things (what text primary key, id uuid default gen_random_uuid(), link jsonb);
grant all on things to public;
insert into things (what) values ('plan'), ('second');
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
create function pg_temp.share(p_whom text, p_edit boolean default false) returns text language sql as $$
  select format('select timetable.share_timetable(pg_temp.id(''plan''), (select %I from people), %L)', p_whom, p_edit); $$;
grant execute on function pg_temp.id(text), pg_temp.share(text, boolean) to public;

insert into timetable.timetables (id, user_id, name, starts_on, ends_on, time_zone)
select pg_temp.id('plan'), owner, 'Class 2EJ', date '2026-01-05', date '2026-02-13', 'Europe/London' from people;
insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time, confidence)
select pg_temp.id('plan'), 'Maths', 'Monday', '09:00', '10:00', 0.5;

-- 1. People ------------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select lives_ok(pg_temp.share('friend'), 'the owner shares to read');
select results_eq($$select user_id, can_edit from timetable.timetable_shares$$, $$select friend, false from people$$, 'and sees with whom');
select lives_ok(pg_temp.share('editor', true), 'or to edit');
select lives_ok(pg_temp.share('friend'), 'again: nothing new');
select tests.as_owner();
select results_eq(
  $$select n.user_id, n.type, n.title, n.link, n.group_count, n.data ->> 'actor_id' from core.notifications n where n.user_id = (select friend from people)$$,
  $$select friend, 'timetable.shared', 'Class 2EJ', '/timetables/' || pg_temp.id('plan'), 1, owner::text from people$$, 'he is told, once'
);
select tests.as_user(owner) from people;
select throws_ok(pg_temp.share('owner'), 'PT422', 'share_with_self', 'not with oneself');
select throws_ok($$select timetable.share_timetable(pg_temp.id('plan'), gen_random_uuid())$$, 'PT409', 'person_unavailable', 'not with nobody');
select throws_ok($$select timetable.share_timetable(pg_temp.id('plan'), null)$$, 'PT409', 'person_unavailable', 'nor with null');
select throws_ok($$select timetable.share_timetable(gen_random_uuid(), (select friend from people))$$, 'PT404', 'timetable_not_found', 'nor what is not there');
select throws_ok($$select timetable.share_timetable(null, (select friend from people))$$, 'PT404', 'timetable_not_found', 'nor nothing');

select tests.as_user(friend) from people;
select is((select count(*) from timetable.timeblocks), 1::bigint, 'the friend reads');
select throws_ok(pg_temp.share('stranger'), 'PT403', 'timetable_owner_required', 'but does not share on');
select tests.as_user(editor) from people;
select throws_ok(pg_temp.share('stranger'), 'PT403', 'timetable_owner_required', 'nor does who edits');
select throws_ok($$select timetable.unshare_timetable(pg_temp.id('plan'), (select friend from people))$$, 'PT403', 'timetable_owner_required', 'or take back from others');
select tests.as_user(stranger) from people;
select throws_ok(pg_temp.share('stranger'), 'PT404', 'timetable_not_found', 'a stranger shares nothing');
select throws_ok($$select timetable.unshare_timetable(pg_temp.id('plan'), (select friend from people))$$, 'PT404', 'timetable_not_found', 'takes nothing back');
select throws_ok($$select timetable.unshare_timetable(pg_temp.id('plan'))$$, 'PT404', 'timetable_not_found', 'and has nothing to leave');
select tests.as_user(admin) from people;
select throws_ok(pg_temp.share('admin'), 'PT404', 'timetable_not_found', 'an administrator does not help himself');
select tests.as_anon();
select throws_ok(pg_temp.share('stranger'), '42501', null, 'without an account nobody shares');
select throws_ok($$select timetable.unshare_timetable(pg_temp.id('plan'))$$, '42501', null, 'or leaves');
select tests.as_service();
select throws_ok(pg_temp.share('stranger'), '42501', null, 'services have no timetables to share');
select is((select count(*) from timetable.timetable_shares), 2::bigint, 'both shares are there all the while');

-- Search finds it for those who may read it.
create function pg_temp.found(p_query text) returns bigint language sql as $$
  select count(*) from core.search(p_query, '{timetable}'); $$;
grant execute on function pg_temp.found(text) to public;
select tests.as_user(owner) from people;
select is(pg_temp.found('maths'), 1::bigint, 'the owner finds a block by its name');
select tests.as_user(friend) from people;
select is(pg_temp.found('maths'), 1::bigint, 'so does the friend');
select tests.as_user(stranger) from people;
select is(pg_temp.found('maths'), 0::bigint, 'and nobody else');

-- Ending it.
select tests.as_user(friend) from people;
select is(timetable.unshare_timetable(pg_temp.id('plan')), true, 'one leaves');
select is((select count(*) from timetable.timetables), 0::bigint, 'and sees it no more');
select is(pg_temp.found('maths'), 0::bigint, 'nor finds it');
select tests.as_user(owner) from people;
select is(timetable.unshare_timetable(pg_temp.id('plan'), (select friend from people)), false, 'there is nothing to take back from him');
select is(timetable.unshare_timetable(pg_temp.id('plan'), (select editor from people)), true, 'but from the other');
select lives_ok(pg_temp.share('friend', true), 'shared again');
select lives_ok(pg_temp.share('gone'), 'and with one more');
select tests.as_owner();
delete from auth.users where id = (select gone from people);
select is((select audience from core.search_documents where module = 'timetable' and entity_id = pg_temp.id('plan') and chunk_no = 0), array[friend], 'a deleted account leaves the readers') from people;
select tests.as_user(friend) from people;
insert into core.blocks (blocker_id, blocked_id) select friend, owner from people;
select is((select count(*) from timetable.timetables), 0::bigint, 'a block ends it for whoever blocks');
select tests.as_owner();
select is((select count(*) from timetable.timetable_shares), 0::bigint, 'the share is gone');
select is((select visibility from core.search_documents where module = 'timetable' and entity_id = pg_temp.id('plan') and chunk_no = 0), 'owner', 'also from search');
select tests.as_user(owner) from people;
select throws_ok(pg_temp.share('friend'), 'PT409', 'person_unavailable', 'and it cannot be shared again');
select tests.as_owner();
delete from core.blocks;
select tests.as_user(owner) from people;
select lives_ok(pg_temp.share('friend'), 'when the block is lifted it can');
insert into core.blocks (blocker_id, blocked_id) select owner, friend from people;
select is((select count(*) from timetable.timetable_shares), 0::bigint, 'a block of the owner ends it, too');
select throws_ok(pg_temp.share('friend'), 'PT409', 'person_unavailable', 'in either direction');
select tests.as_owner();
delete from core.blocks;
update core.profiles set is_active = false where id = (select friend from people);
select tests.as_user(owner) from people;
select throws_ok(pg_temp.share('friend'), 'PT409', 'person_unavailable', 'with nobody suspended, by the same answer');
select tests.as_owner();
update core.profiles set is_active = true where id = (select friend from people);
update core.profiles set is_active = false where id = (select owner from people);
select tests.as_user(owner) from people;
select throws_ok(pg_temp.share('friend'), 'PT403', 'account_inactive', 'and by nobody suspended');
select throws_ok($$select timetable.unshare_timetable(pg_temp.id('plan'), (select friend from people))$$, 'PT403', 'account_inactive', 'who changes nothing');
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'view')$$, 'PT403', 'account_inactive', 'and makes no links');
select tests.as_owner();
update core.profiles set is_active = true where id = (select owner from people);
update core.settings set value = '1' where key = 'timetable.max_shares';
select tests.as_user(owner) from people;
select lives_ok(pg_temp.share('friend'), 'one of one');
select throws_ok(pg_temp.share('stranger'), 'PT409', 'share_limit_reached', 'there is an end');
select lives_ok(pg_temp.share('friend', true), 'which does not hinder a change');

-- 2. Links -------------------------------------------------------------------------------------------------------

select lives_ok($$insert into things (what, link) select 'calendar', timetable.share_link(pg_temp.id('plan'), 'calendar', ' Parents ')$$, 'the owner makes a link');
select lives_ok($$insert into things (what, link) select 'view', timetable.share_link(pg_temp.id('plan'), 'view')$$, 'of either kind');
select ok(link ->> 'token' ~ '^[A-Za-z0-9_-]{43}$' and link ->> 'path' = '/calendar/' || (link ->> 'token') || '.ics' and link ->> 'label' = 'Parents', 'its token is long, and shown this once')
from things where what = 'calendar';
select isnt((select link ->> 'token' from things where what = 'view'), (select link ->> 'token' from things where what = 'calendar'), 'and each its own');
select throws_ok($$select token_hash from timetable.timetable_links$$, '42501', null, 'not even its hash is read back');
select results_eq($$select kind, label, revoked_at, last_used_at from timetable.timetable_links order by kind$$,
  $$values ('calendar', 'Parents', null::timestamptz, null::timestamptz), ('view', '', null, null)$$, 'the owner sees which there are');
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'edit')$$, 'PT422', 'link_kind_invalid', 'there are two kinds');
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), null)$$, 'PT422', 'link_kind_invalid', 'none is none');
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'view', '<b>x</b>')$$, 'PT422', 'markup_not_allowed', 'labels are plain text');
select tests.as_owner();
select is(
  (select token_hash from timetable.timetable_links where kind = 'calendar'),
  (select encode(sha256(convert_to(link ->> 'token', 'UTF8')), 'hex') from things where what = 'calendar'), 'only the hash is kept'
);
select is_empty(
  format('select 1 from timetable.timetable_links l where l::text like %L', (select '%' || (link ->> 'token') || '%' from things where what = 'calendar')),
  'and nothing of the token'
);
select tests.as_user(friend) from people;
select is((select can_edit from timetable.timetable_shares where user_id = (select friend from people)), true, 'who may edit');
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'view')$$, 'PT403', 'timetable_owner_required', 'makes no links');
select is((select count(id) from timetable.timetable_links), 0::bigint, 'sees none');
select throws_ok($$select timetable.revoke_link((select (link ->> 'id')::uuid from things where what = 'calendar'))$$, 'PT404', 'link_not_found', 'and revokes none');
select tests.as_user(stranger) from people;
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'view')$$, 'PT404', 'timetable_not_found', 'a stranger makes no link');
select throws_ok($$select timetable.revoke_link((select (link ->> 'id')::uuid from things where what = 'calendar'))$$, 'PT404', 'link_not_found', 'and revokes none');
select throws_ok($$select timetable.open_link(repeat('0', 64), 'view')$$, '42501', null, 'nor opens one in the database');
select tests.as_user(admin) from people;
select throws_ok($$select timetable.revoke_link((select (link ->> 'id')::uuid from things where what = 'calendar'))$$, 'PT404', 'link_not_found', 'nor does an administrator');
select tests.as_anon();
select throws_ok($$select timetable.open_link(repeat('0', 64), 'view')$$, '42501', null, 'nor who has no account');
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'view')$$, '42501', null, 'who makes none');
select throws_ok($$select timetable.revoke_link(gen_random_uuid())$$, '42501', null, 'and revokes none');

-- 3. What a link opens -------------------------------------------------------------------------------------------

create function pg_temp.open(p_what text, p_kind text, p_version text default null, p_client text default '192.0.2.1') returns jsonb language sql as $$
  select timetable.open_link(encode(sha256(convert_to(link ->> 'token', 'UTF8')), 'hex'), p_kind, p_client, p_version) from things where what = p_what; $$;
grant execute on function pg_temp.open(text, text, text, text) to public;
select tests.as_service();
select is(pg_temp.open('calendar', 'calendar') #>> '{content,blocks,0,name}', 'Maths', 'the function opens it');
select is(pg_temp.open('calendar', 'view'), null, 'as what it is');
select is(pg_temp.open('view', 'calendar'), null, 'and not as the other');
select is(timetable.open_link(repeat('0', 64), 'view', '192.0.2.1'), null, 'what is no link opens nothing');
select is(timetable.open_link(null, 'view', null), null, 'nor does nothing');
select is(
  array(select jsonb_object_keys(pg_temp.open('view', 'view') -> 'content') order by 1), '{blocks,exceptions,offsets,timetable}'::text[], 'it shows the page'
);
select ok(
  pg_temp.open('view', 'view')::text not like '%' || (select owner from people) || '%'
  and pg_temp.open('view', 'view')::text !~ 'confidence|document|email|user_id|token', 'and neither people nor how it was read'
);
select isnt((select last_used_at from timetable.timetable_links where kind = 'view'), null, 'that it was used is noted');
select is(
  pg_temp.open('view', 'view', pg_temp.open('view', 'view') ->> 'version') -> 'content', 'null'::jsonb, 'who has this version gets no other'
);
select tests.as_owner();
insert into things (what, link) select 'version', jsonb_build_object('version', pg_temp.open('view', 'view') ->> 'version');
update timetable.timeblocks set color = '#000000';
select isnt(pg_temp.open('view', 'view') ->> 'version', (select link ->> 'version' from things where what = 'version'), 'a block that changes makes another version');
update things set link = jsonb_build_object('version', pg_temp.open('view', 'view') ->> 'version') where what = 'version';
insert into timetable.timetable_exceptions (timetable_id, kind, on_date) values (pg_temp.id('plan'), 'no_school', '2026-01-12');
select isnt(pg_temp.open('view', 'view') ->> 'version', (select link ->> 'version' from things where what = 'version'), 'so does an exception');
update things set link = jsonb_build_object('version', pg_temp.open('view', 'view') ->> 'version') where what = 'version';
update timetable.timetables set name = 'Class 3EJ' where id = pg_temp.id('plan');
select isnt(pg_temp.open('view', 'view') ->> 'version', (select link ->> 'version' from things where what = 'version'), 'and the name');

update core.profiles set is_active = false where id = (select owner from people);
select is(pg_temp.open('view', 'view'), null, 'links of somebody suspended open nothing');
update core.profiles set is_active = true where id = (select owner from people);
select isnt(pg_temp.open('view', 'view'), null, 'until he is back');
select tests.as_user(owner) from people;
select isnt(timetable.revoke_link((select (link ->> 'id')::uuid from things where what = 'view')), null, 'the owner revokes a link');
select is(
  timetable.revoke_link((select (link ->> 'id')::uuid from things where what = 'view')),
  (select revoked_at from timetable.timetable_links where kind = 'view'), 'again: it stays as it was'
);
select tests.as_owner();
select is(pg_temp.open('view', 'view'), null, 'then it opens nothing');
select isnt(pg_temp.open('calendar', 'calendar'), null, 'and the other still does');

update core.settings set value = '1' where key = 'timetable.max_links';
select tests.as_user(owner) from people;
select throws_ok($$select timetable.share_link(pg_temp.id('plan'), 'view')$$, 'PT409', 'link_limit_reached', 'there is an end to links');
select tests.as_owner();
update core.settings set value = value || '{"miss": {"burst": 2, "per_hour": 1}, "fetch": {"burst": 2, "per_hour": 1}}' where key = 'timetable.limits';
select tests.as_service();
select is(array[pg_temp.open('view', 'view', null, '192.0.2.9'), pg_temp.open('view', 'view', null, '192.0.2.9')], array[null, null]::jsonb[], 'who tries');
select throws_ok($$select pg_temp.open('view', 'view', null, '192.0.2.9')$$, 'PT429', 'rate_limited', 'is soon told to wait');
select lives_ok($$select pg_temp.open('view', 'view', null, '192.0.2.8')$$, 'others are not');
select tests.as_owner();
delete from ops.rate_limits where key like 'timetable:fetch:%';
select ok(pg_temp.open('calendar', 'calendar') is not null and pg_temp.open('calendar', 'calendar') is not null, 'a link is read');
select throws_ok($$select pg_temp.open('calendar', 'calendar')$$, 'PT429', 'rate_limited', 'but not without end');
select is_empty($$select 1 from ops.rate_limits where key like '%192.0.2%'$$, 'and no address is kept');
delete from timetable.timetables where id = pg_temp.id('plan');
select is((select count(*) from timetable.timetable_links), 0::bigint, 'links go with the timetable');

select * from finish();
rollback;
