-- Moderation of what social holds: each kind is reported, hidden, shown again; who is suspended reads and writes nothing,
-- whichever way he tries.
begin;
select plan(60);

create temp table who as select
  tests.create_user('rosa@test.local', '{}', '{"username": "rosa"}') as author,
  tests.create_user('sven@test.local', '{}', '{"username": "sven"}') as reader,
  tests.create_user('tara@test.local', '{}', '{"username": "tara"}') as blocked,
  tests.create_user('uma@test.local', '{moderator}', '{"username": "uma"}') as moderator,
  tests.create_user('vera@test.local', '{moderator}', '{"username": "vera"}') as second;
grant select on who to public;
update core.profiles set created_at = now() - interval '30 days';
insert into core.blocks (blocker_id, blocked_id) select author, blocked from who;

insert into core.topics (slug, name) values ('sm-biology', 'Biology'), ('sm-chemistry', 'Chemistry');

-- One thing of each kind
create temp table ids as select gen_random_uuid() as post, gen_random_uuid() as draft, gen_random_uuid() as comment,
  gen_random_uuid() as question, gen_random_uuid() as answer, gen_random_uuid() as ai_answer, gen_random_uuid() as pending,
  gen_random_uuid() as resource, gen_random_uuid() as hidden_file;
grant select on ids to public;
insert into social.posts (id, author_id, title, content, published_at) select i.post, w.author, 'A rude post', 'You fools.', now() from ids as i, who as w;
insert into social.posts (id, author_id, title, content, is_published) select i.draft, w.author, 'A rude draft', 'Not yet.', false from ids as i, who as w;
insert into social.comments (id, post_id, author_id, content) select i.comment, i.post, w.author, 'A rude comment.' from ids as i, who as w;
insert into social.questions (id, author_id, title, content) select i.question, w.author, 'A rude question', 'Are you fools?' from ids as i, who as w;
insert into social.answers (id, question_id, author_id, content) select i.answer, i.question, w.author, 'A rude answer.' from ids as i, who as w;
insert into social.ai_answers (id, question_id, status, answer_text, completed_at, is_current) select i.ai_answer, i.question, 'completed', 'A wrong answer.', now(), false from ids as i;
insert into social.ai_answers (id, question_id, generation_attempts) select i.pending, i.question, 2 from ids as i;
insert into social.resources (id, author_id, title, description, file_name, file_size, file_type, status)
select i.resource, w.author, 'A copied book', 'All of it.', 'book.pdf', 10, 'application/pdf', 'ready' from ids as i, who as w;
insert into social.resources (id, author_id, title, file_name, file_size, file_type, is_public, status)
select i.hidden_file, w.author, 'Mine alone', 'own.pdf', 10, 'application/pdf', false, 'ready' from ids as i, who as w;
update social.questions set accepted_answer_id = (select answer from ids) where id = (select question from ids);
select tests.as_user((select author from who));
create temp table chat as select r.id as room, null::uuid as message, null::uuid as direct
from social.create_room('The room', '', array[(select reader from who)]) as r;
update chat set message = (select m.id from social.send_message((select room from chat), 'A rude message.') as m);
grant select on chat to public;
select tests.as_owner();
create temp table kinds as
select k.kind, (to_jsonb(i) ->> k.kind)::uuid as id, k.said from ids as i,
  (values ('post', E'A rude post\nYou fools.'), ('comment', 'A rude comment.'), ('question', E'A rude question\nAre you fools?'), ('answer', 'A rude answer.'),
    ('ai_answer', 'A wrong answer.'), ('resource', E'A copied book\nbook.pdf\nAll of it.')) as k (kind, said)
union all select 'chat_message', message, 'A rude message.' from chat;
grant select on kinds to public;
create function pg_temp.what(p_sql text) returns text language plpgsql as $$
begin
  execute p_sql;
  return 'done';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end;
$$;
create function pg_temp.report(p_kind text, p_id uuid) returns text language sql as $$
  select pg_temp.what(format('select core.report_content(%L, %L, %L, %L)', 'social', p_kind, p_id, 'abuse'));
