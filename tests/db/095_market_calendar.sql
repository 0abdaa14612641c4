-- Calendars of sessions: who makes links, what they open, how often, and what stands in them through moves and cancelling.
begin;
select plan(53);
select tests.share_temporaries();

create temp table who as select
  tests.tutor('calendar-tutor@market.local') as tutor,
  tests.create_user('calendar-learner@market.local', '{}', '{"full_name": "Leo Learner"}') as learner,
  tests.create_user('calendar-stranger@market.local') as stranger;
update core.profiles set full_name = 'Tora Tutor' where id = (select tutor from who);
update core.profiles set full_name = 'Leo Learner' where id = (select learner from who);
create temp table o as select tests.offer((select tutor from who), 0) as free, tests.offer((select tutor from who), 4000) as paid;

create temp table links (name text primary key, link jsonb);
grant all on links to public;
create function pg_temp.open(p_name text, p_version text default null, p_client text default '192.0.2.1') returns jsonb language sql as $$
  select market.open_calendar_link(encode(sha256(convert_to(link ->> 'token', 'UTF8')), 'hex'), p_client, p_version) from links where name = p_name; $$;
create function pg_temp.bookings(p_name text) returns table (title text, status text, sequence integer, chain_id uuid, starts_at timestamptz, link text, tutor text, learner text)
language sql as $$
  select b ->> 'title', b ->> 'status', (b ->> 'sequence')::integer, (b ->> 'chain_id')::uuid, to_timestamp((b ->> 'starts_at')::bigint),
    b ->> 'meeting_link', b -> 'tutor' ->> 'name', b -> 'learner' ->> 'name'
  from jsonb_array_elements(pg_temp.open(p_name) -> 'content' -> 'bookings') as b; $$;

-- Links ------------------------------------------------------------------------------------------------------------
select tests.as_anon();
select throws_ok($$ select market.calendar_link('learner') $$, '42501', null, 'a visitor makes no link');
select throws_ok($$ select market.open_calendar_link(repeat('0', 64)) $$, '42501', null, 'nor opens one in the database');
select throws_ok($$ select 1 from market.calendar_links $$, '42501', null, 'nor sees any');
select tests.as_user((select learner from who));
select throws_ok($$ select market.calendar_link('admin') $$, 'PT422', 'role_invalid', 'a calendar is of a role');
select throws_ok($$ select market.calendar_link(null) $$, 'PT422', 'role_invalid', 'that is named');
select throws_ok($$ select market.calendar_link('tutor') $$, 'PT403', 'tutor_required', 'that of a tutor is a tutor''s');
select is(market.revoke_calendar_link('learner'), null, 'without a link there is nothing to revoke');
insert into links select 'old', market.calendar_link('learner');
select matches((select link ->> 'path' from links where name = 'old'), '^/calendar/bookings/[A-Za-z0-9_-]{43}\.ics$', 'a link has a path');
select is((select count(*) from market.calendar_links), 1::bigint, 'and its owner sees that it is there');
select throws_ok($$ select token_hash from market.calendar_links $$, '42501', null, 'not what opens it');
select throws_ok($$ insert into market.calendar_links (user_id, role, token_hash) values (auth.uid(), 'learner', repeat('0', 64)) $$, '42501', null, 'nobody writes links directly');
select throws_ok($$ update market.calendar_links set revoked_at = null $$, '42501', null, 'nor changes them');
select throws_ok($$ delete from market.calendar_links $$, '42501', null, 'nor deletes them');
select throws_ok($$ select pg_temp.open('old') $$, '42501', null, 'opening is for services');
insert into links select 'learner', market.calendar_link('learner');
select isnt((select link ->> 'token' from links where name = 'learner'), (select link ->> 'token' from links where name = 'old'), 'asked again it is another one');
select is((select count(*) from market.calendar_links where revoked_at is null), 1::bigint, 'of which one is alive');
select tests.as_user((select stranger from who));
select is((select count(*) from market.calendar_links), 0::bigint, 'nobody else sees them');
insert into links select 'stranger', market.calendar_link('learner');
select tests.as_user((select tutor from who));
insert into links select 'tutor', market.calendar_link('tutor');
insert into links select 'tutor as learner', market.calendar_link('learner');
select is((select count(*) from market.calendar_links where revoked_at is null), 2::bigint, 'a tutor has one for each role');
select tests.as_owner();
select is((select count(*) from market.calendar_links where token_hash in (select link ->> 'token' from links)), 0::bigint, 'no token is kept');

