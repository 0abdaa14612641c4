-- Before an answer is graded nothing tells the key: whatever it is, all that a learner can read, call and provoke is the same to
-- the letter. So the key, the explanation and the source of a question are exchanged behind his back, and every table, view and
-- function of the Data API is asked before and after. Where an answer has been graded, the same walk must see a difference.
begin;
select plan(29);
select tests.share_temporaries();

create temp table who as
select tests.create_user('ps-ann@example.org') as ann, tests.create_user('ps-eve@example.org') as eve;
insert into core.topics (slug, name) values ('ps-heart', 'Heart');
create temp table file as select tests.st_upload(eve, 'heart.txt') as path from who;
select tests.as_user((select eve from who));
create temp table material as select (study.create_material(path, 'The heart', p_visibility => 'authenticated')).id from file;
select tests.as_owner();
create temp table ingested as select tests.st_ingest(id, array['The heart has four chambers. They beat together.']) as result from material;
select tests.as_user((select eve from who));
create temp table written as
select r.id
from study.create_question(
  jsonb_build_object(
    'vignette', 'How many chambers?',
    'options', '[{"text": "Four", "is_correct": true, "rationale": "RATIONALE a"}, {"text": "Two", "rationale": "RATIONALE b"}, {"text": "Three"}]'::jsonb,
    'explanation', '{"correct_explanation": "EXPLAINED", "pathophysiology": "EXPLAINED", "clinical_relevance": "EXPLAINED", "references": ["EXPLAINED"]}'::jsonb,
    'sources', (select jsonb_agg(jsonb_build_object('chunk_id', c.id, 'quote', 'four chambers')) from study.material_chunks as c join material as m on m.id = c.material_id)
  ),
  'ps-heart', p_visibility => 'authenticated', p_material_id => (select id from material)
) as r;
create temp table q as select w.id, v.id as version_id from written as w join study.question_versions as v on v.question_id = w.id;
create temp table other as
select r.id from study.create_question('{"vignette": "Another?", "options": [{"text": "Yes", "is_correct": true}, {"text": "No"}]}', 'ps-heart', p_visibility => 'authenticated') as r;
select tests.as_owner();
update study.questions set status = 'published' where id in (select id from q union all select id from other);

-- Another key, another explanation, another source: of the same question, by a hand that no trigger sees.
create function pg_temp.exchange() returns void language plpgsql security definer as $$
begin
  set local session_replication_role = replica;
  update study.question_keys as k
  set is_correct = (k.option_index = case when old.index = 0 then 1 else 0 end), rationale = reverse(k.rationale)
  from (select x.option_index as index from study.question_keys as x join q on q.version_id = x.version_id where x.is_correct) as old
  where k.version_id = (select version_id from q);
  update study.question_explanations as e
  set correct_explanation = reverse(e.correct_explanation), pathophysiology = reverse(e.pathophysiology),
    clinical_relevance = reverse(e.clinical_relevance), reference_list = jsonb_build_array(reverse(e.reference_list ->> 0))
  where e.version_id = (select version_id from q);
  update study.question_sources as s set quote = reverse(s.quote), page_number = coalesce(s.page_number, 0) + 7 where s.version_id = (select version_id from q);
  set local session_replication_role = origin;
end;
$$;

-- What may be read of a relation: the columns granted, under RLS.
create function pg_temp.relations() returns table (name text, columns text) language sql stable security definer as $$
  select format('%I.%I', n.nspname, c.relname),
    string_agg(format('%I', a.attname), ', ' order by a.attnum) filter (where has_column_privilege('authenticated', c.oid, a.attnum, 'select'))
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where n.nspname in ('core', 'qa', 'social', 'learning', 'market', 'timetable', 'study') and c.relkind in ('r', 'v', 'm', 'p')
    and not c.relispartition
  group by 1;
$$;
create function pg_temp.tables() returns text language plpgsql as $$
declare
  v_relation record;
  v_one text;
  v_all text := '';
begin
  for v_relation in select * from pg_temp.relations() order by name loop
    begin
      execute format(
        'select string_agg(t::text, E''\n'' order by t::text collate "C") from (select %s from %s) as t', coalesce(v_relation.columns, '*'), v_relation.name
      ) into v_one;
    exception when others then
      v_one := sqlerrm;
    end;
    v_all := v_all || v_relation.name || ': ' || coalesce(v_one, '') || E'\n';
  end loop;
  return v_all;
end;
$$;

