-- The model of mastery against its definition, and what graded answers do to progress and mastery.
begin;
select plan(95);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sm-ann@example.org') as ann, tests.create_user('sm-ben@example.org') as ben, tests.create_user('sm-cleo@example.org') as cleo,
  tests.create_user('sm-mod@example.org', '{moderator}') as moderator;
create temp table t (name text primary key, id uuid);
with i as (insert into core.topics (slug, name) values ('sm-body', 'Body') returning id) insert into t select 'body', id from i;
with i as (insert into core.topics (slug, name, parent_id) select 'sm-heart', 'Heart', id from t where name = 'body' returning id) insert into t select 'heart', id from i;
with i as (insert into core.topics (slug, name, parent_id) select 'sm-valve', 'Valve', id from t where name = 'heart' returning id) insert into t select 'valve', id from i;
with i as (insert into core.topics (slug, name, parent_id) select 'sm-kidney', 'Kidney', id from t where name = 'body' returning id) insert into t select 'kidney', id from i;
create function pg_temp.topic(p_name text) returns uuid language sql as $$ select id from t where name = p_name $$;
create temp table q as
select 'valve' || n as name, tests.sp_question(pg_temp.topic('valve')) as id from generate_series(1, 6) as n
union all select 'kidney' || n, tests.sp_question(pg_temp.topic('kidney')) from generate_series(1, 3) as n
union all select 'none', tests.sp_question(null);
create function pg_temp.q(p_name text) returns uuid language sql as $$ select id from q where name = p_name $$;
create function pg_temp.answered(p_mean float8, p_variance float8, p_difficulty float8, p_spread float8, p_guess float8, p_right boolean)
returns float8[] language sql as $$
  select private.study_ability_answer(array[p_mean, p_variance], p_difficulty, p_spread, p_guess, p_right, private.study_model());
$$;
create function pg_temp.level(p_user uuid, p_topic text)
returns study.mastery_levels language sql as $$
  select m from study.mastery_levels as m where m.user_id = p_user and m.topic_id = pg_temp.topic(p_topic);
$$;

-- The model. The figures come from its definition: score and Fisher information of P = c + (1 - c) s, in another language.
select ok(abs((pg_temp.answered(-1, 1.5625, 0, 0.36, 0.25, true))[1] - -0.567163063283932) < 1e-12
  and abs((pg_temp.answered(-1, 1.5625, 0, 0.36, 0.25, true))[2] - 1.38778086813965) < 1e-12, 'a right answer moves a newcomer up');
select ok(abs((pg_temp.answered(-1, 1.5625, 0, 0.36, 0.25, false))[1] - -1.36760663700074) < 1e-12
  and abs((pg_temp.answered(-1, 1.5625, 0, 0.36, 0.25, false))[2] - 1.38778086813965) < 1e-12, 'a wrong one down');
select ok(abs((pg_temp.answered(0.7, 0.2, 1.3, 0.05, 0.2, true))[1] - 0.774956895794246) < 1e-12
  and abs((pg_temp.answered(0.7, 0.2, 1.3, 0.05, 0.2, true))[2] - 0.199580267653308) < 1e-12, 'with another question');
select ok(abs((pg_temp.answered(2, 0.3, -1, 0, 0, false))[1] - 1.71341372949908) < 1e-12
  and abs((pg_temp.answered(2, 0.3, -1, 0, 0, false))[2] - 0.300854560743641) < 1e-12, 'and without a guess');
