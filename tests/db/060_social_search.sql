-- Posts, questions, answers and resources in the search index: found as soon as they are there, by those who may see
-- them, and by nobody when they are gone.
begin;
select plan(58);

create temp table who as select
  tests.create_member('sa@test.local') as ann, tests.create_member('sb@test.local') as ben, tests.create_member('sc@test.local') as cyd,
  tests.create_member('sm@test.local', '{moderator}') as mod;
grant select on who to public;
insert into core.topics (slug, name) values ('ss-one', 'One'), ('ss-two', 'Two'), ('ss-three', 'Three');
create temp table ids as select gen_random_uuid() as post, gen_random_uuid() as draft, gen_random_uuid() as question, gen_random_uuid() as answer,
  gen_random_uuid() as other_answer, gen_random_uuid() as shared, gen_random_uuid() as own, gen_random_uuid() as checking;
grant select on ids to public;
create temp table topic as select
  (select id from core.topics where slug = 'ss-one') as one, (select id from core.topics where slug = 'ss-two') as two, (select id from core.topics where slug = 'ss-three') as three;
grant select on topic to public;

-- The triggers wait for the end of the transaction, which a test has not: here they are told that it has come.
create function pg_temp.settle() returns void language plpgsql as $$
begin
  set constraints all immediate;
  set constraints all deferred;
end;
$$;
create function pg_temp.found(p_query text, p_topic uuid default null, p_kinds text[] default '{post,question,answer,resource}') returns text language sql as $$
  select coalesce(string_agg(s.kind || ':' || s.title, ', ' order by s.kind, s.title), 'nothing')
  from core.search(p_query, p_kinds, p_topic) as s where s.module = 'social';
$$;
create function pg_temp.documents(p_id uuid) returns bigint language sql security definer as $$
  select count(*) from core.search_documents as d where d.module = 'social' and d.entity_id = p_id;
$$;
create function pg_temp.document(p_id uuid) returns uuid language sql security definer as $$
  select d.id from core.search_documents as d where d.module = 'social' and d.entity_id = p_id;
$$;
grant execute on all functions in schema pg_temp to public;

-- Posts
select tests.as_user((select ann from who));
insert into social.posts (id, title, content) select post, 'Ferns in the shade', 'The sporangium opens when it dries.' from ids;
insert into social.posts (id, title, content, is_published) select draft, 'Draft on mosses', 'Sporangium notes.', false from ids;
insert into social.post_topics (post_id, topic_id) select i.post, t.one from ids as i, topic as t;
insert into social.post_topics (post_id, topic_id) select i.post, t.two from ids as i, topic as t;
select is(pg_temp.found('sporangium'), 'nothing', 'nothing is found before the transaction ends');
select pg_temp.settle();
select is(pg_temp.found('sporangium'), 'post:Ferns in the shade', 'then the published post is, not the draft: not by its author, either');
select tests.as_user((select ben from who));
select is(pg_temp.found('sporangium'), 'post:Ferns in the shade', 'by others too');
select is(pg_temp.found('sporangium', (select one from topic)) || ', ' || pg_temp.found('sporangium', (select two from topic)), 'post:Ferns in the shade, post:Ferns in the shade', 'under each of its topics');
select is(pg_temp.found('sporangium', (select three from topic)), 'nothing', 'and no other');
select matches((select snippet from core.search('sporangium', '{post}')), '\*\*sporangium\*\*', 'with the place');
select is((select count(*) from core.search('sporangium', '{post}', p_owner_id => (select ann from who))), 1::bigint, 'or by author');
select tests.as_user((select ann from who));
delete from social.post_topics where topic_id = (select two from topic);
update social.posts set content = 'The annulus opens when it dries.' where id = (select post from ids);
update social.posts set is_published = true where id = (select draft from ids);
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('annulus'), 'post:Ferns in the shade', 'an edit is found');
select is(pg_temp.found('sporangium'), 'post:Draft on mosses', 'what it said before is not; a draft is when it is published');
select is(pg_temp.found('annulus', (select two from topic)), 'nothing', 'a topic that was taken away leads there no longer');
select tests.as_owner();
select core.merge_topics((select one from topic), (select three from topic)) from (select tests.as_service()) as s;
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('annulus', (select three from topic)), 'post:Ferns in the shade', 'the topic that took in another leads to what stood there');
select tests.as_user((select ann from who));
update social.posts set is_published = false where id = (select draft from ids);
select pg_temp.settle();
select is(pg_temp.documents((select draft from ids)), 0::bigint, 'what is withdrawn leaves the index');

