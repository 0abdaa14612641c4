-- Who is told of what, how often, and that nobody waits for it.
begin;
select plan(63);

create temp table who as select
  tests.create_user('nora@test.local', '{}', '{"username": "nora"}') as author,
  tests.create_user('olaf@test.local', '{}', '{"username": "olaf"}') as olaf,
  tests.create_user('petra@test.local', '{}', '{"username": "petra"}') as petra,
  tests.create_user('quinn@test.local', '{}', '{"username": "quinn"}') as blocked,
  tests.create_user('muted@test.local', '{}', '{"username": "muted_one"}') as muted;
grant select on who to public;
create temp table crowd as
select n, tests.create_user('crowd' || n || '@test.local', '{}', jsonb_build_object('username', 'crowd_' || n)) as id
from generate_series(1, 100) as n;
insert into core.blocks (blocker_id, blocked_id) select author, blocked from who;
insert into core.notification_preferences (user_id, type, is_enabled) select muted, 'like', false from who;

create function pg_temp.told(p_user_id uuid, p_type text default null)
returns table (type text, title text, group_count integer, is_read boolean, data jsonb, link text, message text)
language sql as $$
  select n.type, n.title, n.group_count, n.read_at is not null, n.data, n.link, n.message from core.notifications as n
  where n.user_id = p_user_id and (p_type is null or n.type = p_type) order by n.created_at, n.title;
$$;
create function pg_temp.post(p_author_id uuid, p_title text) returns uuid language sql as $$
  insert into social.posts (author_id, title, content, published_at) values (p_author_id, p_title, 'Some text.', now()) returning id;
$$;

create temp table things as select
  pg_temp.post((select author from who), 'A hundred likes') as post,
  pg_temp.post((select author from who), 'Taken back') as other,
  pg_temp.post((select muted from who), 'Quiet') as quiet;
grant select on things to public;
create function pg_temp.like_it(p_user_id uuid, p_post_id uuid, p_vote text default 'upvote') returns void language sql as $$
  insert into social.votes (user_id, votable_type, votable_id, vote_type) values (p_user_id, 'post', p_post_id, p_vote)
  on conflict (user_id, votable_id) do update set vote_type = excluded.vote_type;
$$;
create function pg_temp.unlike(p_user_id uuid, p_post_id uuid) returns void language sql as $$
  delete from social.votes where user_id = p_user_id and votable_id = p_post_id;
$$;

-- A hundred likes are one
select pg_temp.like_it(id, (select post from things)) from crowd;
select is((select count(*) from social.notices where told_at is null), 100::bigint, 'likes wait, each in a row of its own');
select is((select count(*) from core.notifications), 0::bigint, 'and no vote pays for telling');
update social.notices set created_at = created_at - interval '1 minute' where actor_id <> (select id from crowd where n = 100);
select is(private.social_tell_waiting(), 100, 'the task tells them');
select is((select count(*) || '|' || max(group_count) from pg_temp.told((select author from who))), '1|100', 'in exactly one unread notification of a hundred');
select is((select title from pg_temp.told((select author from who))), 'crowd_100 and 99 others liked your post', 'by the latest and the others');
select is(
  (select data from pg_temp.told((select author from who))),
  (select jsonb_build_object('actor_id', c.id, 'actor_username', 'crowd_100', 'content_type', 'post', 'content_id', t.post, 'subject_type', 'post', 'subject_id', t.post) from crowd as c, things as t where c.n = 100),
  'with what a frontend needs'
);
select is(private.social_tell_waiting(), 0, 'once');
select is((select count(*) from social.votes where votable_id = (select post from things)), 100::bigint, 'all hundred votes are there');

