-- Cards: of notes, questions, answers of the coach and approved answers; what is done with them; wishes; sources that change.
begin;
select plan(95);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sc-ann@example.org') as ann, tests.create_user('sc-ben@example.org') as ben, tests.create_user('sc-eve@example.org') as eve;
update core.profiles set time_zone = 'UTC';
insert into core.topics (slug, name) values ('sc-heart', 'Heart');

-- Notes
select tests.as_anon();
select throws_ok($$ select study.create_card('a', 'b') $$, '42501', null, 'nobody without an account makes cards');
select tests.as_user((select ann from who));
create temp table note as select c.* from study.create_card('  Which valve is between the left chambers?  ', 'The mitral valve.', 'sc-heart') as c;
select results_eq('select source, front, back, state, scheduler, topic_id is not null, due_on from note',
  $$ values ('note', 'Which valve is between the left chambers?', 'The mitral valve.', 'new', 'fsrs', true, (now() at time zone 'UTC')::date) $$, 'a note is a card, due at once');
select throws_ok($$ select study.create_card('', 'b') $$, 'PT422', 'text_required', 'not without a front');
select throws_ok($$ select study.create_card('a', ' ') $$, 'PT422', 'text_required', 'nor a back');
select throws_ok($$ select study.create_card(repeat('x', 2001), 'b') $$, 'PT422', 'text_too_long', 'nor too long');
select throws_ok($$ select study.create_card('<script>x</script>', 'b') $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ select study.create_card('a', 'b', 'sc-none') $$, 'PT422', 'unknown_topic', 'no topic that there is not');
select is((study.edit_card((select id from note), 'Left valve?', 'Mitral')).back, 'Mitral', 'it is written anew');
select is((study.suspend_card((select id from note))).is_suspended, true, 'suspended');
select throws_ok('select study.review_card((select id from note), 3)', 'PT409', 'card_suspended', 'it is not reviewed');
select is((study.unsuspend_card((select id from note))).is_suspended, false, 'and taken back');
select is((study.bury_card((select id from note))).buried_until, (now() at time zone 'UTC')::date + 1, 'buried until tomorrow');
select is((select count(*) from study.due_cards()), 0::bigint, 'it is not due');
select is((study.unsuspend_card((select id from note))).buried_until, null, 'nor buried any more');
select is((select review_no from study.due_cards()), 1, 'due again');
create temp table log as select l.* from study.review_card((select id from note), 3, 4000, 1) as l;
select results_eq('select rating::int, review_no, duration_ms, stability from log', $$ values (3, 1, 4000::bigint, 2.3065::float8) $$, 'reviewed as a client does');
create temp table hasty as select c.* from study.create_card('Right valve?', 'Tricuspid') as c;
select is((study.review_card((select id from hasty), 3, 4000)).duration_ms, 0::bigint, 'nobody studied longer than it is since he studied last');
select is((study.delete_card((select id from hasty))).id, (select id from hasty), 'and it goes again');
select is((study.review_card((select id from note), 3, 4000, 1)).id, (select id from log), 'and sent twice');
select results_eq('select rating, review_no, state, interval_days > 0 from study.preview_card((select id from note)) where rating in (1, 4)', $$ values (1, 2, 'learning', false), (4, 2, 'review', true) $$, 'what would follow');
select is((study.undo_review((select id from note), 1)).state, 'new', 'undone');
select is((study.review_card((select id from note), p_quality => 5)).rating::int, 4, 'rated by a quality');
select is((study.reschedule_card((select id from note))).stability, 8.2956::float8, 'computed anew, the same');
select is(study.reschedule_all(), 1, 'all of them');

-- Not another's
select tests.as_user((select ben from who));
select throws_ok(format('select study.%s', c), 'PT404', 'card_not_found', 'another''s card: ' || c)
from unnest(array[
  'review_card((select id from note), 3)', 'undo_review((select id from note))', 'preview_card((select id from note))', 'suspend_card((select id from note))',
  'unsuspend_card((select id from note))', 'bury_card((select id from note))', 'delete_card((select id from note))', 'reschedule_card((select id from note))',
  'edit_card((select id from note), ''a'', ''b'')'
]) as c;