-- Moderators and authors take it away
select tests.as_owner();
select private.social_remove('post', (select post from ids), 'hide', (select mod from who));
select pg_temp.settle();
select tests.as_user((select ann from who));
select is(pg_temp.found('annulus'), 'nothing', 'what is hidden nobody finds');
select is(pg_temp.documents((select post from ids)), 0::bigint, 'it is not there at all');
select tests.as_owner();
select private.social_unhide('post', (select post from ids));
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('annulus'), 'post:Ferns in the shade', 'shown again, it is found again');
select is((select count(*) from core.search('annulus', null, (select three from topic))), 1::bigint, 'with its topics');
insert into core.blocks (blocker_id, blocked_id) select ben, ann from who;
select is(pg_temp.found('annulus'), 'nothing', 'across a block it is not');
delete from core.blocks;
select tests.as_user((select ann from who));
select social.delete_content('post', (select post from ids));
select pg_temp.settle();
select is(pg_temp.documents((select post from ids)), 0::bigint, 'deleted, it is out');

-- Questions and their answers
insert into social.questions (id, title, content) select question, 'Why do gentians close at night?', 'Mine do, as soon as it is dark.' from ids;
insert into social.question_topics (question_id, topic_id) select i.question, t.two from ids as i, topic as t;
select tests.as_user((select ben from who));
insert into social.answers (id, question_id, content) select answer, question, 'Thermonasty: their cells grow unequally in the cold.' from ids;
select tests.as_user((select cyd from who));
insert into social.answers (id, question_id, content) select other_answer, question, 'Thermonasty is what it is called.' from ids;
select pg_temp.settle();
select is(pg_temp.found('gentians'), 'answer:Why do gentians close at night?, answer:Why do gentians close at night?, question:Why do gentians close at night?', 'a question and its answers');
select is(pg_temp.found('thermonasty unequally'), 'answer:Why do gentians close at night?', 'are found by what each says');
select is(pg_temp.found('unequally', (select two from topic)), 'answer:Why do gentians close at night?', 'under the topics of the question');
select is((select locator ->> 'question_id' from core.search('unequally', '{answer}')), (select question::text from ids), 'and lead there');
select tests.as_service();
select is((select count(*) from core.retrieve_passages('thermonasty gentians', '{answer}')), 0::bigint, 'no answer is written from answers that nobody accepted');
select is((select count(*) from core.retrieve_passages('thermonasty gentians')), 0::bigint, 'nor from questions, unless they are asked for');
select is((select array_agg(kind) from core.retrieve_passages('gentians', '{question}')), array['question'], 'as they can be');
select tests.as_user((select ann from who));
select social.accept_answer((select answer from ids));
select pg_temp.settle();
select tests.as_service();
select is((select array_agg(entity_id) from core.retrieve_passages('thermonasty gentians')), array[(select answer from ids)], 'but from the accepted one');
select tests.as_user((select ben from who));
update social.answers set content = 'Thermonasty: their cells grow unequally when it cools.' where id = (select answer from ids);
select pg_temp.settle();
select tests.as_service();
select is((select array_agg(body) from core.retrieve_passages('thermonasty')), array['Thermonasty: their cells grow unequally when it cools.'], 'edited, it stays so');
select tests.as_user((select ann from who));
select social.accept_answer((select other_answer from ids));
select pg_temp.settle();
select tests.as_service();
select is((select array_agg(entity_id) from core.retrieve_passages('thermonasty gentians')), array[(select other_answer from ids)], 'another one takes its place');
select tests.as_user((select ann from who));
select social.unaccept_answer((select question from ids));
select pg_temp.settle();
select tests.as_service();
select is((select count(*) from core.retrieve_passages('thermonasty gentians')), 0::bigint, 'and none, when that is taken back');
select tests.as_user((select ann from who));
update social.questions set title = 'Why do bluebells close at night?' where id = (select question from ids);
insert into social.question_topics (question_id, topic_id) select i.question, t.three from ids as i, topic as t;
select pg_temp.settle();
select is(pg_temp.found('unequally', (select three from topic)), 'answer:Why do bluebells close at night?', 'answers follow the title and the topics of their question');

-- Who does not see the question sees no answers to it
select tests.as_user((select ann from who));
insert into core.blocks (blocker_id, blocked_id) select ann, cyd from who;
select tests.as_user((select cyd from who));
select is(pg_temp.found('unequally'), 'nothing', 'whoever the asker blocked does not find what others answered');
select is(pg_temp.found('', (select three from topic), '{answer}'), 'nothing', 'nor by topic');
select is((select count(*) from core.read_document(pg_temp.document((select answer from ids)))), 0::bigint, 'nor reads it');
select tests.as_user((select ben from who));
select is(pg_temp.found('unequally'), 'answer:Why do bluebells close at night?', 'others do');
select is((select count(*) from core.read_document(pg_temp.document((select answer from ids)))), 1::bigint, 'and read it');
select tests.as_owner();
delete from core.blocks;

