-- What nobody can do to a session: another's, questions outside of it, options that are not there, times that are none, an
-- answer twice. Each is refused by its name, and nothing is written.
begin;
select plan(84);
select tests.share_temporaries();

create temp table who as
select tests.create_user('pi-ann@example.org') as ann, tests.create_user('pi-ben@example.org') as ben, tests.create_user('pi-eve@example.org') as eve,
  tests.create_user('pi-cleo@example.org') as cleo;
insert into core.topics (slug, name) values ('pi-heart', 'Heart');

create function pg_temp.question(p_vignette text, p_options text[], p_status text default 'published', p_visibility text default 'authenticated')
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
    'options', (select jsonb_agg(jsonb_build_object('text', ltrim(o, '*'), 'is_correct', o like '*%') order by n) from unnest(p_options) with ordinality as u (o, n))
  ), 'pi-heart', p_visibility => p_visibility)).id;
  perform tests.as_owner();
  update study.questions set status = p_status where id = v_id;
  return v_id;
end;
$$;
create temp table q as
select pg_temp.question('Chambers?', '{Two,Three,*Four,Five}') as one, pg_temp.question('Leaflets?', '{*Two,Three}') as two,
  pg_temp.question('Valves?', '{*Mitral,Septum,*Aortic}') as many, pg_temp.question('Outside?', '{*Yes,No}') as outside,
  pg_temp.question('A draft?', '{*Yes,No}', 'draft') as draft, pg_temp.question('Retired?', '{*Yes,No}', 'retired') as retired,
  pg_temp.question('In review?', '{*Yes,No}', 'in_review') as in_review, pg_temp.question('Private?', '{*Yes,No}', 'published', 'private') as private;

-- All that answering could have written
create function pg_temp.state() returns text language plpgsql security definer as $$
declare
  v_table text;
  v_one text;
  v_all text := '';
begin
  foreach v_table in array array[
    'study.practice_sessions', 'study.practice_session_questions', 'study.user_question_attempts', 'study.user_progress',
    'study.mastery_levels', 'study.sm2_review_cards', 'study.review_logs', 'study.learners', 'study.xp_transactions',
    'study.user_streaks', 'study.user_achievements', 'study.analytics_queue', 'private.question_statistics_deltas', 'realtime.messages',
    'ops.rate_limits', 'ops.idempotency_keys', 'core.notifications'
  ] loop
    execute format('select md5(string_agg(t::text, '','' order by t::text)) from %s as t', v_table) into v_one;
    v_all := v_all || coalesce(v_one, '-');
  end loop;
  return md5(v_all);
end;
$$;

select tests.as_user((select ann from who));
create temp table s as
select (study.start_practice('tutor', p_question_ids => array[one, two, many]) ->> 'id')::uuid as tutor,
  (study.start_practice('timed', p_question_ids => array[outside]) ->> 'id')::uuid as timed
from q;
create temp table answered as select study.answer_question(tutor, one, '{2}') as r from s, q;
create temp table before as select pg_temp.state() as state;