$$;
grant execute on function pg_temp.what(text), pg_temp.report(text, uuid) to public;

select set_eq($$ select entity_type from core.moderated_kinds where module = 'social' $$, 'select kind from kinds', 'every kind can be reported');
select is_empty(
  $$ select k.entity_type from core.moderated_kinds as k where not exists (select from pg_catalog.pg_proc as p where p.proname = k.lookup_function and p.pronamespace = 'private'::regnamespace)
     or k.hide_function is not null and (select count(*) from pg_catalog.pg_proc as p where p.proname in (k.hide_function, k.unhide_function) and p.pronamespace = 'private'::regnamespace) <> 2 $$,
  'by functions that are there'
);

-- Who reports
select tests.as_anon();
select is(pg_temp.report('post', (select post from ids)), '42501 permission denied for function report_content', 'a visitor reports nothing');
select tests.as_user((select author from who));
select set_eq($$ select kind || ' ' || pg_temp.report(kind, id) from kinds where kind <> 'ai_answer' $$, $$ select kind || ' PT403 own_content' from kinds where kind <> 'ai_answer' $$, 'nobody reports what is his own');
select tests.as_user((select blocked from who));
select set_eq($$ select kind || ' ' || pg_temp.report(kind, id) from kinds $$, $$ select kind || ' PT404 content_not_found' from kinds $$, 'nor what he does not see');
select tests.as_user((select second from who));
select is(pg_temp.what($$ select core.moderate_content('social', 'chat_message', (select message from chat), 'hide', 'To see it.') $$), 'PT404 content_not_found', 'a moderator reaches no message that nobody reported');
select is(pg_temp.report('chat_message', (select message from chat)), 'PT404 content_not_found', 'a moderator who is not in the room does not, either');
select tests.as_user((select reader from who));
select is(pg_temp.report('post', (select draft from ids)), 'PT404 content_not_found', 'no drafts');
select is(pg_temp.report('resource', (select hidden_file from ids)), 'PT404 content_not_found', 'no files that are not public');
select is(pg_temp.report('ai_answer', (select pending from ids)), 'PT404 content_not_found', 'no AI answer that is not there yet');
select is(pg_temp.report('comment', (select post from ids)), 'PT404 content_not_found', 'nothing under another name');
select set_eq($$ select kind || ' ' || pg_temp.report(kind, id) from kinds $$, $$ select kind || ' done' from kinds $$, 'who sees a thing reports it');
select tests.as_owner();
select set_eq(
  $$ select entity_type || ' ' || coalesce(reported_user_id::text, 'nobody') from core.moderation_reports where module = 'social' $$,
  $$ select k.kind || ' ' || case when k.kind = 'ai_answer' then 'nobody' else w.author::text end from kinds as k, who as w $$, 'the database knows whose it is'
);