select ok(bool_and((pg_temp.answered(0, 1, b + 0.5, 0.1, 0.25, true))[1] > (pg_temp.answered(0, 1, b, 0.1, 0.25, true))[1]), 'the harder, the more a right answer is worth') from generate_series(-3.0, 0.5, 0.5) as b;
select ok(bool_and((pg_temp.answered(0, 1, b + 0.5, 0.1, 0.25, false))[1] > (pg_temp.answered(0, 1, b, 0.1, 0.25, false))[1]), 'and the less a wrong one costs') from generate_series(-3.0, 2.5, 0.5) as b;
select ok((pg_temp.answered(0, 1, 0, 0, 0.5, true))[1] < (pg_temp.answered(0, 1, 0, 0, 0.2, true))[1], 'what is easily guessed is worth less');
select ok((pg_temp.answered(0, 1, 0, 1, 0.2, true))[1] < (pg_temp.answered(0, 1, 0, 0, 0.2, true))[1], 'and what is not well known');
select ok(bool_and(x.a[1] = x.a[1] and x.a[1] between -1e6 and 1e6 and x.a[2] > 0), 'nothing overflows')
from (select pg_temp.answered(m, 1, b, 0, c, r) as a from unnest('{-1e5, 0, 1e5}'::float8[]) as m, unnest('{-1e9, 0, 1e9}'::float8[]) as b, unnest('{0, 0.5}'::float8[]) as c, unnest('{true, false}'::boolean[]) as r) as x;
select is(private.study_ability_drift('{3, 0.1}', 0, private.study_model()), '{3, 0.1}'::float8[], 'at once nothing is forgotten');
select ok(abs((private.study_ability_drift('{3, 0.1}', 365, private.study_model()))[1] - 1) < 1e-12, 'after the half-life half of what was above a newcomer is left');
select ok(abs((private.study_ability_drift('{3, 0.1}', 365, private.study_model()))[2] - (0.25 * 0.1 + 0.75 * 1.5625)) < 1e-12, 'and less is known of it');
select ok(bool_and(abs(o.v - e.v) < 1e-9), 'forgetting in two steps is forgetting in one')
from unnest(private.study_ability_drift(private.study_ability_drift('{2, 0.2}', 40, private.study_model()), 60, private.study_model())) with ordinality as o (v, n)
join unnest(private.study_ability_drift('{2, 0.2}', 100, private.study_model())) with ordinality as e (v, n) on e.n = o.n;
select is(private.study_ability_drift('{2, 0.2}', -5, private.study_model()), '{2, 0.2}'::float8[], 'time does not run backwards');
select ok(abs(private.study_ability_percentage(-1, 1.5625) - 31.27631842339784) < 1e-9, 'a newcomer would know a third of medium questions');
select is(array(select private.study_ability_level(m, 0.09, private.study_model()) from unnest('{-1, -0.3, 0.4, 1.3, 2.3}'::float8[]) as m),
  '{novice, beginner, intermediate, advanced, expert}'::text[], 'levels go by the lower bound');
select is(private.study_ability_level(2.3, 4, private.study_model()), 'intermediate', 'who may know all, may not');
select is(array(select private.study_guess(k, n) from (values ('single_choice', 4), ('single_choice', 2), ('multiple_choice', 4)) as g (k, n)), '{0.25, 0.5, 0.07142857142857142}'::float8[], 'the chance to guess goes by options, or by their subsets');

-- 300 people with abilities drawn as the model thinks they are answer 40 questions each: it finds them, and knows how well.
create function pg_temp.people()
returns table (truth float8, mean float8, variance float8)
language plpgsql
as $$
declare
  v_model jsonb := private.study_model() || '{"answer_variance": 0}';
  v_ability float8[];
  v_difficulty float8;
begin
  perform setseed(0.42);
  for i in 1..300 loop
    truth := -1 + 1.25 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random());
    v_ability := '{-1, 1.5625}';
    for k in 1..40 loop
      v_difficulty := -1.5 + 3 * random();
      v_ability := private.study_ability_answer(
        v_ability, v_difficulty, 0, 0.25, random() < 0.25 + 0.75 / (1 + exp(v_difficulty - truth)), v_model
      );
    end loop;
    mean := v_ability[1];
    variance := v_ability[2];
    return next;
  end loop;
end;
$$;
create temp table people as select * from pg_temp.people();
select ok(corr(truth, mean) > 0.8, 'abilities are found: ' || round(corr(truth, mean)::numeric, 3)) from people;
select ok(abs(avg(mean - truth)) < 0.15, 'without leaning: ' || round(avg(mean - truth)::numeric, 3)) from people;
select ok(count(*) filter (where abs(mean - truth) < sqrt(variance)) between 180 and 235, 'and two thirds lie within what is said: ' || count(*) filter (where abs(mean - truth) < sqrt(variance)) || ' of 300') from people;

