-- Templates: what others see of a curriculum, and what they never do; copies; search; moderation.
begin;
select plan(100);
select tests.share_temporaries();

create temp table people as select
  tests.create_user('tpl-owner@lyceum.test') as owner, tests.create_user('tpl-reader@lyceum.test') as reader,
  tests.create_user('tpl-blocked@lyceum.test') as blocked, tests.create_user('tpl-moderator@lyceum.test', '{moderator}') as moderator;
insert into core.topics (slug, name) values ('tpl-bone', 'Bone'), ('tpl-skeleton', 'Skeleton');
create temp table things (what text primary key, id uuid);
grant all on things to public;
insert into things select w, gen_random_uuid() from unnest(array['cur', 'copy', 'own', 'empty']) as w;
insert into things select 'open', private.index_document('study', 'tpl', gen_random_uuid(), 'Open', 'text', p_visibility => 'public');
insert into things select 'inside', private.index_document('study', 'tpl', gen_random_uuid(), 'Inside', 'text', p_visibility => 'authenticated');
insert into things select 'secret', private.index_document('study', 'tpl', gen_random_uuid(), 'Secret', 'text', p_visibility => 'owner', p_owner_id => (select owner from people));
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
create function pg_temp.sees() returns text language sql as $$
  select concat_ws(' ', (select count(*) from learning.templates where curriculum_id = pg_temp.id('cur')),
    (select count(*) from learning.template_sessions where curriculum_id = pg_temp.id('cur'))); $$;
create function pg_temp.found(p_words text) returns bigint language sql as $$
  select count(*) from core.search(p_words, array['curriculum']); $$;

select tests.as_user(owner) from people;
select learning.create_curriculum('Osteology', 'Bones', 45, p_topic => 'tpl-bone', p_goals => 'Name them all', p_background => 'I failed twice',
  p_id => pg_temp.id('cur'), p_sessions => jsonb_build_array(
    '{"title": "Skull"}'::jsonb,
    jsonb_build_object('title', 'Spine', 'requires', '[1]'::jsonb, 'notes', 'Count aloud', 'duration', 20, 'objectives', '["Zygapophysis"]'::jsonb, 'resources', jsonb_build_array(
      '{"title": "Atlas", "url": "https://example.org"}'::jsonb,
      jsonb_build_object('title', 'Open', 'document_id', pg_temp.id('open'), 'quote', 'q'),
      jsonb_build_object('title', 'Inside', 'document_id', pg_temp.id('inside'), 'quote', 'q'),
      jsonb_build_object('title', 'Secret', 'document_id', pg_temp.id('secret'), 'quote', 'my own words'))),
    '{"title": "Hand"}'::jsonb)) into temp c1;
select learning.create_curriculum('Empty', 'x', 45, p_id => pg_temp.id('empty')) into temp c2;
select learning.complete_session(id) into temp c3 from learning.sessions where title = 'Skull';
insert into learning.user_notes (session_id, content) select id, 'Mine alone' from learning.sessions where title = 'Skull';

-- 1. Publishing ----------------------------------------------------------------------------------------------------

select is(pg_temp.sees(), '0 0', 'nothing is a template by itself');
select throws_ok($$select learning.share_template(pg_temp.id('empty'), 'public')$$, 'PT409', 'template_empty', 'nothing is made of nothing');
select throws_ok($$select learning.share_template(pg_temp.id('cur'), 'everybody')$$, 'PT422', 'visibility_invalid', 'for those signed in, or for all');
select is((learning.share_template(pg_temp.id('cur'), null)).template_visibility, null, 'to take back what is not shared changes nothing');
select is((learning.share_template(pg_temp.id('cur'), 'authenticated')).template_visibility, 'authenticated', 'for those signed in');
select is((learning.share_template(pg_temp.id('cur'), 'authenticated')).template_visibility, 'authenticated', 'twice is once');
select results_eq($$select title, subject, skill_level, goals, language, session_duration, total_sessions, copies_count, visibility, topic_id is not null from learning.templates$$,
  $$values ('Osteology', 'Bones', 'beginner', 'Name them all', 'en', 45, 3, 0, 'authenticated', true)$$, 'a template is what is to be seen');
