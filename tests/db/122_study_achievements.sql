-- Achievements, boards of the week, and the message to the learner.
begin;
select plan(93);
select tests.share_temporaries();
create temp table who as
select tests.play_learner('sa-ann@example.org', 'Europe/Berlin') as ann, tests.play_learner('sa-ben@example.org') as ben,
  tests.play_learner('sa-cat@example.org') as cat, tests.play_learner('sa-dan@example.org') as dan, tests.create_user('sa-admin@example.org', '{admin}') as admin;
create temp table q as select n, tests.play_question(null, case when n > 100 then 'hard' else 'medium' end) as id from generate_series(1, 160) as n;
create function pg_temp.q(p_n integer) returns uuid language sql as $$ select id from q where n = p_n $$;
create function pg_temp.has(p_user uuid) returns text language sql
as $$ select coalesce(string_agg(a.code, ' ' order by a.code), '') from study.user_achievements as u join study.achievements as a on a.id = u.achievement_id where u.user_id = p_user and u.is_completed $$;
create function pg_temp.new(p_user uuid, p_before text) returns text language sql
as $$ select coalesce(string_agg(w, ' ' order by w), '') from unnest(string_to_array(pg_temp.has(p_user), ' ')) as w where not w = any (string_to_array(p_before, ' ')) $$;
create function pg_temp.progress(p_user uuid, p_code text) returns bigint language sql
as $$ select progress from private.study_my_achievements(p_user, now()) where code = p_code $$;

-- The list
select is((select count(*) from study.achievements where is_active), 47::bigint, '47 achievements');
select set_has('select code from study.achievements', $$ values ('first_question'), ('streak_7'), ('streak_30'), ('perfect_10'), ('speed_demon'), ('night_owl'), ('early_bird'), ('master_anatomy') $$,
  'those of the first design among them');
select is_empty($$ select code from study.achievements where description = '' or icon = '' or xp_reward < 1 $$, 'each says what it is for and brings something');
select throws_ok(format($$ insert into study.achievements (code, name, description, category, metric, threshold, unlock_conditions, topic_id) values ('x1', 'X', 'X', 'special', %L, 1, %L, %s) $$, m, c, t),
  e, k, w)
from (values
  ('likes', '{}', 'null', '23503', null, 'an unknown metric'), ('answer', '{"colour": "red"}', 'null', 'PT422', 'achievement_conditions_invalid', 'an unknown field'),
  ('answer', '{"below_seconds": "30"}', 'null', 'PT422', 'achievement_conditions_invalid', 'a bound that is a word'),
  ('streak', '{"hour": 3}', 'null', 'PT422', 'achievement_conditions_invalid', 'a condition of a total'),
  ('answer', '{}', '(select id from core.topics limit 1)', 'PT422', 'achievement_conditions_invalid', 'a topic of what has none')
) as t (m, c, t, e, k, w);
select is(private.study_meets('{"seconds": 29.9, "is_correct": true, "weekday": 6}', c), r, w)
from (values
  ('{}'::jsonb, true, 'no conditions'), ('{"is_correct": true}', true, 'an equal'), ('{"is_correct": false}', false, 'another'), ('{"below_seconds": 30}', true, 'below'),
  ('{"below_seconds": 29.9}', false, 'not below'), ('{"max_seconds": 29.9}', true, 'at most'), ('{"min_seconds": 30}', false, 'at least'), ('{"weekday": [6, 7]}', true, 'one of'),
  ('{"weekday": [1, 2]}', false, 'none of'), ('{"min_confidence": 1}', false, 'a field that is not there'), ('{"is_correct": true, "min_weekday": 7}', false, 'one of two')
) as t (c, r, w);

