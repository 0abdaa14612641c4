-- Practice: sessions of each mode from their beginning to their end, the clock that the server keeps, and what follows from an
-- answer. Time is an argument of the functions behind the RPCs: nobody waits here.
begin;
select plan(125);
select tests.share_temporaries();

create temp table who as
select tests.create_user('pr-ann@example.org') as ann, tests.create_user('pr-ben@example.org') as ben, tests.create_user('pr-eve@example.org') as eve;
insert into core.topics (slug, name) values ('pr-heart', 'Heart'), ('pr-kidney', 'Kidney');
insert into core.topics (slug, name, parent_id) select 'pr-valve', 'Valve', id from core.topics where slug = 'pr-heart';

-- A published question of Eve's; * is right.
create function pg_temp.question(p_vignette text, p_topic text, p_options text[], p_difficulty text default 'medium', p_visibility text default 'authenticated')
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  perform tests.as_user((select eve from who));
  v_id := (study.create_question(jsonb_build_object(
    'vignette', p_vignette,
    'question_type', case when (select count(*) from unnest(p_options) as o where o like '*%') > 1 then 'multiple_choice' else 'single_choice' end,
    'options', (
      select jsonb_agg(jsonb_build_object('text', ltrim(o, '*'), 'is_correct', o like '*%', 'rationale', 'KEY of ' || ltrim(o, '*')) order by n)
      from unnest(p_options) with ordinality as u (o, n)
    ),
    'explanation', '{"correct_explanation": "KEY explained"}'::jsonb
  ), p_topic, p_difficulty => p_difficulty, p_visibility => p_visibility)).id;
  perform tests.as_owner();
  update study.questions set status = 'published' where id = v_id;
  return v_id;
end;
$$;
create temp table q as
select pg_temp.question('Chambers of a heart?', 'pr-heart', '{Two,Three,*Four,Five}', 'easy') as one,
  pg_temp.question('Leaflets of the mitral valve?', 'pr-valve', '{*Two,Three}') as two,
  pg_temp.question('Which are valves of the heart?', 'pr-valve', '{*Mitral,Septum,*Aortic,Apex}', 'hard') as many,
  pg_temp.question('Kidneys of a person?', 'pr-kidney', '{One,*Two}') as kidney;
create temp table late (id uuid);

-- At a moment of the test's clock
create function pg_temp.at(p_seconds double precision) returns timestamptz language sql as $$ select now() + make_interval(secs => p_seconds); $$;
create function pg_temp.start(p_type text, p_ids uuid[], p_limit integer default null, p_seconds double precision default 0)
returns uuid language sql as $$
  select (private.study_start_practice(p_type, null, null, null, null, p_ids, p_limit, null, pg_temp.at(p_seconds)) ->> 'id')::uuid;
$$;
create function pg_temp.answer(p_session uuid, p_question uuid, p_selected integer[], p_seconds double precision, p_confidence integer default null, p_ms bigint default null)
returns jsonb language sql as $$
  select private.study_answer_question(p_session, p_question, p_selected, p_confidence, p_ms, pg_temp.at(p_seconds));
$$;
create temp table s (name text primary key, id uuid);
grant all on s to public;

-- Nobody
select tests.as_anon();
select throws_ok($$ select study.start_practice() $$, '42501', null, 'nobody without an account practises');
select throws_ok($$ select * from study.practice_sessions $$, '42501', null, 'nor reads sessions');

-- A tutor tells at once
select tests.as_user((select ann from who));
insert into s select 'tutor', pg_temp.start('tutor', array[one, two, many]) from q;
select results_eq($$ select session_type, status, selection, total_questions, answered_count, time_limit_seconds from study.practice_sessions $$,
  $$ values ('tutor', 'active', 'chosen', 3, 0, null::integer) $$, 'a session of chosen questions begins');
create temp table seen as select study.practice_session((select id from s)) as r;
select results_eq($$ select x ->> 'vignette', x ->> 'status', (x ->> 'is_shown')::boolean, x ->> 'result' from seen, jsonb_array_elements(r -> 'questions') as x $$,
  $$ values ('Chambers of a heart?', 'pending', true, null), ('Leaflets of the mitral valve?', 'pending', false, null), ('Which are valves of the heart?', 'pending', false, null) $$,
  'its questions come in the order chosen, the first is in front');
