-- The coach: whose conversations, who writes answers, what may be cited, and what a day allows.
begin;
select plan(130);

create temp table who as
select tests.create_user('ch-ann@example.org') as ann, tests.create_user('ch-ben@example.org') as ben,
  tests.create_user('ch-cleo@example.org') as cleo, tests.create_user('ch-mod@example.org', '{moderator}') as moderator;
grant select on who to public;
insert into core.topics (slug, name) values ('ch-heart', 'Heart');

create temp table files as select tests.st_upload(ann, 'heart.txt') as heart, tests.st_upload(ben, 'ben.txt') as ben from who;
grant select on files to public;
select tests.as_user((select ann from who));
create temp table m as select (study.create_material(heart, 'The heart')).id as heart, null::uuid as ben from files;
grant select, update on m to public;
select tests.as_owner();
select tests.st_ingest(heart, array['The heart has four chambers.', 'The mitral valve has two leaflets — 2 in all 😀.', 'The aorta leaves the left ventricle.']) from m;
select tests.as_user((select ben from who));
update m set ben = (study.create_material((select ben from files), 'Ben''s notes')).id;
select tests.as_owner();
select tests.st_ingest(ben, array['Ben hides his gold in a well.']) from m;
create temp table chunk as
select (select id from study.material_chunks where content like '%chambers%') as chambers, (select id from study.material_chunks where content like '%leaflets%') as leaflets,
  (select id from study.material_chunks where content like '%gold%') as gold;
grant select on chunk to public;

-- Conversations
create temp table c as select gen_random_uuid() as one, gen_random_uuid() as two, gen_random_uuid() as three, gen_random_uuid() as bens;
grant select on c to public;
select tests.as_anon();
select throws_ok($$ select study.start_conversation() $$, '42501', null, 'nobody without an account');
select throws_ok($$ select * from study.chat_conversations $$, '42501', null, 'nor does he read any');
select tests.as_user((select ann from who));
select throws_ok($$ select study.start_conversation(p_type => 'party') $$, 'PT422', 'conversation_type_invalid', 'it is for something');
select throws_ok($$ select study.start_conversation(p_topic => 'nothing') $$, 'PT422', 'unknown_topic', 'on a topic that is there');
select throws_ok($$ select study.start_conversation(p_material_ids => array[ben]) from m $$, 'PT404', 'material_not_found', 'about material that one may read');
select throws_ok($$ select study.start_conversation(p_material_ids => array[null::uuid]) $$, 'PT404', 'material_not_found', 'or that is any');
select throws_ok($$ select study.start_conversation(p_title => '<b>x</b>') $$, 'PT422', 'markup_not_allowed', 'with a plain title');
select is(tests.count_of('select * from study.chat_conversations'), 0::bigint, 'of all that nothing is left');
select is((select (study.start_conversation(one, 'review', 'ch-heart', array[m.heart], 'Mine')).id from c, m), (select one from c), 'one begins');
select is((select (study.start_conversation(one, 'teaching')).conversation_type from c), 'review', 'again: the same one');
select results_eq('select title, topic_id = (select id from core.topics where slug = ''ch-heart''), last_message_no from study.chat_conversations', $$ values ('Mine', true, 0::bigint) $$, 'with what was said');
select tests.as_user((select ben from who));
select throws_ok($$ select study.start_conversation(one) from c $$, 'PT404', 'conversation_not_found', 'the id of another''s leads nowhere');
select is(tests.count_of('select * from study.chat_conversations'), 0::bigint, 'nor is it seen');
select is((select (study.start_conversation(bens)).user_id from c), (select ben from who), 'Ben has one of his own');
select tests.as_user((select ann from who));
select throws_ok($$ insert into study.chat_conversations (user_id) select ben from who $$, '42501', null, 'nobody writes one for another');
select throws_ok($$ insert into study.chat_conversations (summary) values ('x') $$, '42501', null, 'nor a summary');
select throws_ok($$ update study.chat_conversations set summary = 'x' $$, '42501', null, 'nor later');
select throws_ok($$ update study.chat_conversations set last_message_no = 9 $$, '42501', null, 'nor its numbers');
select throws_ok($$ update study.chat_conversations set user_id = (select ben from who) $$, '42501', null, 'nor gives it away');
select throws_ok($$ update study.chat_conversations set conversation_type = 'party' $$, '23514', null, 'nor makes it a party');
select is(tests.rows_changed($$ update study.chat_conversations set title = 'Hearts', is_archived = true $$), 1::bigint, 'its title and place are its owner''s');
select is((select conversation_type from study.chat_conversations), 'review', 'and nothing else changed');
select tests.as_user((select ben from who));
select is(tests.rows_changed($$ update study.chat_conversations set title = 'x' where id = (select one from c) $$), 0::bigint, 'not another''s');
select is(tests.rows_changed($$ delete from study.chat_conversations where id = (select one from c) $$), 0::bigint, 'nor away with it');

