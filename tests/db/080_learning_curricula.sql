-- Curricula and sessions: who may do what with which, numbers without gaps, prerequisites that stay before what requires
-- them, and every move between states.
begin;
select plan(164);
select tests.share_temporaries();

create temp table people as select
  tests.create_user('cur-owner@lyceum.test') as owner, tests.create_user('cur-stranger@lyceum.test') as stranger,
  tests.create_user('cur-admin@lyceum.test', '{admin,moderator}') as admin, tests.create_user('cur-suspended@lyceum.test') as suspended;
insert into core.topics (slug, name, is_active) values ('cur-cells', 'Cells', true), ('cur-biology', 'Biology', true), ('cur-off', 'Off', false);
create temp table things (what text primary key, id uuid);
grant all on things to public;
insert into things select w, gen_random_uuid() from unnest(array['cur', 'other', 'mine', 's-new', 'gone']) as w;
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
create function pg_temp.s(p_title text) returns uuid language sql security definer as $$
  select id from learning.sessions where title = p_title and curriculum_id = (select id from things where what = 'cur'); $$;
create function pg_temp.titles() returns text language sql security definer as $$
  select string_agg(session_number || title, ' ' order by session_number) from learning.sessions
  where curriculum_id = (select id from things where what = 'cur'); $$;
create function pg_temp.make(p_more text) returns text language sql as $$
  select format('select learning.create_curriculum(%s)', concat_ws(', ', case when p_more !~ 'p_title' then $q$p_title => 'T'$q$ end,
    case when p_more !~ 'p_subject' then $q$p_subject => 'S'$q$ end,
    case when p_more !~ 'p_session_duration' then 'p_session_duration => 45' end, nullif(p_more, ''))); $$;

