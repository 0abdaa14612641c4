-- What is due: order, limits, the learner's day, what is left out; the forecast; and answers as reviews of cards.
begin;
select plan(56);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sd-ann@example.org') as ann, tests.create_user('sd-ben@example.org') as ben,
  tests.create_user('sd-eve@example.org') as eve, tests.create_user('sd-off@example.org') as off;
update core.profiles set time_zone = 'UTC';
update core.settings set value = value || '{"card": {"burst": 10000, "per_hour": 10000}}' where key = 'study.limits';
insert into core.topics (slug, name) values ('sd-heart', 'Heart');

create function pg_temp.card(p_who uuid, p_front text, p_more jsonb default '{}')
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  insert into study.sm2_review_cards (user_id, source, front, back, due_on, due_at, created_at)
  values (p_who, 'note', coalesce(nullif(p_front, ''), 'x'), 'back', '2026-03-10', '2026-03-10', '2026-03-01 00:00+00')
  returning id into v_id;
  update study.sm2_review_cards as c
  set state = r.state, stability = r.stability, difficulty = r.difficulty, interval_days = r.interval_days, due_at = r.due_at, due_on = r.due_on,
    last_reviewed_at = r.last_reviewed_at, is_suspended = r.is_suspended, buried_until = r.buried_until, created_at = r.created_at,
    scheduler = r.scheduler, question_id = r.question_id, source = r.source, front = p_front
  from study.sm2_review_cards as o, jsonb_populate_record(o, p_more) as r
  where o.id = v_id and c.id = v_id;
  return v_id;