-- Reading starts anew; taking back and liking again does not
select tests.as_user((select author from who));
select is(core.mark_notifications_read(), 1, 'the author reads it');
select tests.as_owner();
select pg_temp.unlike(id, (select post from things)), pg_temp.like_it(id, (select post from things)) from crowd where n = 7;
select is(private.social_tell_waiting(), 0, 'a like that was told of is not told again');
select is((select count(*) from pg_temp.told((select author from who))), 1::bigint, 'who likes again is not told of again');
select pg_temp.like_it((select olaf from who), (select post from things));
select private.social_tell_waiting();
select is((select string_agg(title || '|' || group_count || '|' || is_read, ' & ' order by is_read desc) from pg_temp.told((select author from who))), 'crowd_100 and 99 others liked your post|100|true & olaf liked your post|1|false', 'the next like begins a new group');

-- Votes of all kinds
select pg_temp.like_it((select olaf from who), (select other from things), 'downvote');
select is((select count(*) from social.notices where source_id = (select other from things)), 0::bigint, 'nobody is told of a downvote');
select pg_temp.like_it((select olaf from who), (select other from things), 'upvote');
select private.social_tell_waiting();
select is((select title from pg_temp.told((select author from who)) where data ->> 'content_id' = (select other::text from things)), 'olaf liked your post', 'a downvote that becomes an upvote is a like');
select pg_temp.like_it((select petra from who), (select other from things));
select pg_temp.unlike((select petra from who), (select other from things));
select is((select count(*) from social.notices where told_at is null), 0::bigint, 'what is taken back before it is told is forgotten');
select pg_temp.like_it((select petra from who), (select other from things));
select pg_temp.like_it((select petra from who), (select other from things), 'downvote');
select is(private.social_tell_waiting(), 0, 'so is what becomes a downvote');
select pg_temp.like_it((select blocked from who), (select other from things));
select pg_temp.like_it((select author from who), (select other from things));
select pg_temp.like_it(id, (select other from things)) from crowd where n = 1;
select is(private.social_tell_waiting(), 1, 'the blocked one and the author himself are not counted');
select is((select group_count || title from pg_temp.told((select author from who)) where data ->> 'content_id' = (select other::text from things)), '2crowd_1 and 1 other liked your post', 'whoever else there is, is');
select pg_temp.like_it((select olaf from who), (select quiet from things));
select is((select count(*) from pg_temp.told((select muted from who))), 0::bigint, 'who muted likes is told of none');
select pg_temp.like_it(id, (select quiet from things)) from crowd where n = 1;
update social.posts set title = '', content = '', deleted_at = now() where id = (select quiet from things);
delete from core.notification_preferences;
select private.social_tell_waiting();
select is((select count(*) from pg_temp.told((select muted from who))) + (select count(*) from social.notices where told_at is null), 0::bigint, 'nor is anybody told about what is gone; it does not wait forever either');

-- Reactions and follows
insert into social.reactions (user_id, content_id, content_type, reaction)
select w.olaf, t.post, 'post', r from who as w, things as t, unnest('{thanks,helpful}'::text[]) as r;
select private.social_tell_waiting();
select is((select count(*) || string_agg(title, ',') from pg_temp.told((select author from who), 'reaction')), '1olaf reacted to your post', 'two reactions of one person are one');
insert into social.reactions (user_id, content_id, content_type, reaction) select w.petra, t.post, 'post', r from who as w, things as t, unnest('{thanks,helpful}'::text[]) as r;
delete from social.reactions where user_id = (select petra from who) and reaction = 'thanks';
select is((select count(*) from social.notices where type = 'reaction' and told_at is null), 1::bigint, 'one of two taken back is still a reaction');
delete from social.reactions where user_id = (select petra from who);
select is((select count(*) from social.notices where type = 'reaction' and told_at is null), 0::bigint, 'both are none');
insert into social.followers (follower_id, following_id) select id, (select author from who) from crowd where n <= 10;
update social.notices set created_at = created_at - interval '1 minute' where type = 'follow' and actor_id <> (select id from crowd where n = 10);
select private.social_tell_waiting();
select is((select title || '|' || group_count || '|' || link from pg_temp.told((select author from who), 'follow')), 'crowd_10 and 9 others follow you|10|/people/crowd_10', 'followers are one');
delete from social.followers;
insert into social.followers (follower_id, following_id) select id, (select author from who) from crowd where n <= 10;
select is(private.social_tell_waiting(), 0, 'and follow again without a word');

