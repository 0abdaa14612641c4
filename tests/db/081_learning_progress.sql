-- Following: time by the server's clock, completion, progress, and streaks in the learner's own calendar, over changes of
-- the clock and of the continent.
begin;
select plan(107);
select tests.share_temporaries();

create temp table people as select
  tests.create_user('work-owner@lyceum.test') as owner, tests.create_user('work-stranger@lyceum.test') as stranger;
update core.profiles set time_zone = 'Europe/London' where id = (select owner from people);
create temp table things (what text primary key, id uuid);
grant all on things to public;
insert into things select w, gen_random_uuid() from unnest(array['cur', 'two', 'note']) as w;
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
create function pg_temp.s(p_title text) returns uuid language sql security definer as $$
  select id from learning.sessions where title = p_title and curriculum_id in (select id from things); $$;
-- As if the running stretch had begun, and given its last sign of life, so long ago.
create function pg_temp.back(p_started interval, p_seen interval default null) returns void language sql security definer as $$
  update learning.session_work set started_at = clock_timestamp() - p_started, seen_at = clock_timestamp() - coalesce(p_seen, p_started)
  where user_id = (select owner from people) and ended_at is null; $$;
create function pg_temp.minutes(p_title text) returns integer language sql security definer as $$
  select coalesce(sum(minutes), 0)::integer from learning.session_work where session_id = pg_temp.s(p_title); $$;
create function pg_temp.running() returns text language sql security definer as $$
  select string_agg(s.title, ' ') from learning.session_work w join learning.sessions s on s.id = w.session_id
  where w.user_id = (select owner from people) and w.ended_at is null; $$;

select tests.as_user(owner) from people;
select learning.create_curriculum('One', 'S', 60, p_id => pg_temp.id('cur'), p_sessions => '[
  {"title": "A"}, {"title": "B", "requires": [1], "duration": 30}, {"title": "C"}, {"title": "D"}]') into temp c1;
select learning.create_curriculum('Two', 'S', 40, p_id => pg_temp.id('two'), p_sessions => '[{"title": "X"}, {"title": "Y"}]') into temp c2;

-- 1. Time ----------------------------------------------------------------------------------------------------------

select throws_ok($$select learning.heartbeat_session(pg_temp.s('A'))$$, 'PT409', 'session_not_running', 'no sign of life before the start');
select throws_ok($$select learning.pause_session(pg_temp.s('A'))$$, 'PT409', 'session_not_running', 'nothing to end');
select throws_ok($$select learning.start_session(pg_temp.s('B'))$$, 'PT409', 'prerequisites_open', 'B waits for A');
select throws_ok($$select learning.complete_session(pg_temp.s('B'))$$, 'PT409', 'prerequisites_open', 'also to be completed');
select throws_ok($$select learning.start_session(gen_random_uuid())$$, 'PT404', 'session_not_found', 'what is not there is not started');
select throws_ok($$select learning.start_session(null)$$, 'PT404', 'session_not_found', 'nor nothing');
select is((learning.start_session(pg_temp.s('A'))).ended_at, null, 'A runs');
select is((learning.start_session(pg_temp.s('A'))).id, (select id from learning.session_work), 'started again it is the same stretch');
select pg_temp.back('20 minutes', '2 minutes');
select is((learning.heartbeat_session(pg_temp.s('A'))).id, (select id from learning.session_work), 'a sign of life continues it');
select ok((select seen_at > now() - interval '1 minute' from learning.session_work), 'and is kept');
select is((learning.pause_session(pg_temp.s('A'))).minutes, 20, 'paused it counts what passed');
select is((learning.pause_session(pg_temp.s('A'))).minutes, 20, 'once');
select is(pg_temp.running(), null, 'nothing runs');
select throws_ok($$select learning.heartbeat_session(pg_temp.s('A'))$$, 'PT409', 'session_not_running', 'the other device hears of it');

select (learning.start_session(pg_temp.s('A'))).id is not null as ok into temp o1;
select pg_temp.back('5 hours', '4 hours 50 minutes');
select is((learning.pause_session(pg_temp.s('A'))).minutes, 10, 'whoever fell silent is counted until his last sign of life');
select (learning.start_session(pg_temp.s('A'))).id is not null as ok into temp o2;
select pg_temp.back('59.9 seconds');
select is((learning.pause_session(pg_temp.s('A'))).minutes, 0, 'never more than what passed: 59 seconds are no minute');
select (learning.start_session(pg_temp.s('C'))).id is not null as ok into temp o3;
select pg_temp.back('5 hours');
select is((learning.pause_session(pg_temp.s('C'))).minutes, 60, 'without any sign the planned length counts at most');
select (learning.start_session(pg_temp.s('C'))).id is not null as ok into temp o4;
select pg_temp.back('5 hours', '20 minutes');
select ok((learning.heartbeat_session(pg_temp.s('C'))).started_at > now() - interval '1 minute', 'after a silence a new stretch begins');
select is(pg_temp.minutes('C'), 180, 'and of the old one no more counts than three times the length in all');
select pg_temp.back('9 minutes');
select is((learning.pause_session(pg_temp.s('C'))).minutes, 0, 'beyond that nothing counts');