-- Progress with a question
select is((select count(*) from study.user_progress), 0::bigint, 'at first nothing is known');
select private.study_progress_attempts(ann, array[
  tests.sp_attempt(ann, pg_temp.q('valve1'), true, '2026-03-01 10:00Z', 4::smallint), tests.sp_attempt(ann, pg_temp.q('valve2'), false, '2026-03-01 10:01Z', 2::smallint),
  tests.sp_attempt(ann, pg_temp.q('valve3'), null, '2026-03-01 10:02Z'), tests.sp_attempt(ann, pg_temp.q('kidney1'), true, '2026-03-01 10:03Z')
], '2026-03-01 10:04Z') from who;
select results_eq($$ select q.name, p.total_attempts, p.correct_attempts, p.skipped_attempts, p.accuracy_rate, p.avg_confidence, p.time_taken_ms, p.last_is_correct, p.first_attempt_at is null, p.last_attempt_at
  from study.user_progress as p join q on q.id = p.question_id where p.user_id = (select ann from who) order by 1 $$,
  $$ values ('kidney1', 1, 1, 0, 1::float8, null::float8, 5000::bigint, true, false, '2026-03-01 10:03Z'::timestamptz),
    ('valve1', 1, 1, 0, 1, 4, 5000, true, false, '2026-03-01 10:00Z'), ('valve2', 1, 0, 0, 0, 2, 5000, false, false, '2026-03-01 10:01Z'),
    ('valve3', 0, 0, 1, 0, null, 5000, null, true, '2026-03-01 10:02Z') $$, 'each question counts what was done with it; a skip is no answer');
select private.study_progress_attempts(ann, array[
  tests.sp_attempt(ann, pg_temp.q('valve2'), true, '2026-03-02 10:00Z', 5::smallint), tests.sp_attempt(ann, pg_temp.q('valve1'), true, '2026-03-02 10:01Z'),
  tests.sp_attempt(ann, pg_temp.q('valve1'), false, '2026-03-02 10:02Z'), tests.sp_attempt(ann, pg_temp.q('valve2'), null, '2026-03-02 10:03Z')
], '2026-03-02 10:04Z') from who;
select results_eq($$ select q.name, p.total_attempts, p.correct_attempts, p.skipped_attempts, p.avg_confidence, p.last_is_correct, p.first_attempt_at, p.last_attempt_at
  from study.user_progress as p join q on q.id = p.question_id where p.user_id = (select ann from who) and q.name in ('valve1', 'valve2') order by 1 $$,
  $$ values ('valve1', 3, 2, 0, 4::float8, false, '2026-03-01 10:00Z'::timestamptz, '2026-03-02 10:02Z'::timestamptz), ('valve2', 2, 1, 1, 3.5, true, '2026-03-01 10:01Z', '2026-03-02 10:03Z') $$,
  'the last answer says how it stands, a skip after it does not');

-- Mastery
select results_eq($$ select t.name, m.questions_answered, m.questions_correct from study.mastery_levels as m join t on t.id = m.topic_id where m.user_id = (select ann from who) order by 1 $$,
  $$ values ('body', 6::bigint, 4::bigint), ('heart', 5, 3), ('kidney', 1, 1), ('valve', 5, 3) $$, 'an answer counts for its topic and all above, a skip for none');
select is((pg_temp.level(ann, 'valve')).observed_at, '2026-03-02 10:02Z'::timestamptz, 'as of the last answer') from who;
select is((pg_temp.level(ann, 'valve')).ability, (pg_temp.level(ann, 'heart')).ability, 'where nothing else was answered above, it is known alike') from who;
select isnt((pg_temp.level(ann, 'body')).ability, (pg_temp.level(ann, 'heart')).ability, 'and elsewhere not') from who;
-- The same answers one by one, and by hand
select private.study_progress_attempts(ben, array[tests.sp_attempt(ben, pg_temp.q(x.name), x.is_right, x.at)], x.at)
from who, (values ('valve1', true, '2026-03-01 10:00Z'::timestamptz), ('valve2', false, '2026-03-01 10:01Z'), ('kidney1', true, '2026-03-01 10:03Z'),
  ('valve2', true, '2026-03-02 10:00Z'), ('valve1', true, '2026-03-02 10:01Z'), ('valve1', false, '2026-03-02 10:02Z')) as x (name, is_right, at);
