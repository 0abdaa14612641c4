-- AI answers: who asks for them and how often, what workers may write, who reads and hears it, and ratings.
begin;
select plan(124);
-- What this file keeps in temporary tables and functions is for every actor. Undone with the transaction.
alter default privileges grant select on tables to public;
alter default privileges grant execute on functions to public;

create temp table who as select
  tests.create_user('asker@test.local') as asker,
  tests.create_user('reader@test.local') as reader,
  tests.create_user('blocked@test.local') as blocked,
  tests.create_user('quiet@test.local') as quiet,
  tests.create_user('aimod@test.local', '{moderator}') as moderator;
update core.profiles set created_at = now() - interval '30 days' where id in (select unnest(array[asker, reader, blocked, quiet, moderator]) from who);
update core.profiles set is_active = false where id = (select quiet from who);
insert into core.blocks (blocker_id, blocked_id) select asker, blocked from who;

create temp table q (name text primary key, id uuid not null default gen_random_uuid());
insert into q (name) values ('open'), ('closed'), ('deleted'), ('dying'), ('race'), ('hidden'), ('quoting');
insert into social.questions (id, author_id, title, content)
select q.id, w.asker, 'How much blood does the heart pump at rest?', 'I mean the cardiac output of a grown person.' from q, who as w where q.name <> 'quoting';
update social.questions set deleted_at = now(), title = '', content = '' where id = (select id from q where name = 'deleted');
create function pg_temp.q(p_name text) returns uuid language sql stable as $$ select id from q where name = p_name $$;

create temp table d (name text primary key, id uuid);
insert into d values
  ('pump', private.index_document('study', 'passage', gen_random_uuid(), 'The pump',
    E'The heart pumps about five\n litres of blood a minute at rest, its cardiac output.')),
  ('private', private.index_document('study', 'passage', gen_random_uuid(), 'My notes', 'The heart pumps six litres of blood, I believe.', null, '{}', 'owner', (select reader from who))),
  ('restricted', private.index_document('study', 'passage', gen_random_uuid(), 'Our notes', 'The heart pumps seven litres of blood.', null, '{}', 'restricted', null, 0, array[(select asker from who)])),
  ('post', private.index_document('social', 'post', gen_random_uuid(), 'A post', 'The heart pumps nine litres of blood.'));
insert into social.answers (id, question_id, author_id, content)
select a.id, pg_temp.q('closed'), w.reader, a.content
from who as w, (values ('00000000-0000-4000-8000-0000000000a1'::uuid, 'The heart pumps as much blood as the body needs.'),
  ('00000000-0000-4000-8000-0000000000a2'::uuid, 'The heart pumps no blood, whatever they say.')) as a (id, content);
insert into d
select case x.id when '00000000-0000-4000-8000-0000000000a1' then 'accepted' else 'rejected' end,
  private.index_document('social', 'answer', x.id, 'Heart', x.content)
from social.answers as x where x.id::text like '00000000-0000-4000-8000-0000000000a_';
update social.questions set closed_at = now(), close_reason = 'outdated', accepted_answer_id = '00000000-0000-4000-8000-0000000000a1' where id = pg_temp.q('closed');
create function pg_temp.d(p_name text) returns uuid language sql stable as $$ select id from d where name = p_name $$;

create function pg_temp.events(p_question text) returns text language sql stable security definer as $$
  select string_agg(replace(m.event, 'ai_answer_', ''), ' ' order by m.cmin::text::bigint) from realtime.messages as m
  where m.topic = 'question:' || pg_temp.q(p_question) and m.private;
$$;
-- The worker: claims what is due, and remembers the job of each answer.
create temp table job (ai_answer_id uuid primary key, id uuid, token bigint);
create function pg_temp.claim() returns void language sql as $$
  insert into job select j.resource_id, j.id, j.lease_token from ops.claim_jobs('test', 50, 'default', array['social.answer_question']) as j
  on conflict (ai_answer_id) do update set id = excluded.id, token = excluded.token;
$$;
create function pg_temp.latest(p_question text) returns uuid language sql stable security definer as $$
  select id from social.ai_answers where question_id = pg_temp.q(p_question) order by generation_attempts desc limit 1;
