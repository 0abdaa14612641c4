-- Learning paths: made, changed, never in a ring, and complete by themselves.
begin;
select plan(126);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sw-ann@example.org') as ann, tests.create_user('sw-ben@example.org') as ben, tests.create_user('sw-mod@example.org', '{moderator}') as moderator;
insert into core.topics (slug, name) select 'sw-' || n, 'Topic ' || n from unnest('{a, b, c, d, e, f}'::text[]) as n;
insert into core.topic_synonyms (topic_id, synonym) select id, 'sw-alpha' from core.topics where slug = 'sw-a';
create function pg_temp.topic(p_name text) returns uuid language sql as $$ select id from core.topics where slug = ('sw-' || p_name)::extensions.citext $$;
create temp table q as select n as name, tests.sp_question(pg_temp.topic(n)) as id from unnest('{a, b, c, d, e, f}'::text[]) as n;
create function pg_temp.master(p_user uuid, p_topic text, p_at timestamptz default now(), p_times integer default 30)
returns void language sql as $$ select tests.sp_answer(p_user, (select id from q where name = p_topic), true, p_at, p_times) $$;
create temp table p (name text, id uuid);
grant all on p to public;
create function pg_temp.path(p_name text) returns jsonb language sql as $$ select study.learning_path(id) from p where name = p_name $$;
create function pg_temp.milestone(p_path text, p_topic text) returns uuid language sql as $$
  select (m ->> 'id')::uuid from jsonb_array_elements(pg_temp.path(p_path) -> 'milestones') as m where m #>> '{topic,slug}' = 'sw-' || p_topic;