-- Questions
select tests.as_user((select eve from who));
create temp table q as select r.id from study.create_question('{"vignette": "How many?", "options": [{"text": "One", "is_correct": true}, {"text": "Two"}]}', 'sc-heart') as r;
select tests.as_user((select ann from who));
select throws_ok('select study.card_from_question((select id from q))', 'PT404', 'question_not_found', 'no card of what one may not practise');
select throws_ok('select study.card_from_question(gen_random_uuid())', 'PT404', 'question_not_found', 'nor of what there is not');
select throws_ok('select study.card_from_question(null)', 'PT404', 'question_not_found', 'nor of nothing');
select tests.as_owner();
update study.questions set visibility = 'authenticated' where id = (select id from q);
select tests.as_user((select ann from who));
create temp table qcard as select c.* from study.card_from_question((select id from q)) as c;
select results_eq('select source, front, topic_id is not null from qcard', $$ values ('question', '', true) $$, 'a card of a published question says nothing itself');
select is((study.card_from_question((select id from q))).id, (select id from qcard), 'once a question');
select throws_ok('select study.edit_card((select id from qcard), ''a'', ''b'')', 'PT409', 'card_not_editable', 'and is not rewritten');
select tests.as_owner();
update study.questions set stale_at = now() where id = (select id from q);
select tests.as_user((select ann from who));
select isnt((select stale_at from study.due_cards() where source = 'question'), null, 'when the question is out of date, its card says so');

-- Answers of the coach
select tests.as_owner();
create temp table file as select tests.st_upload(eve, 'sc-heart.txt') as path from who;
select tests.as_user((select eve from who));
create temp table material as select (study.create_material(path, 'The heart')).id from file;
select tests.as_owner();
create temp table ingested as select tests.st_ingest(id, array['The heart has four chambers. They beat.', 'The mitral valve has two leaflets.']) as result from material;
create temp table talk as
with c as (insert into study.chat_conversations (user_id) select ann from who returning id),
question as (insert into study.chat_messages (conversation_id, message_no, role, content, client_id) select id, 1, 'user', 'How many leaflets?', gen_random_uuid() from c returning *),
answer as (insert into study.chat_messages (conversation_id, message_no, role, content, reply_to_id, is_covered) select conversation_id, 2, 'assistant', 'Two leaflets [1]. Four chambers [2].', id, true from question returning *),
bare as (insert into study.chat_messages (conversation_id, message_no, role, content, reply_to_id, is_covered) select conversation_id, 3, 'assistant', 'The material does not say.', id, false from question returning *),
open as (insert into study.chat_messages (conversation_id, message_no, role, content, reply_to_id, status) select conversation_id, 4, 'assistant', 'Two', id, 'streaming' from question returning *)
select (select id from question) as question, (select id from answer) as answer, (select id from bare) as bare, (select id from open) as open;
insert into study.message_citations (message_id, marker, source, chunk_id, material_id, title, quote, char_start, char_end, content_hash)
select t.answer, x.marker, 'material', k.id, k.material_id, 'The heart', x.quote, position(x.quote in k.content) - 1, position(x.quote in k.content) - 1 + length(x.quote), k.content_hash
from talk as t, (values (1, 'two leaflets'), (2, 'four chambers')) as x (marker, quote)
join study.material_chunks as k on k.material_id = (select id from material) and position(x.quote in k.content) > 0;
select tests.as_user((select ben from who));
select throws_ok('select study.card_from_message((select answer from talk))', 'PT404', 'answer_not_found', 'nobody makes cards of another''s conversation');
select tests.as_user((select ann from who));
select throws_ok(format('select study.card_from_message((select %I from talk))', m), 'PT404', 'answer_not_found', 'no card of a message that is no complete answer: ' || m) from unnest('{question, open}'::text[]) as m;
select throws_ok('select study.card_from_message(gen_random_uuid())', 'PT404', 'answer_not_found', 'nor of none');
select throws_ok('select study.card_from_message((select bare from talk))', 'PT422', 'answer_not_cited', 'nor of one that knows nothing');
select throws_ok('select study.card_from_message((select answer from talk), 9)', 'PT422', 'answer_not_cited', 'nor by a marker that is not there');
create temp table coach as select c.* from study.card_from_message((select answer from talk)) as c;
select results_eq('select source, front, back, quote, chunk_id is not null, material_id = (select id from material) from coach',
  $$ values ('coach', 'How many leaflets?', 'Two leaflets. Four chambers.', 'two leaflets', true, true) $$, 'the question in front, the answer behind, and the passage it came from');