end;
$$;
create function pg_temp.seen(p_state text, p_stability float8, p_reviewed timestamptz, p_due timestamptz, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object('state', p_state, 'stability', p_stability, 'difficulty', 5, 'interval_days', 3, 'last_reviewed_at', p_reviewed,
    'due_at', p_due, 'due_on', p_due::date) || p_more;
$$;
create function pg_temp.due(p_who uuid, p_at timestamptz)
returns text
language sql
as $$
  select coalesce(string_agg(d.phase || ' ' || coalesce(nullif(c.front, ''), 'question'), ', ' order by d.phase_no, d.sort_key, d.card_id), '')
  from private.study_due(p_who, p_at) as d join study.sm2_review_cards as c on c.id = d.card_id;
$$;

-- The order
select pg_temp.card(ann, 'surer', pg_temp.seen('review', 20, '2026-03-01 09:00+00', '2026-03-08')) from who;
select pg_temp.card(ann, 'shaky', pg_temp.seen('review', 2, '2026-03-01 09:00+00', '2026-03-09')) from who;
select pg_temp.card(ann, 'middle', pg_temp.seen('review', 8, '2026-03-01 09:00+00', '2026-03-10')) from who;
select pg_temp.card(ann, 'tomorrow', pg_temp.seen('review', 8, '2026-03-01 09:00+00', '2026-03-11')) from who;
select pg_temp.card(ann, 'step', pg_temp.seen('learning', 2, '2026-03-10 09:00+00', '2026-03-10 09:10+00')) from who;
select pg_temp.card(ann, 'soon', pg_temp.seen('relearning', 2, '2026-03-10 09:00+00', '2026-03-10 10:15+00')) from who;
select pg_temp.card(ann, 'later', pg_temp.seen('relearning', 2, '2026-03-10 09:00+00', '2026-03-10 11:15+00')) from who;
select pg_temp.card(ann, 'drill', pg_temp.seen('learning', null, '2026-03-09 09:00+00', '2026-03-09 09:00+00', '{"scheduler": "sm2", "difficulty": null}')) from who;
select pg_temp.card(ann, 'second', '{"created_at": "2026-03-03T00:00:00Z"}') from who;
select pg_temp.card(ann, 'first', '{"created_at": "2026-03-02T00:00:00Z"}') from who;
select pg_temp.card(ann, 'off', pg_temp.seen('review', 1, '2026-03-01 09:00+00', '2026-03-08', '{"is_suspended": true}')) from who;
select pg_temp.card(ann, 'buried', pg_temp.seen('review', 1, '2026-03-01 09:00+00', '2026-03-08', '{"buried_until": "2026-03-11"}')) from who;
select pg_temp.card(eve, 'another''s', pg_temp.seen('review', 1, '2026-03-01 09:00+00', '2026-03-08')) from who;
select is(pg_temp.due(ann, '2026-03-10 10:00+00'),
  'learning step, review shaky, review middle, review surer, new first, new second, again drill, again soon',
  'steps, then what is most likely forgotten, then new ones, then what comes again') from who;
select is(private.study_due_count(ann, '2026-03-10 10:00+00'), 8, 'and as many are counted') from who;
select is(pg_temp.due(ann, '2026-03-11 00:00+00') like '%buried%tomorrow%', true, 'buried until the next day, that day''s cards are due from its beginning') from who;
select is((select d.retrievability from private.study_due(ann, '2026-03-10 10:00+00') as d where d.phase = 'review' order by d.sort_key limit 1),
  private.fsrs_retrievability(9, 2, 0.1542), 'the chance of recall is that of FSRS after whole days') from who;

-- The learner's own day
update core.profiles as p set time_zone = 'Pacific/Kiritimati' from who where p.id = who.ann;
select is(pg_temp.due(ann, '2026-03-10 09:59+00') like '%tomorrow%', false, 'in the zone that is ahead it is not yet tomorrow') from who;
select is(pg_temp.due(ann, '2026-03-10 10:00+00') like '%tomorrow%', true, 'at ten in the morning of UTC it is') from who;
insert into study.learner_settings (user_id, day_start_hour) select ann, 4 from who;
select is(pg_temp.due(ann, '2026-03-10 13:59+00') like '%tomorrow%', false, 'nor before the hour at which the learner''s day begins') from who;
select is(pg_temp.due(ann, '2026-03-10 14:00+00') like '%tomorrow%', true, 'from then on it is') from who;
update core.profiles as p set time_zone = 'America/New_York' from who where p.id = who.ann;
update study.learner_settings as s set day_start_hour = 0 from who where s.user_id = who.ann;
select is((private.study_become(c, row('fsrs', 'review', 0, 1, 0, 2.5, 9, 5, 0.9, 9, null, 9, 9)::private.study_outcome, private.study_settings(ann), 1, '2026-03-01', '2026-03-02 04:30+00')).due_at,
  '2026-03-10 04:00+00'::timestamptz, 'an interval over the change of the clocks ends on its day, at that day''s beginning')
from who, lateral (select * from study.sm2_review_cards as c where c.user_id = who.ann and c.front = 'surer') as c;
update core.profiles as p set time_zone = 'UTC' from who where p.id = who.ann;

-- The limits of a day
update study.learner_settings as s set new_cards_per_day = 1, reviews_per_day = 2 from who where s.user_id = who.ann;
select is(pg_temp.due(ann, '2026-03-10 10:00+00'), 'learning step, review shaky, review middle, new first, again drill, again soon', 'no more than the learner wants') from who;
select is(private.study_due_count(ann, '2026-03-10 10:00+00'), 6, 'counted as well') from who;
select private.study_review_card(ann, c.id, 3, null, 0, 1, '2026-03-10 10:00+00') from who, study.sm2_review_cards as c where c.user_id = who.ann and c.front in ('shaky', 'first');
select is(pg_temp.due(ann, '2026-03-10 10:00+00'), 'learning step, review middle, again drill, again first, again soon', 'what was done today is counted against them') from who;
select private.study_undo_review(ann, c.id, 1, '2026-03-10 10:00+00') from who, study.sm2_review_cards as c where c.user_id = who.ann and c.front in ('shaky', 'first');
select is(pg_temp.due(ann, '2026-03-10 10:00+00'), 'learning step, review shaky, review middle, new first, again drill, again soon', 'what was undone is not') from who;
update study.learner_settings as s set new_cards_per_day = 0, reviews_per_day = 0 from who where s.user_id = who.ann;
select is(pg_temp.due(ann, '2026-03-10 10:00+00'), 'learning step, again drill, again soon', 'none at all: only what was begun') from who;
select is(private.study_due_count(ann, '2026-03-10 10:00+00'), 3, 'and counted') from who;
update study.learner_settings as s set new_cards_per_day = 20, reviews_per_day = 200 from who where s.user_id = who.ann;

-- The forecast
select results_eq(format('select * from private.study_review_forecast(%L, 3, %L)', ann, '2026-03-10 10:00+00'),
  $$ values ('2026-03-10'::date, 7), ('2026-03-11'::date, 2), ('2026-03-12'::date, 0) $$, 'by day, overdue ones today, buried ones on theirs, new ones not') from who;

-- Cards of questions
create function pg_temp.question(p_who uuid, p_visibility text) returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  perform tests.as_user(p_who);
  v_id := (study.create_question(jsonb_build_object('vignette', 'How many?', 'options',
    '[{"text": "One", "is_correct": true, "rationale": "SECRET"}, {"text": "Two", "rationale": "SECRET"}]'::jsonb), 'sd-heart')).id;
  perform tests.as_owner();
  update study.questions set visibility = p_visibility, status = 'published' where id = v_id;
  return v_id;
end; $$;
create temp table q as select pg_temp.question(eve, 'authenticated') as open, pg_temp.question(eve, 'authenticated') as gone, pg_temp.question(eve, 'private') as closed,
  pg_temp.question(ben, 'private') as own from who;
select pg_temp.card(ben, '', pg_temp.seen('review', 2, '2026-03-01 09:00+00', '2026-03-05', jsonb_build_object('source', 'question', 'question_id', x.id)))
from who, q, unnest(array[open, gone, closed, own]) as x (id);
select is(pg_temp.due(ben, '2026-03-10 10:00+00'), 'review question, review question, review question', 'one''s own question and published ones; not what one may not read') from who;
update study.questions set status = 'retired' where id = (select gone from q);
select is(private.study_due_count(ben, '2026-03-10 10:00+00'), 2, 'nor what is retired') from who;
insert into study.learner_settings (user_id, reviews_per_day) select ben, 1 from who;
select is(private.study_due_count(ben, '2026-03-10 10:00+00'), 1, 'one wanted, one counted, whatever is left out') from who;
select is((select count(*) from private.study_due(ben, '2026-03-10 10:00+00')), 1::bigint, 'and shown') from who;
update study.learner_settings as s set reviews_per_day = 200 from who where s.user_id = who.ben;
insert into core.blocks (blocker_id, blocked_id) select eve, ben from who;
select is(private.study_due_count(ben, '2026-03-10 10:00+00'), 1, 'nor of who blocked one') from who;
delete from core.blocks;

-- The list as a client sees it
select tests.as_anon();
select throws_ok('select * from study.due_cards()', '42501', null, 'nobody without an account');
select tests.as_user((select ben from who));
select is((select count(*) from study.due_cards()), 2::bigint, 'his own due cards');
select is((select bool_or(d::text ~* 'secret|correct') from study.due_cards() as d), false, 'no key, no rationale in them');
select results_eq($$ select distinct d.question ->> 'vignette', d.question #>> '{options,0,text}', d.review_no from study.due_cards() as d $$, $$ values ('How many?', 'One', 1) $$, 'what is asked, the options, and the number of the review');
select tests.as_user((select ann from who));
create temp table first_page as select * from study.due_cards(3);
create temp table pages as
select * from first_page union all select * from study.due_cards(200, (select f.cursor from first_page as f order by split_part(f.cursor, ':', 1)::int desc, split_part(f.cursor, ':', 2)::float8 desc limit 1));
select results_eq('select card_id from pages order by 1', 'select card_id from study.due_cards(200) order by 1', 'page after page, each card once');
select is((select count(*) from first_page), 3::bigint, 'as many as asked for');
select throws_ok(format('select * from study.due_cards(10, %L)', c), 'PT400', 'cursor_invalid', 'no cursor: ' || c)
from unnest('{x, "2:1:", "9:1:00000000-0000-0000-0000-000000000000", "2:NaN:00000000-0000-0000-0000-000000000000", "2:1e999:00000000-0000-0000-0000-000000000000"}'::text[]) as c;
select is((select count(*) from study.due_cards(-5)), 1::bigint, 'at least one');
select is(tests.count_of('select * from study.sm2_review_cards where user_id <> auth.uid()'), 0::bigint, 'nobody reads another''s cards');
select is(tests.count_of('select * from study.review_logs where user_id <> auth.uid()'), 0::bigint, 'nor logs');
select throws_ok('update study.sm2_review_cards set due_on = due_on - 1', '42501', null, 'nor writes them directly');
select throws_ok('insert into study.review_logs (user_id) values (auth.uid())', '42501', null, 'nor the log');
select throws_ok('delete from study.review_logs', '42501', null, 'and deletes nothing of it');
select throws_ok(format('select private.study_review_card(%L, %L, 3, null, 0, null, now())', (select ann from who), gen_random_uuid()), '42501', null, 'time is not for clients to say');
select tests.as_owner();
update core.profiles as p set is_active = false from who where p.id = who.off;
select tests.as_user((select off from who));
select lives_ok('select * from study.due_cards()', 'who is suspended reads');
select throws_ok($$ select study.create_card('a', 'b') $$, 'PT403', 'account_inactive', 'but writes nothing');
select throws_ok('select study.review_card(gen_random_uuid(), 3)', 'PT403', 'account_inactive', 'reviews nothing');
select tests.as_owner();

-- Answers are reviews
create temp table session as
select w.ben, gen_random_uuid() as id from who as w;
insert into study.practice_sessions (id, user_id, session_type, running_since) select id, ben, 'tutor', now() from session;
create function pg_temp.attempt(p_question uuid, p_correct boolean, p_confidence integer, p_at timestamptz, p_skipped boolean default false)
returns study.user_question_attempts language plpgsql as $$
declare
  v_session uuid := gen_random_uuid();
  v_attempt study.user_question_attempts;
begin
  insert into study.practice_sessions (id, user_id, session_type, running_since) select v_session, ben, 'tutor', now() from session;
  insert into study.user_question_attempts (user_id, question_id, version_id, session_id, attempt_type, selected_indexes, is_skipped, is_correct, confidence_rating, time_taken_ms, study_day, answered_at)
  select s.ben, p_question, v.id, v_session, 'practice', case when p_skipped then '{}' else '{0}' end::smallint[], p_skipped, p_correct, p_confidence, 9000, p_at::date, p_at
  from session as s, study.question_versions as v where v.question_id = p_question
  returning * into v_attempt;
  return v_attempt;
end; $$;
create function pg_temp.answer(p_question uuid, p_correct boolean, p_confidence integer, p_at timestamptz, p_skipped boolean default false, p_graded timestamptz default null)
returns study.review_logs language plpgsql as $$
declare
  v_attempt study.user_question_attempts := pg_temp.attempt(p_question, p_correct, p_confidence, p_at, p_skipped);
  v_log study.review_logs;
begin
  perform private.study_review_attempts(v_attempt.user_id, array[v_attempt], coalesce(p_graded, p_at));
  select * into v_log from study.review_logs as l where l.attempt_id = v_attempt.id;
  return v_log;
end; $$;
select results_eq(
  $$ select l.rating::int, l.review_no, l.state_before, l.study_day, l.duration_ms from q, pg_temp.answer(q.open, true, null, '2026-03-10 09:00+00') as l $$,
  $$ values (3, 1, 'review', '2026-03-10'::date, 9000::bigint) $$, 'a right answer is good');
select is((pg_temp.answer(open, true, 2, '2026-03-11 09:00+00')).rating::int, 2, 'with little confidence, hard') from q;
select is((pg_temp.answer(open, true, 5, '2026-03-12 09:00+00')).rating::int, 4, 'with all confidence, easy') from q;
select is((pg_temp.answer(open, false, 5, '2026-03-13 09:00+00')).rating::int, 1, 'wrong is again, however sure') from q;
select is((pg_temp.answer(open, false, null, '2026-03-14 09:00+00', true)).id, null, 'what is skipped reviews nothing') from q;
select results_eq(
  $$ select l.reviewed_at, l.study_day, l.elapsed_days from q, pg_temp.answer(q.open, true, null, '2026-03-15 23:00+00', false, '2026-03-16 01:00+00') as l $$,
  $$ values ('2026-03-15 23:00+00'::timestamptz, '2026-03-15'::date, 2) $$, 'an answer of a test counts when it was given, not when the test was graded');
select throws_ok(format('select private.study_undo_review(%L, (select id from study.sm2_review_cards where user_id = %L and question_id = %L), null, %L)', ben, ben, q.open, '2026-03-15 23:30+00'),
  'PT409', 'review_not_undoable', 'an answer is not undone') from who, q;
update study.sm2_review_cards as c set is_suspended = true from who, q where c.user_id = who.ben and c.question_id = q.open;
select is((pg_temp.answer(open, true, null, '2026-03-17 09:00+00')).id, null, 'a suspended card is left alone') from q;

-- And make cards, as the learner wishes
create temp table fresh as select pg_temp.question(eve, 'authenticated') as a, pg_temp.question(eve, 'authenticated') as b, pg_temp.question(eve, 'authenticated') as c, pg_temp.question(eve, 'authenticated') as d from who;
select pg_temp.answer(a, true, null, '2026-03-20 09:00+00'), pg_temp.answer(b, false, null, '2026-03-20 09:00+00') from fresh;
select results_eq('select k.question_id = f.b, k.state, k.due_on, k.topic_id is null from study.sm2_review_cards as k, fresh as f where k.question_id in (f.a, f.b)',
  $$ values (true, 'new', '2026-03-20'::date, true) $$, 'what was wrong becomes a card, due at once');
select is((select count(*) from study.review_logs as l join study.sm2_review_cards as k on k.id = l.card_id join fresh as f on f.b = k.question_id), 0::bigint, 'not reviewed yet');
update study.learner_settings as s set cards_from = 'none' from who where s.user_id = who.ben;
select pg_temp.answer(c, false, null, '2026-03-20 09:00+00') from fresh;
update study.learner_settings as s set cards_from = 'all' from who where s.user_id = who.ben;
select pg_temp.answer(d, true, null, '2026-03-20 09:00+00') from fresh;
select results_eq('select k.question_id = f.d from study.sm2_review_cards as k, fresh as f where k.question_id in (f.c, f.d)', 'values (true)', 'none, or all, if one wishes');
create temp table pair as select array[pg_temp.attempt(a, false, null, '2026-03-21 09:00+00'), pg_temp.attempt(b, true, null, '2026-03-21 08:00+00')] as attempts from fresh;
select private.study_review_attempts((select ben from who), attempts, '2026-03-21 10:00+00') from pair;
select is((select count(*) from study.review_logs as l join study.sm2_review_cards as k on k.id = l.card_id join fresh as f on k.question_id = f.b), 1::bigint, 'several answers in one go');

-- Thousands that may not be practised any more are passed over in few steps, however few cards are still wanted today.
create temp table gone as select tests.sp_question(null, p_author_id => eve) as id from who, generate_series(1, 1200);
select count(pg_temp.card((select off from who), 'x', jsonb_build_object(
  'source', 'question', 'question_id', g.id, 'state', 'review', 'stability', 5, 'difficulty', 5, 'interval_days', 5, 'last_reviewed_at', '2026-03-01 00:00+00'
))) from gone as g;
update study.questions as q set status = 'retired' from gone as g where q.id = g.id;
insert into study.learner_settings (user_id, reviews_per_day, new_cards_per_day) select off, 1, 1 from who
on conflict (user_id) do update set reviews_per_day = 1, new_cards_per_day = 1;
create function pg_temp.looks() returns bigint language sql
as $$ select coalesce(sum(pg_stat_get_xact_function_calls(p.oid)), 0)::bigint from pg_proc as p where p.oid = 'private.study_practisable(uuid[], uuid)'::regprocedure; $$;
set local track_functions = 'pl';
create temp table looked as select pg_temp.looks() as before, 0::bigint as after_due;
select is((select count(*) from who, private.study_due(off, '2026-03-10 12:00+00') where phase = 'review'), 0::bigint, 'what may not be practised is not due');
update looked set after_due = pg_temp.looks();
select private.study_due_count(off, '2026-03-10 12:00+00') from who;
select ok(l.after_due > l.before and l.after_due - l.before < 12 and pg_temp.looks() - l.after_due < 12, 'and looked at by the thousand, not one by one') from looked as l;

select * from finish();
rollback;