select results_eq($$ select topic_id, ability, ability_variance, questions_answered, questions_correct, mastery_percentage, proficiency_level, observed_at from study.mastery_levels where user_id = (select ben from who) order by 1 $$,
  $$ select topic_id, ability, ability_variance, questions_answered, questions_correct, mastery_percentage, proficiency_level, observed_at from study.mastery_levels where user_id = (select ann from who) order by 1 $$,
  'answers graded together say what they say one by one');
create function pg_temp.by_hand()
returns float8[] language plpgsql as $$
declare
  v_ability float8[] := '{-1, 1.5625}';
  v_at timestamptz;
  v_answer record;
begin
  for v_answer in select * from (values (true, '2026-03-01 10:00Z'::timestamptz), (false, '2026-03-01 10:01Z'), (true, '2026-03-02 10:00Z'),
    (true, '2026-03-02 10:01Z'), (false, '2026-03-02 10:02Z')) as x (is_right, at) loop
    v_ability := private.study_ability_drift(v_ability, coalesce(extract(epoch from v_answer.at - v_at) / 86400, 0), private.study_model());
    v_ability := private.study_ability_answer(v_ability, 0, 0.36, 0.25, v_answer.is_right, private.study_model());
    v_at := v_answer.at;
  end loop;
  return v_ability;
end;
$$;
select ok(abs((pg_temp.level(ann, 'valve')).ability - (pg_temp.by_hand())[1]) < 1e-12 and abs((pg_temp.level(ann, 'valve')).ability_variance - (pg_temp.by_hand())[2]) < 1e-12, 'each answer after what was forgotten since the one before') from who;
-- In their order
select tests.sp_answer(cleo, pg_temp.q('kidney1'), true, '2026-03-01 10:00Z', 3) from who;
select tests.sp_answer(cleo, pg_temp.q('kidney2'), false, '2026-03-01 10:05Z', 3) from who;
select tests.sp_answer(cleo, pg_temp.q('none'), true, '2026-03-01 10:05Z') from who;
select is((pg_temp.level(cleo, 'body')).questions_answered, 6::bigint, 'a question without a topic says nothing of any') from who;
select is((select total_attempts from study.user_progress, who where user_id = cleo and question_id = pg_temp.q('none')), 1, 'but counts as a question');
select tests.sp_answer(cleo, pg_temp.q('kidney1'), null, '2026-03-01 10:06Z') from who;
select ok((select last_is_correct from study.user_progress, who where user_id = cleo and question_id = pg_temp.q('kidney1')), 'who skips a question in another session has still answered it right');
create temp table before as select (pg_temp.level(cleo, 'kidney')).* from who;
select tests.sp_answer(cleo, pg_temp.q('kidney3'), true, '2026-02-01 10:00Z') from who;
select is((pg_temp.level(cleo, 'kidney')).observed_at, (select observed_at from before), 'what is graded late does not turn the clock back') from who;
select is((pg_temp.level(cleo, 'kidney')).ability, (pg_temp.answered(b.ability, b.ability_variance, 0, 0.36, 0.25, true))[1], 'nor forgets anything') from who, before as b;
select is((select last_attempt_at from study.user_progress, who where user_id = cleo and question_id = pg_temp.q('kidney3')), '2026-02-01 10:00Z'::timestamptz, 'the question knows when it was answered');
select lives_ok($$ select private.study_progress_attempts((select ann from who), '{}', now()) $$, 'nothing answered changes nothing');