$$;
-- What a path shows: topics in order, * complete, + open, and what each requires.
create function pg_temp.drawn(p_path jsonb) returns text language sql as $$
  select string_agg(
    substr(m #>> '{topic,slug}', 4) || case when (m ->> 'is_completed')::boolean then '*' when (m ->> 'is_open')::boolean then '+' else '' end
      || coalesce('(' || (
        select string_agg(substr(o #>> '{topic,slug}', 4), ',' order by r.n)
        from jsonb_array_elements_text(m -> 'requires') with ordinality as r (id, n)
        join jsonb_array_elements(p_path -> 'milestones') as o on o ->> 'id' = r.id
      ) || ')', ''),
    ' ' order by (m ->> 'order')::integer
  ) || ' ' || (p_path ->> 'completed_milestones') || '/' || (p_path ->> 'total_milestones') || ' ' || (p_path ->> 'status')
  from jsonb_array_elements(p_path -> 'milestones') as m;
$$;

-- Making
select tests.as_anon();
select throws_ok($$ select study.create_learning_path('Heart') $$, '42501', null, 'nobody without an account makes a path');
select tests.as_user((select ann from who));
insert into p select 'one', (study.create_learning_path('  Exam in May ', '[
  {"topic": "sw-a"}, {"topic": "sw-b", "requires": ["sw-alpha"], "target_mastery": 60}, {"topic": "sw-c", "requires": ["sw-a", "sw-b"]}, {"topic": "sw-d", "target_mastery": null}
]', 'Two weeks', current_date + 30) ->> 'id')::uuid;
select is(pg_temp.drawn(pg_temp.path('one')), 'a+ b(a) c(a,b) d+ 0/4 active', 'a path shows its milestones in order, what is open and what waits for what');
select is((select jsonb_build_array(x -> 'name', x -> 'description', x -> 'target_date', x #> '{milestones,1,target_mastery}', x #> '{milestones,3,target_mastery}', x #> '{milestones,0,mastery_percentage}', x #> '{milestones,0,questions_answered}') from pg_temp.path('one') as x),
  jsonb_build_array('Exam in May', 'Two weeks', current_date + 30, 60, 80, null, 0), 'with what was said of it');
select results_eq('select name, total_milestones, status from study.learning_paths', $$ values ('Exam in May', 4, 'active') $$, 'it stands in the table');
select is(tests.count_of('select * from study.learning_path_milestones') * 10 + tests.count_of('select * from study.learning_path_prerequisites'), 43::bigint, 'with milestones and what comes before what');
select throws_ok(format('select study.create_learning_path(%L, %L)', n, m), c, e, w) from (values
  ('', '[]', 'PT422', 'text_required', 'without a name'), ('X', '{}', 'PT422', 'path_invalid', 'milestones that are no list'), ('X', '["sw-a"]', 'PT422', 'path_invalid', 'words'),
  ('X', '[{"topic": 1}]', 'PT422', 'path_invalid', 'a topic that is a number'), ('X', '[{}]', 'PT422', 'path_invalid', 'no topic'), ('X', '[{"topic": "sw-nothing"}]', 'PT422', 'unknown_topic', 'an unknown topic'),
  ('X', '[{"topic": "00000000-0000-4000-8000-000000000000"}]', 'PT422', 'unknown_topic', 'an unknown id'),
  ('X', '[{"topic": "sw-a", "target_mastery": 101}]', 'PT422', 'path_invalid', 'more than everything'), ('X', '[{"topic": "sw-a", "target_mastery": 0}]', 'PT422', 'path_invalid', 'nothing at all'),
  ('X', '[{"topic": "sw-a", "target_mastery": 1e400}]', 'PT422', 'path_invalid', 'a target without end'), ('X', '[{"topic": "sw-a", "target_mastery": "60"}]', 'PT422', 'path_invalid', 'a target that is a word'),
  ('X', '[{"topic": "sw-a", "requires": "sw-b"}, {"topic": "sw-b"}]', 'PT422', 'path_invalid', 'requires that is a word'), ('X', '[{"topic": "sw-a", "requires": [1]}]', 'PT422', 'path_invalid', 'requires with numbers'),
  ('X', '[{"topic": "sw-a", "requires": ["sw-b"]}]', 'PT404', 'milestone_not_found', 'requires what is not there'), ('X', '[{"topic": "sw-a", "requires": ["sw-nothing"]}]', 'PT422', 'unknown_topic', 'requires nothing known'),
  ('X', '[{"topic": "sw-a"}, {"topic": "sw-alpha"}]', 'PT409', 'milestone_exists', 'a topic twice, by two names'), ('X', '[{"topic": "sw-a", "requires": ["sw-a"]}]', 'PT422', 'path_has_cycle', 'a topic before itself'),
  ('X', '[{"topic": "sw-a", "requires": ["sw-b"]}, {"topic": "sw-b", "requires": ["sw-c"]}, {"topic": "sw-c", "requires": ["sw-a"]}]', 'PT422', 'path_has_cycle', 'a ring of three')
) as x (n, m, c, e, w);
select throws_ok(format('select study.create_learning_path(%L, %L)', 'X', (select jsonb_agg('{"topic": "sw-a"}'::jsonb) from generate_series(1, 201))), 'PT422', 'path_invalid', 'too many');
select throws_ok(format('select study.create_learning_path(%L, %L)', 'X', jsonb_build_array(jsonb_build_object('topic', 'sw-a', 'requires', (select jsonb_agg('sw-b'::text) from generate_series(1, 1001))))),
  'PT422', 'path_invalid', 'too many before one another');
select throws_ok($$ select study.create_learning_path('X', '[]', '', current_date - 2) $$, 'PT422', 'path_invalid', 'a day that is over');
select throws_ok($$ select study.create_learning_path('X', '[]', '', 'infinity') $$, 'PT422', 'path_invalid', 'a day that never comes');
select throws_ok($$ select study.create_learning_path('X', '[]', repeat('x', 2001)) $$, 'PT422', 'text_too_long', 'too many words');
select throws_ok($$ select study.create_learning_path('<script>x</script>') $$, 'PT422', 'markup_not_allowed', 'a script');
select is(tests.count_of('select * from study.learning_paths'), 1::bigint, 'nothing of all that was kept');

-- Changing
select is(pg_temp.drawn(study.add_milestone((select id from p), 'sw-e', 70, array[pg_temp.milestone('one', 'd')])), 'a+ b(a) c(a,b) d+ e(d) 0/5 active', 'a milestone is added at the end');
select is(pg_temp.drawn(study.add_milestone((select id from p), pg_temp.topic('f')::text, p_order => 1)), 'f+ a+ b(a) c(a,b) d+ e(d) 0/6 active', 'or at a place, by id');
select throws_ok($$ select study.add_milestone((select id from p), 'sw-alpha') $$, 'PT409', 'milestone_exists', 'not twice');
select throws_ok($$ select study.add_milestone((select id from p), 'sw-nothing') $$, 'PT422', 'unknown_topic', 'not of nothing');
select throws_ok($$ select study.add_milestone((select id from p), null) $$, 'PT422', 'unknown_topic', 'and not without a topic');
select is(pg_temp.drawn(study.remove_milestone(pg_temp.milestone('one', 'f'))), 'a+ b(a) c(a,b) d+ e(d) 0/5 active', 'a milestone is taken off, and the others close up');
select throws_ok($$ select study.add_milestone((select id from p), 'sw-f', 'NaN') $$, 'PT422', 'path_invalid', 'a target is a number');
select throws_ok($$ select study.add_milestone((select id from p), 'sw-f', p_requires => array[gen_random_uuid()]) $$, 'PT404', 'milestone_not_found', 'what it requires is on the path');
select is(pg_temp.drawn(study.add_prerequisite(pg_temp.milestone('one', 'd'), pg_temp.milestone('one', 'c'))), 'a+ b(a) c(a,b) d(c) e(d) 0/5 active', 'one milestone before another');
select is(pg_temp.drawn(study.add_prerequisite(pg_temp.milestone('one', 'd'), pg_temp.milestone('one', 'c'))), 'a+ b(a) c(a,b) d(c) e(d) 0/5 active', 'once');
select throws_ok($$ select study.add_prerequisite(pg_temp.milestone('one', 'a'), pg_temp.milestone('one', 'e')) $$, 'PT422', 'path_has_cycle', 'never in a ring');
select throws_ok($$ select study.add_prerequisite(pg_temp.milestone('one', 'a'), pg_temp.milestone('one', 'a')) $$, 'PT422', 'path_has_cycle', 'nor before itself');
select throws_ok($$ select study.add_prerequisite(pg_temp.milestone('one', 'a'), gen_random_uuid()) $$, 'PT404', 'milestone_not_found', 'nor from elsewhere');
select is(pg_temp.drawn(study.remove_milestone(pg_temp.milestone('one', 'b'))), 'a+ c(a) d(c) e(d) 0/4 active', 'what a milestone required is required by what required it');
select is(pg_temp.drawn(study.remove_milestone(pg_temp.milestone('one', 'c'))), 'a+ d(a) e(d) 0/3 active', 'always');
select is(pg_temp.drawn(study.remove_prerequisite(pg_temp.milestone('one', 'd'), pg_temp.milestone('one', 'a'))), 'a+ d+ e(d) 0/3 active', 'a prerequisite is taken away');
select is(pg_temp.drawn(study.remove_prerequisite(pg_temp.milestone('one', 'd'), pg_temp.milestone('one', 'a'))), 'a+ d+ e(d) 0/3 active', 'once');
select is(pg_temp.drawn(study.reorder_milestones((select id from p), array[pg_temp.milestone('one', 'e'), pg_temp.milestone('one', 'a'), pg_temp.milestone('one', 'd')])), 'e(d) a+ d+ 0/3 active', 'another order');
select throws_ok(format('select study.reorder_milestones((select id from p), %s)', o), 'PT422', 'path_order_invalid', 'but of all, once: ' || w) from (values
  ($$ array[pg_temp.milestone('one', 'e')] $$, 'one of three'), ($$ array[pg_temp.milestone('one', 'e'), pg_temp.milestone('one', 'e'), pg_temp.milestone('one', 'a'), pg_temp.milestone('one', 'd')] $$, 'one twice'),
  ($$ array[pg_temp.milestone('one', 'e'), pg_temp.milestone('one', 'a'), gen_random_uuid()] $$, 'another'), ('null', 'none')) as x (o, w);
select is(study.set_milestone_target(pg_temp.milestone('one', 'd'), 95) #> '{milestones,2,target_mastery}', '95'::jsonb, 'another target');
select throws_ok($$ select study.set_milestone_target(pg_temp.milestone('one', 'd'), 0.5) $$, 'PT422', 'path_invalid', 'within its range');
select is((select jsonb_build_array(x -> 'name', x -> 'description', x -> 'target_date') from study.update_learning_path((select id from p), '{"name": "Exam", "target_date": null}') as x), '["Exam", "Two weeks", null]', 'name and day change, what is not named stays');
select throws_ok(format('select study.update_learning_path((select id from p), %L)', c), 'PT422', e, 'not by ' || c) from (values
  ('{"status": "completed"}', 'path_invalid'), ('{"name": 1}', 'path_invalid'), ('{"name": null}', 'text_required'), ('{"target_date": "soon"}', 'path_invalid'), ('{"target_date": "2027-02-30"}', 'path_invalid'),
  ('{"target_date": "2000-01-01"}', 'path_invalid'), ('[]', 'path_invalid'), ('null', 'path_invalid'), (null, 'path_invalid')) as x (c, e);
select throws_ok($$ insert into study.learning_paths (user_id, name) values (auth.uid(), 'X') $$, '42501', null, 'no path without the function');
select throws_ok($$ update study.learning_path_milestones set is_completed = true, completed_at = now() $$, '42501', null, 'no milestone complete by hand');
select throws_ok($$ delete from study.learning_path_prerequisites $$, '42501', null, 'no prerequisite away');

-- Of somebody else
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.learning_paths') + tests.count_of('select * from study.learning_path_milestones') + tests.count_of('select * from study.learning_path_prerequisites'), 0::bigint, 'others do not see it');
create temp table m as select null::uuid as id;
select tests.as_owner();
update m set id = (select id from study.learning_path_milestones where learning_path_id = (select p.id from p) order by milestone_order limit 1);
select tests.as_user((select ben from who));
select throws_ok(format('select study.%s', c), 'PT404', e, 'nor may they: ' || c) from (values
  ('learning_path((select id from p))', 'learning_path_not_found'), ('update_learning_path((select id from p), ''{}'')', 'learning_path_not_found'), ('pause_learning_path((select id from p))', 'learning_path_not_found'),
  ('resume_learning_path((select id from p))', 'learning_path_not_found'), ('delete_learning_path((select id from p))', 'learning_path_not_found'), ('add_milestone((select id from p), ''sw-f'')', 'learning_path_not_found'),
  ('reorder_milestones((select id from p), ''{}'')', 'learning_path_not_found'), ('remove_milestone((select id from m))', 'milestone_not_found'), ('set_milestone_target((select id from m), 5)', 'milestone_not_found'),
  ('add_prerequisite((select id from m), (select id from m))', 'milestone_not_found'), ('remove_prerequisite((select id from m), (select id from m))', 'milestone_not_found')) as x (c, e);

-- Complete by themselves
select tests.as_user((select ann from who));
insert into p select 'two', (study.create_learning_path('Two', '[{"topic": "sw-a", "target_mastery": 70}, {"topic": "sw-b", "target_mastery": 70, "requires": ["sw-a"]}, {"topic": "sw-c", "target_mastery": 70, "requires": ["sw-b"]}]') ->> 'id')::uuid;
select tests.as_owner();
delete from p where name = 'one';
create temp table xp as select ann, (select coalesce(sum(amount), 0) from study.xp_transactions where user_id = ann) as before from who;
select pg_temp.master(ann, 'b') from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('two')), 'a+ b(a) c(b) 0/3 active', 'what is mastered waits for what comes before it');
select tests.as_owner();
select pg_temp.master(ann, 'a', now(), 4) from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('two')), 'a+ b(a) c(b) 0/3 active', 'four answers reach no target');
select tests.as_owner();
select is((select count(*) from study.xp_transactions where user_id = (select ann from who) and source = 'milestone_complete'), 0::bigint, 'nothing is earned yet');
-- Graded together, so that nothing follows by which the other one could complete.
select private.study_progress_attempts(ann, array(select tests.sp_attempt(ann, q.id, true) from q, generate_series(1, 30) where q.name = 'a'), now()) from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('two')), 'a* b*(a) c+(b) 2/3 active', 'once it is, both complete');
select tests.as_owner();
select results_eq($$ select amount, source_key::uuid from study.xp_transactions where user_id = (select ann from who) and source = 'milestone_complete' order by 2 $$,
  $$ select 100, id from core.topics where slug in ('sw-a', 'sw-b') order by 2 $$, 'each is worth its experience');
select tests.sp_answer(ann, (select id from q where name = 'a'), false, now() + interval '1 day', 30) from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('two')), 'a* b*(a) c+(b) 2/3 active', 'what is complete stays complete');
select throws_ok($$ select study.set_milestone_target(pg_temp.milestone('two', 'a'), 90) $$, 'PT409', 'milestone_completed', 'and aims at nothing else');
select is(study.pause_learning_path((select id from p)) ->> 'status', 'paused', 'a path is paused');
select tests.as_owner();
select pg_temp.master(ann, 'c') from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('two')), 'a* b*(a) c+(b) 2/3 paused', 'nothing completes meanwhile');
select is(pg_temp.drawn(study.add_milestone((select id from p), 'sw-e')), 'a* b*(a) c+(b) e+ 2/4 paused', 'it may be changed');
select is(pg_temp.drawn(study.remove_milestone(pg_temp.milestone('two', 'e'))), 'a* b*(a) c+(b) 2/3 paused', 'and stays paused');
select is(pg_temp.drawn(study.resume_learning_path((select id from p))), 'a* b*(a) c*(b) 3/3 completed', 'with the last one the path is complete');
select throws_ok($$ select study.pause_learning_path((select id from p)) $$, 'PT409', 'path_completed', 'and is not paused any more');
select is(pg_temp.drawn(study.add_milestone((select id from p), 'sw-e')), 'a* b*(a) c*(b) e+ 3/4 active', 'a new milestone opens it again');
select is(pg_temp.drawn(study.remove_milestone(pg_temp.milestone('two', 'e'))), 'a* b*(a) c*(b) 3/3 completed', 'without it it is complete');
insert into p select 'three', (study.create_learning_path('Three', '[{"topic": "sw-c", "target_mastery": 70}, {"topic": "sw-f", "target_mastery": 31}]') ->> 'id')::uuid;
select is(pg_temp.drawn(pg_temp.path('three')), 'c* f+ 1/2 active', 'what one masters already is complete at once');
select is((select count(*) from study.xp_transactions where source = 'milestone_complete'), 3::bigint, 'and earns nothing again');
select tests.as_owner();
select tests.sp_answer(ann, (select id from q where name = 'f'), true, now(), 4) from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('three')), 'c* f+ 1/2 active', 'four answers complete nothing, however low it aims');
select cmp_ok((pg_temp.path('three') #>> '{milestones,1,mastery_percentage}')::float8, '>', 31::float8, 'though the target is reached');
select tests.as_owner();
select tests.sp_answer(ann, (select id from q where name = 'f'), true) from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(pg_temp.path('three')), 'c* f* 2/2 completed', 'a fifth does');
select is((select count(*) from study.xp_transactions where source = 'milestone_complete'), 3::bigint, 'and earns nothing: it aims below 50');
select lives_ok($$ select study.delete_learning_path((select id from p where name = 'three')) $$, 'a path is deleted');
select throws_ok($$ select pg_temp.path('three') $$, 'PT404', 'learning_path_not_found', 'for good');
select is((select xp from study.learners), (select sum(amount)::bigint from study.xp_transactions), 'experience stays, and is the sum of the ledger');
-- What fades does not count as reached.
insert into p select 'four', (study.create_learning_path('Four', '[{"topic": "sw-d", "target_mastery": 80}]') ->> 'id')::uuid;
select tests.as_owner();
update study.learning_paths set status = 'paused' where id = (select id from p where name = 'four');
select pg_temp.master(ann, 'd', now() - interval '3 years') from who;
select tests.as_user((select ann from who));
select is(pg_temp.drawn(study.resume_learning_path((select id from p where name = 'four'))), 'd+ 0/1 active', 'what was mastered years ago is not reached now');

-- Whoever writes: no ring, no going back
select tests.as_service();
select throws_ok($$ update study.learning_path_milestones set is_completed = false, completed_at = null $$, 'PT409', 'milestone_fixed', 'not even a service makes a milestone incomplete');
select throws_ok($$ update study.learning_path_milestones set learning_path_id = (select id from p where name = 'four') where learning_path_id = (select id from p where name = 'two') $$, 'PT409', 'milestone_fixed', 'or moves it');
select throws_ok($$ insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id) select a.learning_path_id, a.id, b.id
  from study.learning_path_milestones as a join study.learning_path_milestones as b on b.learning_path_id = a.learning_path_id and b.id <> a.id
  where a.learning_path_id = (select id from p where name = 'two') and a.milestone_order = 1 $$, 'PT422', 'path_has_cycle', 'or closes a ring');