-- Beginning
select throws_ok(format('select study.start_practice(%s)', a), c, m, w)
from q, lateral (values
  ($$ 'exam' $$, 'PT422', 'session_type_invalid', 'another kind of session'),
  ($$ null $$, 'PT422', 'session_type_invalid', 'no kind'),
  ($$ 'tutor', 'random' $$, 'PT422', 'selection_invalid', 'another selection'),
  ($$ 'tutor', 'chosen' $$, 'PT422', 'selection_invalid', 'chosen, and nothing chosen'),
  (format($$ 'tutor', 'unseen', p_question_ids => array[%L]::uuid[] $$, one), 'PT422', 'selection_invalid', 'unseen, and chosen'),
  ($$ 'review', 'unseen' $$, 'PT422', 'selection_invalid', 'a review of the unseen'),
  ($$ 'tutor', p_topic => 'nothing' $$, 'PT422', 'unknown_topic', 'another topic'),
  ($$ 'tutor', p_difficulty => 'nice' $$, 'PT422', 'difficulty_invalid', 'another difficulty'),
  ($$ 'tutor', p_question_count => 0 $$, 'PT422', 'question_count_invalid', 'no questions'),
  ($$ 'tutor', p_question_count => -5 $$, 'PT422', 'question_count_invalid', 'less than none'),
  ($$ 'tutor', p_question_count => 201 $$, 'PT422', 'question_count_invalid', 'too many'),
  ($$ 'tutor', p_question_ids => '{}' $$, 'PT422', 'questions_invalid', 'an empty choice'),
  ($$ 'tutor', p_question_ids => '{null}' $$, 'PT422', 'questions_invalid', 'a choice of null'),
  (format($$ 'tutor', p_question_ids => array[%L, %L]::uuid[] $$, one, one), 'PT422', 'questions_invalid', 'one question twice'),
  (format($$ 'tutor', p_question_ids => array[[%L], [%L]]::uuid[] $$, one, two), 'PT422', 'questions_invalid', 'a table of questions'),
  ($$ 'tutor', p_question_ids => array(select gen_random_uuid() from generate_series(1, 201)) $$, 'PT422', 'questions_invalid', 'a choice too long'),
  ($$ 'tutor', p_question_ids => array[gen_random_uuid()] $$, 'PT404', 'question_not_found', 'a question that is not there'),
  (format($$ 'tutor', p_question_ids => array[%L, %L]::uuid[] $$, one, draft), 'PT404', 'question_not_found', 'another''s draft'),
  (format($$ 'tutor', p_question_ids => array[%L]::uuid[] $$, retired), 'PT404', 'question_not_found', 'a retired one'),
  (format($$ 'tutor', p_question_ids => array[%L]::uuid[] $$, in_review), 'PT404', 'question_not_found', 'one in review'),
  (format($$ 'tutor', p_question_ids => array[%L]::uuid[] $$, private), 'PT404', 'question_not_found', 'another''s own'),
  (format($$ 'tutor', p_question_ids => array[%L]::uuid[] $$, outside), 'PT409', 'question_in_test', 'one that stands in a timed session'),
  ($$ 'tutor', p_time_limit_seconds => 60 $$, 'PT422', 'time_limit_invalid', 'a limit where there is none'),
  ($$ 'timed', p_time_limit_seconds => 9 $$, 'PT422', 'time_limit_invalid', 'a limit too short'),
  ($$ 'timed', p_time_limit_seconds => -60 $$, 'PT422', 'time_limit_invalid', 'a negative limit'),
  ($$ 'test', p_time_limit_seconds => 86401 $$, 'PT422', 'time_limit_invalid', 'a limit too long'),
  ($$ 'tutor', p_idempotency_key => '' $$, 'PT422', 'invalid_idempotency_key', 'an empty key'),
  ($$ 'tutor', p_idempotency_key => repeat('k', 201) $$, 'PT422', 'invalid_idempotency_key', 'a long one')
) as t (a, c, m, w);

-- Answering
select throws_ok(format('select study.answer_question(%L, %L, %s)', coalesce(x.session, tutor), coalesce(x.question, two), a), c, m, w)
from s, q, lateral (values
  (null::uuid, outside, $$ '{0}' $$, 'PT404', 'question_not_in_session', 'a question of another session'),
  (null, gen_random_uuid(), $$ '{0}' $$, 'PT404', 'question_not_in_session', 'a question that is not there'),
  (gen_random_uuid(), null, $$ '{0}' $$, 'PT404', 'session_not_found', 'a session that is not there'),
  (null, null, $$ '{2}' $$, 'PT422', 'answer_invalid', 'an option behind the last'),
  (null, null, $$ '{99}' $$, 'PT422', 'answer_invalid', 'far behind the last'),
  (null, null, $$ '{32768}' $$, 'PT422', 'answer_invalid', 'one too great for the column'),
  (null, null, $$ '{-7}' $$, 'PT422', 'answer_invalid', 'one before the first'),
  (null, null, $$ '{}' $$, 'PT422', 'answer_invalid', 'none'),
  (null, null, $$ null $$, 'PT422', 'answer_invalid', 'null'),
  (null, null, $$ '{null}' $$, 'PT422', 'answer_invalid', 'a null among them'),
  (null, null, $$ '{0, 1}' $$, 'PT422', 'answer_invalid', 'two of a single choice'),
  (null, null, $$ '{{0}}' $$, 'PT422', 'answer_invalid', 'a table'),
  (null, many, $$ '{0, 0}' $$, 'PT422', 'answer_invalid', 'one twice'),
  (null, many, $$ '{0, 1, 2, 3}' $$, 'PT422', 'answer_invalid', 'more than there are'),
  (null, many, $$ array(select 0 from generate_series(1, 10000)) $$, 'PT422', 'answer_invalid', 'ten thousand'),
  (null, null, $$ '{0}', 0 $$, 'PT422', 'confidence_invalid', 'a confidence of 0'),
  (null, null, $$ '{0}', 6 $$, 'PT422', 'confidence_invalid', 'and of 6'),
  (null, null, $$ '{0}', null, -1 $$, 'PT422', 'time_invalid', 'a negative time'),
  (null, null, $$ '{0}', null, -9223372036854775808 $$, 'PT422', 'time_invalid', 'a very negative one'),
  (null, one, $$ '{2}' $$, 'PT409', 'already_answered', 'the same answer twice'),
  (null, one, $$ '{0}' $$, 'PT409', 'already_answered', 'another answer after the key was told')
) as x (session, question, a, c, m, w);
select throws_ok($$ select study.skip_question(tutor, one) from s, q $$, 'PT409', 'already_answered', 'what is graded is not skipped');
select throws_ok($$ select study.skip_question(tutor, outside) from s, q $$, 'PT404', 'question_not_in_session', 'nor what is outside');
select throws_ok($$ select study.show_question(tutor, outside) from s, q $$, 'PT404', 'question_not_in_session', 'nor shown');
select throws_ok($$ select study.practice_result(tutor) from s $$, 'PT409', 'session_not_over', 'there is no result yet');
select throws_ok($$ select study.answered_question(two) from q $$, 'PT404', 'question_not_answered', 'nor a key of what is not answered');
select throws_ok($$ select study.answered_question(gen_random_uuid()) $$, 'PT404', 'question_not_answered', 'nor of what is not there');
-- Times are the server's: no function of the API takes a moment.
select is_empty($$
  select p.oid::regprocedure from pg_proc as p
  where p.pronamespace = 'study'::regnamespace and p.proname ~ 'practice|_question$' and 'timestamptz'::regtype = any (p.proargtypes)
$$, 'no clock of a client is asked');
select throws_ok($$ insert into study.practice_sessions (user_id, session_type) values (auth.uid(), 'tutor') $$, '42501', null, 'no session without the function');
select throws_ok($$ update study.practice_sessions set elapsed_ms = 0 $$, '42501', null, 'no clock set back');
select throws_ok($$ update study.practice_session_questions set selected_indexes = '{2}' $$, '42501', null, 'no answer by hand');
select throws_ok($$ insert into study.user_question_attempts (user_id) values (auth.uid()) $$, '42501', null, 'no attempt by hand');
select throws_ok($$ update study.user_question_attempts set is_correct = true $$, '42501', null, 'none made right');
select throws_ok($$ delete from study.practice_sessions $$, '42501', null, 'nothing deleted');
select is(pg_temp.state(), (select state from before), 'and of all that nothing is written');