-- Mastery at a moment
select tests.sp_answer(ben, pg_temp.q('kidney2'), true, '2026-03-03 10:00Z', 30) from who;
create temp table then_ as select l.* from who, private.study_mastery_at(ben, '2026-03-03 10:00Z') as l where l.topic_id = pg_temp.topic('kidney');
create temp table later as select l.* from who, private.study_mastery_at(ben, '2027-03-03 10:00Z') as l where l.topic_id = pg_temp.topic('kidney');
select ok(abs((select mastery_percentage from then_) - (pg_temp.level(ben, 'kidney')).mastery_percentage) < 1e-9, 'at once it is what is stored') from who;
select cmp_ok((select mastery_percentage from then_), '>', 85::float8, 'thirty right answers in a row are mastery');
select is((select proficiency_level from then_), 'advanced', 'for sure');
select cmp_ok((select mastery_percentage from later), '<', (select mastery_percentage from then_) - 15, 'a year later much of it is gone');
select cmp_ok((select mastery_percentage from later), '>', (select mastery_percentage from then_) / 2, 'and most is left');
select cmp_ok((select uncertainty from later), '>', (select uncertainty from then_) * 1.5, 'and less is known');
select is((select proficiency_level from later), 'beginner', 'for sure, little');
select is((pg_temp.level(ben, 'kidney')).observed_at, '2026-03-03 10:00Z'::timestamptz, 'reading changes nothing') from who;
select is((select mastery_percentage from private.study_mastery_at((select ben from who), '2020-01-01') where topic_id = pg_temp.topic('kidney')), (select mastery_percentage from then_), 'before the last answer it is as then');
select is(private.study_ability_at(ben, pg_temp.topic('kidney'), '2026-03-03 10:00Z'), (pg_temp.level(ben, 'kidney')).ability, 'the ability can be asked for') from who;
select is(private.study_ability_at((select moderator from who), pg_temp.topic('kidney'), now()), -1::float8, 'and is a newcomer''s where nothing is known');

-- Difficulty of questions
create temp table d as select x.label, tests.sp_question(null, x.label) as id from unnest('{easy, medium, hard, nbme}'::text[]) as x (label);
select results_eq('select d.label, s.difficulty_estimate from d join study.questions as s using (id) order by 2',
  $$ values ('easy', -1::float8), ('medium', 0), ('hard', 1), ('nbme', 1.5) $$, 'a new question is as hard as its label says');
insert into study.question_statistics (version_id, question_id, times_answered, first_answers, first_correct, ability_sum)
select v.id, v.question_id, 90, 90, 57, 0 from study.question_versions as v join d on d.id = v.question_id where d.label in ('easy', 'hard');
-- Known: (57.5 / 91 - 0.25) / 0.75 = 0.509; its logit 0.037, negated: the difficulty among people of ability 0.
select results_eq($$ select d.label, s.difficulty_estimate from d join study.questions as s using (id) where d.label in ('easy', 'hard') order by 2 $$,
  $$ values ('easy', round((10 * -1 + 90 * -0.03663) / 100, 2)::float8), ('hard', round((10 * 1 + 90 * -0.03663) / 100, 2)::float8) $$, 'first answers outweigh the label');
update study.question_statistics as s set ability_sum = 90 * 1.0 from d where d.id = s.question_id and d.label = 'easy';
select is((select difficulty_estimate from study.questions as s join d using (id) where d.label = 'easy'), round((10 * -1 + 90 * (1 - 0.03663)) / 100, 2)::float8, 'abler people make it harder');
update study.question_statistics as s set first_answers = 0, first_correct = 0, ability_sum = 0 from d where d.id = s.question_id and d.label = 'hard';
select is((select difficulty_estimate from study.questions as s join d using (id) where d.label = 'hard'), 1::float8, 'without answers the label counts');
update study.questions as s set difficulty = 'hard' from d where d.id = s.id and d.label = 'medium';
select is((select difficulty_estimate from study.questions as s join d using (id) where d.label = 'medium'), 1::float8, 'another label, another difficulty');
update study.questions as s set difficulty_estimate = 9 from d where d.id = s.id and d.label = 'medium';
select is((select difficulty_estimate from study.questions as s join d using (id) where d.label = 'medium'), 1::float8, 'which nobody sets by hand');
create temp table again as select private.study_write_version(s, 2, '{"vignette": "Quite another", "options": [{"text": "a", "is_correct": true}, {"text": "b"}]}', null, null, null) from study.questions as s join d using (id) where d.label = 'easy';
update study.questions as s set current_version = 2 from d where d.id = s.id and d.label = 'easy';
select is((select difficulty_estimate from study.questions as s join d using (id) where d.label = 'easy'), -1::float8, 'a new version begins with its label');
update study.question_statistics as s set ability_sum = 90 * 2 from d where d.id = s.question_id and d.label = 'easy';
select is((select difficulty_estimate from study.questions as s join d using (id) where d.label = 'easy'), -1::float8, 'answers to the one before do not move it');