-- Removed
select tests.as_user((select ben from who));
select social.delete_content('answer', (select answer from ids));
select pg_temp.settle();
select is(pg_temp.found('thermonasty'), 'answer:Why do bluebells close at night?', 'a deleted answer is out, the other stays');
select tests.as_owner();
select private.social_remove('question', (select question from ids), 'hide', (select mod from who));
select pg_temp.settle();
select is((select count(*) from core.search_documents where title like '%bluebells%'), 0::bigint, 'with a hidden question go its answers');
select tests.as_user((select cyd from who));
update social.answers set content = 'Thermonasty is how it is called.' where id = (select other_answer from ids);
select pg_temp.settle();
select is(pg_temp.documents((select other_answer from ids)), 0::bigint, 'an edit brings none back');
select tests.as_owner();
select private.social_unhide('question', (select question from ids));
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('bluebells'), 'answer:Why do bluebells close at night?, question:Why do bluebells close at night?', 'showing it brings both');

-- Resources
select tests.as_owner();
insert into social.resources (id, author_id, title, description, file_name, file_size, file_type, is_public, status)
select i.shared, w.ann, 'Herbarium plates', 'Drawn by hand: campanula.', 'plates.pdf', 10, 'application/pdf', true, 'ready' from ids as i, who as w
union all select i.own, w.ann, 'My herbarium', 'Campanula, pressed.', 'mine.pdf', 10, 'application/pdf', false, 'ready' from ids as i, who as w
union all select i.checking, w.ann, 'New herbarium', 'Campanula, not looked at yet.', 'new.pdf', 10, 'application/pdf', true, 'checking' from ids as i, who as w;
insert into social.resource_topics (resource_id, topic_id) select i.shared, t.two from ids as i, topic as t;
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('campanula'), 'resource:Herbarium plates', 'a shared resource is found, a private one or one not looked at yet is not');
select is(pg_temp.found('plates.pdf', (select two from topic)), 'resource:Herbarium plates', 'by the name of its file and its topic, too');
select is(pg_temp.found('campanula pressed'), 'nothing', 'not by words of its own');
select tests.as_user((select mod from who));
select is(pg_temp.found('campanula'), 'resource:Herbarium plates', 'nor by moderators');
select tests.as_user((select ann from who));
select is(pg_temp.found('campanula'), 'resource:Herbarium plates, resource:My herbarium, resource:New herbarium', 'the author finds all of his');
select tests.as_owner();
update social.resources set status = 'ready' where id = (select checking from ids);
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('campanula'), 'resource:Herbarium plates, resource:New herbarium', 'found clean, it is there for all');
select tests.as_user((select ann from who));
update social.resources set is_public = false where id = (select shared from ids);
select pg_temp.settle();
select tests.as_user((select ben from who));
select is(pg_temp.found('campanula'), 'resource:New herbarium', 'made private, it is not');
select tests.as_user((select ann from who));
update social.resources set is_public = true where id = (select shared from ids);
select social.delete_content('resource', (select checking from ids));
select pg_temp.settle();
select is(pg_temp.found('campanula'), 'resource:Herbarium plates, resource:My herbarium', 'deleted, it is out');
select tests.as_owner();
select private.social_remove('resource', (select shared from ids), 'hide', (select mod from who));
select pg_temp.settle();
select is(pg_temp.documents((select shared from ids)), 0::bigint, 'so is what is hidden');
select private.social_unhide('resource', (select shared from ids));
update social.resources set status = 'rejected', rejected_reason = 'It is no PDF.' where id = (select own from ids);
select pg_temp.settle();
select tests.as_user((select ann from who));
select is(pg_temp.found('campanula'), 'resource:Herbarium plates', 'and what was refused');

-- Clients do none of it themselves
select throws_ok($$ select private.social_index_post((select post from ids)) $$, '42501', null, 'nobody indexes a post by hand');
select throws_ok($$ select private.social_index_question((select question from ids)) $$, '42501', null, 'nor a question');
select throws_ok($$ select private.social_index_resource((select shared from ids)) $$, '42501', null, 'nor a resource');

-- People who are gone
select tests.as_user((select ben from who));
insert into social.posts (title, content) values ('Of somebody who leaves', 'Peduncle.');
insert into social.posts (title, content, is_published) values ('A draft of his', 'Peduncle.', false);
select pg_temp.settle();
select tests.as_owner();
delete from auth.users where id = (select ben from who);
select pg_temp.settle();
select tests.as_user((select cyd from who));
select is(pg_temp.found('peduncle'), 'post:Of somebody who leaves', 'what somebody wrote who is gone is found all the same');
select tests.as_owner();
select is((select owner_id from core.search_documents where title = 'Of somebody who leaves'), null, 'and is nobody''s');
delete from auth.users where id = (select ann from who);
select pg_temp.settle();
select is((select count(*) from core.search_documents where module = 'social' and kind = 'question' and owner_id is null and title like '%bluebells%'), 1::bigint, 'questions, too');
select is((select array_agg(thread_owner_id) from core.search_documents where entity_id = (select other_answer from ids)), array[null::uuid], 'under which others'' answers stay');
select is((select count(*) from core.search_documents where module = 'social' and kind = 'resource'), 0::bigint, 'files go with the person');
delete from social.questions;
delete from social.posts;
select pg_temp.settle();
select is((select count(*) from core.search_documents where module = 'social'), 0::bigint, 'rows that vanish take their documents along');

select * from finish();
rollback;