select (learning.start_session(pg_temp.s('A'))).id is not null as ok into temp o5;
select pg_temp.back('7 minutes 30 seconds');
select ok((learning.start_session(pg_temp.s('X'))).id is not null, 'whoever starts another session');
select is(pg_temp.running(), 'X', 'has left the first');
select is(pg_temp.minutes('A'), 37, 'whose minutes count');
select pg_temp.back('3 minutes');
select is((learning.pause_curriculum(pg_temp.id('two'))).status, 'paused', 'pausing the curriculum');
select is(concat(pg_temp.running(), pg_temp.minutes('X')), '3', 'ends its work');
select is((learning.resume_curriculum(pg_temp.id('two'))).status, 'active', 'gone on with');
select pg_temp.back('0');

-- 2. Completion ----------------------------------------------------------------------------------------------------

select (learning.start_session(pg_temp.s('A'))).id is not null as ok into temp o6;
select pg_temp.back('3 minutes 10 seconds');
select ok((learning.complete_session(pg_temp.s('A'))).completed_at > now() - interval '1 minute', 'A is completed');
select is(concat(pg_temp.running(), pg_temp.minutes('A')), '40', 'its work ended and counts');
select is((select completed_on from learning.sessions where title = 'A'), (now() at time zone 'Europe/London')::date, 'on the day that it was in London');
select ok((learning.complete_session(pg_temp.s('A'))).completed_at = (select completed_at from learning.sessions where title = 'A'), 'a retry changes nothing');
select throws_ok($$select learning.start_session(pg_temp.s('A'))$$, 'PT409', 'session_completed', 'what is completed is not started');
select throws_ok($$select learning.remove_session(pg_temp.s('A'))$$, 'PT409', 'session_completed', 'nor removed');
select ok((learning.complete_session(pg_temp.s('B'))).completed_at is not null, 'B has waited for A');
select results_eq($$select minutes, is_unmeasured, ended_at = started_at from learning.session_work where session_id = pg_temp.s('B')$$,
  $$values (0, true, true)$$, 'never started, it counts no time');
select ok((learning.reopen_session(pg_temp.s('B'))).completed_on is null, 'reopened');
select is(pg_temp.minutes('B'), 0, 'the estimate is gone');
select ok((learning.reopen_session(pg_temp.s('B'))).completed_on is null, 'a retry reopens nothing');
select ok((learning.complete_session(pg_temp.s('B'))).completed_on is not null, 'and completed again');
select is((select count(*) from learning.session_work where session_id = pg_temp.s('B')), 1::bigint, 'it is estimated once');
select ok((learning.reopen_session(pg_temp.s('A'))).completed_at is null, 'A is reopened');
select is((select count(*) from learning.sessions where title = 'B' and completed_at is not null), 1::bigint, 'what required it stays completed');
select is(pg_temp.minutes('A'), 40, 'measured time stays');
select results_eq($$select sessions_completed, total_sessions, percent, total_time_spent, status from learning.user_progress where curriculum_id = pg_temp.id('cur')$$,
  $$values (1, 4, 25, 220, 'active')$$, 'progress is derived');
select ok((learning.complete_session(s.id)).completed_at is not null, s.title || ' is completed')
from learning.sessions s where s.curriculum_id = pg_temp.id('cur') and s.completed_at is null order by s.session_number;
select results_eq($$select status, completed_at is not null from learning.curricula where id = pg_temp.id('cur')$$, $$values ('completed', true)$$, 'with the last one the curriculum is');
select throws_ok($$select learning.pause_curriculum(pg_temp.id('cur'))$$, 'PT409', 'illegal_transition', 'completed, it is not paused');
select is((learning.resume_curriculum(pg_temp.id('cur'))).status, 'completed', 'to go on with it changes nothing');
select is((learning.archive_curriculum(pg_temp.id('cur'))).status, 'archived', 'it is put away');
select throws_ok($$select learning.reopen_session(pg_temp.s('A'))$$, 'PT409', 'curriculum_archived', 'and nothing in it reopened');
select is((learning.restore_curriculum(pg_temp.id('cur'))).status, 'completed', 'taken out as complete as it was');
select ok((learning.add_session(pg_temp.id('cur'), 'E')).id is not null, 'a session is added');
select results_eq($$select status, completed_at is null from learning.curricula where id = pg_temp.id('cur')$$, $$values ('active', true)$$, 'and it is active again');
select ok(learning.remove_session(pg_temp.s('E')), 'the added one goes');
select is((select status from learning.curricula where id = pg_temp.id('cur')), 'completed', 'and it is complete again');
select ok((learning.reopen_session(pg_temp.s('D'))).completed_at is null, 'one is reopened');
select is((select status from learning.curricula where id = pg_temp.id('cur')), 'active', 'and it is active');
select tests.as_owner();
select ok((select count(*) > 3 from realtime.messages where topic = 'user:' || (select owner from people)::text and event = 'learning_progress'), 'other devices are told');
select tests.as_user(owner) from people;
select is((select count(*) from learning.create_curriculum('Empty', 'S', 30) c where c.status = 'active'), 1::bigint, 'one without sessions is not completed');
select is((select percent from learning.user_progress where total_sessions = 0), 0, 'but at nothing');