select is((select r #> '{questions,0,options}' from seen), '[{"index": 0, "text": "Two"}, {"index": 1, "text": "Three"}, {"index": 2, "text": "Four"}, {"index": 3, "text": "Five"}]', 'with what is to choose from');
select is((select r -> 'remaining_ms' from seen), 'null', 'and no limit');

create temp table first as select pg_temp.answer((select id from s), one, '{1}', 12, 2) as r from q;
select is((select r ->> 'is_graded' from first), 'true', 'an answer is graded at once');
select is((select r #>> '{result,is_correct}' from first), 'false', 'wrong');
select is((select r #> '{result,correct}' from first), '[2]', 'it says what is right');
select is((select r #>> '{result,options,1,rationale}' from first), 'KEY of Three', 'why the one chosen is not');
select is((select r #>> '{result,explanation,correct_explanation}' from first), 'KEY explained', 'and explains');
select is((select (r #>> '{result,time_taken_ms}')::integer from first), 12000, 'the server measured it');
select is((select r #>> '{next_question,question_id}' from first), (select two::text from q), 'the next question comes with it');
select ok(not (select (r -> 'next_question')::text like '%KEY%' or r -> 'next_question' ? 'result' from first), 'without its key');
select results_eq($$ select question_id, selected_indexes::text, is_correct, confidence_rating::int, time_taken_ms, attempt_type, study_day from study.user_question_attempts $$,
  $$ select one, '{1}', false, 2, 12000::bigint, 'practice', (now() at time zone 'UTC')::date from q $$, 'an attempt is stored');
select is((select version_id from study.user_question_attempts), (select v.id from study.question_versions as v join q on v.question_id = q.one), 'of the version that was shown');

-- A new version does not change what is shown, and what was answered.
select tests.as_user((select eve from who));
create temp table revised as select study.revise_question(two, '{"vignette": "Cusps?", "options": [{"text": "Two"}, {"text": "Three", "is_correct": true}, {"text": "Four"}]}') as r from q;
select tests.as_owner();
update study.questions set status = 'published' where id = (select two from q);
select tests.as_user((select ann from who));
select is(study.practice_session((select id from s)) #>> '{questions,1,vignette}', 'Leaflets of the mitral valve?', 'a session keeps the version that it began with');
create temp table second as select pg_temp.answer((select id from s), two, '{0}', 20, 5) as r from q;
select is((select r #>> '{result,is_correct}' from second), 'true', 'by whose key it is graded');
select is((select (r #>> '{result,time_taken_ms}')::integer from second), 8000, 'each question has its own clock');
select is((select r #>> '{session,correct_count}' from second), '1', 'the count of right ones is told');
select is(study.answered_question((select two from q)) ->> 'is_current', 'false', 'what was answered is read later, and known to be revised');
select is(study.answered_question((select two from q)) #>> '{result,correct,0}', '0', 'with the key of the version answered');

-- Several right options: all of them, no other.
select is((pg_temp.answer((select id from s), many, '{2, 0}', 25) #>> '{result,is_correct}'), 'true', 'several right ones in any order') from q;
select is((select selected_indexes::text from study.practice_session_questions where question_id = (select many from q)), '{0,2}', 'stored in theirs');
select is((select r ->> 'next_question' from (select study.practice_session((select id from s)) as r) as x), null, 'none is left');

-- The end
create temp table ended as select private.study_finish_practice((select id from s), pg_temp.at(30)) as r;
select results_eq($$ select r ->> 'status', (r ->> 'answered_count')::int, (r ->> 'correct_count')::int, (r ->> 'score')::numeric, (r ->> 'not_reached_count')::int, (r ->> 'elapsed_ms')::int from ended $$,
  $$ values ('completed', 3, 2, 66.7, 0, 30000) $$, 'finished: a score');
select is((select r -> 'topics' from ended), '[{"name": "Heart", "topic": "pr-heart", "total": 1, "correct": 0, "answered": 1}, {"name": "Valve", "topic": "pr-valve", "total": 2, "correct": 2, "answered": 2}]', 'by topic');
select is((select r -> 'difficulties' -> 0 from ended), '{"total": 1, "correct": 0, "answered": 1, "difficulty": "easy"}', 'and difficulty');
select is(private.study_finish_practice((select id from s), pg_temp.at(90)), (select r from ended), 'finishing again returns the same');
select is(study.practice_result((select id from s)), (select r from ended), 'as does reading it');
select is(tests.count_of('select * from study.user_question_attempts'), 3::bigint, 'and grades nothing again');
select is((select xp_earned from study.practice_sessions), (select sum(amount)::integer from study.xp_transactions), 'its experience is what the ledger says');
select cmp_ok((select xp_earned from study.practice_sessions), '>', 0, 'and some');

-- What follows, in the same transaction
select tests.as_owner();
select is((select count(*) from study.user_progress where user_id = (select ann from who)), 3::bigint, 'progress knows each question');
select is((select last_is_correct from study.user_progress where user_id = (select ann from who) and question_id = (select one from q)), false, 'and how it went');
select results_eq($$ select slug::text, questions_answered, questions_correct from study.mastery_levels as m join core.topics as t on t.id = m.topic_id where user_id = (select ann from who) order by 1 $$,
  $$ values ('pr-heart', 3::bigint, 2::bigint), ('pr-valve', 2, 2) $$, 'mastery of the topic and of what it lies under');
select is((select count(*) from study.sm2_review_cards where user_id = (select ann from who) and question_id = (select one from q)), 1::bigint, 'what was wrong becomes a card');
select is((select count(*) from study.sm2_review_cards where user_id = (select ann from who)), 1::bigint, 'what was right does not, unless one wishes it');
select results_eq($$ select questions_answered, questions_correct, sessions_completed, current_combo from study.learners where user_id = (select ann from who) $$,
  $$ values (3::bigint, 2::bigint, 1::bigint, 2) $$, 'totals');
select is((select questions_answered from study.user_streaks where user_id = (select ann from who)), 3, 'the day');
select cmp_ok((select count(*) from study.analytics_queue where user_id = (select ann from who)), '>', 0::bigint, 'the day is to be summed');
select private.fold_question_statistics();
select results_eq($$ select times_answered, times_correct from study.question_statistics where question_id = (select one from q) $$, $$ values (1::bigint, 0::bigint) $$, 'statistics of the item');
select cmp_ok((select count(*) from realtime.messages where topic = 'user:' || (select ann from who) and event = 'study_progress'), '>', 0::bigint, 'a message');

-- Its own clock for a question out of order; a client's figure only lowers it.
select tests.as_user((select ben from who));
insert into s select 'order', pg_temp.start('tutor', array[one, many, kidney]) from q;
select is((private.study_show_question((select id from s where name = 'order'), kidney, pg_temp.at(10)) ->> 'elapsed_ms')::integer, 10000, 'a question out of order is shown') from q;
select is((pg_temp.answer((select id from s where name = 'order'), kidney, '{1}', 14, null, 999999) #>> '{result,time_taken_ms}')::integer, 4000, 'and timed from there; no client adds time') from q;
select is((select time_taken_ms from study.practice_session_questions where question_id = (select one from q) and session_id = (select id from s where name = 'order')), 10000::bigint, 'the one before keeps what it had');
select is((pg_temp.answer((select id from s where name = 'order'), one, '{2}', 20, null, 11000) #>> '{result,time_taken_ms}')::integer, 11000, 'it goes on, and a client may say less') from q;
select is((pg_temp.answer((select id from s where name = 'order'), many, '{0, 2}', 20 + 3600) #>> '{result,time_taken_ms}')::integer, 900000, 'whoever was away for an hour did not think for an hour') from q;
select throws_ok($$ select study.show_question((select id from s where name = 'order'), one) from q $$, 'PT409', 'already_answered', 'what is graded is not shown again');
select private.study_finish_practice((select id from s where name = 'order'), pg_temp.at(3700));

-- Skipping
insert into s select 'skips', pg_temp.start('tutor', array[one, kidney]) from q;
create temp table skipped as select private.study_skip_question((select id from s where name = 'skips'), one, pg_temp.at(5)) as r from q;
select results_eq($$ select r ->> 'status', r ->> 'is_graded', r ->> 'result', r #>> '{next_question,question_id}' from skipped $$,
  $$ select 'skipped', 'false', null, kidney::text from q $$, 'a skipped question tells nothing, and the next one comes');
select is(tests.count_of($$ select * from study.user_question_attempts where session_id = (select id from s where name = 'skips') $$), 0::bigint, 'it may still be answered');
select is(private.study_skip_question((select id from s where name = 'skips'), one, pg_temp.at(6)) #>> '{session,skipped_count}', '1', 'skipped twice it is skipped once') from q;
select pg_temp.answer((select id from s where name = 'skips'), kidney, '{0}', 7) from q;
create temp table left_over as select private.study_finish_practice((select id from s where name = 'skips'), pg_temp.at(8)) as r;
select results_eq($$ select (r ->> 'skipped_count')::int, (r ->> 'answered_count')::int, (r ->> 'score')::numeric from left_over $$, $$ values (1, 1, 0.0) $$, 'left out to the end it is skipped');
select results_eq($$ select is_skipped, is_correct, selected_indexes::text from study.user_question_attempts where session_id = (select id from s where name = 'skips') order by answered_at, is_skipped desc $$,
  $$ values (true, false, '{}'), (false, false, '{0}') $$, 'recorded as such');
select is((select x ->> 'result' from left_over, jsonb_array_elements(r -> 'questions') as x where x ->> 'status' = 'skipped'), null, 'without its key');

-- Several right options: neither fewer nor more.
insert into s select 'fewer', pg_temp.start('tutor', array[many]) from q;
select is(pg_temp.answer((select id from s where name = 'fewer'), many, '{0}', 1) #>> '{result,is_correct}', 'false', 'one of two right ones is wrong') from q;
insert into s select 'more', pg_temp.start('tutor', array[many]) from q;
select is(pg_temp.answer((select id from s where name = 'more'), many, '{0, 1, 2}', 1) #>> '{result,is_correct}', 'false', 'and both with a wrong one') from q;

-- A timed session tells at the end, and may be paused.
insert into s select 'timed', pg_temp.start('timed', array[one, many, kidney], 100, 10000) from q;
create temp table timed as select id from s where name = 'timed';
select is(private.study_practice_session((select id from timed), pg_temp.at(10030)) ->> 'remaining_ms', '70000', 'what is left, by the server''s clock');
create temp table quiet as
select pg_temp.answer((select id from timed), one, '{2}', 10010) as right, null::jsonb as wrong from q;
update quiet set wrong = (select pg_temp.answer((select id from timed), one, '{0}', 10010) from q);
select is((select "right" ->> 'result' from quiet), null, 'no result');
select is((select "right" from quiet), (select wrong from quiet), 'right or wrong, the reply is the same to the letter');
select is(tests.count_of($$ select * from study.user_question_attempts where session_id = (select id from timed) $$), 0::bigint, 'nothing is graded');
select is(private.study_pause_practice((select id from timed), pg_temp.at(10040)) ->> 'status', 'paused', 'paused');
select is(private.study_pause_practice((select id from timed), pg_temp.at(10050)) ->> 'elapsed_ms', '40000', 'the clock stands, also when paused again');
select throws_ok($$ select pg_temp.answer((select id from timed), many, '{0}', 10050) from q $$, 'PT409', 'session_paused', 'nothing is answered meanwhile');
select throws_ok($$ select private.study_skip_question((select id from timed), many, pg_temp.at(10050)) from q $$, 'PT409', 'session_paused', 'nor skipped');
select throws_ok($$ select private.study_show_question((select id from timed), many, pg_temp.at(10050)) from q $$, 'PT409', 'session_paused', 'nor shown');
select is(private.study_resume_practice((select id from timed), pg_temp.at(20000)) ->> 'status', 'active', 'resumed much later');
select is(private.study_resume_practice((select id from timed), pg_temp.at(20010)) ->> 'elapsed_ms', '50000', 'it runs on from there, also when resumed again');
select is((pg_temp.answer((select id from timed), many, '{0, 2}', 20030) #>> '{session,remaining_ms}')::integer, 30000, 'answered in time') from q;
select is((select time_taken_ms from study.practice_session_questions where session_id = (select id from timed) and question_id = (select many from q)), 60000::bigint, 'a pause is nobody''s time');
select is(private.study_skip_question((select id from timed), many, pg_temp.at(20031)) #>> '{session,answered_count}', '1', 'an answer is taken back') from q;
select is((pg_temp.answer((select id from timed), many, '{0, 2}', 20032) #>> '{session,skipped_count}')::integer, 0, 'and given again') from q;
select throws_ok($$ select pg_temp.answer((select id from timed), kidney, '{1}', 20060) from q $$, 'PT409', 'time_is_up', 'at its end the clock has run out');
select throws_ok($$ select private.study_pause_practice((select id from timed), pg_temp.at(20061)) $$, 'PT409', 'time_is_up', 'and is not paused any more');
select throws_ok($$ select private.study_abandon_practice((select id from timed), pg_temp.at(20061)) $$, 'PT409', 'time_is_up', 'nor thrown away');
create temp table timed_end as select private.study_finish_practice((select id from timed), pg_temp.at(20500)) as r;
select results_eq($$ select (r ->> 'correct_count')::int, (r ->> 'answered_count')::int, (r ->> 'not_reached_count')::int, (r ->> 'elapsed_ms')::int, r ->> 'remaining_ms' from timed_end $$,
  $$ values (1, 2, 1, 100000, '0') $$, 'what was answered by then is graded');
select is((select (r ->> 'completed_at')::timestamptz from timed_end), pg_temp.at(20060), 'it ended when the clock did');
select is((select x #> '{result,correct}' from timed_end, jsonb_array_elements(r -> 'questions') as x where (x ->> 'question_order')::int = 1), '[2]', 'now the key of what was answered is told');
select is((select x ->> 'result' from timed_end, jsonb_array_elements(r -> 'questions') as x where (x ->> 'question_order')::int = 3), null, 'and not that of what was not');
select is(tests.count_of($$ select * from study.user_question_attempts where session_id = (select id from timed) $$), 2::bigint, 'what was not reached is no attempt');

-- A test
insert into s select 'test', pg_temp.start('test', array[one, two], 60, 30000) from q;
create temp table test as select id from s where name = 'test';
select throws_ok($$ select private.study_pause_practice((select id from test), pg_temp.at(30001)) $$, 'PT409', 'test_cannot_pause', 'a test is not paused');
select pg_temp.answer((select id from test), one, '{2}', 30010) from q;
select throws_ok($$ select study.practice_result((select id from test)) $$, 'PT409', 'session_not_over', 'it has no result yet');
select tests.as_owner();
-- The sweep goes by the clock of the database: what began then began earlier.
update study.practice_sessions set running_since = now() - interval '61 seconds', started_at = now() - interval '61 seconds', last_activity_at = now() - interval '50 seconds' where id = (select id from test);
update study.practice_session_questions set answered_at = now() - interval '50 seconds' where session_id = (select id from test) and status = 'answered';
create temp table sweep as select private.study_tend_practice() as r;
select is((select r from sweep), '{"failed": 0, "finished": 1, "abandoned": 0}', 'the task ends what nobody ends');
select results_eq($$ select status, completed_at, elapsed_ms, answered_count, correct_count from study.practice_sessions where id = (select id from test) $$,
  $$ values ('completed', now() - interval '1 second', 60000::bigint, 1, 1) $$, 'when its clock ran out, with what was answered');
select is(private.study_tend_practice(), '{"failed": 0, "finished": 0, "abandoned": 0}', 'once');
select tests.as_user((select ben from who));
select is(study.finish_practice((select id from test)), study.practice_result((select id from test)), 'its learner reads the result by finishing it');

-- Abandoned
insert into s select 'gone', pg_temp.start('timed', array[one, kidney]) from q;
select pg_temp.answer((select id from s where name = 'gone'), one, '{2}', 1) from q;
select is(private.study_abandon_practice((select id from s where name = 'gone'), pg_temp.at(2)) ->> 'status', 'abandoned', 'a session is abandoned');
select is(private.study_abandon_practice((select id from s where name = 'gone'), pg_temp.at(9)) ->> 'elapsed_ms', '2000', 'once');
select is(tests.count_of($$ select * from study.user_question_attempts where session_id = (select id from s where name = 'gone') $$), 0::bigint, 'nothing of it is graded');
select throws_ok($$ select study.finish_practice((select id from s where name = 'gone')) $$, 'PT409', 'session_over', 'it is not finished');
select throws_ok($$ select study.resume_practice((select id from s where name = 'gone')) $$, 'PT409', 'session_over', 'nor resumed');
select is((study.practice_result((select id from s where name = 'gone')) #>> '{questions,0,result}'), null, 'nor is its key told');
insert into s select 'idle', pg_temp.start('tutor', array[one, kidney]) from q;
insert into s select 'done', pg_temp.start('tutor', array[one, kidney]) from q;
select pg_temp.answer((select id from s where name = 'idle'), one, '{2}', 1) from q;
select pg_temp.answer((select id from s where name = 'done'), one, '{2}', 1) from q;
select private.study_skip_question((select id from s where name = 'done'), kidney, pg_temp.at(2)) from q;
select tests.as_owner();
update study.practice_sessions set last_activity_at = last_activity_at - interval '8 days', running_since = running_since - interval '8 days', started_at = started_at - interval '8 days'
where id in (select id from s where name in ('idle', 'done'));
update core.settings set value = '0' where key = 'study.tend_seconds';
create temp table turns as select private.study_tend_practice() as r;
select is((select (r ->> 'finished')::integer + (r ->> 'abandoned')::integer from turns), 1, 'the task goes when its time is over');
update core.settings set value = '4' where key = 'study.tend_seconds';
insert into turns select private.study_tend_practice();
select results_eq($$ select sum((r ->> 'failed')::integer)::integer, sum((r ->> 'finished')::integer)::integer, sum((r ->> 'abandoned')::integer)::integer from turns $$,
  'values (0, 1, 1)', 'untouched for a week sessions end');
select results_eq($$ select name, status, elapsed_ms from study.practice_sessions join s using (id) where name in ('idle', 'done') order by 1 $$,
  $$ values ('done', 'completed', 2000::bigint), ('idle', 'abandoned', 1000) $$, 'finished if nothing was open, when they were last touched');
select is((select count(*) from study.user_question_attempts where session_id = (select id from s where name = 'idle')), 1::bigint, 'what was graded at once stays');

-- Which questions
select tests.as_user((select ann from who));
select results_eq($$ select x ->> 'vignette' from jsonb_array_elements(study.start_practice('tutor', p_topic => 'pr-heart', p_difficulty => 'hard') -> 'questions') as x $$,
  $$ values ('Which are valves of the heart?') $$, 'of a topic and below it, of a difficulty');
select results_eq($$ select x ->> 'vignette' from jsonb_array_elements(study.start_practice('tutor', 'unseen', 'pr-kidney') -> 'questions') as x $$,
  $$ values ('Kidneys of a person?') $$, 'unseen');
select results_eq($$ select x ->> 'vignette' from jsonb_array_elements(study.start_practice('tutor', 'wrong', 'pr-heart') -> 'questions') as x $$,
  $$ values ('Chambers of a heart?') $$, 'wrong');
select results_eq($$ select x ->> 'vignette' from jsonb_array_elements(study.start_practice('review') -> 'questions') as x $$,
  $$ values ('Chambers of a heart?') $$, 'a review is of what is due');
select throws_ok($$ select study.start_practice('tutor', 'unseen', 'pr-valve') $$, 'PT404', 'no_questions', 'when nothing fits, it says so');
select is(jsonb_array_length(study.start_practice('tutor', p_topic => 'pr-heart', p_question_count => 2) -> 'questions'), 2, 'as many as asked for');

-- Adaptive: one at a time
insert into s select 'adaptive', (private.study_start_practice('tutor', 'adaptive', 'pr-heart', null, 10, null, null, null, pg_temp.at(0)) ->> 'id')::uuid;
create temp table adaptive as select id from s where name = 'adaptive';
select is(tests.count_of('select * from study.practice_session_questions where session_id = (select id from adaptive)'), 1::bigint, 'an adaptive session begins with one question');
select is((select total_questions from study.practice_sessions where id = (select id from adaptive)), 10, 'of ten');
create function pg_temp.turn(p_seconds double precision) returns jsonb language sql as $$
  select pg_temp.answer(x.session_id, x.question_id, '{0}', p_seconds)
  from study.practice_session_questions as x where x.session_id = (select id from adaptive) and x.status = 'pending';
$$;
select is((pg_temp.turn(5) #>> '{next_question,question_order}'), '2', 'the next follows from the answer');
select is((pg_temp.turn(10) #>> '{next_question,question_order}'), '3', 'and the next');
select is(pg_temp.turn(15) ->> 'next_question', null, 'until the topic has no more');
select results_eq($$ select total_questions, answered_count from study.practice_sessions where id = (select id from adaptive) $$, $$ values (3, 3) $$, 'then it is as long as it was');
select is((select count(distinct question_id) from study.practice_session_questions where session_id = (select id from adaptive)), 3::bigint, 'no question comes twice');
select is(jsonb_array_length(study.start_practice('test', 'adaptive', 'pr-heart', p_question_count => 3) -> 'questions'), 3, 'of an adaptive test all are chosen before');

-- Once
select is(study.start_practice(p_topic => 'pr-kidney', p_idempotency_key => 'k1') -> 'id', study.start_practice(p_topic => 'pr-kidney', p_idempotency_key => 'k1') -> 'id', 'sent twice it begins once');
select throws_ok($$ select study.start_practice(p_topic => 'pr-heart', p_idempotency_key => 'k1') $$, 'PT422', 'idempotency_key_reused', 'another request needs another key');

-- Time limits by the number of questions
select results_eq($$ select time_limit_seconds from study.practice_sessions where session_type = 'test' $$, $$ values (270) $$, 'a test without a limit has 90 seconds a question');

-- Attempts do not change.
select tests.as_owner();
select throws_ok($$ update study.user_question_attempts set is_correct = true where not is_correct and not is_skipped $$, 'PT409', 'attempt_fixed', 'no attempt is made right later');
select throws_ok($$ delete from study.user_question_attempts $$, 'PT409', 'attempt_fixed', 'none is removed');
select lives_ok($$ delete from core.topics where slug = 'pr-kidney' $$, 'a topic may go');
select is((select count(*) from study.user_question_attempts where question_id = (select kidney from q) and topic_id is not null), 0::bigint, 'and leaves attempts without it');
select lives_ok($$ delete from study.questions where id = (select kidney from q) $$, 'a question may go');
select is((select count(*) from study.user_question_attempts where question_id = (select kidney from q)), 0::bigint, 'with its attempts');

-- Suspended
update core.profiles set is_active = false where id = (select ann from who);
select tests.as_user((select ann from who));
select throws_ok($$ select study.start_practice() $$, 'PT403', 'account_inactive', 'a suspended person begins nothing');
select throws_ok($$ select study.finish_practice((select id from adaptive)) $$, 'PT403', 'account_inactive', 'and ends nothing');
select lives_ok($$ select study.practice_session((select id from adaptive)) $$, 'but reads');

-- Erasure
select tests.as_owner();
select lives_ok($$ delete from auth.users where id = (select ben from who) $$, 'a person goes');
select is((select count(*) from study.practice_sessions where user_id = (select ben from who)), 0::bigint, 'with his sessions');
select is((select count(*) from study.user_question_attempts where user_id = (select ben from who)), 0::bigint, 'and attempts');

select * from finish();
rollback;
