-- Resources: shared by whoever uploaded the file, seen by others once it was found clean, downloaded, counted once a day,
-- and taken away with their file.
begin;
select plan(136);

create temp table who as select
  tests.create_member('ann@test.local') as ann,
  tests.create_member('ben@test.local') as ben,
  tests.create_member('blo@test.local') as blo,
  tests.create_member('off@test.local') as off,
  tests.create_member('mod@test.local', '{moderator}') as mod,
  tests.create_user('new@test.local') as new;
grant select on who to public;
select tests.block((select blo from who), (select ann from who)), tests.suspend((select off from who));
insert into core.topics (slug, name) select 'sr-' || n, 'Topic ' || n from generate_series(1, 11) as n;
insert into core.topics (slug, name, is_active) values ('sr-off', 'Switched off', false);

create function pg_temp.put(p_who uuid, p_name text, p_type text default 'application/pdf', p_size bigint default 1000) returns text language sql security definer as $$
  insert into storage.objects (bucket_id, name, owner_id, metadata)
  values ('resources', p_who || '/' || p_name, p_who::text, jsonb_build_object('size', p_size, 'mimetype', p_type))
  returning name
$$;
create function pg_temp.what(p_sql text) returns text language plpgsql as $$
begin
  execute p_sql;
  return 'done';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end;
$$;
create function pg_temp.share(p_name text, p_more text default '') returns text language sql as $$
  select pg_temp.what(format('select social.create_resource(%L, ''Notes''%s)', (select auth.uid()) || '/' || p_name, p_more))
$$;
-- The job of a resource, claimed.
create function pg_temp.lease(p_id uuid) returns table (job_id uuid, token bigint) language plpgsql security definer as $$
begin
  perform ops.claim_jobs('test', 100, 'default', '{social.inspect_resource}');
  return query select q.id, q.lease_token from ops.queue_items as q where q.resource_id = p_id;
end;
$$;
create function pg_temp.version(p_path text) returns text language sql security definer as $$ select private.storage_version('resources', p_path) $$;
create function pg_temp.find(p_id uuid, p_is_clean boolean, p_reason text default null) returns text language sql security definer as $$
  select private.record_resource_inspection(p_id, l.job_id, l.token, f.object_version, repeat('a', 64), 'application/pdf', 1234, p_is_clean, p_reason)
  from pg_temp.lease(p_id) as l, social.resources as r join core.files as f on f.id = r.file_id where r.id = p_id
$$;
create function pg_temp.exact(p_id uuid) returns bigint language sql security definer as $$
  select r.downloads_count + coalesce((select sum(d.delta) from social.counter_deltas as d where d.entity_id = p_id), 0) from social.resources as r where r.id = p_id
$$;
create function pg_temp.stats(p_id uuid) returns bigint language sql security definer as $$
  select s.resources_count + coalesce((select sum(d.delta) from social.counter_deltas as d where d.entity_id = p_id and d.counter = 'resources_count'), 0)
  from social.profile_stats as s where s.user_id = p_id
$$;
grant execute on all functions in schema pg_temp to public;

-- Uploading
select results_eq(
  $$ select public, file_size_limit, 'application/zip' = any (allowed_mime_types), cardinality(allowed_mime_types) from storage.buckets where id = 'resources' $$,
  $$ values (false, 52428800::bigint, false, 10) $$, 'the bucket is private, bounded, and takes no archives'
);
select tests.as_anon();
select throws_ok($$ insert into storage.objects (bucket_id, name) values ('resources', 'x/a.pdf') $$, '42501', null, 'a visitor uploads nothing');
select tests.as_user((select ann from who));
select lives_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('resources', auth.uid() || '/mine.pdf', auth.uid()::text) returning id $$, 'one''s own folder');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('resources', (select ben from who) || '/mine.pdf', auth.uid()::text) $$, '42501', null, 'not that of another');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('resources', 'mine.pdf', auth.uid()::text) $$, '42501', null, 'nor no folder');
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'resources' $$), 1::bigint, 'one sees what one uploaded');
select is(tests.rows_changed($$ update storage.objects set version = 'x' where bucket_id = 'resources' $$), 0::bigint, 'and does not overwrite it');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'resources' $$), 1::bigint, 'but may take it away while it is not shared');
select tests.as_user((select off from who));
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('resources', auth.uid() || '/mine.pdf', auth.uid()::text) $$, '42501', null, 'who is suspended uploads nothing');