select hasnt_column('learning'::name, 'templates'::name, c::name, 'not ' || c) from unnest(array['background', 'status', 'completed_at']) as c;
select hasnt_column('learning'::name, 'template_sessions'::name, c::name, 'nor ' || c) from unnest(array['completed_at', 'completed_on', 'user_id']) as c;
select tests.as_user(reader) from people;
select is(pg_temp.sees(), '1 3', 'whoever is signed in sees it');
select results_eq($$select title, requires, duration, notes, objectives from learning.template_sessions order by session_number$$,
  $$values ('Skull', '{}'::integer[], null::integer, '', '{}'::text[]), ('Spine', '{1}', 20, 'Count aloud', '{Zygapophysis}'), ('Hand', '{}', null, '', '{}')$$, 'with its sessions');
select results_eq($$select r ->> 'title' from learning.template_sessions, jsonb_array_elements(resources) as r order by 1$$, $$values ('Atlas'), ('Inside'), ('Open')$$,
  'and no passage of material that he could not read');
select is((select count(*) from learning.curricula) + (select count(*) from learning.sessions) + (select count(*) from learning.user_notes)
  + (select count(*) from learning.user_progress) + (select count(*) from learning.session_prerequisites), 0::bigint, 'but not how far its owner is, nor his notes');
select throws_ok($$update learning.templates set title = 'x'$$, '42501', null, 'nobody writes there');
select is(pg_temp.found('zygapophysis'), 1::bigint, 'it is found by what it is about');
select is(pg_temp.found('osteology'), 1::bigint, 'and by its title');
select tests.as_anon();
select is(pg_temp.sees(), '0 0', 'visitors do not see it');
select tests.as_user(owner) from people;
select is((learning.share_template(pg_temp.id('cur'), 'public')).template_visibility, 'public', 'for all');
select tests.as_anon();
select is(pg_temp.sees(), '1 3', 'they do now');
select results_eq($$select r ->> 'title' from learning.template_sessions, jsonb_array_elements(resources) as r order by 1$$, $$values ('Atlas'), ('Open')$$, 'with open material only');
select throws_ok($$select count(*) from learning.curricula$$, '42501', null, 'of the curriculum nothing');
select throws_ok($$select learning.duplicate_curriculum(pg_temp.id('cur'))$$, '42501', null, 'and copy nothing');
select tests.as_user(owner) from people;
select lives_ok($$update learning.curricula set title = 'Bones anew' where id = pg_temp.id('cur')$$, 'its owner goes on writing');
select lives_ok($$update learning.sessions set notes = 'Half a thought' where title = 'Hand'$$, 'also in sessions');
select is((select title from learning.templates), 'Osteology', 'nobody reads over his shoulder');
select is((select notes from learning.template_sessions where title = 'Hand'), '', 'nowhere');
select is((learning.share_template(pg_temp.id('cur'), 'public')).title, 'Bones anew', 'until he publishes again');
select results_eq($$select t.title, s.notes from learning.templates t join learning.template_sessions s using (curriculum_id) where s.title = 'Hand'$$,
  $$values ('Bones anew', 'Half a thought')$$, 'then it shows');
select is(pg_temp.found('osteology'), 0::bigint, 'the old title is not found any longer');

-- 2. Copies --------------------------------------------------------------------------------------------------------

select tests.as_user(reader) from people;
select is((learning.duplicate_curriculum(pg_temp.id('cur'), p_id => pg_temp.id('copy'))).title, 'Bones anew', 'a reader copies it');
select is((learning.duplicate_curriculum(pg_temp.id('cur'), p_id => pg_temp.id('copy'))).id, pg_temp.id('copy'), 'a retry copies nothing');
select results_eq($$select status, source, copied_from_id, background, goals, total_sessions, copies_count, template_visibility, user_id = auth.uid() from learning.curricula$$,
  $$values ('active', 'copy', pg_temp.id('cur'), '', 'Name them all', 3, 0, null::text, true)$$, 'it is his, to be begun');