-- The queue, and hiding
select tests.as_user((select moderator from who));
select results_eq(
  $$ select q.entity_type, q.excerpt from core.moderation_queue('open', 100) as q where q.module = 'social' order by 1 $$, 'select kind, said from kinds order by 1',
  'the queue shows what each said'
);
select ok((select bool_and(q.is_there and not q.is_hidden and q.title <> '' and q.link ~ '^/') from core.moderation_queue('open', 100) as q where q.module = 'social'), 'and where it is');
select is_empty($$ select * from social.chat_messages where id = (select message from chat) $$, 'a moderator reads no room; only what was reported');
select is(
  (select string_agg(pg_temp.what(format('select core.moderate_content(%L, %L, %L, %L, %L)', 'social', kind, id, 'hide', 'Against the rules.')), ',') from kinds),
  'done,done,done,done,done,done,done', 'each is hidden'
);
select is((select string_agg(distinct pg_temp.what(format('select core.moderate_content(%L, %L, %L, %L, %L)', 'social', kind, id, 'hide', 'Once more.')), ',') from kinds), 'PT409 already_done', 'once');
select is((select count(*) from core.moderation_queue('open', 100) as q where q.module = 'social'), 0::bigint, 'and the queue is empty');
select results_eq(
  $$ select q.entity_type, q.excerpt, q.is_hidden from core.moderation_queue('actioned', 100) as q where q.module = 'social' order by 1 $$,
  $$ select kind, case kind when 'resource' then 'A copied book' || E'\n' || 'All of it.' else said end, true from kinds order by 1 $$,
  'what they said can still be read there'
);
select tests.as_user((select reader from who));
select is((select string_agg(t.text, '') from (
  select title || content as text from social.posts where id = (select post from ids)
  union all select content from social.comments where id = (select comment from ids)
  union all select title || content from social.questions where id = (select question from ids)
  union all select content from social.answers where id = (select answer from ids)
  union all select answer_text from social.ai_answers where id = (select ai_answer from ids)
  union all select content from social.chat_messages where id = (select message from chat)
) as t), '', 'readers see no text');
select is(tests.count_of($$ select * from social.posts where id = (select post from ids) and hidden_at is not null $$), 1::bigint, 'only that something was there');
select is((select string_agg(distinct pg_temp.report(kind, id), ',') from kinds), 'PT409 content_removed', 'and reports it no more');
select is((select count(*) from core.notifications where type = 'report_resolved'), 7::bigint, 'who reported was told');
select throws_ok($$ select * from social.content_versions $$, '42501', null, 'what it said is not for readers');
select tests.as_owner();
select is((select accepted_answer_id from social.questions where id = (select question from ids)), null, 'a hidden answer is accepted no longer');

-- The author: told, and his appeal brings it back
select tests.as_user((select author from who));
select is((select count(*) from core.notifications where type = 'content_hidden' and severity = 'system' and not data ? 'actor_id'), 6::bigint, 'the author was told of each, not by whom');
select is((select count(*) from core.my_moderation_actions() where action = 'hide' and can_appeal), 6::bigint, 'and may appeal');
select is(tests.rows_changed($$ update social.posts set content = 'You wise people.' where id = (select draft from ids) $$), 1::bigint, 'he still writes');
select is(pg_temp.what($$ update social.posts set title = 'Again', content = 'You fools.' where id = (select post from ids) $$), 'PT409 content_removed', 'but not over what was hidden');
create temp table appeals as select core.appeal((select a.id from core.my_moderation_actions() as a where a.entity_type = 'post'), 'It was a quotation of a play.') as post;
grant select on appeals to public;
select tests.as_user((select moderator from who));
select is(pg_temp.what($$ select core.decide_appeal((select post from appeals), 'upheld', 'x') $$), 'PT422 text_required', 'a decision says why');
select is(pg_temp.what($$ select core.decide_appeal((select post from appeals), 'upheld', 'It was not.') $$), 'PT403 own_decision', 'and is another''s');
select tests.as_user((select second from who));
select ok(core.decide_appeal((select post from appeals), 'overturned', 'It is from a play.'), 'the appeal is granted');
select is(
  (select string_agg(pg_temp.what(format('select core.moderate_content(%L, %L, %L, %L, %L)', 'social', kind, id, 'unhide', 'On second thoughts.')), ',') from kinds where kind <> 'post'),
  'done,done,done,done,done,done', 'a moderator shows the others again'
);
select tests.as_user((select reader from who));
select is((select string_agg(t.text, '|') from (
  select content as text from social.posts where id = (select post from ids)
  union all select content from social.comments where id = (select comment from ids)
  union all select content from social.questions where id = (select question from ids)
  union all select content from social.answers where id = (select answer from ids)
  union all select answer_text from social.ai_answers where id = (select ai_answer from ids)
  union all select title from social.resources where id = (select resource from ids)
  union all select content from social.chat_messages where id = (select message from chat)
) as t), 'You fools.|A rude comment.|Are you fools?|A rude answer.|A wrong answer.|A copied book|A rude message.', 'and each says what it said');