-- Totals and events, by the learner's clock
select is(tests.play_answer(ann, pg_temp.q(1), true, '2026-03-02 11:00Z', 45000), 10 + 10, 'the first answer: its experience and that of an achievement') from who;
select is(pg_temp.has(ann), 'first_question', 'First Steps') from who;
select is(tests.play_answer(ann, pg_temp.q(2), true, '2026-03-02 11:01Z', 30000), 10, '30 seconds are not under 30 seconds') from who;
select is(tests.play_answer(ann, pg_temp.q(3), false, '2026-03-02 11:02Z', 1000), 2, 'nor is a wrong answer fast') from who;
select is(tests.play_answer(ann, pg_temp.q(4), true, '2026-03-02 11:03Z', 29999), 10 + 25 + 20 + 10, 'under 30: Speed Demon; the goal, On Target') from who;
select is(pg_temp.has(ann), 'first_question goal_1 speed_demon', 'these three') from who;
select is(tests.play_answer(ann, pg_temp.q(5), true, '2026-03-02 11:04Z', 1000), 10, 'once') from who;
select is(tests.play_answer(ann, pg_temp.q(6), true, '2026-03-02 22:59Z', 60000), 10, '23:59 in Berlin') from who;
select is(tests.play_answer(ann, pg_temp.q(7), true, '2026-03-02 23:00Z', 60000), 10 + 2 + 15, 'midnight in Berlin: Night Owl') from who;
select is(tests.play_answer(ann, pg_temp.q(8), true, '2026-03-03 04:59Z', 60000), 10 + 15 + 20, '5:59: Early Bird; the goal of the second day') from who;
select is(tests.play_answer(ann, pg_temp.q(9), true, '2026-03-03 05:00Z', 60000), 10, '6:00') from who;
select is(pg_temp.has(ann), 'early_bird first_question goal_1 night_owl speed_demon', 'five') from who;
select results_eq('select pg_temp.progress(ann, c) from who, unnest(array[''questions_100'', ''night_owl_50'', ''perfect_10'', ''speed_100'', ''hard_50'']) as c',
  'values (9::bigint), (1), (6), (1), (0)', 'and so far towards others');
-- Answers in a row
select tests.play_answer(ann, pg_temp.q(9 + n), true, '2026-03-03 12:00Z'::timestamptz + n * interval '1 minute', 60000) from who, generate_series(1, 4) as n order by n;
select is(pg_temp.progress(ann, 'perfect_10'), 10::bigint, 'ten in a row') from who;
select ok(pg_temp.has(ann) like '%perfect_10%', 'Perfect Score') from who;
-- Many at once, each counted
create temp table graded as
with s as (
  insert into study.practice_sessions (user_id, session_type, total_questions, time_limit_seconds, running_since)
  select ben, 'test', 60, 7200, now() from who returning *
),
a as (
  insert into study.user_question_attempts (
    user_id, question_id, version_id, session_id, attempt_type, selected_indexes, is_skipped, is_correct, time_taken_ms, study_day, answered_at, confidence_rating
  )
  select s.user_id, q.id, v.id, s.id, 'test', '{0}', false, true, 60000, '2026-03-02', '2026-03-02 10:00Z', 5
  from s, q join study.question_versions as v on v.question_id = q.id where q.n between 91 and 150
  returning *
)
select array_agg(row(a.*)::study.user_question_attempts) as attempts from a;
select is(private.study_play_attempts(ben, attempts, '2026-03-02 12:00Z'), 10 * 10 + 50 * 14 + 10 + 25 + 100 + 300 + 150 + 20 + 10 + 25, 'sixty at once: all that they bring') from graded, who;
select is(pg_temp.has(ben), 'first_question goal_1 hard_50 level_5 perfect_10 perfect_25 xp_1000', 'experience of achievements leads to others') from who;
select is(pg_temp.progress(ben, 'sure_100'), 60::bigint, 'sixty of a hundred') from who;
-- Days, freezes, sessions, reviews
create function pg_temp.gain(p_user uuid, p_sql text) returns text language plpgsql
as $$ declare v_before text := pg_temp.has(p_user); begin execute p_sql; return pg_temp.new(p_user, v_before); end; $$;
select is(pg_temp.gain(cat, format($$ select tests.play_answer(%L, pg_temp.q(1), false, '2026-03-07 10:00Z'::timestamptz + n * interval '1 day') from generate_series(0, 6) as n $$, cat)),
  'first_question goal_1 streak_3 streak_7', 'a week of days, the experience of which meets a goal') from who;