-- Opening ----------------------------------------------------------------------------------------------------------
select tests.as_service();
select is(pg_temp.open('old'), null, 'the link before opens nothing');
select is(market.open_calendar_link(repeat('0', 64)), null, 'nor does what is no link');
select is(market.open_calendar_link(null, null), null, 'nor nothing');
select is(pg_temp.open('learner') -> 'content', '{"role": "learner", "bookings": []}', 'one without sessions is an empty calendar');
select is(pg_temp.open('learner', pg_temp.open('learner') ->> 'version') -> 'content', 'null', 'that is not sent twice');
select tests.as_owner();
select isnt((select last_used_at from market.calendar_links where user_id = (select learner from who) and revoked_at is null), null, 'its owner sees when it was used');

-- Sessions ---------------------------------------------------------------------------------------------------------
select tests.booking((select paid from o), (select learner from who), tests.hour(80), 'hold');
select tests.booking((select paid from o), (select learner from who), tests.hour(84), 'expired');
select tests.booking((select free from o), (select learner from who), tests.hour(-48), 'completed');
select tests.booking((select free from o), (select learner from who), tests.hour(-4800), 'completed');
create temp table b as select tests.booking((select free from o), (select learner from who), tests.hour(72)) as id;
select tests.as_service();
select results_eq($$ select status, starts_at, tutor, learner from pg_temp.bookings('learner') $$,
  $$ values ('completed', tests.hour(-48), 'Tora Tutor', 'Leo Learner'), ('scheduled', tests.hour(72), 'Tora Tutor', 'Leo Learner') $$,
  'scheduled and past ones; nothing that was only held, nothing of long ago');
select results_eq($$ select chain_id, sequence from pg_temp.bookings('tutor') where status = 'scheduled' $$, $$ select id, 0 from b $$, 'the tutor has the same');
select is((select count(*) from pg_temp.bookings('tutor as learner')), 0::bigint, 'not as a learner');
select is((select count(*) from pg_temp.bookings('stranger')), 0::bigint, 'and nobody else has it');
select is((select string_agg(k, ' ' order by k) from jsonb_object_keys(pg_temp.open('tutor') -> 'content' -> 'bookings' -> 0) as k),
  'chain_id created_at ends_at learner meeting_link sequence starts_at status title tutor updated_at', 'no prices, notes, reasons');
select is((select string_agg(k, ' ' order by k) from jsonb_object_keys(pg_temp.open('tutor') -> 'content' -> 'bookings' -> 0 -> 'learner') as k),
  'id name', 'and no addresses');

-- Through a move, a link, and cancelling ---------------------------------------------------------------------------
create temp table version as select pg_temp.open('learner') ->> 'version' as v;
select tests.as_user((select learner from who));
select market.reschedule_booking((select id from b), tests.hour(100));
select tests.as_service();
select isnt(pg_temp.open('learner', (select v from version)) -> 'content', 'null', 'a move is news');
select results_eq($$ select chain_id, sequence, starts_at from pg_temp.bookings('learner') where status = 'scheduled' $$,
  $$ select id, 1, tests.hour(100) from b $$, 'the same event, with a higher number, at another time');
select is((select count(*) from pg_temp.bookings('learner')), 2::bigint, 'and no other beside it');
select tests.as_user((select tutor from who));
select market.set_meeting_link(id, 'https://meet.test/elsewhere') from market.bookings where rescheduled_from_id = (select id from b);
select tests.as_service();
select results_eq($$ select sequence, link from pg_temp.bookings('learner') where status = 'scheduled' $$, $$ values (2, 'https://meet.test/elsewhere') $$, 'a place counts it up');
select tests.as_user((select learner from who));
select market.reschedule_booking(id, tests.hour(110)) from market.bookings where rescheduled_from_id = (select id from b);
select market.cancel_booking(id) from market.bookings where chain_id = (select id from b) and moved_at is null;
select tests.as_service();
select results_eq($$ select chain_id, status, sequence, starts_at from pg_temp.bookings('learner') where status <> 'completed' $$,
  $$ select id, 'cancelled', 4, tests.hour(110) from b $$, 'what is called off stays, as the same event, with a higher number');
