-- Experience: what brings it and what does not, levels, the goal, and that nothing but the ledger moves a total.
begin;
select plan(81);
select tests.share_temporaries();
-- Achievements bring experience of their own: here only what is under test.
update study.achievements set is_active = false;

create temp table who as
select tests.play_learner('sp-ann@example.org') as ann, tests.play_learner('sp-ben@example.org') as ben, tests.play_learner('sp-cat@example.org') as cat;
create temp table q as select n, tests.play_question() as id from generate_series(1, 30) as n;
create function pg_temp.q(p_n integer) returns uuid language sql as $$ select id from q where n = p_n $$;
create function pg_temp.xp(p_user uuid) returns bigint language sql as $$ select xp from study.learners where user_id = p_user $$;

-- Levels
select results_eq($$ select n, private.study_level_xp(n) from unnest('{1, 2, 3, 4, 10, 50}'::integer[]) as n $$,
  $$ values (1, 0::bigint), (2, 100), (3, 300), (4, 600), (10, 4500), (50, 122500) $$, 'levels begin at 50·n·(n − 1)');
select is_empty($$ select n from generate_series(1, 20000) as n
  where private.study_level(private.study_level_xp(n)) <> n or n > 1 and private.study_level(private.study_level_xp(n) - 1) <> n - 1 $$,
  'exactly there, up to level 20,000');
select results_eq('select private.study_level(0), private.study_level(-5)', 'values (1, 1)', 'nobody is below level 1');

-- Answers
select is(tests.play_answer(ann, pg_temp.q(1), true, '2026-03-02 10:00Z'), 10, 'a right answer of medium difficulty') from who;
select is(tests.play_answer(ann, pg_temp.q(2), false, '2026-03-02 10:01Z'), 2, 'a wrong one') from who;
select is(tests.play_answer(ann, tests.play_question(null, d), true, '2026-03-02 10:02Z'), x, 'right, ' || d || case d when 'nbme' then ', which meets the goal of 50 XP' else '' end)
from who, (values ('easy', 8), ('hard', 14), ('nbme', 16 + 20)) as t (d, x);
select is(tests.play_answer(ann, pg_temp.q(1), true, '2026-03-02 12:00Z'), 0, 'the same question again that day: nothing') from who;
select is(tests.play_answer(ann, pg_temp.q(2), true, '2026-03-02 12:01Z'), 0, 'right after wrong that day: nothing') from who;
select is(tests.play_answer(ann, pg_temp.q(3), false, '2026-03-02 12:02Z', p_is_skipped => true), 0, 'a skip: nothing') from who;
select is(tests.play_answer(ann, pg_temp.q(3), true, '2026-03-02 12:03Z'), 10, 'and after it the answer counts') from who;
select is(tests.play_answer(ann, tests.play_question(ann), true, '2026-03-02 12:04Z'), 2, 'a question of one''s own: little') from who;
select is(tests.play_answer(ann, tests.play_question(ann, p_source => 'generated'), true, '2026-03-02 12:05Z'), 10,
  'one that was made of one''s material: as any') from who;
select results_eq('select l.questions_answered, l.questions_correct, l.study_ms, l.xp, l.level from study.learners as l join who on l.user_id = ann',
  $$ values (10::bigint, 9::bigint, 600000::bigint, 92::bigint, 1) $$, 'totals count every answer');
select results_eq('select s.streak_date, s.questions_answered, s.questions_correct, s.study_ms, s.xp_earned, s.goal_met_at from study.user_streaks as s join who on s.user_id = ann',
  $$ values ('2026-03-02'::date, 10, 9, 600000::bigint, 92, '2026-03-02 10:02Z'::timestamptz) $$, 'so does the day');
select is(tests.play_answer(ann, pg_temp.q(1), true, '2026-03-03 10:00Z'), 10 + 2, 'the next day the question counts again, and the second day of a streak brings 2') from who;
select is(tests.play_answer(ann, pg_temp.q(4), true, '2026-03-03 10:00Z', p_graded_at => '2026-03-03 11:00Z'), 10, 'graded later') from who;
select results_eq($$ select source, count(*)::int, sum(amount)::int from study.xp_transactions as x join who on x.user_id = ann group by source order by source $$,
  $$ values ('daily_goal_met', 1, 20), ('question_answered', 10, 92), ('streak_bonus', 1, 2) $$, 'the ledger has each event once');