-- Sharing
select tests.as_owner();
select pg_temp.put((select ann from who), n) from unnest('{heart.pdf,twice.pdf,private.pdf,topics.pdf,bad.pdf,run.exe,noending,page.html,.pdf}'::text[]) as n;
select pg_temp.put((select ann from who), 'empty.pdf', 'application/pdf', 0), pg_temp.put((select ann from who), 'huge.pdf', 'application/pdf', 52428801),
  pg_temp.put((select ann from who), 'odd.pdf', 'text/plain'), pg_temp.put((select ann from who), 'notes.md', 'text/plain;charset=UTF-8'),
  pg_temp.put((select ben from who), 'theirs.pdf'), pg_temp.put((select off from who), 'off.pdf');
select tests.as_anon();
select throws_ok($$ select social.create_resource('x/a.pdf', 'Notes') $$, '42501', null, 'a visitor shares nothing');
select tests.as_user((select off from who));
select is(pg_temp.share('off.pdf'), 'PT403 account_inactive', 'nor who is suspended');
select tests.as_user((select ann from who));
select is(pg_temp.what(format('select social.create_resource(%L, ''Notes'')', (select ben from who) || '/theirs.pdf')), 'PT422 file_not_found', 'nobody another''s file');
select is(pg_temp.share('nowhere.pdf'), 'PT422 file_not_found', 'nor one that is not there');
select is(pg_temp.what('select social.create_resource(null, ''Notes'')'), 'PT422 file_not_found', 'nor none');
select is(pg_temp.share(n), 'PT422 file_type_not_allowed', 'nor a file called ' || n) from unnest('{run.exe,noending,page.html,odd.pdf}'::text[]) as n;
select is(pg_temp.share(n), 'PT422 file_size_not_allowed', 'nor one that is too small or large: ' || n) from unnest('{empty.pdf,huge.pdf}'::text[]) as n;
select is(pg_temp.share('heart.pdf', format(', %L', repeat('x', 5001))), 'PT422 text_too_long', 'the description is bounded');
select is(pg_temp.share('heart.pdf', ', ''<script>alert(1)</script>'''), 'PT422 markup_not_allowed', 'and plain');
select is(pg_temp.what(format('select social.create_resource(%L, '' '')', auth.uid() || '/heart.pdf')), 'PT422 text_required', 'the title is something');
select is(pg_temp.share('heart.pdf', ', p_category => ''nonsense'''), 'PT422 unknown_category', 'the category is one');
select is(pg_temp.share('heart.pdf', ', p_topics => ''{sr-1,nonsense}'''), 'PT422 unknown_topic', 'the topics are there');
select is(pg_temp.share('heart.pdf', ', p_topics => ''{sr-off}'''), 'PT422 unknown_topic', 'and switched on');
select is(pg_temp.share('heart.pdf', format(', p_topics => %L', (select array_agg('sr-' || n) from generate_series(1, 11) as n))), 'PT422 too_many_topics', 'and ten at most');
select is(tests.count_of('select * from social.resources'), 0::bigint, 'whatever is refused leaves nothing behind');

create temp table ids as select gen_random_uuid() as heart, gen_random_uuid() as private, gen_random_uuid() as bad, gen_random_uuid() as topics;
grant select on ids to public;
select results_eq(
  format($$ select id, author_id, title, description, file_name, file_type, file_size, category, is_public, status, downloads_count
    from social.create_resource(%L, '  Notes on the heart ', null, 'notes', '{sr-1,Topic 2,sr-1}', p_id => %L) $$, auth.uid() || '/heart.pdf', (select heart from ids)),
  $$ select heart, auth.uid(), 'Notes on the heart', '', 'heart.pdf', 'application/pdf', 1000::bigint, 'notes', true, 'checking', 0 from ids $$,
  'one''s own file is shared, cleaned, without a description too, and waits'
);
select is(tests.count_of($$ select * from social.resource_topics where resource_id = (select heart from ids) $$), 2::bigint, 'with each topic once');
select is((select social.create_resource(auth.uid() || '/heart.pdf', 'Again', p_id => (select heart from ids))).title, 'Notes on the heart', 'the same call again finds it');
select is(pg_temp.share('twice.pdf', format(', p_id => %L', (select heart from ids))), 'PT409 id_taken', 'an id is of one file');
select is(pg_temp.share('heart.pdf'), 'PT409 file_already_shared', 'and a file of one resource');
select is(pg_temp.share('notes.md'), 'done', 'Markdown is a text');
select is(pg_temp.share('private.pdf', format(', p_is_public => false, p_id => %L', (select private from ids))), 'done', 'one for oneself');
select is(pg_temp.share('bad.pdf', format(', p_id => %L', (select bad from ids))), 'done', 'and one that is no good');
select is(pg_temp.share('.pdf'), 'done', 'a name may be an ending alone');
select tests.as_user((select ben from who));
select is(pg_temp.what(format('select social.create_resource(%L, ''Notes'', p_id => %L)', auth.uid() || '/theirs.pdf', (select heart from ids))), 'PT409 id_taken', 'the id of another''s resource is taken, whatever it is');
select tests.as_owner();
select is((select count(*) from ops.queue_items where job_type = 'social.inspect_resource' and resource_id in (select unnest(array[heart, private, bad]) from ids)), 3::bigint, 'each has its job, once');
select is((select count(*) from core.files where bucket_id = 'resources' and status = 'pending'), 5::bigint, 'and its file is on record');