-- Asking
create temp table keys as select gen_random_uuid() as first, gen_random_uuid() as second, gen_random_uuid() as third, gen_random_uuid() as fourth;
grant select on keys to public;
select throws_ok($$ select study.ask_coach(one, 'What?', first) from c, keys $$, 'PT404', 'conversation_not_found', 'in another''s conversation nobody asks');
select tests.as_user((select ann from who));
select throws_ok($$ select study.ask_coach(one, 'What?', null) from c $$, 'PT422', 'client_id_invalid', 'a question has an id');
select throws_ok($$ select study.ask_coach(one, ' ', first) from c, keys $$, 'PT422', 'text_required', 'and a text');
select throws_ok($$ select study.ask_coach(one, repeat('x', 8001), first) from c, keys $$, 'PT422', 'text_too_long', 'not without end');
select throws_ok($$ select study.ask_coach(one, '<script>x</script>', first) from c, keys $$, 'PT422', 'markup_not_allowed', 'in plain words');
select is(tests.count_of('select * from study.coach_usage'), 0::bigint, 'what is refused costs nothing');
create temp table turn as select study.ask_coach(one, 'How many chambers has it?', first) as t from c, keys;
grant select, update on turn to public;
select is((select t ->> 'is_new' from turn), 'true', 'a question is asked');
select results_eq('select message_no, role, status, attempt_no from study.chat_messages order by 1', $$ values (1::bigint, 'user', 'completed', 1), (2, 'assistant', 'streaming', 1) $$, 'and its answer has a place');
select is((select study.ask_coach(one, 'Something else', first) #>> '{answer,id}' from c, keys), (select t #>> '{answer,id}' from turn), 'again: the same');
select throws_ok($$ select study.ask_coach(one, 'And?', second) from c, keys $$, 'PT409', 'answer_in_progress', 'one after the other');
select is((select messages from study.coach_usage), 1, 'one was counted');
create temp table a as select (t #>> '{answer,id}')::uuid as id from turn;
grant select on a to public;
select throws_ok($$ insert into study.chat_messages (conversation_id, message_no, role, content, client_id) select one, 9, 'user', 'x', gen_random_uuid() from c $$, '42501', null, 'no message is written by a client');
select throws_ok($$ update study.chat_messages set content = 'x' $$, '42501', null, 'nor changed');
select throws_ok($$ delete from study.chat_messages $$, '42501', null, 'nor taken out');
select throws_ok($$ update study.coach_usage set messages = 0 $$, '42501', null, 'nor what was used');
select throws_ok($$ select study.keep_answer(id, 1, 'x') from a $$, '42501', null, 'an answer is written by services');
select throws_ok($$ select study.finish_answer(id, 1, 'completed', 'x') from a $$, '42501', null, 'and ended');
select throws_ok($$ select study.count_coach_usage(ann, '{}') from who $$, '42501', null, 'and counted');
select throws_ok($$ select study.save_conversation_summary(one, 'x', 1) from c $$, '42501', null, 'and summed up');
select throws_ok($$ select private.study_release_answers(null) $$, '42501', null, 'nobody tends');
select throws_ok($$ select private.study_take_coach_turn(ben) from who $$, '42501', null, 'nor takes another''s turn');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.chat_messages'), 0::bigint, 'a stranger reads nothing');
select throws_ok($$ select study.stop_answer(id) from a $$, 'PT404', 'answer_not_found', 'stops nothing');
select throws_ok($$ select study.resume_answer(id) from a $$, 'PT404', 'answer_not_found', 'and takes up nothing');

-- Writing
select tests.as_service();
select ok((select study.keep_answer(id, 1, 'It has four [1]') from a), 'a piece is kept');
select ok(not (select study.keep_answer(id, 2, 'It has five') from a), 'not of another attempt');
select ok(not (select study.keep_answer(gen_random_uuid(), 1, 'x')), 'nor of none');
create function pg_temp.finish(p_text text, p_citations jsonb, p_covered boolean default true, p_status text default 'completed', p_attempt integer default 1, p_usage jsonb default '{}')
returns jsonb language sql as $$ select study.finish_answer(a.id, p_attempt, p_status, p_text, p_citations, p_covered, 0.5, p_usage) from a; $$;
create function pg_temp.cite(p_marker integer, p_chunk uuid, p_quote text) returns jsonb language sql as $$
  select jsonb_build_object('marker', p_marker, 'chunk_id', p_chunk, 'quote', p_quote); $$;
grant execute on all functions in schema pg_temp to public;
select throws_ok($$ select pg_temp.finish('x', '[]', false, 'streaming') $$, 'PT422', 'answer_status_invalid', 'an end is an end');
select throws_ok($$ select pg_temp.finish('x', '[]', false, null) $$, 'PT422', 'answer_status_invalid', 'and a stated one');
select throws_ok($$ select pg_temp.finish('Four [1].', '[]') $$, 'PT422', 'citation_required', 'a marker without a citation is refused');
select throws_ok($$ select pg_temp.finish('Four.', '[]') $$, 'PT422', 'citation_required', 'an answer without any');
select throws_ok($$ select pg_temp.finish('Four.', '[]', null) $$, 'PT422', 'citation_required', 'also when it does not say whether it is one');
select throws_ok($$ select pg_temp.finish('Four.', jsonb_build_array(pg_temp.cite(1, chambers, 'four chambers'))) from chunk $$, 'PT422', 'citation_required', 'a citation without a marker');
select throws_ok($$ select pg_temp.finish('Four [1] [123].', jsonb_build_array(pg_temp.cite(1, chambers, 'four chambers'))) from chunk $$, 'PT422', 'citation_required', 'a marker beyond all numbers');
select throws_ok($$ select pg_temp.finish('Four [1].', jsonb_build_array(pg_temp.cite(1, chambers, 'five chambers'))) from chunk $$, 'PT422', 'citation_not_in_source', 'words that do not stand there');
select throws_ok($$ select pg_temp.finish('Four [1].', jsonb_build_array(pg_temp.cite(1, leaflets, 'four chambers'))) from chunk $$, 'PT422', 'citation_not_in_source', 'words that stand elsewhere');
select throws_ok($$ select pg_temp.finish('Four [1].', jsonb_build_array(pg_temp.cite(1, chambers, ''))) from chunk $$, 'PT422', 'citation_not_in_source', 'no words');
select throws_ok($$ select pg_temp.finish('Four [1].', jsonb_build_array(pg_temp.cite(1, null, 'four chambers'))) $$, 'PT422', 'citation_not_in_source', 'of nowhere');
select throws_ok($$ select pg_temp.finish('Gold [1].', jsonb_build_array(pg_temp.cite(1, gold, 'gold in a well'))) from chunk $$, 'PT422', 'citation_not_in_source', 'what the asker may not read is not cited for him');
select results_eq('select status, content from study.chat_messages where role = ''assistant''', $$ values ('streaming', 'It has four [1]') $$, 'of all that nothing is half recorded');
select is((select pg_temp.finish('It has four [1], and two [2].', jsonb_build_array(pg_temp.cite(1, chambers, 'four chambers'), pg_temp.cite(2, leaflets, '2 in all 😀')),
  p_usage => '{"provider": "local", "model": "m", "input_tokens": 10, "output_tokens": 5, "cost_micro_usd": 7, "busy_ms": 40}') from chunk), '{"recorded": true, "status": "completed"}', 'what holds is recorded');
select is((select pg_temp.finish('Other [1].', '[]', p_usage => '{"input_tokens": 1}')), '{"recorded": false, "status": "completed"}', 'once');
select tests.as_user((select ann from who));
select results_eq('select status, is_covered, content, model, input_tokens, response_ms from study.chat_messages where role = ''assistant''', $$ values ('completed', true, 'It has four [1], and two [2].', 'm', 10, 40) $$, 'as its reader sees');
select results_eq($$ select marker::int, source, title, quote, page_number from study.message_citations order by 1 $$,
  $$ values (1, 'material', 'The heart', 'four chambers', 1), (2, 'material', 'The heart', '2 in all 😀', 2) $$, 'with its citations');
select is((select substr(k.content, x.char_start - k.char_start + 1, x.char_end - x.char_start) from study.message_citations as x join study.material_chunks as k on k.id = x.chunk_id where x.marker = 2), '2 in all 😀', 'each where it stands');
select results_eq('select messages, input_tokens, output_tokens, cost_micro_usd, busy_ms from study.coach_usage', $$ values (1, 11::bigint, 5::bigint, 7::bigint, 40::bigint) $$, 'what was used counts, also what came too late');
select is(study.stop_answer(id), 'completed', 'what is over is not stopped') from a;
select throws_ok($$ select study.resume_answer(id) from a $$, 'PT409', 'answer_not_stopped', 'nor taken up');

-- Stopping and going on
create temp table b as select (study.ask_coach(one, 'And the valve?', second) #>> '{answer,id}')::uuid as id from c, keys;
grant select on b to public;
select tests.as_service();
select ok((select study.keep_answer(id, 1, 'It has two [1]. And') from b), 'while it is written');
select tests.as_user((select ann from who));
select throws_ok($$ select study.resume_answer(id) from b $$, 'PT409', 'answer_not_stopped', 'what is being written is not taken up');
select is(study.stop_answer(id), 'stopped', 'it is stopped') from b;
select is((select content from study.chat_messages where id = (select id from b)), 'It has two. And', 'what was shown stays, without markers that point nowhere');
select tests.as_service();
select ok(not (select study.keep_answer(id, 1, 'more') from b), 'whoever writes it hears of it');
select is((select study.finish_answer(id, 1, 'completed', 'It has two [1]. And', jsonb_build_array(pg_temp.cite(1, leaflets, 'two leaflets')), true) from b, chunk), '{"recorded": true, "status": "stopped"}', 'and records what was shown: it stays stopped');
select is((select study.finish_answer(id, 1, 'stopped', 'Late') from b), '{"recorded": false, "status": "stopped"}', 'once');
select tests.as_user((select ann from who));
select is((select study.resume_answer(id) #>> '{answer,attempt_no}' from b), '2', 'taken up: a second attempt');
select is((select count(*) from study.message_citations where message_id = (select id from b)), 1::bigint, 'what was there is there until it is replaced');
select tests.as_service();
select ok(not (select study.keep_answer(id, 1, 'From the dead') from b), 'of the first nobody writes any more');
select is((select study.finish_answer(id, 1, 'failed', 'From the dead', p_error_code => 'x') from b), '{"recorded": false, "status": "streaming"}', 'nor ends it');
select is((select study.finish_answer(id, 2, 'failed', p_error_code => 'ai_unavailable') from b), '{"recorded": true, "status": "failed"}', 'the second fails before a word');
select results_eq('select content, error_code, (select count(*) from study.message_citations as x where x.message_id = m.id) from study.chat_messages as m where id = (select id from b)', $$ values ('It has two [1]. And', 'ai_unavailable', 1::bigint) $$, 'and takes nothing away');
select tests.as_user((select ann from who));
select is((select study.resume_answer(id) #>> '{answer,attempt_no}' from b), '3', 'a third');
select tests.as_service();
select ok((select study.keep_answer(id, 3, 'Two [1]') from b), 'writes anew');
select is((select count(*) from study.message_citations where message_id = (select id from b)), 0::bigint, 'the citations of before are not those of now');
select tests.as_owner();
select is(private.study_tend_answers(), '{"left_behind": 0}', 'what is written on is left alone');
update study.chat_messages set updated_at = now() - interval '3 minutes' where id = (select id from b);
select is(private.study_tend_answers(), '{"left_behind": 1}', 'what is left behind ends');
select results_eq('select status, error_code, content from study.chat_messages where id = (select id from b)', $$ values ('failed', 'left_behind', 'Two') $$, 'in a stated state');
select is((select count(*) from ops.scheduled_tasks where name = 'study_tend_answers'), 1::bigint, 'every minute');
select tests.as_user((select ann from who));
create temp table d as select (study.ask_coach(one, 'And then?', third) #>> '{answer,id}')::uuid as id from c, keys;
grant select on d to public;
select throws_ok($$ select study.resume_answer(id) from b $$, 'PT409', 'answer_in_progress', 'two at once in one conversation there are not');
select tests.as_owner();
update study.chat_messages set updated_at = now() - interval '3 minutes' where id = (select id from d);
select tests.as_user((select ann from who));
select is((select study.ask_coach(one, 'Hello?', fourth) ->> 'is_new' from c, keys), 'true', 'one that was left behind does not stand in the way of the next');
select is((select error_code from study.chat_messages where id = (select id from d)), 'left_behind', 'it has ended');
select study.stop_answer(id) from study.chat_messages where status = 'streaming';

-- What a day allows
select tests.as_owner();
create function pg_temp.try(p_column text, p_value bigint) returns void language plpgsql as $$
begin
  perform tests.as_owner();
  execute format('update study.coach_usage set %I = $1 where user_id = (select ann from who)', p_column) using p_value;
  perform tests.as_user((select ann from who));
  perform study.ask_coach(one, 'Once more', gen_random_uuid()) from c;
end;
$$;
grant execute on all functions in schema pg_temp to public;
select throws_ok($$ select pg_temp.try('messages', 200) $$, 'PT429', 'coach_limit_reached', 'so many questions');
select throws_ok($$ select pg_temp.try('input_tokens', 2000000) $$, 'PT429', 'coach_limit_reached', 'so much read');
select throws_ok($$ select pg_temp.try('output_tokens', 200000) $$, 'PT429', 'coach_limit_reached', 'so much written');
select throws_ok($$ select pg_temp.try('cost_micro_usd', 2000000) $$, 'PT429', 'coach_limit_reached', 'so much money');
select throws_ok($$ select pg_temp.try('busy_ms', 3600000) $$, 'PT429', 'coach_limit_reached', 'so much time');
select tests.as_owner();
update study.coach_usage set messages = 200;
select tests.as_user((select ann from who));
select throws_ok($$ select study.resume_answer(id) from b $$, 'PT429', 'coach_limit_reached', 'taking one up counts, too');
select tests.as_owner();
update study.coach_usage set day = day - 1;
select tests.as_user((select ann from who));
select lives_ok($$ select study.ask_coach(one, 'A new day', gen_random_uuid()) from c $$, 'the next day is another one');
select lives_ok($$ select study.start_conversation(two), study.ask_coach(two, 'A second?', gen_random_uuid()) from c $$, 'two at once');
select lives_ok($$ select study.start_conversation(three), study.ask_coach(three, 'A third?', gen_random_uuid()) from c $$, 'three');
create temp table more as select (study.start_conversation()).id;
select throws_ok($$ select study.ask_coach(id, 'A fourth?', gen_random_uuid()) from more $$, 'PT429', 'too_many_answers', 'no more');
select tests.as_service();
select lives_ok($$ select study.count_coach_usage(ann, '{"input_tokens": -5, "output_tokens": 3}') from who $$, 'a service counts what no answer shows');
select lives_ok($$ select study.count_coach_usage(gen_random_uuid(), '{"input_tokens": 5}') $$, 'for nobody it counts nothing');
select is((select output_tokens from study.coach_usage where day = (now() at time zone 'UTC')::date and input_tokens >= 0 and user_id = (select ann from who)), 3::bigint, 'never backwards');
select ok((select study.save_conversation_summary(one, 'Hearts were spoken of.', 2) from c), 'what was said is summed up');
select ok(not (select study.save_conversation_summary(one, 'Older.', 1) from c), 'forwards');
select ok(not (select study.save_conversation_summary(one, 'Newer than all.', 999) from c), 'and not beyond');
select tests.as_owner();
update core.profiles set is_active = false where id = (select ann from who);
select tests.as_user((select ann from who));
select throws_ok($$ select study.ask_coach(one, 'Me?', gen_random_uuid()) from c $$, 'PT403', 'account_inactive', 'a suspended person does not ask');
select throws_ok($$ insert into study.chat_conversations (title) values ('x') $$, '42501', null, 'nor begins');
select is((select count(*) > 0 from study.chat_messages), true, 'but reads');
select lives_ok($$ select study.stop_answer(id) from study.chat_messages where status = 'streaming' $$, 'and stops');
select tests.as_owner();
update core.profiles set is_active = true where id = (select ann from who);

-- What besides material: what others vouched for
create temp table doc as select
  private.index_document('qa', 'qa_answer', gen_random_uuid(), 'Question on sporangia', 'Sporangia open when they dry.', null, '{}', 'authenticated') as qa,
  private.index_document('study', 'passage', gen_random_uuid(), 'Ferns', 'Sporangia stand under the leaf.', null, '{"page": 7}') as passage,
  private.index_document('study', 'passage', gen_random_uuid(), 'Ben''s', 'Sporangia are secret.', null, '{}', 'owner', (select ben from who)) as private,
  private.index_document('social', 'post', gen_random_uuid(), 'Post', 'Sporangia are fun.', null, '{}', 'public') as post,
  private.index_document('social', 'answer', gen_random_uuid(), 'Not accepted', 'Sporangia are nonsense.', null, '{}', 'public', p_is_retrievable => false) as loose;
grant select on doc to public;
-- As module social indexes answers: one that its asker accepted, and one that he did not.
select private.index_document('social', 'answer', gen_random_uuid(), 'What do sporangia hold?', 'Sporangia hold spores.', null, '{}', 'public', ben),
  private.index_document('social', 'answer', gen_random_uuid(), 'What do sporangia hold?', 'Sporangia hold gold.', null, '{}', 'public', ben, p_is_retrievable => false)
from who;
set constraints all immediate;
set constraints all deferred;
select tests.as_user((select ann from who));
create function pg_temp.found() returns text language sql as $$
  select string_agg(source || ': ' || body, ', ' order by source, body) from study.coach_documents('sporangia'); $$;
grant execute on all functions in schema pg_temp to public;
select is(pg_temp.found(), 'passage: Sporangia stand under the leaf., qa: Sporangia open when they dry., social: Sporangia hold spores.', 'approved answers, accepted answers, course passages; nothing else');
select tests.as_owner();
insert into core.blocks (blocker_id, blocked_id) select ben, ann from who;
select tests.as_user((select ann from who));
select unalike(pg_temp.found(), '%spores%', 'not between people of whom one blocked the other');
select tests.as_service();
create temp table social_doc as select id from core.search_documents where module = 'social' and body = 'Sporangia hold spores.';
grant select on social_doc to public;
select tests.as_owner();
create temp table e as select id from study.chat_messages where status = 'stopped' and response_ms is null order by message_no desc limit 1;
grant select on e to public;
create function pg_temp.cite_document(p_document uuid, p_quote text) returns jsonb language sql as $$
  select study.finish_answer(e.id, m.attempt_no, 'completed', 'So [1].', jsonb_build_array(jsonb_build_object('marker', 1, 'document_id', p_document, 'quote', p_quote)), true)
  from e join study.chat_messages as m on m.id = e.id; $$;
grant execute on all functions in schema pg_temp to public;
select tests.as_service();
select throws_ok($$ select pg_temp.cite_document(loose, 'Sporangia are nonsense') from doc $$, 'PT422', 'citation_not_in_source', 'what nobody accepted is not cited');
select throws_ok($$ select pg_temp.cite_document(post, 'Sporangia are fun') from doc $$, 'PT422', 'citation_not_in_source', 'nor a post');
select throws_ok($$ select pg_temp.cite_document(private, 'Sporangia are secret') from doc $$, 'PT422', 'citation_not_in_source', 'nor what is another''s');
select throws_ok($$ select pg_temp.cite_document(id, 'hold spores') from social_doc $$, 'PT422', 'citation_not_in_source', 'nor over a block');
select is((select pg_temp.cite_document(passage, 'stand under the leaf') ->> 'recorded' from doc), 'true', 'what may be found is');
select results_eq('select source, title, page_number, char_start, stale_at is null from study.message_citations where message_id = (select id from e)', $$ values ('passage', 'Ferns', 7, 10, true) $$, 'with its place');
select tests.as_owner();
update core.search_documents set body = 'Today sporangia stand under the leaf.' where id = (select passage from doc);
select results_eq('select char_start, stale_at is null from study.message_citations where message_id = (select id from e)', $$ values (16, true) $$, 'it is led to its new place');
update core.search_documents set body = 'Something else.' where id = (select passage from doc);
select is((select stale_at is not null from study.message_citations where message_id = (select id from e)), true, 'stale when it is gone');
update core.search_documents set body = 'They stand under the leaf.' where id = (select passage from doc);
select is((select stale_at is null from study.message_citations where message_id = (select id from e)), true, 'and not when it is back');
delete from core.search_documents where id = (select passage from doc);
select results_eq('select document_id is null, stale_at is not null, quote from study.message_citations where message_id = (select id from e)', $$ values (true, true, 'stand under the leaf') $$, 'a document that goes leaves the quote');

-- Deletion
select tests.as_user((select ann from who));
create temp table last as select (study.ask_coach(two, 'Last?', gen_random_uuid()) #>> '{answer,id}')::uuid as id from c;
grant select on last to public;
select is(tests.rows_changed($$ delete from study.chat_conversations where id = (select two from c) $$), 1::bigint, 'a conversation goes with its owner''s word');
select tests.as_service();
select throws_ok($$ select study.finish_answer(id, 1, 'completed', 'x', '[]', false) from last $$, 'PT404', 'answer_not_found', 'and with it what was to be written');
select tests.as_owner();
delete from auth.users where id = (select ann from who);
select is((select count(*) from study.chat_conversations where user_id = (select ann from who)) + (select count(*) from study.coach_usage where user_id = (select ann from who)), 0::bigint, 'with a person everything');

select * from finish();
rollback;