select is(tests.play_answer(d, tests.play_question(d, 'nbme', p_source => 'import'), true, '2026-03-03 12:00Z'), 2,
  'what one imported is one''s own as well: its key is known') from tests.play_learner('sp-dan@example.org') as d;

-- Several at once, as a test is graded
create temp table graded as
with s as (
  insert into study.practice_sessions (user_id, session_type, total_questions, time_limit_seconds, running_since, started_at)
  select ben, 'test', 12, 7200, '2026-03-02 23:00Z', '2026-03-02 23:00Z' from who returning *
),
a as (
  insert into study.user_question_attempts (
    user_id, question_id, version_id, session_id, attempt_type, selected_indexes, is_skipped, is_correct, time_taken_ms, study_day, answered_at
  )
  select s.user_id, q.id, v.id, s.id, 'test', case when q.n = 12 then '{}'::smallint[] else '{0}' end, q.n = 12, q.n not in (4, 12), 60000,
    private.study_day(s.user_id, s.started_at + q.n * interval '10 minutes'), s.started_at + q.n * interval '10 minutes'
  from s, q join study.question_versions as v on v.question_id = q.id where q.n <= 12
  returning *
)
select array_agg(row(a.*)::study.user_question_attempts order by a.answered_at) as attempts from a;
select is(private.study_play_attempts(ben, attempts, '2026-03-03 01:30Z'), 4 * 10 + 2 + 6 * 10 + 2 + 20, 'a test over midnight: both days, a streak of two, one goal') from graded, who;
select results_eq('select s.streak_date, s.questions_answered, s.streak_length, s.goal_met_at is not null from study.user_streaks as s join who on s.user_id = ben order by 1',
  $$ values ('2026-03-02'::date, 5, 1, false), ('2026-03-03', 6, 2, true) $$, 'each answer belongs to the day on which it was given');
select results_eq('select current_combo, longest_combo from study.learners join who on user_id = ben', 'values (7, 7)', 'in a row since the wrong one; a skip breaks nothing');
select is(private.study_play_attempts(ben, '{}', '2026-03-03 01:30Z'), 0, 'no answers: nothing') from who;

-- In a row
select is(tests.play_answer(ben, pg_temp.q(11), true, '2026-03-03 02:00Z'), 0, 'a question that counted today') from who;
select results_eq('select current_combo, longest_combo from study.learners join who on user_id = ben', 'values (7, 7)', 'adds nothing to what is in a row');
select is(tests.play_answer(ben, pg_temp.q(13), false, '2026-03-03 02:01Z'), 2, 'a wrong one') from who;
select results_eq('select current_combo, longest_combo from study.learners join who on user_id = ben', 'values (0, 7)', 'ends it');

-- Reviews
create temp table card as select n, tests.play_card(cat, '2026-03-02 09:00Z') as id from who, generate_series(1, 5) as n;
create function pg_temp.card(p_n integer) returns uuid language sql as $$ select id from card where n = p_n $$;
select is(tests.play_review(pg_temp.card(1), 3, '2026-03-02 09:00Z'), 4, 'a card remembered');
select is(tests.play_review(pg_temp.card(2), 1, '2026-03-02 09:01Z'), 2, 'a card forgotten');
select is(tests.play_review(pg_temp.card(2), 3, '2026-03-02 09:02Z'), 0, 'again that day: nothing');
select is(tests.play_review(pg_temp.card(3), 3, '2026-03-02 09:03Z', p_due_in => 1), 0, 'before it is due: nothing');
select is(tests.play_review(pg_temp.card(3), 3, '2026-03-02 09:04Z', p_ms => 999999999), 4, 'due: it counts');
select results_eq('select cards_reviewed, study_ms, xp from study.learners join who on user_id = cat', $$ values (5::bigint, 160000::bigint, 10::bigint) $$,
  'all are counted, none with more than two minutes');