$$;
create function pg_temp.row(p_question text) returns social.ai_answers language sql stable security definer as $$
  select * from social.ai_answers where id = pg_temp.latest(p_question);
$$;
-- Records for the newest answer of a question: what a test does not name is as it should be.
create function pg_temp.record(p_question text, p_text text default 'About five litres a minute [1].', p_citations jsonb default null,
  p_is_covered boolean default true)
returns jsonb language sql as $$
  select social.record_ai_answer(j.ai_answer_id, j.id, j.token, p_text, coalesce(p_citations, jsonb_build_array(jsonb_build_object(
    'document_id', pg_temp.d('pump'), 'quote', 'The heart pumps about five litres of blood a minute at rest'))),
    p_is_covered, 0.876, 'local', 'local-extractive-1', 120, 34)
  from job as j where j.ai_answer_id = pg_temp.latest(p_question);
$$;
create function pg_temp.begin(p_question text) returns jsonb language sql as $$
  select social.begin_ai_answer(j.ai_answer_id, j.id, j.token) from job as j where j.ai_answer_id = pg_temp.latest(p_question);
$$;
create function pg_temp.delta(p_question text, p_index integer, p_text text) returns boolean language sql as $$
  select social.stream_ai_answer(j.ai_answer_id, j.id, j.token, p_index, p_text) from job as j where j.ai_answer_id = pg_temp.latest(p_question);
$$;

-- Asking -----------------------------------------------------------------------------------------------------------
select tests.as_anon();
select throws_ok($$ select social.request_ai_answer(pg_temp.q('open')) $$, '42501', null, 'a visitor asks for nothing');
select tests.as_user((select quiet from who));
select throws_ok($$ select social.request_ai_answer(pg_temp.q('open')) $$, 'PT403', 'account_inactive', 'nor does a suspended person');
select tests.as_user((select blocked from who));
select throws_ok($$ select social.request_ai_answer(pg_temp.q('open')) $$, 'PT404', 'content_not_found', 'somebody blocked does not see the question');
select tests.as_user((select reader from who));
select throws_ok($$ select social.request_ai_answer(gen_random_uuid()) $$, 'PT404', 'content_not_found', 'what is not there gets no answer');
select throws_ok($$ select social.request_ai_answer(null) $$, 'PT404', 'content_not_found', 'nor does nothing');
select throws_ok($$ select social.request_ai_answer(pg_temp.q('deleted')) $$, 'PT409', 'content_removed', 'nor a deleted question');
select throws_ok($$ select social.request_ai_answer(pg_temp.q('closed')) $$, 'PT409', 'question_closed', 'nor a closed one');
select is((social.request_ai_answer(pg_temp.q('open'))).status, 'pending', 'anybody who sees a question may ask');
select tests.as_user((select asker from who));
select is((social.request_ai_answer(pg_temp.q('open'))).id, pg_temp.latest('open'), 'asking while one is under way returns that one');
select tests.as_owner();
select is((select count(*) from ops.queue_items where resource_id = pg_temp.latest('open')), 1::bigint, 'and there is one job');
select is((pg_temp.row('open')).requested_by, (select reader from who), 'who asked first is kept');
select throws_ok($$ insert into social.ai_answers (question_id, generation_attempts) values (pg_temp.q('open'), 2) $$, '23505', null, 'a second current answer is impossible');