-- Conversations
create temp table talk as select gen_random_uuid() as first, gen_random_uuid() as reply, gen_random_uuid() as back, gen_random_uuid() as third;
grant select on talk to public;
insert into social.comments (id, post_id, author_id, content) select k.first, t.post, w.olaf, 'Well said.' from who as w, things as t, talk as k;
select is((select title || '|' || link from pg_temp.told((select author from who), 'comment')), 'olaf commented on your post|/posts/' || (select post from things) || '#' || (select first from talk), 'a comment is told at once');
insert into social.comments (id, post_id, author_id, parent_id, depth, content) select k.reply, t.post, w.petra, k.first, 1, 'Indeed.' from who as w, things as t, talk as k;
select is((select title || '|' || (data ->> 'content_id') from pg_temp.told((select olaf from who), 'reply')), 'petra replied to your comment|' || (select reply from talk), 'the author above hears of a reply');
select is((select group_count || title from pg_temp.told((select author from who), 'comment')), '22 new comments on your post, the latest by petra', 'the author of the post of a second comment');
insert into social.comments (id, post_id, author_id, parent_id, depth, content) select k.back, t.post, w.author, k.reply, 2, 'Thanks to both.' from who as w, things as t, talk as k;
select is((select group_count from pg_temp.told((select author from who), 'comment')), 2, 'nobody hears of himself');
insert into social.comments (id, post_id, author_id, parent_id, depth, content) select k.third, t.post, w.petra, k.back, 3, 'You are welcome.' from who as w, things as t, talk as k;
select is((select count(*) || '|' || max(n.type) from core.notifications as n where n.data ->> 'content_id' = (select third::text from talk)), '1|reply', 'an author who is answered hears of it once');
insert into social.comments (post_id, author_id, parent_id, depth, content) select t.post, w.olaf, k.first, 1, 'To myself.' from who as w, things as t, talk as k;
select is((select count(*) from pg_temp.told((select olaf from who), 'reply')), 1::bigint, 'not of a reply to himself');

-- Questions
create temp table asked as select gen_random_uuid() as question, gen_random_uuid() as one, gen_random_uuid() as two;
grant select on asked to public;
insert into social.questions (id, author_id, title, content) select a.question, w.author, 'Why is the sky blue?', 'I wonder.' from who as w, asked as a;
insert into social.answers (id, question_id, author_id, content) select a.one, a.question, w.olaf, 'It scatters.' from who as w, asked as a;
select is((select title || '|' || message || '|' || (data ->> 'content_type') from pg_temp.told((select author from who), 'answer')), 'olaf answered your question|Why is the sky blue?|answer', 'the asker hears of an answer');
insert into social.answers (id, question_id, author_id, content) select a.two, a.question, w.petra, 'Rayleigh.' from who as w, asked as a;
select is((select group_count || title from pg_temp.told((select author from who), 'answer')), '22 new answers to your question, the latest by petra', 'of two as one');
update social.questions set accepted_answer_id = (select one from asked) where id = (select question from asked);
select is((select title || '|' || link from pg_temp.told((select olaf from who), 'accepted')), 'nora accepted your answer|/questions/' || (select question from asked) || '#' || (select one from asked), 'whose answer is accepted hears of it');
update social.questions set accepted_answer_id = null where id = (select question from asked);
update social.questions set accepted_answer_id = (select one from asked) where id = (select question from asked);
select is((select count(*) from pg_temp.told((select olaf from who), 'accepted')), 1::bigint, 'once');
update social.questions set accepted_answer_id = (select two from asked) where id = (select question from asked);
select is((select count(*) from pg_temp.told((select petra from who), 'accepted')), 1::bigint, 'and the next one of his');