-- The allowance of a new account
select pg_temp.put((select new from who), n || '.pdf') from generate_series(1, 6) as n;
select tests.as_user((select new from who));
select is((select string_agg(pg_temp.share(n || '.pdf'), ',' order by n) from generate_series(1, 6) as n), 'done,done,done,done,done,PT429 rate_limited', 'a new account shares five at once');

-- While it is checked
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from social.resources where id = (select heart from ids) $$), 1::bigint, 'its author sees it at once');
select throws_ok($$ insert into social.resources (title, file_name, file_size, file_type, status) values ('Mine', 'a.pdf', 1, 'application/pdf', 'ready') $$, '42501', null, 'but makes none without a file');
select throws_ok($$ update social.resources set status = 'ready' $$, '42501', null, 'nor judges it');
select throws_ok($$ update social.resources set downloads_count = 999 $$, '42501', null, 'nor counts');
select throws_ok($$ update social.resources set file_id = null $$, '42501', null, 'nor exchanges the file');
select throws_ok($$ delete from social.resources $$, '42501', null, 'nor removes the row');
select throws_ok($$ select social.record_resource_inspection(gen_random_uuid(), gen_random_uuid(), 1, '', '', '', 1, true) $$, '42501', null, 'nor calls what workers call');
select throws_ok($$ select social.begin_resource_inspection(gen_random_uuid(), gen_random_uuid(), 1) $$, '42501', null, 'nor what they begin with');
select throws_ok($$ select core.begin_file_removal(gen_random_uuid(), 1) $$, '42501', null, 'nor has files removed');
select throws_ok($$ select core.finish_file_removal(gen_random_uuid(), 1, 'resources', '{}') $$, '42501', null, 'nor forgotten');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'resources' and name like '%/heart.pdf' $$), 0::bigint, 'nor takes the file away that is looked at');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from social.resources'), 0::bigint, 'others do not see it yet');
select is(tests.count_of($$ select * from storage.objects where name like '%/heart.pdf' $$), 0::bigint, 'nor its file');
select is(pg_temp.what(format('select social.download_resource(%L)', (select heart from ids))), 'PT404 content_not_found', 'nor download it');