select is(pg_temp.progress(cat, 'weekends_10'), 2::bigint, 'two of a weekend') from who;
select is(pg_temp.gain(cat, format($$ select tests.play_answer(%L, pg_temp.q(1), false, '2026-03-15 10:00Z') $$, cat)), 'frozen_once', 'a freeze that saves the streak') from who;
select is(pg_temp.gain(cat, format($$ select tests.play_answer(%L, pg_temp.q(1), false, '2026-03-22 10:00Z') $$, cat)), '', 'six days away') from who;
select is(pg_temp.gain(cat, format($$ select tests.play_answer(%L, pg_temp.q(1), false, '2026-03-30 10:00Z') $$, cat)), 'comeback', 'seven') from who;
select is(pg_temp.gain(cat, format($$ select tests.play_answer(%L, pg_temp.q(1), false, '2027-01-01 10:00Z') $$, cat)), 'new_year', 'New Year') from who;
create temp table card as select tests.play_card(cat, '2027-01-01 10:00Z') as id from who;
select is(pg_temp.gain(cat, format($$ select tests.play_review(id, 3, '2027-01-01 11:00Z', p_interval => 30) from card $$)), 'first_review', 'a card') from who;
select is(pg_temp.progress(cat, 'mature_100'), 1::bigint, 'of three weeks and more') from who;
select is(pg_temp.gain(cat, format($$ select private.study_play_session(%L, row(s.*)::study.practice_sessions, now()) from (
  select (jsonb_populate_record(null::study.practice_sessions, '{"session_type": "test", "status": "completed", "total_questions": 20, "answered_count": 20, "correct_count": 20, "skipped_count": 0, "elapsed_ms": 60000, "selection": "topic"}'
    || jsonb_build_object('id', gen_random_uuid()))).*) as s $$, cat)), 'perfect_session test_passed', 'a flawless test') from who;
-- Mastery
insert into core.topics (slug, name) select 'sa-' || n, 'Topic ' || n from generate_series(1, 3) as n;
insert into study.mastery_levels (user_id, topic_id, questions_answered, questions_correct, ability, ability_variance, mastery_percentage, observed_at)
select dan, t.id, 30, 30, 2, 0.1, case t.slug when 'anatomy' then 89.9 when 'sa-1' then 80 else 79 end, '2026-03-02 10:00Z'
from who, core.topics as t where t.slug = 'anatomy' or t.slug::text like 'sa-%';
select is(pg_temp.gain(dan, format($$ select tests.play_answer(%L, pg_temp.q(1), false, '2026-03-02 10:00Z') $$, dan)), 'first_question first_topic goal_1', '80% in a topic') from who;
update study.mastery_levels set mastery_percentage = 90 from core.topics as t where t.id = topic_id and t.slug = 'anatomy';
select is(pg_temp.gain(dan, format($$ select tests.play_answer(%L, pg_temp.q(2), false, '2026-03-02 11:00Z') $$, dan)), '', 'what these answers did not touch is not looked at') from who;
update study.mastery_levels set observed_at = '2026-03-02 12:00Z' from core.topics as t where t.id = topic_id and t.slug = 'anatomy';
select is(pg_temp.gain(dan, format($$ select tests.play_answer(%L, pg_temp.q(3), false, '2026-03-02 12:00Z') $$, dan)), 'master_anatomy', '90% in Anatomy') from who;
update study.mastery_levels set mastery_percentage = 10;
select ok(pg_temp.has(dan) like '%master_anatomy%', 'what is had is not lost') from who;
-- Once, whatever is called
select lives_ok($$ select private.study_unlock(dan, (select array_agg(id) from study.achievements where code in ('master_anatomy', 'first_question')), now()) from who $$, 'again');
select is((select count(*) from study.xp_transactions join who on user_id = dan where source = 'achievement_unlock'), 4::bigint, 'one entry each');
-- New ones, for those who have earned them
insert into study.achievements (code, name, description, category, metric, threshold, xp_reward) values ('sa_late', 'Late', 'Five questions.', 'milestone', 'questions_answered', 5, 7);
select is(private.study_catch_up_achievements(), 3, 'a new achievement: Ann, Ben and Cat have earned it') from who;
select is(private.study_catch_up_achievements(), 0, 'once');
update study.achievements set threshold = 3 where code = 'sa_late';
select is(private.study_catch_up_achievements(), 1, 'easier: Dan, too');
update study.achievements set is_active = false where code = 'sa_late';
select is((select count(*) from study.user_achievements as u join study.achievements as a on a.id = u.achievement_id where a.code = 'sa_late' and u.is_completed), 4::bigint, 'taken out of the list, it is still had');
-- A topic that is merged
select private.merge_topics((select id from core.topics where slug = 'anatomy'), (select id from core.topics where slug = 'sa-1')) from (select tests.as_user(admin) from who) as x;
select is((select t.slug::text from study.achievements as a join core.topics as t on t.id = a.topic_id where a.code = 'master_anatomy'), 'sa-1', 'an achievement goes with its topic');
select tests.as_owner();
select is_empty('select * from private.study_play_violations', 'all adds up');