-- Mentions
insert into social.posts (author_id, title, content, published_at) select w.olaf, 'For @petra', 'And @petra again, @olaf and @nobody_there.', now() from who as w;
select is((select count(*) || max(title) || '|' || max(message) from pg_temp.told((select petra from who), 'mention')), '1olaf mentioned you in a post|For @petra', 'who is named hears of it');
select is((select count(*) from pg_temp.told((select olaf from who), 'mention')), 0::bigint, 'not of himself');
select is((select count(*) from social.mentions where notified_at is not null), 1::bigint, 'and it is noted');
update social.posts set content = 'Still @petra.' where title = 'For @petra';
select is((select count(*) from pg_temp.told((select petra from who), 'mention')), 1::bigint, 'an edit does not tell again');
insert into social.posts (author_id, title, content, published_at) select w.blocked, 'For @nora', 'Hello @nora.', now() from who as w;
select is((select count(*) from pg_temp.told((select author from who), 'mention')), 0::bigint, 'whoever is blocked reaches nobody');
insert into social.comments (post_id, author_id, content) select t.post, w.petra, 'Hear, @nora and @olaf.' from who as w, things as t;
select is((select count(*) from pg_temp.told((select author from who), 'mention')), 0::bigint, 'who hears of the comment does not hear of the name');
select is((select title from pg_temp.told((select olaf from who), 'mention')), 'petra mentioned you in a comment', 'somebody else does');
insert into social.questions (id, author_id, title, content) select '00000000-0000-4000-8000-000000000641', w.author, 'Who knows?', 'Anybody?' from who as w;
insert into social.answers (question_id, author_id, content) select '00000000-0000-4000-8000-000000000641', w.petra, 'I do, @nora.' from who as w;
select is((select count(*) from pg_temp.told((select author from who)) where data ->> 'subject_id' = '00000000-0000-4000-8000-000000000641'), 1::bigint, 'who hears of the answer does not hear of the name');

-- What machines finish
create temp table ai as select gen_random_uuid() as id;
insert into social.ai_answers (id, question_id, requested_by) select ai.id, a.question, w.petra from ai, asked as a, who as w;
update social.ai_answers set status = 'completed', answer_text = 'It scatters.', completed_at = now(), is_covered = true where id = (select id from ai);
select is((select type || '|' || (data ->> 'content_type') from pg_temp.told((select petra from who), 'ai_answer')), 'ai_answer|ai_answer', 'who asked for an AI answer hears that it is there');
select is((select count(*) from core.notifications where type = 'ai_answer'), 1::bigint, 'nobody else does');
create temp table files as select gen_random_uuid() as good, gen_random_uuid() as bad;
insert into social.resources (id, author_id, title, file_name, file_size, file_type)
select f.good, w.olaf, 'Notes', 'notes.pdf', 10, 'application/pdf' from files as f, who as w
union all select f.bad, w.olaf, 'Virus', 'virus.pdf', 10, 'application/pdf' from files as f, who as w;
update social.resources set status = 'ready' where id = (select good from files);
update social.resources set status = 'rejected', rejected_reason = 'It is no PDF.' where id = (select bad from files);
select is((select string_agg(type || '|' || message, ' & ' order by type) from pg_temp.told((select olaf from who)) where type like 'resource%'), E'resource_ready|Notes & resource_rejected|Virus\nIt is no PDF.', 'whose file was checked hears of it');

-- Nobody waits: a group at which another one is, and one that fails
select pg_temp.like_it(id, (select other from things)) from crowd where n between 2 and 5;
create function pg_temp.broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end; $$;
create trigger broken before update on core.notifications for each row when (new.type = 'like') execute function pg_temp.broken();
insert into social.followers (follower_id, following_id) select id, (select petra from who) from crowd where n <= 3;
select private.social_tell_waiting();
select is((select group_count from pg_temp.told((select petra from who), 'follow')), 3, 'a group that fails keeps the others from nothing');
select is((select count(*) from social.notices where type = 'like' and told_at is null), 4::bigint, 'and waits itself');
drop trigger broken on core.notifications;
select is(private.social_tell_waiting(), 4, 'for the next time');