delete from study.learning_path_prerequisites;
select throws_ok($$ insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id) select a.learning_path_id, a.id, b.id
  from study.learning_path_milestones as a join study.learning_path_milestones as b on b.learning_path_id = a.learning_path_id and b.milestone_order = a.milestone_order % 3 + 1
  where a.learning_path_id = (select id from p where name = 'two') $$, 'PT422', 'path_has_cycle', 'not in one statement, either');
select throws_ok($$ insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id) select a.learning_path_id, a.id, b.id
  from study.learning_path_milestones as a, study.learning_path_milestones as b
  where a.learning_path_id = (select id from p where name = 'two') and b.learning_path_id = (select id from p where name = 'four') $$, '23503', null, 'nor across paths');
insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id)
select a.learning_path_id, a.id, b.id from study.learning_path_milestones as a join study.learning_path_milestones as b on b.learning_path_id = a.learning_path_id and b.milestone_order = a.milestone_order - 1
where a.learning_path_id = (select id from p where name = 'two');
select lives_ok($$ update study.learning_path_prerequisites as r set requires_id = b.id from study.learning_path_milestones as a, study.learning_path_milestones as b
  where a.id = r.milestone_id and a.milestone_order = 3 and b.learning_path_id = a.learning_path_id and b.milestone_order = 1 $$, 'a prerequisite may change');