select is((study.card_from_message((select answer from talk), 2)).id, (select id from coach), 'once an answer');
select tests.as_owner();
create temp table changed as
select tests.st_upload(eve, 'sc-heart-2.txt') as path from who;
update study.material_chunks set content = 'The mitral valve has six leaflets.' where material_id = (select id from material) and position('two leaflets' in content) > 0;
select private.study_flag_stale((select id from material));
select results_eq('select stale_at is not null, chunk_id is null from study.sm2_review_cards where id = (select id from coach)', 'values (true, true)', 'the passage says something else: the card is stale');
select tests.as_user((select ann from who));
select isnt((select stale_at from study.due_cards() where source = 'coach'), null, 'and says so');
select tests.as_owner();
update study.material_chunks set content = 'The mitral valve has two leaflets.' where material_id = (select id from material) and position('six leaflets' in content) > 0;
select private.study_flag_stale((select id from material));
select results_eq('select stale_at is null, chunk_id is not null from study.sm2_review_cards where id = (select id from coach)', 'values (true, true)', 'back as it was: fresh again');
select tests.as_user((select eve from who));
select study.delete_material((select id from material));
select tests.as_owner();
delete from study.materials where id = (select id from material);
select results_eq('select stale_at is not null, material_id is null, quote from study.sm2_review_cards where id = (select id from coach)', $$ values (true, true, 'two leaflets') $$, 'the material gone: stale, and the words stay');
select tests.as_user((select ann from who));
select results_eq($$ select stale_at is null, quote from study.edit_card((select id from coach), 'Leaflets?', 'Two') $$, $$ values (true, '') $$, 'written anew it is one''s own');

-- Approved answers
select tests.as_owner();
create temp table answer as
select private.index_document('qa', 'qa_answer', gen_random_uuid(), 'Why does the heart beat?', 'Because of the sinus node.') as open,
  private.index_document('qa', 'qa_answer', gen_random_uuid(), 'Secret?', 'Hidden.', p_visibility => 'owner', p_owner_id => (select eve from who)) as closed,
  private.index_document('qa', 'qa_answer', gen_random_uuid(), 'Unsure?', 'Perhaps.', p_is_retrievable => false) as unsure,
  private.index_document('social', 'post', gen_random_uuid(), 'A post', 'Somebody said so.') as post;
select tests.as_user((select ann from who));
create temp table acard as select c.* from study.card_from_answer((select open from answer)) as c;
select results_eq('select source, front, back from acard', $$ values ('qa', 'Why does the heart beat?', 'Because of the sinus node.') $$, 'a card of an approved answer');
select is((study.card_from_answer((select open from answer))).id, (select id from acard), 'once an answer');
select throws_ok(format('select study.card_from_answer((select %I from answer))', d), 'PT404', 'answer_not_found', 'none of what one may not read, nobody vouches for, or is no answer: ' || d) from unnest('{closed, unsure, post}'::text[]) as d;
select tests.as_owner();
update core.search_documents set body = 'Because of the atrial node.' where id = (select open from answer);
select isnt((select stale_at from study.sm2_review_cards where id = (select id from acard)), null, 'the answer was changed: stale');
update core.search_documents set body = 'Because of the sinus node. It does.' where id = (select open from answer);
select is((select stale_at from study.sm2_review_cards where id = (select id from acard)), null, 'it says so again: not');
delete from core.search_documents where id = (select open from answer);
select results_eq('select stale_at is not null, document_id is null, back from study.sm2_review_cards where id = (select id from acard)', $$ values (true, true, 'Because of the sinus node.') $$, 'gone: stale, and the card stays');