-- Suspended and gone
update core.profiles set is_active = false where id in (select id from crowd where n = 50);
insert into social.followers (follower_id, following_id) select id, (select olaf from who) from crowd where n = 50;
select private.social_tell_waiting();
select is((select count(*) from pg_temp.told((select olaf from who), 'follow')), 0::bigint, 'nobody hears of somebody who is suspended');
delete from auth.users where id in (select id from crowd where n = 100);
select is((select count(*) from social.notices where actor_id = (select id from crowd where n = 100)), 0::bigint, 'notices go with the person');
select is((select count(*) from pg_temp.told((select author from who), 'like')), 3::bigint, 'what was told stays');
update core.profiles set is_active = true where id in (select id from crowd where n = 50);
create temp table named as
select private.notify(w.olaf, 'comment', 'info', 'gus commented on your post', 'A title', jsonb_build_object('actor_id', c.id, 'actor_username', 'gus')) as first,
  private.notify(w.olaf, 'comment', 'info', '3 new comments on your post, the latest by gus', '', jsonb_build_object('actor_id', c.id, 'actor_username', 'gus')) as last,
  private.notify(w.olaf, 'follow', 'info', 'gus follows you', '', jsonb_build_object('actor_id', c.id, 'actor_username', 'gus'), '/people/gus') as followed
from who as w, crowd as c where c.n = 50;
delete from auth.users where id in (select id from crowd where n = 50);
select is((select string_agg(title, ', ' order by title) from core.notifications as n, named where n.id in (first, last, followed)),
  '3 new comments on your post, the latest by Somebody, Somebody commented on your post, Somebody follows you', 'without the name of whoever is gone');
select is_empty('select data, link from core.notifications as n, named where n.id in (first, last, followed) and (data <> ''{}'' or n.link is not null)', 'nor his id, nor a way to him');

-- Titles of what was taken away, or is a draft again
create temp table gone as select gen_random_uuid() as post, gen_random_uuid() as draft, gen_random_uuid() as question, gen_random_uuid() as comment;
insert into social.posts (id, author_id, title, content) select post, author, 'Secret post', 'Hello @olaf' from gone, who union all select draft, author, 'Secret draft', 'Hello @olaf' from gone, who;
insert into social.questions (id, author_id, title, content) select question, author, 'Secret question', 'Hello @olaf?' from gone, who;
insert into social.comments (id, post_id, author_id, content) select comment, post, petra, 'Ask @olaf.' from gone, who;
select is((select count(*) from pg_temp.told((select olaf from who), 'mention') where message like 'Secret%'), 4::bigint, 'a title is told');
select private.social_remove('post', post, 'delete', author) from gone, who;
select is((select string_agg(distinct message, ',' order by message) from pg_temp.told((select olaf from who), 'mention') where message like 'Secret%'), 'Secret draft,Secret question', 'and gone with the text, in the comments below it, too');
select private.social_remove('question', question, 'hide', null) from gone;
update social.posts set is_published = false where id = (select draft from gone);
select is((select count(*) from pg_temp.told((select olaf from who), 'mention') where message like 'Secret%'), 0::bigint, 'hidden by a moderator, or a draft again');
select is((select count(*) from pg_temp.told((select olaf from who), 'mention') where link ~ (select post::text || '|' || draft || '|' || question from gone)), 4::bigint, 'that he was named stays');

-- Clients
select tests.as_user((select olaf from who));
select throws_ok('select * from social.notices', '42501', null, 'nobody reads what waits');
select throws_ok($$ insert into social.notices (type, source_id, actor_id, subject_kind, subject_id) select 'like', post, olaf, 'post', post from who, things $$, '42501', null, 'nor makes it up');
select throws_ok($$ select private.social_notice('like', post, olaf, 'post', post) from who, things $$, '42501', null, 'nor by the function');
select tests.as_owner();
select ok(exists (select from ops.scheduled_tasks where command = 'private.social_tell_waiting' and every = '10 seconds' and is_enabled), 'the task is scheduled');

select * from finish();
rollback;