-- The worker
select tests.as_service();
select throws_ok($$ select social.begin_resource_inspection((select heart from ids), gen_random_uuid(), 1) $$, 'PT409', 'lease_lost', 'a worker without a lease is refused');
create temp table lease as select (select heart from ids) as id, l.* from pg_temp.lease((select heart from ids)) as l;
grant select on lease to public;
select throws_ok($$ select social.begin_resource_inspection((select bad from ids), job_id, token) from lease $$, 'PT409', 'lease_lost', 'a lease on one file opens no other');
select throws_ok($$ select core.begin_file_removal(job_id, token) from lease $$, 'PT409', 'lease_lost', 'nor the removal of files');
select is(
  (select social.begin_resource_inspection(id, job_id, token) from lease),
  (select jsonb_build_object('proceed', true, 'bucket', 'resources', 'path', ann || '/heart.pdf', 'file_type', 'application/pdf', 'object_version', pg_temp.version(ann || '/heart.pdf')) from who),
  'the worker is told what to look into'
);
select is((select social.record_resource_inspection(id, job_id, token, pg_temp.version((select ann from who) || '/heart.pdf'), repeat('a', 64), 'application/pdf', 1234, true) from lease), 'ready', 'clean: it is ready');
select is((select social.record_resource_inspection(id, job_id, token, 'x', repeat('b', 64), 'text/html', 1, false) from lease), 'ready', 'twice is once');
select is((select social.begin_resource_inspection(id, job_id, token) from lease), '{"proceed": false}', 'and there is nothing more to do');
select tests.as_owner();
select results_eq($$ select r.status, r.file_size, f.status, f.sha256 from social.resources as r join core.files as f on f.id = r.file_id where r.id = (select heart from ids) $$, $$ values ('ready', 1234::bigint, 'clean', repeat('a', 64)) $$, 'resource and file agree');
select is(pg_temp.find((select private from ids), true), 'ready', 'so is the private one');
select is(pg_temp.find((select bad from ids), false, 'the file is text/html'), 'rejected', 'the bad one is refused');
select is((select rejected_reason from social.resources where id = (select bad from ids)), 'the file is text/html', 'with a reason');
select is(pg_temp.stats((select ann from who)), 1::bigint, 'what others may see counts on the profile');

-- The file that was exchanged while it was looked at
select pg_temp.put((select ann from who), 'bait.pdf');
select tests.as_user((select ann from who));
create temp table bait as select (social.create_resource(auth.uid() || '/bait.pdf', 'Bait')).id;
grant select on bait to public;
select tests.as_owner();
update storage.objects set version = 'second', updated_at = clock_timestamp() + interval '1 second' where name like '%/bait.pdf';
select is(pg_temp.find((select id from bait), true), 'rejected', 'what lies there now is not what was looked at');

-- A visitor
select tests.as_anon();
select results_eq('select id from social.resources', 'select heart from ids', 'a visitor sees the one that is public and clean');
select is(tests.count_of('select * from social.resource_topics'), 2::bigint, 'with its topics');
select throws_ok('select * from social.resource_downloads', '42501', null, 'not who downloaded it');
select throws_ok($$ select social.download_resource((select heart from ids)) $$, '42501', null, 'nor downloads it');
select is(tests.count_of($$ select * from storage.objects $$), 0::bigint, 'nor reads any file');
select throws_ok($$ update social.resources set title = 'x' $$, '42501', null, 'nor changes anything');

-- Another person
select tests.as_user((select ben from who));
select results_eq('select id from social.resources', 'select heart from ids', 'another one sees it, too');
select results_eq($$ select name from storage.objects where bucket_id = 'resources' and name like (select ann from who) || '%' $$, $$ select ann || '/heart.pdf' from who $$, 'and reads its file, and no other of that folder');
select is(tests.rows_changed($$ update social.resources set title = 'Mine' $$), 0::bigint, 'does not change it');
select throws_ok($$ insert into social.resource_topics (resource_id, topic_id) select (select heart from ids), id from core.topics where slug = 'sr-3' $$, '42501', null, 'gives it no topic');
select is(tests.rows_changed($$ delete from social.resource_topics $$), 0::bigint, 'takes none away');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'resources' and name like '%/heart.pdf' $$), 0::bigint, 'nor the file');
select throws_ok($$ select social.delete_content('resource', (select heart from ids)) $$, 'PT403', 'not_author', 'nor deletes it');
select throws_ok($$ select social.download_resource((select private from ids)) $$, 'PT404', 'content_not_found', 'a private one is not there for him');
select throws_ok($$ select social.download_resource((select bad from ids)) $$, 'PT404', 'content_not_found', 'nor one that was refused');
select throws_ok($$ select social.download_resource(gen_random_uuid()) $$, 'PT404', 'content_not_found', 'as one that never was');