-- Nobody writes directly, and stages are for workers
select tests.as_user((select asker from who));
select throws_ok($$ insert into social.ai_answers (question_id) values (pg_temp.q('race')) $$, '42501', null, 'people insert no AI answers');
select throws_ok($$ update social.ai_answers set answer_text = 'Mine' $$, '42501', null, 'change none');
select throws_ok($$ delete from social.ai_answers $$, '42501', null, 'delete none');
select throws_ok($$ insert into social.ai_answer_citations (ai_answer_id, ordinal, quote) values (pg_temp.latest('open'), 1, 'x') $$, '42501', null, 'add no sources');
select throws_ok($$ insert into social.ai_answer_ratings (ai_answer_id, user_id, rating) values (pg_temp.latest('open'), auth.uid(), 5) $$, '42501', null, 'rate only through the RPC');
select throws_ok($$ select social.begin_ai_answer(gen_random_uuid(), gen_random_uuid(), 1) $$, '42501', null, 'people begin no stage');
select throws_ok($$ select social.ai_answer_passages(gen_random_uuid(), gen_random_uuid(), 1) $$, '42501', null, 'retrieve nothing');
select throws_ok($$ select social.stream_ai_answer(gen_random_uuid(), gen_random_uuid(), 1, 0, 'x') $$, '42501', null, 'stream nothing');
select throws_ok($$ select social.record_ai_answer(gen_random_uuid(), gen_random_uuid(), 1, 'x', '[]', false, 0, 'a', 'b') $$, '42501', null, 'record nothing');
select throws_ok($$ select social.fail_ai_answer(gen_random_uuid(), gen_random_uuid(), 1, 'x') $$, '42501', null, 'and fail nothing');
select throws_ok($$ select private.broadcast_to_question(pg_temp.q('open'), 'ai_answer_delta', '{}') $$, '42501', null, 'nor broadcast');

-- The stages -------------------------------------------------------------------------------------------------------
select social.request_ai_answer(pg_temp.q('race'));
select social.request_ai_answer(pg_temp.q('dying'));
select social.request_ai_answer(pg_temp.q('hidden'));
select tests.as_owner();
select pg_temp.claim();
select tests.as_service();
select throws_ok($$ select social.begin_ai_answer(pg_temp.latest('open'), (select id from job where ai_answer_id = pg_temp.latest('open')), -1) $$, 'PT409', 'lease_lost', 'a wrong token begins nothing');
select throws_ok($$ select social.begin_ai_answer(pg_temp.latest('open'), id, token) from job where ai_answer_id = pg_temp.latest('race') $$, 'PT409', 'lease_lost', 'nor does the lease of another answer');
select throws_ok($$ select social.record_ai_answer(pg_temp.latest('open'), id, token, 'x', '[]', false, 0, 'a', 'b') from job where ai_answer_id = pg_temp.latest('race') $$, 'PT409', 'lease_lost', 'which records nothing');
select throws_ok($$ select social.stream_ai_answer(pg_temp.latest('open'), id, token, 0, 'x') from job where ai_answer_id = pg_temp.latest('race') $$, 'PT409', 'lease_lost', 'streams nothing');
select throws_ok($$ select social.fail_ai_answer(pg_temp.latest('open'), id, token, 'x') from job where ai_answer_id = pg_temp.latest('race') $$, 'PT409', 'lease_lost', 'fails nothing');
select throws_ok($$ select social.ai_answer_passages(pg_temp.latest('open'), id, token) from job where ai_answer_id = pg_temp.latest('race') $$, 'PT409', 'lease_lost', 'and retrieves nothing');
select is(pg_temp.delta('open', 0, 'Too early'), false, 'nothing is heard before it has begun');
select is(pg_temp.record('open') ->> 'recorded', 'false', 'nor recorded');
select is(pg_temp.begin('open') ->> 'title', 'How much blood does the heart pump at rest?', 'begin gives the question');
select is((pg_temp.row('open')).status, 'generating', 'and the answer is being made');
select results_eq(
  $$ select p.id from social.ai_answer_passages(pg_temp.latest('open'), (select id from job where ai_answer_id = pg_temp.latest('open')),
    (select token from job where ai_answer_id = pg_temp.latest('open')), 50) as p join d on d.id = p.id order by d.name $$,
  $$ select id from d where name in ('pump', 'accepted') order by name $$,
  'passages: material and accepted answers; nothing private, restricted, unaccepted or of another kind, whoever asked'
);
select is(pg_temp.delta('open', 0, 'About '), true, 'a piece is sent');
select throws_ok($$ select pg_temp.delta('open', -1, 'x') $$, 'PT422', 'invalid_delta', 'an index is not negative');
select throws_ok($$ select pg_temp.delta('open', 1, '') $$, 'PT422', 'invalid_delta', 'a piece is not empty');
select throws_ok($$ select pg_temp.delta('open', 1, repeat('x', 8001)) $$, 'PT422', 'invalid_delta', 'nor endless');