-- What its author deleted can still be judged, and does not come back by it
select tests.as_user((select author from who));
select isnt((social.delete_message((select message from chat))).deleted_at, null, 'the author deletes his message');
select ok(social.delete_content('comment', (select comment from ids)) is not null, 'and his comment');
select tests.as_user((select reader from who));
select is(pg_temp.report('comment', (select comment from ids)) || pg_temp.report('chat_message', (select message from chat)), 'donedone', 'they are reported all the same');
select tests.as_user((select moderator from who));
select set_eq($$ select q.excerpt from core.moderation_queue('open', 100) as q where q.module = 'social' $$, $$ values ('A rude comment.'), ('A rude message.') $$, 'the moderators read what they said');
select is(pg_temp.what($$ select core.moderate_content('social', 'chat_message', (select message from chat), 'hide', 'Gone.') $$), 'PT409 content_removed', 'a message that is gone is not hidden');
select isnt(core.moderate_content('social', 'chat_message', (select message from chat), 'warn', 'Write politely.'), null, 'but its sender is warned');
select isnt(core.moderate_content('social', 'comment', (select comment from ids), 'hide', 'Gone.'), null, 'a comment is hidden');
select isnt(core.moderate_content('social', 'comment', (select comment from ids), 'unhide', 'Fine.'), null, 'and shown');
select tests.as_user((select reader from who));
select is((select content from social.comments where id = (select comment from ids)), '', 'but what its author deleted stays away');

-- Of what was hidden so long ago that its text is kept no longer, nothing is shown
select tests.as_user((select author from who));
create temp table lost as select m.id from social.send_message((select room from chat), 'Long ago.') as m;
select tests.as_owner();
select private.social_hide_message('chat_message', id, null) from lost;
delete from social.chat_message_versions where message_id = (select id from lost);
select private.social_show_message('chat_message', id, null) from lost;
select isnt((select deleted_at from social.chat_messages where id = (select id from lost)), null, 'a message without a text stays away');
delete from social.chat_messages where id = (select id from lost);

-- Suspended: he reads
select tests.as_user((select moderator from who));
select ok(core.suspend_user((select author from who), 'Rude again and again.'), 'the author is suspended');
select tests.as_user((select author from who));
select is((select full_name is not distinct from null and username = 'sven' from social.profiles where id = (select reader from who)), true, 'he reads names');
select is((select count(*) from social.posts where id in (select post from ids union select draft from ids)), 2::bigint, 'posts and his drafts');
select is((select count(*) from social.questions where id = (select question from ids)) + (select count(*) from social.answers where id = (select answer from ids)) + (select count(*) from social.chat_messages where room_id = (select room from chat) and message_type = 'text'), 3::bigint, 'questions, answers, his rooms');

-- And writes nothing: every RPC that could write, whatever it is called
create temp table calls as
select p.oid::regprocedure::text as name,
  format('select social.%I(%s)', p.proname, (select string_agg('null::' || format_type(t, null), ', ' order by o) from unnest(p.proargtypes::oid[]) with ordinality as a (t, o))) as sql