-- Who reads what
select tests.as_user((select ann from who));
select is(tests.count_of('select from study.achievements'), 47::bigint, 'everybody sees what there is');
select is_empty('select from study.user_achievements join who on user_id <> ann', 'but not what others have');
select is((select count(*) from study.my_achievements() where is_completed), 7::bigint, 'one''s own');
select results_eq('select progress, threshold, is_completed from study.my_achievements() where code = ''questions_100''', 'values (13::bigint, 100::bigint, false)', 'and how far one is');
select throws_ok('insert into study.user_achievements (user_id, achievement_id) select ann, id from who, study.achievements', '42501', null, 'nobody gives himself any');
select results_eq('select level, level_xp, next_level_xp from study.my_level()', 'values (3, 300::bigint, 600::bigint)', 'one''s level');
select results_eq('select source, description, amount from study.xp_history(1)', $$ values ('achievement_unlock', 'Late', 7) $$, 'one''s ledger, newest first');
select is((select count(distinct id) from (
  select id from study.xp_history(5) union all select id from study.xp_history(5, (select cursor from study.xp_history(5) offset 4))
) as p), 10::bigint, 'that do not repeat');
select throws_ok($$ select * from study.xp_history(5, 'x') $$, 'PT400', 'cursor_invalid', 'a cursor that is none');
select results_eq($$ select study_day, streak_length, questions_answered, is_goal_met from study.streak_calendar('2026-03-20') $$,
  $$ values ('2026-03-02'::date, 1, 6, true), ('2026-03-03', 2, 7, true) $$, 'one''s days of a month');
select is((select current_streak || ' ' || longest_streak || ' ' || studied_today from study.my_streak()), '0 2 false', 'one''s streak, by now');
select tests.as_anon();
select throws_ok('select * from study.my_streak()', '42501', null, 'nobody without an account');
select throws_ok('select * from study.leaderboard()', '42501', null, 'nor the board');
select tests.as_owner();

-- The message
create temp table eve as select tests.play_learner('sa-eve@example.org') as id;
create function pg_temp.told() returns table (payload jsonb) language sql
as $$ select m.payload - 'id' from realtime.messages as m, eve where m.topic = 'user:' || eve.id and m.event = 'study_progress' order by m.inserted_at, m.id $$;
create function pg_temp.next_transaction() returns void language sql
as $$ select set_config('lyceum.study_told', '', true), set_config('lyceum.study_gained', '', true) $$;
select pg_temp.next_transaction();
select tests.play_answer(id, pg_temp.q(n), true, '2026-03-02 10:00Z', 20000) from eve, generate_series(1, 6) as n;
select is_empty('select * from pg_temp.told()', 'nothing is sent by itself');
select private.study_announce(id, '2026-03-02 10:00Z') from eve;
select private.study_announce(id, '2026-03-02 10:00Z') from eve;
select results_eq('select * from pg_temp.told()', $$ values ('{"xp": 125, "xp_gained": 125, "level": 2, "levels_gained": 1, "streak": 1, "goal_met": true, "due": 0, "achievements": [
  {"code": "first_question", "name": "First Steps", "xp_reward": 10}, {"code": "speed_demon", "name": "Speed Demon", "xp_reward": 25}, {"code": "goal_1", "name": "On Target", "xp_reward": 10}
]}'::jsonb) $$, 'one message a transaction, of all that it brought');
select private.study_award_xp(id, 5, 'adjustment', 'x', '', '{}', '2026-03-02 10:00Z') from eve;
select private.study_announce(id, '2026-03-02 10:00Z') from eve;
select is((select array_agg(payload ->> 'xp_gained' order by (payload ->> 'xp_gained')::integer) from pg_temp.told()), '{5,125}', 'another for what came after it');
select pg_temp.next_transaction();
select tests.play_answer(id, pg_temp.q(1), true, '2026-03-02 11:00Z', 60000) from eve;
select private.study_announce(id, '2026-03-02 11:00Z') from eve;
select is((select array_agg(payload ->> 'xp_gained' order by (payload ->> 'xp_gained')::integer) from pg_temp.told()), '{0,5,125}', 'one for what brought nothing: due counts moved');
do $$
begin
  perform private.study_award_xp(id, 500, 'adjustment', 'y', '', '{}', '2026-03-02 11:00Z') from eve;
  raise exception 'no';
exception when raise_exception then
  null;