-- Topics that become one
create temp table apart as select (pg_temp.level(ben, 'kidney')).* from who;
create temp table apart2 as select (pg_temp.level(ben, 'valve')).* from who;
select tests.as_user((select moderator from who));
select lives_ok($$ select core.merge_topics(pg_temp.topic('kidney'), pg_temp.topic('valve')) $$, 'a moderator merges topics');
select tests.as_owner();
select is((select count(*) from study.mastery_levels where topic_id = pg_temp.topic('kidney')), 0::bigint, 'nothing stays behind');
select is((pg_temp.level(ben, 'valve')).questions_answered, (select questions_answered from apart) + (select questions_answered from apart2), 'answers add up') from who;
select cmp_ok((pg_temp.level(ben, 'valve')).ability, '<', (select ability from apart), 'what both say lies between them') from who;
select cmp_ok((pg_temp.level(ben, 'valve')).ability, '>', (select ability from apart2), 'on both sides') from who;
select cmp_ok((pg_temp.level(ben, 'valve')).ability_variance, '<', (select least(a.ability_variance, b.ability_variance) from apart as a, apart2 as b), 'and is known better') from who;
select is((pg_temp.level(cleo, 'valve')).ability, (pg_temp.answered(b.ability, b.ability_variance, 0, 0.36, 0.25, true))[1], 'who knew one of them knows the other as well') from who, before as b;
select tests.sp_answer(cleo, pg_temp.q('kidney1'), true, now()) from who;
select is((select count(*) from study.mastery_levels where topic_id = pg_temp.topic('kidney')), 0::bigint, 'a question of the old topic counts for the new one');
select is((pg_temp.level(cleo, 'valve')).questions_answered, 8::bigint, 'there') from who;
select is((pg_temp.level(cleo, 'heart')).questions_answered, 1::bigint, 'and above it') from who;
select ok(bool_and(abs(x.a[1] - m.v[1]) < 1e-9 and abs(x.a[2] - m.v[2]) < 1e-9), 'nothing known beside something known is that')
from (select private.study_merge_abilities('{1.2, 0.4}', '{-1, 1.5625}', private.study_model()) as a) as x, (values ('{1.2, 0.4}'::float8[])) as m (v);