select throws_ok($$ update study.learning_path_prerequisites as r set milestone_id = r.requires_id, requires_id = b.id from study.learning_path_milestones as a, study.learning_path_milestones as b
  where a.id = r.milestone_id and a.milestone_order = 2 and b.learning_path_id = a.learning_path_id and b.milestone_order = 3 $$, 'PT422', 'path_has_cycle', 'but into no ring');
select lives_ok($$ update study.learning_path_prerequisites as r set milestone_id = r.requires_id, requires_id = r.milestone_id from study.learning_path_milestones as a
  where a.id = r.milestone_id and a.milestone_order = 3 $$, 'and may be turned round');
select tests.as_owner();

-- Topics that become one
insert into p select 'five', null;
select tests.as_user((select ben from who));
update p set id = (study.create_learning_path('Five', '[{"topic": "sw-a"}, {"topic": "sw-b", "requires": ["sw-a"]}, {"topic": "sw-c", "requires": ["sw-b"]}, {"topic": "sw-d"}]') ->> 'id')::uuid where name = 'five';
select tests.as_user((select moderator from who));
select lives_ok($$ select core.merge_topics(pg_temp.topic('b'), pg_temp.topic('d')) $$, 'a topic that is on the path goes into another that is');
select lives_ok($$ select core.merge_topics(pg_temp.topic('a'), pg_temp.topic('e')) $$, 'and one into another that is not');
select tests.as_user((select ben from who));
select is(pg_temp.drawn(pg_temp.path('five')), 'e+ c(e) d+ 0/3 active', 'a milestone goes with its topic, or to the one that is there');