-- 3. Streaks by the calendar ---------------------------------------------------------------------------------------

create function pg_temp.streak(p_days text, p_today date) returns text language sql security definer as $$
  select concat_ws(' ', k.current_streak, k.longest_streak, k.last_session_date) from private.learning_streaks(p_days::date[], p_today) as k; $$;
select is(pg_temp.streak(days, today::date), want, about) from (values
  ('{}', '2026-03-01', '0 0', 'no day, no streak'),
  (null, '2026-03-01', '0 0', 'nothing, no streak'),
  ('{2026-03-01}', '2026-03-01', '1 1 2026-03-01', 'today'),
  ('{2026-02-28}', '2026-03-01', '1 1 2026-02-28', 'yesterday keeps it alive'),
  ('{2026-02-27}', '2026-03-01', '0 1 2026-02-27', 'the day before does not'),
  ('{2026-02-27,2026-02-28,2026-03-01,2026-03-01}', '2026-03-01', '3 3 2026-03-01', 'over the end of February, a day once'),
  ('{2028-02-28,2028-02-29,2028-03-01}', '2028-03-01', '3 3 2028-03-01', 'and of a leap year'),
  ('{2026-01-01,2026-01-02,2026-01-03,2026-01-04,2026-01-10,2026-01-11}', '2026-01-12', '2 4 2026-01-11', 'the longest is another'),
  ('{2026-01-01,2026-01-02,2026-01-03}', '2026-06-01', '0 3 2026-01-03', 'and stays when it is over'),
  ('{2025-12-31,2026-01-01}', '2026-01-01', '2 2 2026-01-01', 'over the year'),
  ('{2026-03-01,2026-03-02}', '2026-03-01', '2 2 2026-03-02', 'whoever flew west has been in tomorrow'),
  ('{2026-02-26,2026-02-27,2026-02-28,2026-03-02}', '2026-03-01', '1 3 2026-03-02', 'the later run is the present one')
) as t (days, today, want, about);

select tests.as_owner();
-- By the clocks of the world: what the day is, is asked of the zone, and a night of 23 or 25 hours is one night.
create function pg_temp.run(p_zone text, p_times text[]) returns integer language sql as $$
  select k.longest_streak from private.learning_streaks(
    array(select (t::timestamptz at time zone p_zone)::date from unnest(p_times) as t), '2026-01-01') as k; $$;
select is(pg_temp.run(zone, times::text[]), want, about) from (values
  ('Europe/London', '{2026-03-28T23:30Z,2026-03-29T22:30Z,2026-03-29T23:30Z}', 3, 'London loses an hour: 23:30, 23:30, and past midnight'),
  ('Europe/London', '{2026-03-28T23:59Z,2026-03-30T00:01+01}', 1, 'two nights that the lost hour does not make one'),
  ('Europe/London', '{2026-10-24T22:30Z,2026-10-25T23:30Z}', 2, 'London gains an hour: 25 hours apart and neighbours'),
  ('America/New_York', '{2026-03-08T03:30Z,2026-03-09T03:30Z}', 2, 'New York, 22:30 and 23:30'),
  ('America/New_York', '{2026-11-01T03:59Z,2026-11-02T04:59Z,2026-11-03T04:59Z}', 3, 'and back, 23:59 each'),
  ('Australia/Lord_Howe', '{2026-04-04T12:59Z,2026-04-05T13:29Z}', 2, 'Lord Howe, whose clock moves by half an hour'),
  ('Asia/Kathmandu', '{2026-05-01T18:14Z,2026-05-01T18:15Z}', 2, 'Kathmandu, where midnight is at 18:15'),
  ('Pacific/Apia', '{2011-12-30T09:59Z,2011-12-30T10:00Z}', 1, 'Apia had no 30 December 2011')
) as t (zone, times, want, about);

-- 4. The learner's own, as he travels ------------------------------------------------------------------------------