end;
$$;
select private.study_award_xp(ann, 1, 'adjustment', 'z', '', '{}', now()), private.study_announce(id, '2026-03-02 11:00Z') from who, eve;
select is((select count(*) from pg_temp.told()), 3::bigint, 'none for what was rolled back, nor for what others gained');

-- Boards
create function pg_temp.wish(p_user uuid, p_on boolean) returns void language sql
as $$ insert into study.learner_settings (user_id, on_leaderboards) values (p_user, p_on) on conflict (user_id) do update set on_leaderboards = excluded.on_leaderboards $$;
create function pg_temp.board(p_viewer uuid, p_limit integer default 20, p_around boolean default false) returns text language sql
as $$ select coalesce(string_agg(b.rank || ':' || split_part(u.email, '@', 1) || '=' || b.xp || case when b.is_me then '!' else '' end, ' ' order by b.rank), '')
  from private.study_leaderboard(p_viewer, p_limit, p_around, 0, now()) as b join auth.users as u on u.id = b.user_id $$;
create temp table person as select n, tests.play_learner('b' || n || '@example.org') as id from generate_series(1, 12) as n;
create function pg_temp.p(p_n integer) returns uuid language sql as $$ select id from person where n = p_n $$;
select private.study_award_xp(id, n * 30, 'adjustment', 'a', '', '{}', now()) from person;
select is(pg_temp.board(pg_temp.p(1)), '', 'nobody is on a board who did not ask for it');
select pg_temp.wish(id, true) from person where n <> 5;
select is(pg_temp.board(pg_temp.p(3), 3), '1:b12=360 2:b11=330 3:b10=300 9:b3=90!', 'the first, and oneself: with what was earned in the week before one asked');
select is(pg_temp.board(pg_temp.p(3), 1, true), '1:b12=360 6:b7=210 7:b6=180 8:b4=120 9:b3=90! 10:b2=60 11:b1=30', 'and those around');
select is(pg_temp.board(pg_temp.p(5), 2), '1:b12=360 2:b11=330', 'who is on none looks on');
select private.study_award_xp(pg_temp.p(3), 30, 'adjustment', 'b', '', '{}', now() + interval '1 minute');
select is(pg_temp.board(pg_temp.p(3), 0, true), '6:b7=210 7:b6=180 8:b4=120 9:b3=120! 10:b2=60 11:b1=30', 'of equals, who had it first');
select cmp_ok(private.study_fold_boards(), '>=', 13, 'changes are added up');
select is(pg_temp.board(pg_temp.p(3), 0, true), '6:b7=210 7:b6=180 8:b4=120 9:b3=120! 10:b2=60 11:b1=30', 'which changes nothing');
select pg_temp.wish(pg_temp.p(12), false);
select is(pg_temp.board(pg_temp.p(3), 1), '1:b11=330 8:b3=120!', 'who leaves is gone at once');
update core.profiles set is_active = false where id = pg_temp.p(11);
select is(pg_temp.board(pg_temp.p(3), 1), '1:b10=300 7:b3=120!', 'so is who is suspended');
update core.profiles set is_active = true where id = pg_temp.p(11);
select is(pg_temp.board(pg_temp.p(3), 1), '1:b11=330 8:b3=120!', 'until he is back');
insert into core.blocks (blocker_id, blocked_id) values (pg_temp.p(10), pg_temp.p(3));
select is(pg_temp.board(pg_temp.p(3), 3), '1:b11=330 3:b9=270 8:b3=120!', 'between blocked people no names; ranks count everybody');
select private.study_award_xp(pg_temp.p(3), 100, 'adjustment', 'two weeks ago', '', '{}', now() - interval '14 days');
select private.study_award_xp(pg_temp.p(3), -150, 'adjustment', 'c', '', '{}', now());
select is(pg_temp.board(pg_temp.p(3), 0), '', 'nobody is shown with less than nothing') from person where n = 3;
select is((select xp from study.leaderboard_entries where user_id = pg_temp.p(3) and week_start = private.study_week(now())), -30, 'but it is kept');
delete from auth.users where id = pg_temp.p(9);
select is_empty('select * from private.study_play_violations', 'all adds up');
insert into private.leaderboard_steps (week_start, step, entries) values ('2026-01-05', 3, 1);
select is((select rule from private.study_play_violations), 'steps_of_boards_add_up', 'what does not is found');
select is(private.study_check_play(), 1, 'and told');
select is((select count(*) from core.notifications where type = 'play_disagrees' and user_id = (select admin from who)), 1::bigint, 'to administrators');

select * from finish();
rollback;