-- Another's session
select tests.as_user((select ben from who));
select throws_ok(format('select study.%s', f), 'PT404', 'session_not_found', 'another''s: ' || f)
from s, q, lateral unnest(array[
  format('answer_question(%L, %L, ''{0}'')', tutor, two), format('skip_question(%L, %L)', tutor, two), format('show_question(%L, %L)', tutor, two),
  format('pause_practice(%L)', tutor), format('resume_practice(%L)', tutor), format('finish_practice(%L)', tutor),
  format('abandon_practice(%L)', tutor), format('practice_session(%L)', tutor), format('practice_result(%L)', tutor)
]) as f;
select throws_ok($$ select study.answered_question(one) from q $$, 'PT404', 'question_not_answered', 'nor the key that she has seen');
select is(tests.count_of('select * from study.practice_sessions') + tests.count_of('select * from study.practice_session_questions') + tests.count_of('select * from study.user_question_attempts'), 0::bigint, 'nor a row of hers');
select is(pg_temp.state(), (select state from before), 'and nothing is written');

-- How many at once, and how often
select tests.as_owner();
update core.settings set value = '3' where key = 'study.max_open_sessions';
select tests.as_user((select ann from who));
select lives_ok($$ select study.start_practice('tutor', p_question_ids => array[two]) from q $$, 'a third session');
select throws_ok($$ select study.start_practice('tutor', p_question_ids => array[two]) from q $$, 'PT409', 'too_many_sessions', 'and no fourth');
select lives_ok($$ select study.abandon_practice(tutor) from s $$, 'unless one ends');
select lives_ok($$ select study.start_practice('tutor', p_question_ids => array[two]) from q $$, 'then it begins');
select tests.as_owner();
update core.settings set value = '1000' where key = 'study.max_open_sessions';
update core.settings set value = value || '{"practice": {"burst": 2, "per_hour": 1}}' where key = 'study.limits';
select tests.as_user((select ben from who));
create temp table two_sessions as select study.start_practice('tutor', p_question_ids => array[two]) as r from q, generate_series(1, 2);
select throws_ok($$ select study.start_practice('tutor', p_question_ids => array[two]) from q $$, 'PT429', 'rate_limited', 'sessions are not begun without end');

-- Between people of whom one blocked the other
select tests.as_owner();
insert into core.blocks (blocker_id, blocked_id) select eve, cleo from who;
select tests.as_user((select cleo from who));
select throws_ok($$ select study.start_practice('tutor', p_question_ids => array[two]) from q $$, 'PT404', 'question_not_found', 'nobody practises with questions of who blocked him');
select throws_ok($$ select study.start_practice('tutor', 'unseen', 'pi-heart') $$, 'PT404', 'no_questions', 'nor is given them');
select tests.as_user((select eve from who));
select lives_ok($$ select study.start_practice('tutor', p_question_ids => array[private, draft, in_review]) from q $$, 'an author practises with what is not published yet');
select throws_ok($$ select study.start_practice('tutor', p_question_ids => array[retired]) from q $$, 'PT404', 'question_not_found', 'not with what he took back');

select * from finish();
rollback;