select results_eq($$ select status, sequence from pg_temp.bookings('tutor') where status <> 'completed' $$, $$ values ('cancelled', 4) $$, 'for both');
select tests.as_owner();
select tests.booking((select paid from o), (select learner from who), tests.hour(130), 'hold') as id into temp held;
select tests.as_user((select learner from who));
select market.release_hold((select id from held));
select tests.as_service();
select is((select count(*) from pg_temp.bookings('learner') where starts_at = tests.hour(130)), 0::bigint, 'what was only held and given back never was an event');
select tests.as_owner();
update market.bookings set cancelled_at = now() - interval '91 days' where chain_id = (select id from b) and moved_at is null;
select tests.as_service();
select is((select count(*) from pg_temp.bookings('learner') where status = 'cancelled'), 0::bigint, 'after ninety days it is taken out');

-- Who goes ---------------------------------------------------------------------------------------------------------
select tests.as_owner();
create temp table last as select tests.booking((select free from o), (select learner from who), tests.hour(150)) as id;
update core.profiles set full_name = '' where id = (select learner from who);
select tests.as_service();
select is((select learner from pg_temp.bookings('tutor') where chain_id = (select id from last)), (select username::text from core.profiles where id = (select learner from who)), 'who has no name has one all the same');
select tests.as_owner();
update core.profiles set is_active = false where id = (select learner from who);
select tests.as_service();
select is(pg_temp.open('learner'), null, 'the link of somebody suspended opens nothing');
select tests.as_user((select learner from who));
select throws_ok($$ select market.calendar_link('learner') $$, 'PT403', 'account_inactive', 'he makes none');
select isnt(market.revoke_calendar_link('learner'), null, 'and may revoke his');
select is(market.revoke_calendar_link('learner'), market.revoke_calendar_link('learner'), 'again: the same');
select tests.as_owner();
update core.profiles set is_active = true where id = (select learner from who);
select tests.as_service();
select is(pg_temp.open('learner'), null, 'what is revoked stays so');
select tests.as_owner();
delete from auth.users where id = (select tutor from who);
select is((select count(*) from market.calendar_links where user_id = (select tutor from who)), 0::bigint, 'with an account its links go');
select tests.as_user((select learner from who));
delete from links where name = 'learner';
insert into links select 'learner', market.calendar_link('learner');
select tests.as_service();
select results_eq($$ select status, sequence, tutor from pg_temp.bookings('learner') where chain_id = (select id from last) $$,
  $$ values ('cancelled', 1, 'Former tutor') $$, 'what he had agreed on is called off in the calendar of the other');

-- Limits -----------------------------------------------------------------------------------------------------------
select tests.as_owner();
update core.settings set value = '{"link": {"burst": 1, "per_hour": 1}, "fetch": {"burst": 1, "per_hour": 1}, "miss": {"burst": 1, "per_hour": 1}}' where key = 'market.calendar_limits';
select tests.as_service();
select lives_ok($$ select market.open_calendar_link(repeat('1', 64), '198.51.100.7') $$, 'one miss');
select throws_ok($$ select market.open_calendar_link(repeat('2', 64), '198.51.100.7') $$, 'PT429', 'rate_limited', 'and no more from there');
select lives_ok($$ select market.open_calendar_link(repeat('2', 64), '198.51.100.8') $$, 'elsewhere nobody minds');
select lives_ok($$ select pg_temp.open('stranger') $$, 'one reading');
select throws_ok($$ select pg_temp.open('stranger') $$, 'PT429', 'rate_limited', 'and no more at once');

select tests.as_owner();
select is_empty('select tests.money_broken()', 'and the money adds up');
select * from finish();
rollback;