-- Downloading
select is(
  social.download_resource((select heart from ids)),
  (select jsonb_build_object('bucket', 'resources', 'path', ann || '/heart.pdf', 'file_name', 'heart.pdf', 'file_size', 1234, 'file_type', 'application/pdf', 'sha256', repeat('a', 64)) from who),
  'he is told where the file is'
);
select is((select social.download_resource((select heart from ids)) is not null), true, 'again, on the same day');
select is(pg_temp.exact((select heart from ids)), 1::bigint, 'which counts once');
select is(tests.count_of($$ select * from social.resource_downloads where downloaded_on = (now() at time zone 'utc')::date $$), 1::bigint, 'and he sees that he did');
select throws_ok($$ insert into social.resource_downloads (resource_id, user_id, downloaded_on) values ((select heart from ids), auth.uid(), '2026-01-01') $$, '42501', null, 'but writes nothing there');
select tests.as_owner();
update social.resource_downloads set downloaded_on = downloaded_on - 1;
select tests.as_user((select ben from who));
select is((select social.download_resource((select heart from ids)) is not null), true, 'on another day');
select is(pg_temp.exact((select heart from ids)), 2::bigint, 'it counts again');
select tests.as_user((select ann from who));
select is(social.download_resource((select heart from ids)) ->> 'file_name', 'heart.pdf', 'the author downloads, too');
select is(pg_temp.exact((select heart from ids)), 2::bigint, 'which does not count');
select is(tests.count_of('select * from social.resource_downloads'), 0::bigint, 'and does not see who else did');
select is(social.download_resource((select private from ids)) ->> 'file_name', 'private.pdf', 'of a private one he has the file');
select tests.as_user((select off from who));
select is(social.download_resource((select heart from ids)) ->> 'file_name', 'heart.pdf', 'who is suspended reads, and so downloads');
select is(tests.count_of('select * from social.resource_downloads'), 0::bigint, 'which does not count');

-- Somebody who blocked the author
select tests.as_user((select blo from who));
select is(tests.count_of('select * from social.resources'), 0::bigint, 'whoever blocked the author does not see it');
select is(tests.count_of('select * from social.resource_topics'), 0::bigint, 'nor its topics');
select is(tests.count_of($$ select * from storage.objects $$), 0::bigint, 'nor its file');
select throws_ok($$ select social.download_resource((select heart from ids)) $$, 'PT404', 'content_not_found', 'nor downloads it');

-- Changing it
select tests.as_user((select ann from who));
select is(tests.rows_changed($$ update social.resources set title = 'The heart', description = null, category = null where id = (select heart from ids) $$), 1::bigint, 'the author changes it, with no description');
select results_eq($$ select title, description, category, edited_at is not null from social.resources where id = (select heart from ids) $$, $$ values ('The heart', '', null::text, true) $$, 'which is an empty one');
select is((select title from social.content_history('resource', (select heart from ids))), 'Notes on the heart', 'and what it said is kept');
select throws_ok($$ update social.resources set title = '<script>x</script>' where id = (select heart from ids) $$, 'PT422', 'markup_not_allowed', 'markup is refused');
select throws_ok($$ update social.resources set category = 'nonsense' where id = (select heart from ids) $$, 'PT422', 'unknown_category', 'so is a category that is none');
select is(tests.rows_changed($$ insert into social.resource_topics (resource_id, topic_id) select (select heart from ids), id from core.topics where slug = 'sr-3' $$), 1::bigint, 'a topic more');
select is(tests.rows_changed($$ delete from social.resource_topics where resource_id = (select heart from ids) and topic_id = private.topic_by_slug('sr-3') $$), 1::bigint, 'and less');
select is(tests.rows_changed($$ update social.resources set is_public = false where id = (select heart from ids) $$), 1::bigint, 'he takes it back for himself');
select is(pg_temp.stats(auth.uid()), 0::bigint, 'it counts no longer');
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from social.resources $$) + tests.count_of($$ select * from storage.objects where name like '%/heart.pdf' $$), 0::bigint, 'and others see neither it nor its file');
select tests.as_owner();
update social.resources set is_public = true where id = (select heart from ids);
update core.profiles set is_active = false where id = (select ann from who);
select tests.as_user((select ann from who));
select is(tests.rows_changed($$ update social.resources set title = 'x' $$) + tests.rows_changed($$ delete from social.resource_topics $$), 0::bigint, 'once suspended he changes nothing');
select tests.as_owner();
update core.profiles set is_active = true where id = (select ann from who);