-- Who reads, and who writes
select tests.as_anon();
select throws_ok($$ select * from study.my_mastery() $$, '42501', null, 'nobody without an account');
select throws_ok($$ select * from study.my_progress() $$, '42501', null, 'sees progress');
select throws_ok($$ select * from study.mastery_levels $$, '42501', null, 'or its table');
select tests.as_user((select ann from who));
select is(tests.count_of('select * from study.user_progress'), 4::bigint, 'one sees one''s own');
select is(tests.count_of('select * from study.mastery_levels'), 3::bigint, 'and one''s own mastery');
select throws_ok($$ update study.mastery_levels set mastery_percentage = 100 $$, '42501', null, 'and changes none of it');
select throws_ok($$ insert into study.user_progress (user_id, question_id, last_attempt_at) values (auth.uid(), pg_temp.q('valve4'), now()) $$, '42501', null, 'nor adds to it');
select throws_ok($$ select private.study_progress_attempts(auth.uid(), '{}', now()) $$, '42501', null, 'by no function');
select throws_ok($$ select * from private.study_mastery_at((select ben from who), now()) $$, '42501', null, 'nor asks about others');
select results_eq($$ select slug, questions_answered from study.my_mastery() order by 1 $$, $$ values ('sm-body', 6::bigint), ('sm-heart', 5), ('sm-valve', 6) $$, 'the call shows one''s own');
select is((select array_agg(slug) from study.my_mastery('sm-heart')), (select array_agg(slug) from study.my_mastery() where slug <> 'sm-body'), 'of a topic and below');
select ok((select bool_and(mastery_percentage between 0 and 100 and uncertainty > 0) from study.my_mastery()), 'in percent, give or take');
select throws_ok($$ select * from study.my_mastery('sm-nothing') $$, 'PT422', 'unknown_topic', 'of a topic that there is');
select is((select array_agg(question_id) from study.my_progress()), (select array_agg(question_id order by last_attempt_at desc, question_id desc) from study.user_progress), 'progress comes last first');
-- All at one moment: the id decides.
select tests.as_owner();
update study.user_progress set last_attempt_at = '2026-03-05 10:00Z' where user_id = (select ann from who);
select tests.as_user((select ann from who));
create temp table pages as
with recursive p as (
  select 1 as n, x.* from (select question_id, next_cursor from study.my_progress(1)) as x
  union all
  select p.n + 1, x.question_id, x.next_cursor from p cross join lateral study.my_progress(1, p.next_cursor) as x
)
select * from p;
select is((select array_agg(question_id order by n) from pages), (select array_agg(question_id) from study.my_progress()), 'page by page');
select is((select array_agg(n order by n) from pages), '{1, 2, 3, 4}'::integer[], 'to the end');
select throws_ok(format('select * from study.my_progress(1, %L)', c), 'PT400', 'cursor_invalid', 'a cursor from elsewhere: ' || c) from unnest('{x, 1:2, 99999999999999999999:00000000-0000-0000-0000-000000000000, 9223372036854775807:00000000-0000-0000-0000-000000000000}'::text[]) as c;
select is(array[tests.count_of($$ select * from study.my_progress(p_only => 'wrong') $$), tests.count_of($$ select * from study.my_progress(p_only => 'right') $$), tests.count_of($$ select * from study.my_progress(p_only => 'skipped') $$), tests.count_of($$ select * from study.my_progress(p_topic => 'sm-valve') $$)], '{1, 2, 1, 4}'::bigint[], 'of what was wrong, right or skipped, or of a topic');
select throws_ok($$ select * from study.my_progress(p_only => 'nice') $$, 'PT422', 'progress_filter_invalid', 'and of nothing else');
select tests.as_owner();
update core.profiles set is_active = false where id = (select ann from who);
select tests.as_user((select ann from who));
select is(tests.count_of('select * from study.my_mastery()'), 3::bigint, 'a suspended person still reads it');
select tests.as_owner();
delete from auth.users where id = (select ben from who);
select is((select count(*) from study.mastery_levels where user_id = (select ben from who)) + (select count(*) from study.user_progress where user_id = (select ben from who)), 0::bigint, 'and with a person it goes');
-- A question says something once a day: whoever has just read the key shows nothing by giving it.
create temp table day as select tests.create_user('day@example.org') as fay, pg_temp.q('valve1') as q;
select private.study_progress_attempts(fay, array[tests.sp_attempt(fay, q, true, '2026-05-01 10:00Z', null, '2026-05-01')], '2026-05-01 10:00Z') from day;
create temp table once as select (pg_temp.level(fay, 'valve')).* from day;
select private.study_progress_attempts(fay, array[tests.sp_attempt(fay, q, true, timestamptz '2026-05-01 10:00Z' + make_interval(mins => n), null, '2026-05-01')], now())
from day, generate_series(1, 5) as n;
select is((pg_temp.level(fay, 'valve')).ability, (select ability from once), 'repeated on its day, it says nothing more') from day;
select is((pg_temp.level(fay, 'valve')).questions_answered, 6::bigint, 'and is counted') from day;
select private.study_progress_attempts(fay, array[tests.sp_attempt(fay, q, true, '2026-05-02 10:00Z', null, '2026-05-02')], '2026-05-02 10:00Z') from day;
select cmp_ok((pg_temp.level(fay, 'valve')).ability, '>', (select ability from once), 'the next day it does again') from day;
create temp table before_skip as select (pg_temp.level(fay, 'valve')).* from day;
select private.study_progress_attempts(fay, array[tests.sp_attempt(fay, pg_temp.q('valve2'), null, '2026-05-02 11:00Z', null, '2026-05-02')], now()) from day;
select private.study_progress_attempts(fay, array[tests.sp_attempt(fay, pg_temp.q('valve2'), true, '2026-05-02 11:01Z', null, '2026-05-02')], now()) from day;
select cmp_ok((pg_temp.level(fay, 'valve')).ability, '>', (select ability from before_skip), 'after a skip it does, too') from day;
select * from finish();
rollback;