-- Every function of the Data API, with each thing that an id may be of, and what it answers: undone at once. With an id in all
-- places it never answers a question; what it does with wrong answers stands below.
create function pg_temp.calls(p_session uuid) returns setof text language sql stable as $$
  select format(
    'select jsonb_agg(to_jsonb(t)) from %s(%s) as t', p.oid::regproc,
    coalesce((
      select string_agg(format('%I => %s', a.name, case
        when a.type = 'uuid'::regtype then format('%L::uuid', i.id)
        when a.type = 'uuid[]'::regtype then format('array[%L]::uuid[]', i.id)
        when a.type = 'jsonb'::regtype then '''{}''::jsonb'
        when a.type in ('integer'::regtype, 'bigint'::regtype, 'smallint'::regtype, 'real'::regtype, 'numeric'::regtype, 'double precision'::regtype) then '1'
        when a.type = 'boolean'::regtype then 'true'
        when a.type = 'text'::regtype then '''question'''
        else format('null::%s', a.type::regtype)
      end), ', ' order by a.no)
      from (
        select x.no, (p.proargnames)[x.no] as name, x.type
        from unnest(string_to_array(p.proargtypes::text, ' ')::oid[]) with ordinality as x (type, no)
      ) as a
      -- Arguments with a default are left to it, unless they name something.
      where a.no <= p.pronargs - p.pronargdefaults or a.type in ('uuid'::regtype, 'uuid[]'::regtype)
    ), '')
  )
  from pg_proc as p
  cross join lateral (
    select q.id from q union all select q.version_id from q union all select p_session union all select m.id from material as m
    union all select c.id from study.sm2_review_cards as c
  ) as i (id)
  where p.pronamespace::regnamespace::text in ('core', 'study') and has_function_privilege('authenticated', p.oid, 'execute') and p.prokind = 'f'
    and p.prorettype <> 'trigger'::regtype
  union
  select format('select jsonb_agg(to_jsonb(t)) from study.answer_question(%L, %L, %s) as t', p_session, i.id, a)
  from (select id from q union all select version_id from q) as i (id),
    unnest(array['''{}''', '''{3}''', '''{-1}''', '''{0,1}''', '''{1,0}''', 'null', '''{0,0}''', '''{0}'', 9', '''{1}'', 9', '''{0}'', 1, -1', '''{1}'', 1, -1']) as a
  union
  select format('select jsonb_agg(to_jsonb(t)) from study.start_practice(''%s'', p_question_ids => array[%L]::uuid[]) as t', k, i.id)
  from q as i, unnest(array['timed', 'tutor', 'review', 'test']) as k
  order by 1;
$$;
create function pg_temp.answers(p_session uuid, p_except text) returns text language plpgsql as $$
declare
  v_call text;
  v_one text;
  v_all text := '';
begin
  for v_call in select c from pg_temp.calls(p_session) as c where p_except is null or c !~ p_except loop
    begin
      execute v_call into v_one;
      raise sqlstate 'ZZ000' using message = coalesce(v_one, 'null');
    exception when others then
      get stacked diagnostics v_one = pg_exception_detail;
      v_all := v_all || v_call || ': ' || sqlstate || ' ' || sqlerrm || ' ' || coalesce(v_one, '') || E'\n';
    end;
  end loop;
  return v_all;
end;
$$;
-- Ids and tokens that a call makes up are no news.
create function pg_temp.world(p_session uuid, p_except text default null) returns text language sql as $$
  select regexp_replace(pg_temp.tables() || pg_temp.answers(p_session, p_except), '(?<![[:alnum:]_-])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[[:alnum:]_-]{43})(?![[:alnum:]_-])', 'id', 'g');
$$;
-- The lines in which two walks differ, the key exchanged between them.
create function pg_temp.differences(p_session uuid, p_except text default null) returns text language plpgsql as $$
declare
  v_one text := pg_temp.world(p_session, p_except);
  v_other text;
begin
  perform tests.as_owner();
  perform pg_temp.exchange();
  perform tests.as_user((select ann from who));
  v_other := pg_temp.world(p_session, p_except);
  perform tests.as_owner();
  perform pg_temp.exchange();
  perform tests.as_user((select ann from who));
  return (
    select string_agg(left(a.line, 300), E'\n') from (
      select unnest(string_to_array(v_one, E'\n')) as line except select unnest(string_to_array(v_other, E'\n'))
    ) as a
  );
end;
$$;

select tests.as_user((select ann from who));
-- The walk itself
select cmp_ok((select count(*) from pg_temp.relations()), '>', 60::bigint, 'the walk goes through the tables and views');
select cmp_ok((select count(*) from pg_temp.calls(gen_random_uuid())), '>', 300::bigint, 'and the functions');
select is(tests.count_of($$ select * from pg_temp.relations() where name ~ 'question_(keys|explanations|sources)$' and columns is not null $$), 0::bigint, 'no column of the key is granted');
select ok(pg_temp.tables() like '%How many chambers?%', 'what is public it sees');

create temp table modes as select unnest(array['tutor', 'review', 'timed', 'test']) as mode;
create temp table s (mode text, id uuid);
grant all on s to public;

-- A card of the question, which nobody has answered yet.
create temp table card as select study.card_from_question(id) from q;
select is(tests.count_of('select * from study.sm2_review_cards'), 1::bigint, 'there is a card of the question, too');

-- Before
insert into s select mode, (study.start_practice(mode, p_question_ids => array[q.id, other.id]) ->> 'id')::uuid from modes, q, other where mode in ('tutor', 'review');
select is(pg_temp.differences(s.id), null, 'before an answer nothing tells the key: ' || mode) from s order by mode;
create temp table skipped as select study.skip_question(s.id, q.id) from s, q;
select is(pg_temp.differences(s.id), null, 'nor after a skip: ' || mode) from s order by mode;
create temp table finished as select study.finish_practice(s.id) from s;
select is(pg_temp.differences(s.id), null, 'nor when it is over without an answer: ' || mode) from s order by mode;
delete from s;

insert into s select mode, (study.start_practice(mode, p_question_ids => array[q.id, other.id]) ->> 'id')::uuid from modes, q, other where mode = 'timed';
select is(pg_temp.differences(s.id), null, 'before an answer nothing tells the key: ' || mode) from s;
create temp table given as select study.answer_question(s.id, q.id, '{0}') from s, q;
-- To finish it is to have it graded.
select is(pg_temp.differences(s.id, 'finish_practice'), null, 'nor, in a mode that grades late, after it: ' || mode) from s;
select isnt(pg_temp.differences(s.id), null, 'which finishing tells: ' || mode) from s;
create temp table dropped as select study.abandon_practice(s.id) from s;
select is(pg_temp.differences(s.id), null, 'nor when the answer was thrown away: ' || mode) from s;
delete from s;
insert into s select mode, (study.start_practice(mode, p_question_ids => array[q.id, other.id]) ->> 'id')::uuid from modes, q, other where mode = 'test';
select is(pg_temp.differences(s.id), null, 'before an answer nothing tells the key: ' || mode) from s;
create temp table given_again as select study.answer_question(s.id, q.id, '{1}') from s, q;
select is(pg_temp.differences(s.id, 'finish_practice'), null, 'nor, in a mode that grades late, after it: ' || mode) from s;
create temp table graded as select study.finish_practice(s.id) from s;
select isnt(pg_temp.differences(s.id), null, 'what is graded is told: ' || mode) from s;
select matches(pg_temp.differences(s.id), 'study.answered_question', 'by the question answered, too') from s;

-- A key known from before is closed while the question stands in a test.
delete from s;
insert into s select 'test', (study.start_practice('test', p_question_ids => array[q.id, other.id]) ->> 'id')::uuid from q, other;
select is(pg_temp.differences(s.id, 'finish_practice'), null, 'nobody looks up in a test what he answered yesterday') from s;
select throws_ok($$ select study.answered_question(id) from q $$, 'PT409', 'question_in_test', 'it says why');
create temp table result as select study.practice_result(id) as r from study.practice_sessions where status = 'completed' and session_type = 'test';
select is((select x ->> 'result' from result, jsonb_array_elements(r -> 'questions') as x where x ->> 'vignette' = 'How many chambers?'), null, 'nor in an old result');
create temp table over as select study.finish_practice(id) from s;
select lives_ok($$ select study.answered_question(id) from q $$, 'when it is over he may');

-- A second session that tells at once is no way around it.
delete from s;
insert into s select 'tutor', (study.start_practice('tutor', p_question_ids => array[q.id, other.id]) ->> 'id')::uuid from q, other;
insert into s select 'test', (study.start_practice('test', p_question_ids => array[q.id]) ->> 'id')::uuid from q;
select throws_ok($$ select study.answer_question(s.id, q.id, '{0}') from s, q where mode = 'tutor' $$, 'PT409', 'question_in_test', 'a question of a test is answered there');
select lives_ok($$ select study.answer_question(s.id, other.id, '{0}') from s, other where mode = 'tutor' $$, 'another is not concerned');
create temp table test_over as select study.finish_practice(s.id) from s where mode = 'test';
select lives_ok($$ select private.study_answer_question(s.id, q.id, '{0}', null, null, now() + interval '1 minute') from s, q where mode = 'tutor' $$, 'nor this one when the test is over');

-- The passage is shown to who may read it, whole to who was wrong.
select is((select r #>> '{result,sources,0,passage}' from (select study.answered_question(id) as r from q) as x), null, 'who was right sees the quote');
delete from s;
insert into s select 'tutor', (study.start_practice('tutor', p_question_ids => array[q.id]) ->> 'id')::uuid from q;
select matches(private.study_answer_question(s.id, q.id, '{2}', null, null, now() + interval '2 minutes') #>> '{result,sources,0,passage}', 'They beat together', 'who was wrong the passage') from s, q;
select tests.as_owner();
update study.materials set visibility = 'private' where id = (select id from material);
select tests.as_user((select ann from who));
select is((select r #>> '{result,sources}' from (select study.answered_question(id) as r from q) as x), '[]', 'and who may not read the material, nothing of it');

select * from finish();
rollback;