-- A worker that dies: the next one begins again, the first is refused.
select tests.as_owner();
create temp table lost as select * from job where ai_answer_id = pg_temp.latest('open');
update ops.queue_items set lease_expires_at = now() - interval '1 second' where id = (select id from lost);
select pg_temp.claim();
select tests.as_service();
select isnt((select token from lost), (select token from job where ai_answer_id = pg_temp.latest('open')), 'another worker takes over');
select throws_ok($$ select social.stream_ai_answer(ai_answer_id, id, token, 1, 'late') from lost $$, 'PT409', 'lease_lost', 'the first is heard no more');
select is(pg_temp.begin('open') ->> 'proceed', 'true', 'the second begins again');
select is(pg_temp.delta('open', 0, 'About five litres a minute '), true, 'from the start');
select is(pg_temp.events('open'), 'started delta restarted delta', 'and listeners are told so');

-- Recording: the database looks every quote up.
select throws_ok($$ select pg_temp.record('open', 'It does [1].', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('pump'), 'quote', 'The heart pumps ten litres'))) $$, 'PT422', 'citation_not_in_source', 'an invented quote is refused');
select throws_ok($$ select pg_temp.record('open', 'It does [1].', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('private'), 'quote', 'The heart pumps six litres'))) $$, 'PT422', 'citation_not_in_source', 'so is a true one of somebody''s own notes');
select throws_ok($$ select pg_temp.record('open', 'It does [1].', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('restricted'), 'quote', 'The heart pumps seven litres'))) $$, 'PT422', 'citation_not_in_source', 'of a few people''s');
select throws_ok($$ select pg_temp.record('open', 'It does [1].', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('rejected'), 'quote', 'The heart pumps no blood'))) $$, 'PT422', 'citation_not_in_source', 'of an answer that nobody accepted');
select throws_ok($$ select pg_temp.record('open', 'It does [1].', jsonb_build_array(jsonb_build_object('document_id', gen_random_uuid(), 'quote', 'The heart'))) $$, 'PT422', 'citation_not_in_source', 'of nothing at all');
select throws_ok($$ select pg_temp.record('open', 'It does [1].', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('pump'), 'quote', ' '))) $$, 'PT422', 'citation_not_in_source', 'and one without words');
select throws_ok($$ select pg_temp.record('open', 'It does [2].') $$, 'PT422', 'citation_unknown', 'a marker needs its citation');
select throws_ok($$ select pg_temp.record('open', 'It does [0].') $$, 'PT422', 'citation_unknown', 'there is none numbered 0');
select throws_ok($$ select pg_temp.record('open', 'It does.', '[]') $$, 'PT422', 'citation_required', 'an answer without sources is none');
select throws_ok($$ select pg_temp.record('open', 'It does not say.', null, false) $$, 'PT422', 'citation_required', 'no answer has no sources');
select throws_ok($$ select pg_temp.record('open', '<script>alert(1)</script> [1]') $$, 'PT422', 'markup_not_allowed', 'no markup comes in');
select is(pg_temp.record('open') ->> 'recorded', 'true', 'what is quoted word for word is recorded');
select is(pg_temp.record('open', 'Something else [1].') ->> 'recorded', 'false', 'and only once');
select is(pg_temp.begin('open') ->> 'proceed', 'false', 'there is nothing left to do');
select is(pg_temp.delta('open', 1, 'more'), false, 'nor to hear');
select tests.as_owner();
select results_eq(
  $$ select status, answer_text, is_covered, confidence_score, relevance_score, completeness_score, provider, model_used, tokens_used, processing_time_ms, label
    from social.ai_answers where id = pg_temp.latest('open') $$,
  $$ values ('completed', 'About five litres a minute [1].', true, 0.88, 0.80, 0.80, 'local', 'local-extractive-1', 120, 34, 'Written by an AI from the cited material.') $$,
  'with scores, and its label'
);
select is((select relevance from private.ai_answer_scores('Blood, heart and liver?', 'Nothing', '{heart,"blood heart"}')), 0.50, 'relevance is the share of the title''s words in a quote, on average');
select is((select completeness from private.ai_answer_scores('Blood, heart and liver?', 'Nothing', '{heart,"blood heart"}')), 0.67, 'completeness that in all together');
select is((select completeness from private.ai_answer_scores('Why is it so?', 'x', '{y}')), null, 'without words there is none');
select is(pg_temp.events('open'), 'started delta restarted delta completed', 'listeners get the whole at the end');
select is((select payload ->> 'text' from realtime.messages where event = 'ai_answer_completed' and topic = 'question:' || pg_temp.q('open')), 'About five litres a minute [1].', 'as it is stored');