-- 1. Making one ----------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select is((learning.create_curriculum('  Cells ', 'Biology', 45, p_topic => 'cur-cells', p_goals => 'Pass', p_background => 'Nurse',
  p_id => pg_temp.id('cur'), p_sessions => '[
    {"title": "A", "objectives": ["Name it", " Draw it "], "duration": 30, "resources": [{"title": "Link", "url": "https://example.org/a?b=1#c"}]},
    {"title": "B", "requires": [1, 1], "materials": null},
    {"title": "C", "requires": [1, 2], "notes": "By heart"},
    {"title": "D"}
  ]')).title, 'Cells', 'one makes a curriculum with its sessions in one go');
select results_eq(
  $$select title, total_sessions, status, source, skill_level, language, completed_at is null, topic_id is not null, user_id = auth.uid() from learning.curricula$$,
  $$values ('Cells', 4, 'active', 'manual', 'beginner', 'en', true, true, true)$$, 'it is his, active, and counts its sessions'
);
select is(pg_temp.titles(), '1A 2B 3C 4D', 'numbered from 1');
select results_eq(
  $$select l.title, e.title from learning.session_prerequisites p join learning.sessions l on l.id = p.session_id
    join learning.sessions e on e.id = p.requires_session_id order by 1, 2$$,
  $$values ('B', 'A'), ('C', 'A'), ('C', 'B')$$, 'with what they require, once each'
);
select results_eq(
  $$select objectives, duration, resources, materials, notes from learning.sessions where title = 'A'$$,
  $$values ('{Name it,Draw it}'::text[], 30, '[{"url": "https://example.org/a?b=1#c", "title": "Link"}]'::jsonb, '', '')$$, 'texts clean, nothing null'
);
select is((learning.create_curriculum('Other', 'Other', 60, p_id => pg_temp.id('cur'))).title, 'Cells', 'sent again it is the one that is there');
select is((select count(*) from learning.curricula), 1::bigint, 'and no second one');
select throws_ok(pg_temp.make($$p_title => ' '$$), 'PT422', 'text_required', 'it has a title');
select throws_ok(pg_temp.make($$p_title => null$$), 'PT422', 'text_required', 'not null');
select throws_ok(pg_temp.make($$p_subject => null$$), 'PT422', 'text_required', 'and a subject');
select throws_ok(pg_temp.make($$p_title => repeat('x', 256)$$), 'PT422', 'text_too_long', 'of some length');
select throws_ok(pg_temp.make($$p_goals => '<script>x</script>'$$), 'PT422', 'markup_not_allowed', 'in plain text');
select throws_ok(pg_temp.make($$p_background => '<b>x</b>'$$), 'PT422', 'markup_not_allowed', 'everywhere');
select throws_ok(pg_temp.make($$p_session_duration => 4$$), 'PT422', 'curriculum_invalid', 'sessions take five minutes');
select throws_ok(pg_temp.make($$p_session_duration => 481$$), 'PT422', 'curriculum_invalid', 'to eight hours');
select throws_ok(pg_temp.make($$p_session_duration => null$$), 'PT422', 'curriculum_invalid', 'not nothing');
select throws_ok(pg_temp.make($$p_skill_level => 'expert'$$), 'PT422', 'curriculum_invalid', 'the level is one of three');
select throws_ok(pg_temp.make($$p_language => 'English'$$), 'PT422', 'curriculum_invalid', 'the language a code');
select throws_ok(pg_temp.make($$p_topic => 'cur-nothing'$$), 'PT422', 'unknown_topic', 'the topic one that is there');
select throws_ok(pg_temp.make($$p_topic => 'cur-off'$$), 'PT422', 'unknown_topic', 'and on');
select throws_ok(pg_temp.make(format($$p_sessions => %L$$, bad)), 'PT422', 'session_invalid', 'no sessions: ' || left(bad, 60))
from unnest(array[
  '{}', '[1]', 'null', '[{"title": 5}]', '[{"title": "x", "is_admin": true}]', '[{"title": "x", "duration": 4}]',
  '[{"title": "x", "duration": 5.5}]', '[{"title": "x", "duration": "5"}]', '[{"title": "x", "objectives": "y"}]',
  '[{"title": "x", "objectives": [1]}]', '[{"title": "x", "requires": [1]}]', '[{"title": "x"}, {"title": "y", "requires": [0]}]',
  '[{"title": "x"}, {"title": "y", "requires": ["1"]}]', '[{"title": "x"}, {"title": "y", "requires": 1}]',
  '[{"title": "x", "resources": {}}]', '[{"title": "x", "resources": [{"title": "y"}]}]', '[{"title": "x", "resources": [{"url": "https://a.b"}]}]',
  '[{"title": "x", "resources": [{"title": "y", "url": "javascript:alert(1)"}]}]', '[{"title": "x", "resources": [{"title": "y", "url": "https://a.b", "html": "z"}]}]',
  '[{"title": "x", "resources": [{"title": "y", "document_id": "1"}]}]', '[{"title": "x", "resources": [null]}]',
  '[{"title": "x", "resources": [{"title": "y", "url": "https://a.b/<svg>"}]}]'
]) as bad;
select throws_ok(pg_temp.make($$p_sessions => '[{"title": ""}]'$$), 'PT422', 'text_required', 'a session has a title');
select throws_ok(pg_temp.make($$p_sessions => '[{"materials": "x"}]'$$), 'PT422', 'text_required', 'has one at all');
select throws_ok(pg_temp.make($$p_sessions => '[{"title": "x", "objectives": ["<img src=x>"]}]'$$), 'PT422', 'markup_not_allowed', 'objectives are plain text');
select throws_ok(pg_temp.make($$p_sessions => (select jsonb_agg('{"title": "x"}'::jsonb) from generate_series(1, 201))$$), 'PT409', 'curriculum_full', 'there is an end to sessions');
select throws_ok(pg_temp.make($$p_sessions => jsonb_build_array(jsonb_build_object('title', 'x', 'objectives', (select jsonb_agg('y'::text) from generate_series(1, 21))))$$),
  'PT422', 'session_invalid', 'and to objectives');
select lives_ok(pg_temp.make($$p_sessions => jsonb_build_array(jsonb_build_object('title', 'x', 'resources', jsonb_build_array(
  jsonb_build_object('title', 'P', 'document_id', gen_random_uuid(), 'quote', 'said', 'locator', '{"page": 3}'::jsonb)))), p_id => pg_temp.id('other')$$), 'passages are resources, too');
select is((select count(*) from learning.curricula), 2::bigint, 'what was refused left nothing behind');

-- 2. Writing it ----------------------------------------------------------------------------------------------------

select lives_ok($$update learning.curricula set title = 'Cells and more', goals = 'Know', background = 'Doctor', subject = 'Bio', session_duration = 50,
  skill_level = 'advanced', language = 'de', topic_id = null where id = pg_temp.id('cur')$$, 'its texts are written directly');
select throws_ok($$update learning.curricula set title = '<b>x</b>'$$, 'PT422', 'markup_not_allowed', 'under the same rules');
select throws_ok($$update learning.curricula set session_duration = 0$$, 'PT422', 'curriculum_invalid', 'all of them');
select throws_ok($$update learning.curricula set topic_id = (select id from core.topics where slug = 'cur-off')$$, 'PT422', 'unknown_topic', 'topics too');
select lives_ok($$update learning.curricula set topic_id = (select id from core.topics where slug = 'cur-cells') where id = pg_temp.id('cur')$$, 'a living one is taken');
select lives_ok($$update learning.sessions set title = 'A', objectives = '{One}', materials = 'Text', resources = '[]', notes = 'n', duration = null where title = 'A'$$, 'so are those of sessions');
select throws_ok($$update learning.sessions set resources = '[{"title": "x", "url": "ftp://a"}]'$$, 'PT422', 'session_invalid', 'links are links');
select throws_ok($$update learning.sessions set objectives = '{x,null}'$$, 'PT422', 'text_required', 'no objective is nothing');
select throws_ok($$update learning.sessions set duration = 1000$$, 'PT422', 'session_invalid', 'no session takes days');
select throws_ok(format('update learning.%s set %s', t, c), '42501', null, format('nobody sets %s', c)) from (values
  ('curricula', 'status = ''completed'''), ('curricula', 'user_id = auth.uid()'), ('curricula', 'total_sessions = 9'), ('curricula', 'copies_count = 99'),
  ('curricula', 'template_visibility = ''public'''), ('curricula', 'completed_at = now()'), ('curricula', 'source = ''generated'''),
  ('sessions', 'completed_at = now()'), ('sessions', 'completed_on = now()'), ('sessions', 'session_number = 9'), ('sessions', 'curriculum_id = curriculum_id'),
  ('session_work', 'minutes = 100'), ('session_prerequisites', 'session_id = session_id')
) as x (t, c);
select throws_ok($$insert into learning.curricula (title, subject, session_duration) values ('x', 'y', 30)$$, '42501', null, 'curricula are made by a function');
select throws_ok($$insert into learning.session_work (session_id, user_id, minutes) values (pg_temp.s('A'), auth.uid(), 100)$$, '42501', null, 'time cannot be written');
select throws_ok($$delete from learning.sessions$$, '42501', null, 'nor sessions removed past the numbers');

-- 3. Sessions ------------------------------------------------------------------------------------------------------

select results_eq($$select session_number, title, duration from learning.add_session(pg_temp.id('cur'), 'N', p_position => 2, p_duration => 20, p_id => pg_temp.id('s-new'))$$,
  $$values (2, 'N', 20)$$, 'a session is put between two');
select is(pg_temp.titles(), '1A 2N 3B 4C 5D', 'what comes after moves on');
select is((learning.add_session(pg_temp.id('cur'), 'N2', p_id => pg_temp.id('s-new'))).title, 'N', 'a retry adds nothing');
select throws_ok($$select learning.add_session(pg_temp.id('other'), 'x', p_id => pg_temp.id('s-new'))$$, 'PT409', 'id_taken', 'the id is taken elsewhere');
select is((learning.add_session(pg_temp.id('cur'), 'E', p_position => 99)).session_number, 6, 'no position beyond the end');
select throws_ok($$select learning.add_session(pg_temp.id('cur'), 'x', p_position => 0)$$, 'PT422', 'session_invalid', 'nor before the beginning');
select throws_ok($$select learning.add_session(pg_temp.id('cur'), '')$$, 'PT422', 'text_required', 'nor without a title');
select is((select total_sessions from learning.curricula where id = pg_temp.id('cur')), 6, 'they are counted');
select ok(learning.remove_session(pg_temp.s('N')), 'one is removed');
select is(pg_temp.titles(), '1A 2B 3C 4D 5E', 'and the gap closes');
select ok(not learning.remove_session(pg_temp.id('s-new')), 'a retry removes nothing');
select is((select total_sessions from learning.curricula where id = pg_temp.id('cur')), 5, 'they are counted again');

select is(learning.reorder_sessions(pg_temp.id('cur'), array[pg_temp.s('E'), pg_temp.s('A'), pg_temp.s('B'), pg_temp.s('D'), pg_temp.s('C')]), 4, 'another order');
select is(pg_temp.titles(), '1E 2A 3B 4D 5C', 'is taken as it was sent');
select is(learning.reorder_sessions(pg_temp.id('cur'), array[pg_temp.s('E'), pg_temp.s('A'), pg_temp.s('B'), pg_temp.s('D'), pg_temp.s('C')]), 0, 'a retry moves nothing');
select throws_ok($$select learning.reorder_sessions(pg_temp.id('cur'), array[pg_temp.s('B'), pg_temp.s('A'), pg_temp.s('E'), pg_temp.s('D'), pg_temp.s('C')])$$,
  'PT409', 'prerequisite_not_earlier', 'what is required stays before');
select throws_ok($$select learning.reorder_sessions(pg_temp.id('cur'), array[pg_temp.s('A'), pg_temp.s('B'), pg_temp.s('C')])$$, 'PT409', 'sessions_changed', 'all are named');
select throws_ok($$select learning.reorder_sessions(pg_temp.id('cur'), array[pg_temp.s('A'), pg_temp.s('B'), pg_temp.s('C'), pg_temp.s('D'), gen_random_uuid()])$$, 'PT409', 'sessions_changed', 'no others');
select throws_ok($$select learning.reorder_sessions(pg_temp.id('cur'), array[pg_temp.s('A'), pg_temp.s('A'), pg_temp.s('C'), pg_temp.s('D'), pg_temp.s('E')])$$, 'PT422', 'session_invalid', 'none twice');
select throws_ok($$select learning.reorder_sessions(pg_temp.id('cur'), null)$$, 'PT422', 'session_invalid', 'not nothing');
select throws_ok($$select learning.reorder_sessions(pg_temp.id('cur'), array[null]::uuid[])$$, 'PT422', 'session_invalid', 'not null');
select is(pg_temp.titles(), '1E 2A 3B 4D 5C', 'what was refused moved nothing');

select throws_ok($$select learning.set_prerequisites(pg_temp.s('A'), array[pg_temp.s('B')])$$, 'PT409', 'prerequisite_not_earlier', 'a session requires earlier ones');
select throws_ok($$select learning.set_prerequisites(pg_temp.s('A'), array[pg_temp.s('A')])$$, 'PT409', 'prerequisite_not_earlier', 'not itself');
select throws_ok($$select learning.set_prerequisites(pg_temp.s('D'), array[s.id]) from learning.sessions s where s.curriculum_id = pg_temp.id('other')$$,
  'PT404', 'session_not_found', 'nor those of another curriculum');
select throws_ok($$select learning.set_prerequisites(pg_temp.s('D'), array[null]::uuid[])$$, 'PT422', 'session_invalid', 'nor nothing');
select is(cardinality(learning.set_prerequisites(pg_temp.s('C'), array[pg_temp.s('E'), pg_temp.s('B'), pg_temp.s('B')])), 2, 'they are set, once each');
select results_eq($$select e.title from learning.session_prerequisites p join learning.sessions e on e.id = p.requires_session_id where p.session_id = pg_temp.s('C') order by 1$$,
  $$values ('B'), ('E')$$, 'these and no others');
select is(learning.set_prerequisites(pg_temp.s('C'), null), '{}'::uuid[], 'or none');
select ok(cardinality(learning.set_prerequisites(pg_temp.s('C'), array[pg_temp.s('B')])) = 1, 'C requires B, which requires A');
select ok(learning.remove_session(pg_temp.s('B')), 'B goes');
select is((select count(*) from learning.session_prerequisites where curriculum_id = pg_temp.id('cur')), 0::bigint, 'what required it requires it no longer');
select ok(cardinality(learning.set_prerequisites(pg_temp.s('C'), array[pg_temp.s('A')])) = 1, 'C requires A');

-- Whoever writes past the functions is held to the same.
select tests.as_service();
create function pg_temp.held(p_sql text) returns void language plpgsql as $$
begin
  execute p_sql;
  set constraints all immediate;
end;
$$;
select throws_ok($$select pg_temp.held('update learning.sessions set session_number = 9 where id = pg_temp.s(''A'')')$$, 'PT409', 'sessions_not_numbered', 'no gaps for the service key');
select throws_ok($$select pg_temp.held('delete from learning.sessions where id = pg_temp.s(''A'')')$$, 'PT409', 'sessions_not_numbered', 'nor by deleting');
select throws_ok($$select pg_temp.held('update learning.sessions set session_number = case session_number when 2 then 4 else 2 end where session_number in (2, 4) and curriculum_id = pg_temp.id(''cur'')')$$,
  'PT409', 'prerequisite_not_earlier', 'no order that turns round what is required');
select throws_ok($$select pg_temp.held('insert into learning.session_prerequisites (session_id, requires_session_id, curriculum_id) select pg_temp.s(''A''), pg_temp.s(''C''), pg_temp.id(''cur'')')$$,
  'PT409', 'prerequisite_not_earlier', 'no rings');
select throws_ok($$insert into learning.session_prerequisites (session_id, requires_session_id, curriculum_id)
  select s.id, pg_temp.s('A'), s.curriculum_id from learning.sessions s where s.curriculum_id = pg_temp.id('other')$$, '23503', null, 'none across curricula');

-- 4. States: every move, from every state --------------------------------------------------------------------------

select tests.as_owner();
create function pg_temp.try_move(p_from text, p_to text) returns text language plpgsql as $$
begin
  set local session_replication_role = replica;
  update learning.curricula set status = p_from, archived_at = case when p_from = 'archived' then now() end,
    status_before_archive = case when p_from = 'archived' then 'active' end, completed_at = case when p_from = 'completed' then now() end
  where id = pg_temp.id('cur');
  set local session_replication_role = origin;
  update learning.curricula set status = p_to where id = pg_temp.id('cur');
  return 'moved';
exception when sqlstate 'PT409' then
  set local session_replication_role = origin;
  return sqlerrm;
end;
$$;
select is(pg_temp.try_move(f, t), case when exists (
    select from learning.curriculum_transitions x where x.from_status = f and x.to_status = t
  ) or f = t then 'moved' else 'illegal_transition' end, format('%s to %s', f, t))
from unnest(array['active', 'paused', 'completed', 'archived']) as f, unnest(array['active', 'paused', 'completed', 'archived']) as t
where f <> t;
update learning.curricula set status = 'active' where id = pg_temp.id('cur') and status <> 'active';
select tests.as_user(owner) from people;
select is((learning.pause_curriculum(pg_temp.id('cur'))).status, 'paused', 'paused');
select is((learning.pause_curriculum(pg_temp.id('cur'))).status, 'paused', 'twice is once');
select throws_ok($$select learning.complete_session(pg_temp.s('E'))$$, 'PT409', 'curriculum_paused', 'nothing is completed meanwhile');
select throws_ok($$select learning.start_session(pg_temp.s('E'))$$, 'PT409', 'curriculum_paused', 'nor started');
select ok((learning.add_session(pg_temp.id('cur'), 'F')).id is not null and learning.remove_session(pg_temp.s('F')), 'but edited');
select is((learning.archive_curriculum(pg_temp.id('cur'))).status_before_archive, 'paused', 'put away');
select throws_ok(c, 'PT409', 'curriculum_archived', 'nothing moves in the archive: ' || c) from unnest(array[
  $$update learning.curricula set title = 'x' where id = pg_temp.id('cur')$$, $$update learning.sessions set title = 'x' where curriculum_id = pg_temp.id('cur')$$,
  $$select learning.add_session(pg_temp.id('cur'), 'x')$$, $$select learning.remove_session(pg_temp.s('E'))$$,
  $$select learning.reorder_sessions(pg_temp.id('cur'), '{}')$$, $$select learning.set_prerequisites(pg_temp.s('C'), '{}')$$,
  $$select learning.start_session(pg_temp.s('E'))$$, $$select learning.complete_session(pg_temp.s('E'))$$,
  $$select learning.pause_curriculum(pg_temp.id('cur'))$$, $$select learning.resume_curriculum(pg_temp.id('cur'))$$,
  $$select learning.share_template(pg_temp.id('cur'), 'public')$$
]) as c;
select is((learning.restore_curriculum(pg_temp.id('cur'))).status, 'paused', 'taken out as it was');
select is((learning.resume_curriculum(pg_temp.id('cur'))).status, 'active', 'and gone on with');

-- 5. Others --------------------------------------------------------------------------------------------------------

create function pg_temp.sees() returns text language sql as $$
  select concat_ws(' ', (select count(*) from learning.curricula), (select count(*) from learning.sessions),
    (select count(*) from learning.session_prerequisites), (select count(*) from learning.user_progress)); $$;
select is(pg_temp.sees(), '2 5 1 2', 'the owner sees what is there');
select tests.as_user(stranger) from people;
select is(pg_temp.sees(), '0 0 0 0', 'a stranger nothing');
select tests.as_user(admin) from people;
select is(pg_temp.sees(), '0 0 0 0', 'nor an administrator: it is his own affair');
select tests.as_user(stranger) from people;
select is(tests.rows_changed($$update learning.curricula set title = 'Mine'$$) + tests.rows_changed($$delete from learning.curricula$$)
  + tests.rows_changed($$update learning.sessions set title = 'Mine'$$), 0::bigint, 'and changes nothing');
select throws_ok(c, 'PT404', null, 'is told of nothing: ' || c) from unnest(array[
  $$select learning.add_session(pg_temp.id('cur'), 'x')$$, $$select learning.reorder_sessions(pg_temp.id('cur'), '{}')$$,
  $$select learning.set_prerequisites(pg_temp.s('C'), '{}')$$, $$select learning.start_session(pg_temp.s('A'))$$,
  $$select learning.complete_session(pg_temp.s('A'))$$, $$select learning.archive_curriculum(pg_temp.id('cur'))$$,
  $$select learning.share_template(pg_temp.id('cur'), 'public')$$, $$select learning.duplicate_curriculum(pg_temp.id('cur'))$$
]) as c;
select ok(not learning.remove_session(pg_temp.s('A')), 'nor removes a session');
select throws_ok(pg_temp.make($$p_id => pg_temp.id('cur')$$), 'PT409', 'id_taken', 'nor takes its id');
select tests.as_owner();
select is(pg_temp.titles(), '1E 2A 3D 4C', 'all is as it was');
update core.profiles set is_active = false where id = (select owner from people);
select tests.as_user(owner) from people;
select is(pg_temp.sees(), '2 5 1 2', 'suspended one reads');
select is(tests.rows_changed($$update learning.curricula set title = 'x'$$) + tests.rows_changed($$delete from learning.curricula$$)
  + tests.rows_changed($$update learning.sessions set title = 'x'$$), 0::bigint, 'and writes nothing');
select throws_ok($$select learning.complete_session(pg_temp.s('E'))$$, 'PT403', 'account_inactive', 'by no function');
select tests.as_anon();
select throws_ok($$select count(*) from learning.curricula$$, '42501', null, 'without an account one sees nothing');
select throws_ok($$select count(*) from learning.user_progress$$, '42501', null, 'of nobody');
select throws_ok($$select learning.my_streak()$$, '42501', null, 'and runs nothing');

select tests.as_owner();
select * from finish();
rollback;