-- Limits, suspension, and what goes with what
select tests.as_owner();
update core.settings set value = '2' where key = 'study.max_learning_paths';
select tests.as_user((select ben from who));
select lives_ok($$ select study.create_learning_path('Six') $$, 'as many paths as one may');
select throws_ok($$ select study.create_learning_path('Seven') $$, 'PT409', 'path_limit_reached', 'and no more');
select tests.as_owner();
update core.settings set value = value || '{"path": {"burst": 1, "per_hour": 1}}' where key = 'study.limits';
delete from ops.rate_limits;
select tests.as_user((select ben from who));
select lives_ok($$ select study.pause_learning_path((select id from p where name = 'five')) $$, 'as often as one may');
select throws_ok($$ select study.resume_learning_path((select id from p where name = 'five')) $$, 'PT429', 'rate_limited', 'and no more often');
select tests.as_owner();
delete from ops.rate_limits;
update core.profiles set is_active = false where id = (select ben from who);
select tests.as_user((select ben from who));
select throws_ok(format('select study.%s', c), 'PT403', 'account_inactive', 'a suspended person may not: ' || c) from (values
  ('create_learning_path(''X'')'), ('delete_learning_path((select id from p where name = ''five''))'), ('resume_learning_path((select id from p where name = ''five''))'), ('add_milestone((select id from p where name = ''five''), ''sw-f'')')) as x (c);
select is(pg_temp.path('five') ->> 'status', 'paused', 'but may look');
select tests.as_owner();
delete from core.topics where slug = 'sw-c';
select is((select total_milestones from study.learning_paths where id = (select id from p where name = 'five')), 2, 'a topic that is deleted is on no path');
delete from auth.users where id = (select ben from who);
select is((select count(*) from study.learning_paths where user_id = (select ben from who)), 0::bigint, 'and with a person his paths go');
select * from finish();
rollback;