-- Again: a pause, and at most so many.
select tests.as_user((select reader from who));
select throws_ok($$ select social.request_ai_answer(pg_temp.q('open')) $$, 'PT429', 'ai_answer_too_soon', 'a new answer stands for a while');
select tests.as_owner();
update social.ai_answers set completed_at = now() - interval '11 minutes' where id = pg_temp.latest('open');
select tests.as_user((select reader from who));
select is((social.request_ai_answer(pg_temp.q('open'))).generation_attempts, 2, 'then there may be another');
select is(tests.count_of($$ select * from social.ai_answers where question_id = pg_temp.q('open') and is_current $$), 1::bigint, 'which is the current one');
select tests.as_owner();
select pg_temp.claim();
select tests.as_service();
select pg_temp.begin('open');
select is(social.fail_ai_answer(ai_answer_id, id, token, 'No code!'), true, 'a worker gives up') from job where ai_answer_id = pg_temp.latest('open');
select is(social.fail_ai_answer(ai_answer_id, id, token, 'refused'), false, 'once') from job where ai_answer_id = pg_temp.latest('open');
select tests.as_owner();
select is((pg_temp.row('open')).error_code, 'generation_failed', 'with a code that is one');
select is((select generation_attempts from social.ai_answers where question_id = pg_temp.q('open') and is_current), 1, 'and the earlier answer is the current one again');
select tests.as_user((select reader from who));
select is((social.request_ai_answer(pg_temp.q('open'))).generation_attempts, 3, 'after a failure there is no pause');
select tests.as_owner();
update social.ai_answers set status = 'failed', error_code = 'ai_unavailable', completed_at = now() where id = pg_temp.latest('open');
select tests.as_user((select reader from who));
select throws_ok($$ select social.request_ai_answer(pg_temp.q('open')) $$, 'PT409', 'ai_generations_used_up', 'but not without end');

-- Questions that go away, jobs that die
select tests.as_service();
select pg_temp.begin('race');
select tests.as_owner();
update social.questions set closed_at = now(), close_reason = 'solved' where id = pg_temp.q('race');
select tests.as_service();
select is(pg_temp.delta('race', 0, 'x'), false, 'a question that was closed meanwhile hears no more');
select is((pg_temp.row('race')).error_code, 'question_closed', 'and its answer has failed, with the reason');
select pg_temp.begin('dying');
select tests.as_owner();
update social.questions set deleted_at = now(), title = '', content = '' where id = pg_temp.q('dying');
select tests.as_service();
select is(pg_temp.record('dying') ->> 'error_code', 'question_removed', 'nor is one recorded for a question that was deleted');
select tests.as_owner();
update social.questions set hidden_at = now(), title = '', content = '' where id = pg_temp.q('hidden');
select tests.as_service();
select is(pg_temp.begin('hidden') ->> 'error_code', 'question_removed', 'nor begun for one that was hidden');
select tests.as_owner();
update social.questions set closed_at = null, close_reason = null where id = pg_temp.q('race');
select tests.as_user((select asker from who));
select social.request_ai_answer(pg_temp.q('race'));
select tests.as_owner();
select pg_temp.claim();
select is(private.social_rescue_ai_answers(), 0, 'an answer whose job lives needs no rescue');
select ops.fail_job(id, token, 'boom', false) from job where ai_answer_id = pg_temp.latest('race');
select is(private.social_rescue_ai_answers(), 1, 'one whose job is dead is ended');
select is((pg_temp.row('race')).error_code, 'generation_failed', 'as failed');
select is(pg_temp.events('race'), 'started failed failed', 'and listeners are told');
update ops.job_types set is_enabled = false where job_type = 'social.answer_question';
select tests.as_user((select asker from who));
select throws_ok($$ select social.request_ai_answer(pg_temp.q('race')) $$, 'PT409', 'job_type_disabled', 'switched off, nothing is promised');