-- Deleting, and how many
select tests.as_user((select ann from who));
select is((study.delete_card((select id from note))).id, (select id from note), 'deleted');
select is(tests.count_of(format('select * from study.review_logs where card_id = %L', (select id from note))), 0::bigint, 'with its log');
select tests.as_owner();
update core.settings set value = '3' where key = 'study.max_cards';
select tests.as_user((select ann from who));
select throws_ok($$ select study.create_card('a', 'b') $$, 'PT409', 'too_many_cards', 'no more than a person may have');
select tests.as_owner();
update core.settings set value = '50000' where key = 'study.max_cards';
update core.settings set value = value || '{"card": {"burst": 1, "per_hour": 1}, "review": {"burst": 1, "per_hour": 1}, "reschedule": {"burst": 1, "per_hour": 1}}' where key = 'study.limits';
select tests.as_user((select eve from who));
select study.create_card('a', 'b');
select throws_ok($$ select study.create_card('a', 'b') $$, 'PT429', 'rate_limited', 'not too fast');
select study.review_card((select id from study.sm2_review_cards), 3);
select throws_ok('select study.review_card((select id from study.sm2_review_cards), 3)', 'PT429', 'rate_limited', 'nor reviews');
select study.reschedule_all();
select throws_ok('select study.reschedule_all()', 'PT429', 'rate_limited', 'nor computing anew');

-- Wishes
select tests.as_owner();
create function pg_temp.stored() returns jsonb language plpgsql as $$
declare
  v_row jsonb;
begin
  insert into study.learner_settings (user_id) select ben from who returning to_jsonb(learner_settings) - 'updated_at' into v_row;
  delete from study.learner_settings;
  return v_row;
end; $$;
select is(to_jsonb(private.study_settings((select ben from who))) - 'updated_at', pg_temp.stored(), 'the defaults without a row are those of the table');
select tests.as_user((select ben from who));
select is((study.my_settings()).desired_retention, 0.9::float8, 'who has wished nothing has them');
select results_eq($$ select desired_retention, scheduler, easy_weekdays, daily_goal_xp from study.set_learner_settings('{"desired_retention": 0.85, "easy_weekdays": [6, 7]}') $$,
  $$ values (0.85::float8, 'fsrs', '{6,7}'::smallint[], 50) $$, 'what is named is changed');
select is((study.set_learner_settings('{"daily_goal_xp": 80}')).desired_retention, 0.85::float8, 'what is not stays');
select throws_ok(format('select study.set_learner_settings(%L)', s), 'PT422', 'settings_invalid', 'refused: ' || left(s, 60))
from unnest(array[
  '{"desired_retention": 1}', '{"desired_retention": "NaN"}', '{"scheduler": "sm17"}', '{"no_such": 1}', '{"user_id": "00000000-0000-0000-0000-000000000000"}', '[]', 'null',
  '{"learning_steps_minutes": [0]}', '{"learning_steps_minutes": [[1, 2], [3, 4]]}', '{"learning_steps_minutes": 5}', '{"daily_goal_xp": null}', '{"daily_goal_xp": 1.5}',
  '{"weights": [1, 2, 3]}', '{"easy_weekdays": [1, 2, 3, 4, 5, 6, 7]}', '{"study_from": "25:00"}', '{"maximum_interval_days": 99999999999}', '{"is_fuzzed": {"a": 1}}'
]) as s;
select throws_ok(format('select study.set_learner_settings(%L)', jsonb_build_object('weights', array_fill(1000, array[21]))), 'PT422', 'settings_invalid', 'weights beyond their bounds');
select throws_ok(format('select study.set_learner_settings(%L)', jsonb_build_object('weights', array_fill('NaN'::text, array[21]))), 'PT422', 'settings_invalid', 'or none at all');
select is((select daily_goal_xp from study.learner_settings), 80, 'and nothing of it was written');
select throws_ok('update study.learner_settings set daily_goal_xp = 1', '42501', null, 'wishes are not written directly');
select is(tests.count_of('select * from study.learner_settings where user_id <> auth.uid()'), 0::bigint, 'and one''s own business');
select is((study.set_learner_settings(jsonb_build_object('weights', '{0.3,1.3,2.4,8,6,0.8,3,0.01,1.9,0.2,0.8,1.5,0.06,0.3,1.6,0.6,1.9,0.5,0.1,0.07,0.2}'::float8[]))).weights[1], 0.3::float8, 'weights of one''s own');
select is((study.set_learner_settings('{"weights": null}')).weights, null, 'and back to the published ones');

select * from finish();
rollback;
