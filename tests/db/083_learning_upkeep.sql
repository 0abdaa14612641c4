-- What the clock does, and what goes with a person.
begin;
select plan(33);
select tests.share_temporaries();

create temp table people as select
  tests.create_user('up-owner@lyceum.test') as owner, tests.create_user('up-other@lyceum.test') as other;
create temp table things (what text primary key, id uuid);
grant all on things to public;
insert into things select w, gen_random_uuid() from unnest(array['old', 'new', 'open', 'copy']) as w;
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
create function pg_temp.as_of(p_what text, p_ago interval) returns void language plpgsql as $$
begin
  set local session_replication_role = replica;
  update learning.curricula set completed_at = completed_at - p_ago, archived_at = archived_at - p_ago, updated_at = now() - p_ago where id = pg_temp.id(p_what);
  set local session_replication_role = origin;
end;
$$;
create function pg_temp.status(p_what text) returns text language sql security definer as $$
  select c.status from learning.curricula c where c.id = (select id from things where what = p_what); $$;

select tests.as_user(owner) from people;
select learning.create_curriculum(w, 'S', 60, p_id => pg_temp.id(w), p_sessions => '[{"title": "A"}, {"title": "B", "requires": [1]}]') is not null
from unnest(array['old', 'new', 'open']) as w;
create function pg_temp.finish(p_what text) returns void language plpgsql as $$
declare v_id uuid;
begin
  for v_id in select id from learning.sessions where curriculum_id = pg_temp.id(p_what) order by session_number loop
    perform learning.start_session(v_id);
    perform learning.pause_session(v_id);
    perform learning.start_session(v_id);
    perform learning.complete_session(v_id);
  end loop;
end;
$$;
select pg_temp.finish('old'), pg_temp.finish('new');
select tests.as_owner();
update learning.session_work w set started_at = started_at - interval '2 hours', seen_at = seen_at - interval '1 hour', ended_at = ended_at - interval '1 hour', minutes = 60
from learning.sessions s where s.id = w.session_id and s.curriculum_id = pg_temp.id('old');

-- 1. The archive ---------------------------------------------------------------------------------------------------

select is(private.learning_archive_old(), 0, 'nothing is old');
select pg_temp.as_of('old', '729 days');
select is(private.learning_archive_old(), 0, 'nor after 729 days');
select pg_temp.as_of('old', '2 days');
update learning.curricula set goals = 'Once more' where id = pg_temp.id('old');
select is(private.learning_archive_old(), 0, 'nor when it was touched');
select pg_temp.as_of('old', '731 days');
create temp table before as select total_time_spent, current_streak, longest_streak, sessions_completed from learning.user_progress where curriculum_id = pg_temp.id('old');
select is(private.learning_archive_old(), 1, 'after two years it is archived');
select is(pg_temp.status('old'), 'archived', 'that one');
select is(pg_temp.status('new'), 'completed', 'not the new one');
select is(private.learning_archive_old(), 0, 'once');
select is((select count(*) from learning.session_work w join learning.sessions s on s.id = w.session_id where s.curriculum_id = pg_temp.id('old')), 4::bigint, 'its work is as it was');
select pg_temp.as_of('old', '91 days');
select is(private.learning_archive_old(), 0, 'three months later');
select is((select count(*) from learning.session_work w join learning.sessions s on s.id = w.session_id where s.curriculum_id = pg_temp.id('old')), 2::bigint, 'it is one row a session');
select is((select count(*) from learning.session_work w join learning.sessions s on s.id = w.session_id where s.curriculum_id = pg_temp.id('new')), 4::bigint, 'of the archived only');
select results_eq($$select total_time_spent, current_streak, longest_streak, sessions_completed from learning.user_progress where curriculum_id = pg_temp.id('old')$$,
  $$select * from before$$, 'and nothing of what was done has changed');
select is((select total_time_spent from before), 240, 'which was something');
select tests.as_user(owner) from people;
select is((learning.restore_curriculum(pg_temp.id('old'))).status, 'completed', 'it is taken out again');
select tests.as_owner();
select is(private.learning_archive_old(), 0, 'and stays out');
select is((select count(*) from ops.scheduled_tasks where command in ('private.learning_archive_old', 'private.learning_end_forgotten')), 2::bigint, 'the clock knows both tasks');

-- 2. Forgotten work ------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select (learning.start_session(id)).id is not null from learning.sessions where curriculum_id = pg_temp.id('open') and title = 'A';
select tests.as_owner();
select is(private.learning_end_forgotten(), 0, 'what runs is left alone');
update learning.session_work set started_at = now() - interval '13 hours', seen_at = now() - interval '12 hours 30 minutes' where ended_at is null;
select is(private.learning_end_forgotten(), 1, 'what was forgotten is ended');
select is((select minutes from learning.session_work w join learning.sessions s on s.id = w.session_id where s.curriculum_id = pg_temp.id('open')), 30, 'with the time until the last sign of life');
select is(private.learning_end_forgotten(), 0, 'once');

-- 3. People who go ------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select is((learning.share_template(pg_temp.id('open'), 'public')).template_visibility, 'public', 'one shares a template');
select lives_ok($$insert into learning.user_notes (session_id, content) select id, 'x' from learning.sessions limit 1$$, 'and writes notes');
select (learning.start_session(id)).id is not null from learning.sessions where curriculum_id = pg_temp.id('open') and title = 'A';
select tests.as_user(other) from people;
select is((learning.duplicate_curriculum(pg_temp.id('open'), p_id => pg_temp.id('copy'))).total_sessions, 2, 'another copies it');
select is(tests.rows_changed($$delete from learning.curricula$$), 1::bigint, 'who deletes the copy');
select is((learning.duplicate_curriculum(pg_temp.id('open'), p_id => pg_temp.id('copy'))).total_sessions, 2, 'and copies it anew');
select tests.as_owner();
update core.profiles set is_active = false where id = (select owner from people);
update learning.session_work set started_at = now() - interval '13 hours', seen_at = now() - interval '13 hours' where ended_at is null;
select is(private.learning_end_forgotten(), 1, 'the clock ends the work of somebody who was suspended');
select lives_ok($$delete from auth.users where id = (select owner from people)$$, 'the first goes');
select is((select count(*) from learning.curricula) + (select count(*) from learning.sessions) + (select count(*) from learning.session_work)
  + (select count(*) from learning.user_notes) + (select count(*) from learning.templates) + (select count(*) from learning.template_sessions), 3::bigint,
  'with all that was his');
select is((select count(*) from core.search_documents where kind = 'curriculum'), 0::bigint, 'search knows nothing of it');
select results_eq($$select copied_from_id, total_sessions, status from learning.curricula$$, $$values (null::uuid, 2, 'active')$$, 'the copy stays whose it is');
select tests.as_user(other) from people;
select ok((learning.complete_session(id)).completed_at is not null, 'and is followed') from learning.sessions where title = 'A';
select tests.become('authenticated', jsonb_build_object('sub', owner, 'role', 'authenticated')) from people;
select throws_ok($$select learning.create_curriculum('x', 'y', 30)$$, 'PT401', 'not_authenticated', 'a token of somebody who is gone is nobody''s');
select is((select count(*) from learning.templates), 0::bigint, 'and reads no template');
set constraints all immediate;

select tests.as_owner();
select * from finish();
rollback;