-- Reading and listening --------------------------------------------------------------------------------------------
select tests.as_anon();
select is(tests.count_of($$ select * from social.ai_answers where question_id = pg_temp.q('open') $$), 1::bigint, 'a visitor reads the completed answer and no other');
select is(tests.count_of($$ select * from social.ai_answer_citations $$), 1::bigint, 'with its source');
select is(tests.count_of($$ select * from social.ai_answers where question_id in (pg_temp.q('dying'), pg_temp.q('race')) $$), 0::bigint, 'nothing that failed, nor of a question that is gone');
select throws_ok('select * from social.ai_answer_ratings', '42501', null, 'and no ratings');
select tests.as_user((select reader from who));
select is(tests.count_of($$ select * from social.ai_answers where question_id = pg_temp.q('open') $$), 3::bigint, 'signed in one sees all generations');
select set_config('realtime.topic', 'question:' || pg_temp.q('open'), true);
select ok(tests.count_of($$ select * from realtime.messages where topic = 'question:' || pg_temp.q('open') $$) > 0, 'and listens');
select throws_ok($$ insert into realtime.messages (topic, extension, event, payload, private) values ('question:' || pg_temp.q('open'), 'broadcast', 'ai_answer_delta', '{}', true) $$, '42501', null, 'but does not send');
select is(
  array(select private.may_listen_to_question(t) from unnest(array['question:' || pg_temp.q('deleted'), 'question:' || gen_random_uuid(), 'question:x', 'room:' || pg_temp.q('open')]) as t),
  '{f,f,f,f}', 'a question that is deleted or not there has no channel, nor has anything else'
);
select tests.as_user((select blocked from who));
select is(tests.count_of('select * from realtime.messages'), 0::bigint, 'somebody blocked hears nothing');
select is(tests.count_of($$ select * from social.ai_answers where question_id = pg_temp.q('open') $$), 0::bigint, 'and reads nothing');
select tests.as_anon();
select is(tests.count_of('select * from realtime.messages'), 0::bigint, 'a visitor does not listen');

-- Ratings ----------------------------------------------------------------------------------------------------------
select tests.as_owner();
create temp table done as select id from social.ai_answers where question_id = pg_temp.q('open') and status = 'completed';
create function pg_temp.sums() returns text language sql stable security definer as $$
  select ratings_count || '/' || ratings_sum from social.ai_answers where id = (select id from done);
$$;
select tests.as_anon();
select throws_ok($$ select social.rate_ai_answer((select id from done), 5) $$, '42501', null, 'a visitor rates nothing');
select tests.as_user((select quiet from who));
select throws_ok($$ select social.rate_ai_answer((select id from done), 5) $$, 'PT403', 'account_inactive', 'nor does a suspended person');
select tests.as_user((select blocked from who));
select throws_ok($$ select social.rate_ai_answer((select id from done), 5) $$, 'PT404', 'content_not_found', 'nor somebody who does not see the question');
select tests.as_user((select reader from who));
select throws_ok($$ select social.rate_ai_answer(gen_random_uuid(), 5) $$, 'PT404', 'content_not_found', 'nothing is there to rate');
select throws_ok(format('select social.rate_ai_answer((select id from done), %s)', coalesce(n::text, 'null')), 'PT422', 'invalid_rating', 'a rating is 1 to 5, not ' || coalesce(n::text, 'null'))
from (values (0), (6), (-1), (null)) as x (n);
select throws_ok($$ select social.rate_ai_answer(pg_temp.latest('open'), 5) $$, 'PT409', 'ai_answer_not_completed', 'what failed is not rated');
select throws_ok($$ select social.rate_ai_answer(pg_temp.latest('dying'), 5) $$, 'PT409', 'content_removed', 'nor what belongs to a deleted question');
select is(social.rate_ai_answer((select id from done), 5) ->> 'ratings_sum', '5', 'a rating counts');
select is(social.rate_ai_answer((select id from done), 2) ->> 'ratings_sum', '2', 'rating again changes it');
select is(social.rate_ai_answer((select id from done), 2) ->> 'ratings_count', '1', 'and counts once');
select tests.as_user((select asker from who));
select is(social.rate_ai_answer((select id from done), 4) ->> 'ratings_sum', '6', 'another''s is added');
select is(tests.count_of('select * from social.ai_answer_ratings'), 1::bigint, 'one sees one''s own rating only');
select throws_ok('update social.ai_answer_ratings set rating = 5', '42501', null, 'and does not write it by hand');
select throws_ok('delete from social.ai_answer_ratings', '42501', null, 'nor delete it');
select tests.as_owner();
select is(pg_temp.sums(), '2/6', 'the sums are the ratings''');
update social.ai_answer_ratings set rating = 1 where ai_answer_id = (select id from done);
select is(pg_temp.sums(), '2/2', 'after a change of many at once, too');
delete from auth.users where id = (select reader from who);
select is(pg_temp.sums(), '1/1', 'and when somebody leaves');
select is((select count(*) from social.ai_answers where question_id = pg_temp.q('open') and requested_by is null), 3::bigint, 'whose answers stay');