-- A moderator
select private.social_remove('resource', (select heart from ids), 'hide', (select mod from who));
select is(pg_temp.stats((select ann from who)), 0::bigint, 'hidden, it counts no longer');
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from social.resources $$) + tests.count_of($$ select * from storage.objects where name like '%/heart.pdf' $$), 0::bigint, 'and is gone for others');
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from storage.objects where name like '%/heart.pdf' $$), 0::bigint, 'its author hands out the file no longer');
select throws_ok($$ select social.download_resource((select heart from ids)) $$, 'PT409', 'content_removed', 'nor downloads it');
select is(tests.rows_changed($$ update social.resources set title = 'Back' where id = (select heart from ids) $$), 0::bigint, 'nor writes it anew');
select tests.as_user((select mod from who));
select is(tests.count_of($$ select * from social.resources where id = (select heart from ids) $$) + tests.count_of($$ select * from storage.objects where name like '%/heart.pdf' $$), 2::bigint, 'a moderator still looks at both');
select is(social.download_resource((select heart from ids)) ->> 'file_name', 'heart.pdf', 'and is told where the file is');
select is(tests.count_of($$ select * from social.resources where id = (select private from ids) $$) + tests.count_of($$ select * from storage.objects where name like '%/private.pdf' $$), 0::bigint, 'but not at what is private');
select tests.as_owner();
select private.social_unhide('resource', (select heart from ids));
select results_eq($$ select title, pg_temp.stats(author_id) from social.resources where id = (select heart from ids) $$, $$ values ('The heart', 1::bigint) $$, 'shown again, it is as it was');

-- Deleting
select tests.as_user((select ann from who));
select ok(social.delete_content('resource', (select heart from ids)), 'the author deletes it');
select is(tests.count_of($$ select * from storage.objects where name like '%/heart.pdf' $$), 0::bigint, 'nobody reads the file then');
select is(tests.rows_changed($$ delete from storage.objects where name like '%/heart.pdf' $$), 0::bigint, 'and nobody puts another in its place');
select tests.as_owner();
select is((select owner_id from core.files where path like '%/heart.pdf'), null, 'it waits for removal');

-- Removing files
select is((select private.tend_files() ->> 'job_id'), null, 'not on the same day');
alter table core.files disable trigger _900_touch_updated_at;
update core.files set updated_at = now() - interval '25 hours' where path like '%/heart.pdf' or path like '%/bad.pdf';
alter table core.files enable trigger _900_touch_updated_at;
select pg_temp.put((select ben from who), 'never-shared.pdf');
update storage.objects set created_at = now() - interval '25 hours' where name like '%/never-shared.pdf';
update social.resources set created_at = now() - interval '25 hours' where file_name = 'notes.md';
select isnt((select private.tend_files() ->> 'job_id'), null, 'but after it there is a job');
select is((select private.tend_resources() ->> 'given_up'), '1', 'what nobody could check is given up');
select is((select rejected_reason from social.resources where file_name = 'notes.md'), 'The file could not be checked.', 'and what nobody could check is refused');
create temp table removal as select j.id as job_id, j.lease_token as token from ops.claim_jobs('test', 1, 'default', '{core.remove_files}') as j;
grant select on removal to public;
select tests.as_service();
select set_eq($$ select f ->> 'path' from removal, jsonb_array_elements(core.begin_file_removal(job_id, token)) as f $$,
  $$ select unnest(array[ann || '/heart.pdf', ann || '/bad.pdf', ben || '/never-shared.pdf']) from who $$, 'the deleted one, the refused one, and the one that was never shared');
select is((select core.finish_file_removal(job_id, token, 'resources', array[(select ann from who) || '/heart.pdf']) from removal), 0, 'what is still there is not forgotten');
delete from storage.objects where name like '%/heart.pdf' or name like '%/bad.pdf';
select is((select core.finish_file_removal(job_id, token, 'resources', (select array[ann || '/heart.pdf', ann || '/bad.pdf', ann || '/private.pdf'] from who)) from removal), 2, 'what is gone is; what is in use is not');
select is((select rejected_reason from social.resources where id = (select bad from ids)), 'the file is text/html', 'its author still reads why it was refused');

-- The person goes
select tests.as_owner();
delete from auth.users where id = (select ann from who);
select is((select count(*) from social.resources where title <> '' or deleted_at is null), (select count(*) from social.resources where author_id is not null), 'with a person go his resources');
select is((select count(*) from core.files where bucket_id = 'resources' and owner_id is null and path like (select ann from who) || '%'), (select count(*) from core.files where path like (select ann from who) || '%'), 'and their files wait for removal');
select is(pg_temp.find((select id from social.resources where file_name = '.pdf'), true), 'checking', 'nothing is found out about what is gone');

select * from finish();
rollback;