select results_eq($$select session_number, title, notes, completed_at is null, jsonb_array_length(resources) from learning.sessions order by 1$$,
  $$values (1, 'Skull', '', true, 0), (2, 'Spine', 'Count aloud', true, 2), (3, 'Hand', 'Half a thought', true, 0)$$, 'with its sessions, none completed');
select results_eq($$select l.session_number, e.session_number from learning.session_prerequisites p join learning.sessions l on l.id = p.session_id join learning.sessions e on e.id = p.requires_session_id$$,
  $$values (2, 1)$$, 'and what they require');
select is((select copies_count from learning.templates where curriculum_id = pg_temp.id('cur')), 1, 'it is counted');
select throws_ok($$select learning.duplicate_curriculum(pg_temp.id('cur'), p_title => '<b>x</b>')$$, 'PT422', 'markup_not_allowed', 'its title is plain text');
select is((learning.duplicate_curriculum(pg_temp.id('copy'), 'Again', pg_temp.id('own'))).title, 'Again', 'one copies what is one''s own');
select is((select copies_count from learning.curricula where id = pg_temp.id('copy')), 0, 'which is not counted');
select tests.as_user(owner) from people;
select results_eq($$select type, title, message, link, data::text !~ (select reader::text from people) from core.notifications where type = 'template_copied'$$,
  $$values ('template_copied', 'Your template was copied', 'Bones anew', '/learning/' || pg_temp.id('cur'), true)$$, 'its owner is told, not by whom');
select is((select copies_count from learning.curricula where id = pg_temp.id('cur')), 1, 'and sees the count');
select is((learning.duplicate_curriculum(pg_temp.id('cur'))).background, 'I failed twice', 'of his own he copies everything');
select tests.as_user(blocked) from people;
select lives_ok($$insert into core.blocks (blocker_id, blocked_id) select blocked, owner from people$$, 'somebody blocks him');
select is(pg_temp.sees(), '0 0', 'and sees no template of his');
select is(pg_temp.found('bones'), 0::bigint, 'finds none');
select throws_ok($$select learning.duplicate_curriculum(pg_temp.id('cur'))$$, 'PT404', 'curriculum_not_found', 'copies none');
select throws_ok($$select learning.duplicate_curriculum(pg_temp.id('copy'))$$, 'PT404', 'curriculum_not_found', 'nor what is no template');
select throws_ok($$select learning.duplicate_curriculum(null)$$, 'PT404', 'curriculum_not_found', 'nor nothing');

-- What its readers may no longer read goes out of it.
select tests.as_owner();
update core.search_documents set visibility = 'authenticated'
where id in (select (r ->> 'document_id')::uuid from learning.template_sessions, jsonb_array_elements(resources) as r);
select tests.as_anon();
select results_eq($$select r ->> 'title' from learning.template_sessions, jsonb_array_elements(resources) as r$$, $$values ('Atlas')$$, 'material that is closed to visitors is closed in public templates');
select tests.as_user(owner) from people;
select is((select count(*) from learning.sessions, jsonb_array_elements(resources) as r where r ->> 'title' = 'Open' and curriculum_id = pg_temp.id('cur')), 1::bigint, 'its owner keeps what he noted');
select tests.as_owner();
update learning.templates set visibility = 'authenticated' where curriculum_id = pg_temp.id('cur');
update learning.template_sessions as t set resources = s.resources from learning.sessions as s
where s.curriculum_id = t.curriculum_id and s.session_number = t.session_number;
delete from core.search_documents where visibility in ('public', 'authenticated') and id in (
  select (r ->> 'document_id')::uuid from learning.template_sessions, jsonb_array_elements(resources) as r
);
select results_eq($$select r ->> 'title' from learning.template_sessions, jsonb_array_elements(resources) as r$$, $$values ('Atlas')$$, 'and what is gone is gone there, too');
update learning.templates set visibility = 'public' where curriculum_id = pg_temp.id('cur');