from pg_catalog.pg_proc as p
where p.pronamespace = 'social'::regnamespace and p.provolatile = 'v' and pg_catalog.has_function_privilege('authenticated', p.oid, 'execute');
-- Some look at what they were sent before they look at who sent it.
update calls as c set sql = v.sql from (values
  ('close_question', $$ select social.close_question((select question from ids), 'solved') $$),
  ('send_message', $$ select social.send_message((select room from chat), 'I am back.') $$),
  ('set_member_role', $$ select social.set_member_role((select room from chat), (select reader from who), 'moderator') $$)
) as v (name, sql) where c.name ~ ('^social\.' || v.name || '\(');
-- Reading a question or a resource works; that it is counted is refused without a word.
delete from calls where name ~ '^social\.(record_view|download_resource)\(';
select ok(not social.record_view((select question from ids)), 'his reading is not counted');
select cmp_ok((select count(*) from calls), '>=', 20::bigint, 'there are RPCs that write');
select is_empty($$ select name, pg_temp.what(sql) from calls where pg_temp.what(sql) <> 'PT403 account_inactive' $$, 'each refuses him');
select tests.as_user((select reader from who));
select is_empty($$ select name from calls where pg_temp.what(sql) = 'PT403 account_inactive' $$, 'and nobody else');
-- Every table that a client writes
select tests.as_owner();
select is_empty(
  $$ select format('%s on %s', p.polname, p.polrelid::regclass) from pg_catalog.pg_policy as p join pg_catalog.pg_class as c on c.oid = p.polrelid
     where c.relnamespace = 'social'::regnamespace and p.polcmd <> 'r' and (p.polroles = '{0}' or 'authenticated'::regrole = any (p.polroles))
       and coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) !~ 'is_active_user' $$,
  'every policy for writing asks whether he is active'
);
insert into social.bookmarks (user_id, content_id, content_type) select w.author, i.question, 'question' from who as w, ids as i;
insert into social.followers (follower_id, following_id) select w.author, w.second from who as w;
insert into social.topic_followers (user_id, topic_id) select w.author, t.id from who as w, core.topics as t where t.slug = 'sm-biology';
insert into social.post_topics (post_id, topic_id) select i.draft, t.id from ids as i, core.topics as t where t.slug = 'sm-biology';
create temp table tries (sql text);
insert into tries values
  ($$ insert into social.posts (title, content) values ('I am back', 'You fools.') $$),
  ($$ insert into social.comments (post_id, content) select post, 'I am back.' from ids $$),
  ($$ insert into social.questions (title, content) values ('I am back', 'You fools?') $$),
  ($$ insert into social.answers (question_id, content) select question, 'I am back.' from ids $$),
  ($$ insert into social.followers (following_id) select reader from who $$),
  ($$ insert into social.topic_followers (topic_id) select id from core.topics where slug = 'sm-chemistry' $$),
  ($$ insert into social.bookmarks (content_id, content_type) select post, 'post' from ids $$),
  ($$ insert into social.post_topics (post_id, topic_id) select i.draft, t.id from ids as i, core.topics as t where t.slug = 'sm-chemistry' $$);
create temp table changes (sql text);
insert into changes values
  ($$ update social.posts set content = 'Still here.' where id = (select draft from ids) $$),
  ($$ update social.questions set content = 'Still here.' where id = (select question from ids) $$),
  ($$ update social.answers set content = 'Still here.' where id = (select answer from ids) $$),
  ($$ update social.bookmarks set note = 'Still here.' where content_id = (select question from ids) $$),
  ($$ update social.resources set title = 'Still here.' where id = (select resource from ids) $$),
  ($$ update social.chat_room_participants set muted_until = now() where room_id = (select room from chat) $$),
  ($$ delete from social.bookmarks where content_id = (select question from ids) $$),
  ($$ delete from social.followers where following_id = (select second from who) $$),
  ($$ delete from social.topic_followers where user_id = auth.uid() $$),
  ($$ delete from social.post_topics where post_id = (select draft from ids) $$);
grant select on tries, changes to public;
select tests.as_user((select author from who));
select is_empty($$ select sql from tries where pg_temp.what(sql) !~ '^(42501 |PT403 account_inactive)' $$, 'he inserts nothing');
select is_empty($$ select sql from changes where tests.rows_changed(sql) <> 0 $$, 'changes and takes away nothing');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('resources', auth.uid() || '/new.pdf', auth.uid()::text) $$, '42501', null, 'uploads nothing');
select tests.as_user((select moderator from who));
select ok(core.restore_user((select author from who), 'He apologised.'), 'restored');
select tests.as_user((select author from who));
select is_empty($$ select sql, pg_temp.what(sql) from tries where pg_temp.what(sql) <> 'done' and pg_temp.what(sql) !~ '^23505' $$, 'he inserts again, at once');
select is_empty($$ select sql from changes where tests.rows_changed(sql) < 1 $$, 'changes and takes away again');

select * from finish();
rollback;