-- Days back from what is today in Auckland, and then he flies to Honolulu, a day behind or two.
update core.profiles set time_zone = 'Pacific/Auckland' where id = (select owner from people);
create temp table today as select (now() at time zone 'Pacific/Auckland')::date as d;
update learning.sessions set completed_at = null, completed_on = null where curriculum_id in (select id from things);
update learning.sessions s set completed_at = now(), completed_on = t.d - x.back from today t, (values ('A', 0), ('B', 1), ('C', 2), ('X', 3)) as x (title, back)
where s.title = x.title and s.curriculum_id in (select id from things);
select tests.as_user(owner) from people;
select results_eq($$select m.current_streak, m.longest_streak, m.last_session_date, m.today, m.is_today_done from learning.my_streak() m$$,
  $$select 4, 4, d, d, true from today$$, 'four days over two curricula');
select results_eq($$select current_streak, last_session_date from learning.user_progress where curriculum_id = pg_temp.id('cur')$$,
  $$select 3, d from today$$, 'three of them in the first');
select results_eq($$select current_streak, longest_streak from learning.user_progress where curriculum_id = pg_temp.id('two')$$,
  $$values (0, 1)$$, 'the second is over');
select lives_ok($$update core.profiles set time_zone = 'Pacific/Honolulu' where id = auth.uid()$$, 'he flies to Honolulu');
select results_eq($$select m.current_streak, m.longest_streak from learning.my_streak() m$$, $$values (4, 4)$$, 'and keeps what he has');
select is((select array_agg(completed_on order by completed_on) from learning.sessions where completed_on is not null),
  (select array[d - 3, d - 2, d - 1, d] from today), 'no day moved');
select is((learning.complete_session(pg_temp.s('Y'))).completed_on, (now() at time zone 'Pacific/Honolulu')::date, 'what he completes now is on the day of Honolulu');
select is((select m.longest_streak from learning.my_streak() m), 4, 'a day that he lives twice counts once');
select is((select m.is_today_done from learning.my_streak() m), true, 'and today is done there, too');
select tests.as_owner();
update learning.sessions set completed_on = completed_on - 5 where completed_on is not null;
select tests.as_user(owner) from people;
select results_eq($$select m.current_streak, m.longest_streak, m.is_today_done from learning.my_streak() m$$, $$values (0, 4, false)$$, 'days later it is broken');

-- 5. Notes, and others ---------------------------------------------------------------------------------------------

select lives_ok($$insert into learning.user_notes (id, session_id, content) values (pg_temp.id('note'), pg_temp.s('A'), '  Remember ')$$, 'one writes notes');
select results_eq($$select content, user_id = auth.uid() from learning.user_notes$$, $$values ('Remember', true)$$, 'clean, and one''s own');
select lives_ok($$update learning.user_notes set content = 'Forget'$$, 'changes them');
select throws_ok($$update learning.user_notes set content = ''$$, 'PT422', 'text_required', 'not to nothing');
select throws_ok($$update learning.user_notes set session_id = pg_temp.s('B')$$, '42501', null, 'nor moves them');
select throws_ok($$insert into learning.user_notes (session_id, content) values (gen_random_uuid(), 'x')$$, 'PT404', 'session_not_found', 'about a session');
select throws_ok($$insert into learning.user_notes (session_id, content, user_id) select pg_temp.s('A'), 'x', stranger from people$$, '42501', null, 'in one''s own name');
select tests.as_user(stranger) from people;
select throws_ok($$insert into learning.user_notes (session_id, content) values (pg_temp.s('A'), 'x')$$, 'PT404', 'session_not_found', 'a stranger writes none there');
select is((select count(*) from learning.user_notes) + (select count(*) from learning.session_work), 0::bigint, 'and sees neither notes nor time');
select is(tests.rows_changed($$delete from learning.user_notes$$), 0::bigint, 'deletes nothing');
select results_eq($$select m.current_streak, m.longest_streak, m.last_session_date, m.is_today_done from learning.my_streak() m$$, $$values (0, 0, null::date, false)$$, 'his own streak is none');
select throws_ok($$select learning.pause_session(pg_temp.s('A'))$$, 'PT404', 'session_not_found', 'he ends nobody''s work');
select tests.as_owner();
update core.settings set value = '1' where key = 'learning.max_notes';
update core.profiles set is_active = false where id = (select stranger from people);
select tests.as_user(owner) from people;
select throws_ok($$insert into learning.user_notes (session_id, content) values (pg_temp.s('A'), 'x')$$, 'PT409', 'note_limit_reached', 'there is an end to notes');
select is(tests.rows_changed($$delete from learning.user_notes$$), 1::bigint, 'and they are deleted');
select tests.as_user(stranger) from people;
select lives_ok($$select learning.my_streak()$$, 'suspended one still reads one''s streak');
select throws_ok($$select learning.create_curriculum('x', 'y', 30)$$, 'PT403', 'account_inactive', 'and makes nothing');

select tests.as_owner();
select * from finish();
rollback;