-- 3. Topics --------------------------------------------------------------------------------------------------------

select tests.as_user(moderator) from people;
select lives_ok($$select core.merge_topics((select id from core.topics where slug = 'tpl-bone'), (select id from core.topics where slug = 'tpl-skeleton'))$$, 'its topic becomes another');
select is((select t.slug::text from learning.templates l join core.topics t on t.id = l.topic_id where curriculum_id = pg_temp.id('cur')), 'tpl-skeleton', 'and the template with it');
select tests.as_owner();
select is((select count(*) from learning.curricula l join core.topics t on t.id = l.topic_id where t.slug = 'tpl-skeleton'), 4::bigint, 'and all curricula');

-- 4. Moderation ----------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select throws_ok($$select core.report_content('learning', 'curriculum', pg_temp.id('cur'), 'spam')$$, 'PT403', 'own_content', 'nobody reports what is his');
select tests.as_user(reader) from people;
select throws_ok($$select core.report_content('learning', 'curriculum', pg_temp.id('empty'), 'spam')$$, 'PT404', 'content_not_found', 'nor what is no template');
select ok(core.report_content('learning', 'curriculum', pg_temp.id('cur'), 'plagiarism') is not null, 'a template is reported');
select tests.as_user(moderator) from people;
select results_eq($$select title, excerpt ~ 'Skull', reports_count, is_there from core.moderation_queue() where entity_id = pg_temp.id('cur')$$, $$values ('Bones anew', true, 1::bigint, true)$$, 'the moderators see it');
select ok(core.moderate_content('learning', 'curriculum', pg_temp.id('cur'), 'hide', 'Copied from a book') is not null, 'and hide it');
select is(pg_temp.sees(), '1 3', 'they still see it');
select tests.as_user(reader) from people;
select is(pg_temp.sees(), '0 0', 'nobody else');
select is(pg_temp.found('bones'), 0::bigint, 'finds it');
select throws_ok($$select learning.duplicate_curriculum(pg_temp.id('cur'))$$, 'PT404', 'curriculum_not_found', 'or copies it');
select is((select count(*) from learning.curricula where copied_from_id = pg_temp.id('cur')), 1::bigint, 'copies stay whose they are');
select tests.as_anon();
select is(pg_temp.sees(), '0 0', 'visitors neither');
select tests.as_user(owner) from people;
select is((select hidden_at is not null from learning.templates), true, 'its owner sees that');
select ok((learning.complete_session(id)).completed_at is not null, 'and goes on learning') from learning.sessions where title = 'Spine' and curriculum_id = pg_temp.id('cur');
select throws_ok($$select learning.share_template(pg_temp.id('cur'), 'public')$$, 'PT403', 'template_hidden', 'but does not publish it anew');
select is((learning.share_template(pg_temp.id('cur'), null)).template_visibility, null, 'he takes it back');
select throws_ok($$select learning.share_template(pg_temp.id('cur'), 'public')$$, 'PT403', 'template_hidden', 'which does not wash it clean');
select tests.as_user(moderator) from people;
select ok(core.moderate_content('learning', 'curriculum', pg_temp.id('cur'), 'unhide', 'It was his own book') is not null, 'it is shown again');
select tests.as_user(reader) from people;
select is(pg_temp.sees(), '0 0', 'but he had taken it back');
select tests.as_user(owner) from people;
select is((learning.share_template(pg_temp.id('cur'), 'authenticated')).template_visibility, 'authenticated', 'and publishes it again');
select is((select copies_count from learning.templates), 1, 'with the copies that were made');
select tests.as_user(moderator) from people;
select ok(core.moderate_content('learning', 'curriculum', pg_temp.id('cur'), 'hide', 'Looked at once more') is not null, 'hidden once more');
select ok(core.moderate_content('learning', 'curriculum', pg_temp.id('cur'), 'unhide', 'And seen to be fine') is not null, 'and shown');
select tests.as_user(reader) from people;
select is(pg_temp.sees(), '1 3', 'it is back');
select is(pg_temp.found('bones'), 1::bigint, 'and found');