select is(private.study_play_unreview(cat, l, '2026-03-02 09:05Z'), -4, 'undoing takes it back') from who, study.review_logs as l where l.card_id = pg_temp.card(3) and l.duration_ms = 999999999;
update study.review_logs set undone_at = '2026-03-02 09:05Z' where card_id = pg_temp.card(3) and duration_ms = 999999999;
select results_eq('select cards_reviewed, study_ms, xp from study.learners join who on user_id = cat', $$ values (4::bigint, 40000::bigint, 6::bigint) $$, 'totals, too');
select results_eq('select s.cards_reviewed, s.study_ms, s.xp_earned from study.user_streaks as s join who on s.user_id = cat', $$ values (4, 40000::bigint, 6) $$, 'and the day');
select is(tests.play_review(pg_temp.card(3), 4, '2026-03-02 09:06Z'), 4, 'the review that replaces it counts');
select is(tests.play_review(pg_temp.card(3), 4, '2026-03-02 09:07Z'), 0, 'once');
select is(private.study_play_unreview(cat, l, '2026-03-02 09:08Z'), 0, 'undoing what brought nothing brings nothing') from who, study.review_logs as l where l.card_id = pg_temp.card(2) and l.rating = 3;
select is((select count(*) from study.xp_transactions join who on user_id = cat and source = 'review_undone'), 1::bigint, 'nor an entry');
select is(tests.play_review(pg_temp.card(1), 3, '2026-03-03 09:00Z'), 4 + 2, 'the next day the card counts, on the second day of a streak');
-- A card of a question that is deleted and made again
create temp table again as
select eli, q, (private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards, jsonb_build_object('user_id', eli, 'source', 'question', 'question_id', q)))).id as card
from tests.play_learner('sp-eli@example.org') as eli, pg_temp.q(1) as q;
create function pg_temp.gained(p_user uuid, p_card uuid) returns bigint language plpgsql
as $$ declare v_before bigint := (private.study_learner(p_user)).xp; begin
  perform private.study_review_card(p_user, p_card, 3, null, 0, null, '2026-03-02 10:00Z');
  return (private.study_learner(p_user)).xp - v_before; end; $$;
select is(pg_temp.gained(eli, card), 4::bigint, 'a card of a question') from again;
select lives_ok(format('select private.study_undo_review(%L, %L, null, ''2026-03-02 10:00Z'')', eli, card), 'its review is undone') from again;
select is(pg_temp.gained(eli, card), 4::bigint, 'and counts again') from again;
delete from study.sm2_review_cards where id = (select card from again);
update again set card = (private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards, jsonb_build_object('user_id', eli, 'source', 'question', 'question_id', q)))).id;
select is(pg_temp.gained(eli, card), 0::bigint, 'deleted and made again it does not') from again;
-- Time meets the goal as well
update study.user_streaks set study_ms = study_ms + 19 * 60000 from who where user_id = cat and streak_date = '2026-03-03';
update study.learners set study_ms = study_ms + 19 * 60000 from who where user_id = cat;
select is(tests.play_review(pg_temp.card(2), 3, '2026-03-03 09:01Z', p_ms => 60000), 4 + 20, '20 minutes are the goal, too');
select is(tests.play_review(pg_temp.card(4), 3, '2026-03-03 09:02Z', p_ms => 60000), 4, 'once');

-- Sessions
-- p_own: so many of its questions are one's own, p_again: so many were answered before, on that day.
create function pg_temp.session(
  p_user uuid, p_total integer, p_answered integer, p_correct integer, p_status text default 'completed', p_own integer default 0, p_again integer default 0
)
returns study.practice_sessions
language plpgsql
as $$
declare
  v_at timestamptz := '2026-03-03 10:00Z';
  v_session study.practice_sessions;
  v_question uuid;
  v_attempt study.user_question_attempts;
begin
  insert into study.practice_sessions (user_id, session_type, total_questions, answered_count, correct_count, status, completed_at, running_since, started_at)
  values (p_user, 'tutor', p_total, p_answered, p_correct, p_status, case when p_status = 'completed' then v_at end, case when p_status = 'active' then v_at end, v_at)
  returning * into v_session;
  for n in 1..p_answered loop
    v_question := tests.play_question(case when n <= p_own then p_user end);
    if n > p_answered - p_again then
      perform tests.play_answer(p_user, v_question, false, v_at);
    end if;
    insert into study.user_question_attempts (
      user_id, question_id, version_id, session_id, attempt_type, selected_indexes, is_correct, time_taken_ms, study_day, answered_at
    )
    select p_user, v_question, v.id, v_session.id, 'practice', '{0}', n <= p_correct, 0, '2026-03-03', v_at
    from study.question_versions as v where v.question_id = v_question
    returning * into v_attempt;
    perform private.study_play_attempts(p_user, array[v_attempt], v_at);
  end loop;
  return v_session;