-- What quotes a community answer goes with it.
select tests.as_owner();
update ops.job_types set is_enabled = true where job_type = 'social.answer_question';
insert into social.questions (id, author_id, title, content) select pg_temp.q('quoting'), w.asker, 'How much blood does the heart pump?', 'Once more.' from who as w;
select tests.as_user((select asker from who));
select social.request_ai_answer(pg_temp.q('quoting'));
select tests.as_owner();
select pg_temp.claim();
select tests.as_service();
select pg_temp.begin('quoting');
select is(pg_temp.record('quoting', 'As much as needed [1].', jsonb_build_array(jsonb_build_object('document_id', pg_temp.d('accepted'), 'quote', 'The heart pumps as much blood as the body needs.'))) ->> 'recorded', 'true', 'an accepted answer is quoted');
select tests.as_owner();
update social.questions set closed_at = null, close_reason = null where id = pg_temp.q('closed');
update social.answers set deleted_at = now(), content = '' where id = '00000000-0000-4000-8000-0000000000a1';
select is((pg_temp.row('quoting')).error_code || (pg_temp.row('quoting')).answer_text, 'source_removed', 'when its author deletes it, nothing says it any more');
select is((select count(*) from social.ai_answer_citations where ai_answer_id = pg_temp.latest('quoting')), 0::bigint, 'nor quotes it');
select tests.as_user((select asker from who));
select is((social.request_ai_answer(pg_temp.q('quoting'))).generation_attempts, 2, 'and another answer may be asked for at once');

-- Hidden by a moderator
select tests.as_owner();
update social.ai_answers set hidden_at = now(), answer_text = '' where id = (select id from done);
select tests.as_user((select asker from who));
select is(tests.count_of($$ select * from social.ai_answers where id = (select id from done) $$), 0::bigint, 'what is hidden is not read');
select is(tests.count_of($$ select * from social.ai_answer_citations where ai_answer_id = (select id from done) $$), 0::bigint, 'nor are its sources');
select throws_ok($$ select social.rate_ai_answer((select id from done), 5) $$, 'PT409', 'content_removed', 'nor is it rated');
select tests.as_owner();
delete from social.ai_answers where question_id = pg_temp.q('open') and id <> (select id from done);
select tests.as_user((select asker from who));
select throws_ok($$ select social.request_ai_answer(pg_temp.q('open')) $$, 'PT409', 'content_removed', 'and nobody has it made anew');
select tests.as_owner();
update social.ai_answers set completed_at = now() - interval '1 hour' where id = (select id from done);
select tests.as_user((select moderator from who));
select is((social.request_ai_answer(pg_temp.q('open'))).generation_attempts, 2, 'but a moderator');
select tests.as_owner();
delete from social.questions where id = pg_temp.q('open');
select is((select count(*) from social.contents where id = (select id from done)), 0::bigint, 'with its question an AI answer goes');

select * from finish();
rollback;