-- 5. What stays ----------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select is((learning.archive_curriculum(pg_temp.id('cur'))).status, 'archived', 'its owner archives it');
select is((select count(*) from learning.templates), 1::bigint, 'the template stays');
select is((learning.share_template(pg_temp.id('cur'), null)).template_visibility, null, 'until it is taken back, which is possible then, too');
select is(pg_temp.found('bones'), 0::bigint, 'and found no longer');
select is((learning.restore_curriculum(pg_temp.id('cur'))).status, 'active', 'restored');
select is((learning.share_template(pg_temp.id('cur'), 'public')).template_visibility, 'public', 'and published');
select is(tests.rows_changed($$delete from learning.curricula where id = pg_temp.id('cur')$$), 1::bigint, 'at last he deletes it');
select tests.as_owner();
select is(pg_temp.sees(), '0 0', 'with the template');
select is((select count(*) from core.search_documents where kind = 'curriculum' and entity_id = pg_temp.id('cur')), 0::bigint, 'and what search knew');
select results_eq($$select copied_from_id, total_sessions from learning.curricula where id = pg_temp.id('copy')$$, $$values (null::uuid, 3)$$, 'the copy stays');
update core.settings set value = '{"share": {"burst": 1, "per_hour": 0}, "curriculum": {"burst": 1, "per_hour": 0}, "session": {"burst": 1, "per_hour": 0}, "note": {"burst": 1, "per_hour": 0}}' where key = 'learning.limits';
delete from ops.rate_limits where key like 'learning.limits:%';
select tests.as_user(reader) from people;
create function pg_temp.twice(p_sql text) returns text language plpgsql as $$
begin
  execute p_sql;
  begin
    execute p_sql;
  exception when sqlstate 'PT429' then
    return sqlerrm;
  end;
  return 'twice';
end;
$$;
select is(pg_temp.twice(c), 'rate_limited', 'not without end: ' || c) from unnest(array[
  $$select learning.duplicate_curriculum(pg_temp.id('copy'))$$, $$select learning.share_template(pg_temp.id('copy'), 'public')$$,
  $$select learning.add_session(pg_temp.id('copy'), 'x')$$, $$insert into learning.user_notes (session_id, content) select id, 'x' from learning.sessions where curriculum_id = pg_temp.id('copy') limit 1$$
]) as c;
select throws_ok($$select learning.create_curriculum('x', 'y', 30)$$, 'PT429', 'rate_limited', 'new ones and copies are counted together');
select tests.as_owner();
update core.settings set value = '3' where key in ('learning.max_curricula', 'learning.max_sessions');
delete from ops.rate_limits where key like 'learning.limits:%';
select tests.as_user(reader) from people;
select throws_ok($$select learning.create_curriculum('x', 'y', 30)$$, 'PT409', 'curriculum_limit_reached', 'there is an end to curricula');
select throws_ok($$select learning.add_session(pg_temp.id('own'), 'x')$$, 'PT409', 'curriculum_full', 'and to sessions');
select tests.as_owner();
update core.settings set value = '1' where key = 'learning.max_kilobytes';
update core.settings set value = '200' where key in ('learning.max_curricula', 'learning.max_sessions');
create function pg_temp.long() returns text language sql as $$ select string_agg(md5(n::text), ' ') from generate_series(1, 100) as n; $$;
select tests.as_user(reader) from people;
select throws_ok($$update learning.sessions set materials = pg_temp.long() where curriculum_id = pg_temp.id('own')$$, 'PT409', 'curriculum_full', 'to how long they are in all');
select throws_ok($$select learning.create_curriculum('x', 'y', 30, p_sessions => jsonb_build_array(jsonb_build_object('title', 'x', 'materials', pg_temp.long())))$$,
  'PT409', 'curriculum_full', 'from the beginning');

select tests.as_owner();
select * from finish();
rollback;