end;
$$;
select is(private.study_play_session(cat, pg_temp.session(cat, t, a, c, s), '2026-03-03 10:00Z'), x, w)
from who, (values
  (5, 5, 3, 'completed', 10, 'a finished session of five'), (4, 4, 4, 'completed', 0, 'a short one'), (10, 10, 10, 'completed', 25, 'a flawless one of ten'),
  (11, 10, 10, 'completed', 10, 'not flawless with one left out'), (10, 0, 0, 'completed', 0, 'without an answer'), (10, 10, 10, 'active', 0, 'one that still runs')
) as t (t, a, c, s, x, w);
select is(private.study_play_session(cat, pg_temp.session(cat, 10, 10, 10, 'completed', o, g), '2026-03-03 10:00Z'), x, w)
from who, (values
  (6, 0, 0, 'questions of one''s own do not count for it'), (0, 6, 0, 'nor those that counted that day'), (3, 2, 10, 'five others make a session, but no flawless one')
) as t (o, g, x, w);
select is((select longest_combo from study.learners join who on user_id = cat), 42, 'nor do they count in a row') from who;
select is((select sessions_completed from study.learners join who on user_id = cat), 7::bigint, 'those with answers are counted');
create temp table one as select pg_temp.session(cat, 10, 10, 10) as s from who;
select is(private.study_play_session(cat, s, '2026-03-03 10:00Z') + private.study_play_session(cat, s, '2026-03-03 10:00Z'), 25, 'its experience comes once') from who, one;

-- Awards
select is(private.study_award_xp(cat, 30, 'milestone_complete', 'm1', 'A milestone', '{}', '2026-03-04 10:00Z'), 30, 'an event') from who;
select is(private.study_award_xp(cat, 30, 'milestone_complete', 'm1', 'A milestone', '{}', '2026-03-05 10:00Z'), 0, 'counts once') from who;
select is(private.study_award_xp(cat, 0, 'milestone_complete', 'm2', null, null, '2026-03-05 10:00Z'), 0, 'nothing is no entry') from who;
select is_empty($$ select from study.user_streaks join who on user_id = cat where streak_date = '2026-03-04' $$, 'experience alone makes no day');
select is(tests.play_review(pg_temp.card(1), 3, '2026-03-04 11:00Z'), 4 + 3, 'a day on which something is done') from who;
select is((select xp_earned from study.user_streaks join who on user_id = cat where streak_date = '2026-03-04'), 37, 'holds the experience that came before');
select is((select count(*) from study.xp_transactions join who on user_id = cat where source = 'milestone_complete'), 1::bigint, 'one entry');

-- The ledger is the truth
select is_empty('select * from private.study_play_violations', 'all adds up');
select throws_ok('update study.learners set xp = xp + 1000 from who where user_id = ann', 'PT409', 'xp_is_the_ledgers', 'a total does not move by hand');
select throws_ok($$ insert into study.learners (user_id, xp) select tests.create_user('sp-new@example.org'), 500 $$, 'PT409', 'xp_is_the_ledgers', 'nor does it begin so');
select throws_ok('update study.learners set level = 50', '428C9', null, 'nor a level');
select throws_ok('update study.xp_transactions set amount = 1000', 'PT403', 'append_only', 'entries do not change');
select throws_ok('delete from study.xp_transactions', 'PT403', 'append_only', 'nor go');
select throws_ok($$ insert into study.xp_transactions (user_id, amount, source, source_key, study_day) select ann, 0, 'adjustment', 'x', '2026-03-02' from who $$, '23514', null, 'nothing is no entry');
select tests.as_service();
select lives_ok($$ insert into study.xp_transactions (user_id, amount, source, source_key, study_day, description) select ann, -2, 'adjustment', 'support-1', '2026-03-02', 'By mistake' from who $$, 'a service corrects by an entry');
select is(pg_temp.xp(ann), 112::bigint, 'and the total follows') from who;
select tests.as_user((select ben from who));
select is_empty('select from study.xp_transactions join who on user_id = ann', 'nobody sees the ledger of another');
select throws_ok($$ insert into study.xp_transactions (user_id, amount, source, source_key, study_day) select ben, 1000, 'adjustment', 'x', '2026-03-02' from who $$, '42501', null, 'nobody writes his own');
select throws_ok($$ select private.study_award_xp(ben, 1000, 'adjustment', 'x', '', '{}', now()) from who $$, '42501', null, 'nor by the function');
select tests.as_owner();
select is_empty('select * from private.study_play_violations', 'all adds up still');
delete from auth.users using who where id = ann;
select is_empty('select from study.xp_transactions join who on user_id = ann', 'the ledger goes with its person');

select * from finish();
rollback;
