-- The stages: each works once, under its worker's lease, and enqueues the next.
begin;
select tests.share_temporaries();
select plan(47);

create temp table p as
select tests.create_user('pipe@test.local', array['student']) as student, tests.qa_expert('pipe-expert@test.local') as expert;
select tests.qa_only_experts(array[(select expert from p)]);
create temp table q as select tests.qa_submit((select student from p)) as id;
create temp table doc as select tests.qa_passage('Pump', 'The heart is a muscular pump that drives blood through two circuits.') as id;
-- Only the jobs of this test.
delete from ops.queue_items where resource_id is distinct from (select id from q);

create temp table lease (step text, job_id uuid, token bigint, job_type text);
create function pg_temp.claim(p_step text) returns text language sql security definer as $$
  insert into lease select p_step, id, lease_token, job_type from ops.claim_jobs('worker-' || p_step, 1, 'default') returning job_type;
$$;
create function pg_temp.job(p_step text) returns uuid language sql security definer as $$ select job_id from lease where step = p_step $$;
create function pg_temp.token(p_step text) returns bigint language sql security definer as $$ select token from lease where step = p_step $$;

select is(pg_temp.claim('generate'), 'qa.generate', 'submitting enqueued the generation');
select tests.as_service();
select throws_ok(
  $$ select qa.begin_generation((select id from q), null, null) $$, 'PT409', 'lease_lost', 'a worker needs a lease');
select throws_ok(
  $$ select qa.begin_generation((select id from q), pg_temp.job('generate'), 0) $$, 'PT409', 'lease_lost', 'and its own token');
select throws_ok(
  $$ select qa.begin_generation(gen_random_uuid(), pg_temp.job('generate'), pg_temp.token('generate')) $$, 'PT409', 'lease_lost', 'for the question of the job');
select is(qa.begin_generation((select id from q), pg_temp.job('generate'), pg_temp.token('generate')) ->> 'proceed', 'true', 'its holder begins');
select is(tests.qa_status((select id from q)), 'processing', 'the question is in process');
select is(qa.begin_generation((select id from q), pg_temp.job('generate'), pg_temp.token('generate')) ->> 'proceed', 'true', 'a worker that died is repeated');

select throws_ok($$ select qa.record_generated_answer((select id from q), pg_temp.job('generate'), pg_temp.token('generate'),
  'It pumps. [1]', '[]', 'local', 'm', 0.5, true) $$, 'PT422', 'citation_unknown', 'a marker needs its citation');
select throws_ok($$ select qa.record_generated_answer((select id from q), pg_temp.job('generate'), pg_temp.token('generate'),
  'It pumps. [1]', jsonb_build_array(jsonb_build_object('document_id', (select id from doc), 'title', 'Pump', 'quote', 'The heart is a stone')),
  'local', 'm', 0.5, true) $$, 'PT422', 'citation_not_in_source', 'an invented quote is refused');
select is(qa.record_generated_answer((select id from q), pg_temp.job('generate'), pg_temp.token('generate'),
  'It pumps. [1]', jsonb_build_array(jsonb_build_object('document_id', (select id from doc), 'title', 'Pump', 'quote', 'The heart is a muscular pump')),
  'local', 'm', 0.5, true) ->> 'recorded', 'true', 'a true quote is taken');
select is(qa.record_generated_answer((select id from q), pg_temp.job('generate'), pg_temp.token('generate'),
  'It pumps again.', '[]', 'local', 'm', 0.5, true) ->> 'recorded', 'false', 'a repeated stage does nothing');
select tests.as_owner();
select is((select count(*)::integer from qa.answer_versions v join qa.answers a on a.id = v.answer_id where a.question_id = (select id from q)), 1, 'one version');
select is((select c.quote from qa.answer_citations c join qa.answer_versions v on v.id = c.version_id join qa.answers a on a.id = v.answer_id
  where a.question_id = (select id from q)), 'The heart is a muscular pump', 'with its citation');
select ops.complete_job(pg_temp.job('generate'), pg_temp.token('generate'));

select is(pg_temp.claim('humanize'), 'qa.humanize', 'the next stage is enqueued');
select tests.as_service();
select is(qa.begin_humanization((select id from q), pg_temp.job('humanize'), pg_temp.token('humanize')) ->> 'content', 'It pumps. [1]', 'it gets the text');
select is(qa.record_humanized_answer((select id from q), pg_temp.job('humanize'), pg_temp.token('humanize'),
  (qa.begin_humanization((select id from q), pg_temp.job('humanize'), pg_temp.token('humanize')) ->> 'version_id')::uuid,
  'test', 'failed', null, 0, 3, 'provider is down') ->> 'recorded', 'true', 'wording that failed does not hold the answer up');
select tests.as_owner();
select is((select status from qa.humanization_logs h join qa.answers a on a.id = h.answer_id where a.question_id = (select id from q)), 'failed', 'and is on record');
select is(tests.qa_status((select id from q)), 'humanized', 'the question moves on');
select ops.complete_job(pg_temp.job('humanize'), pg_temp.token('humanize'));

select is(pg_temp.claim('originality'), 'qa.originality', 'then originality');
-- This worker dies without a word; its lease runs out; another one takes over.
update ops.queue_items set lease_expires_at = now() - interval '1 second' where id = pg_temp.job('originality');
select is(ops.release_expired() >= 1, true, 'a silent worker loses its job');
update ops.queue_items set run_at = now() - interval '1 minute' where resource_id = (select id from q);
select is(pg_temp.claim('originality-2'), 'qa.originality', 'another worker gets it');
select tests.as_service();
select throws_ok(
  $$ select qa.check_originality((select id from q), pg_temp.job('originality'), pg_temp.token('originality')) $$,
  'PT409', 'lease_lost', 'the first one cannot write any more');
select is(qa.check_originality((select id from q), pg_temp.job('originality-2'), pg_temp.token('originality-2')) ->> 'checked', 'true', 'the second one can');
select tests.as_owner();
select is((select o.status from qa.originality_checks o join qa.answers a on a.id = o.answer_id where a.question_id = (select id from q)), 'success', 'the check is on record');
select ops.complete_job(pg_temp.job('originality-2'), pg_temp.token('originality-2'));

select is(pg_temp.claim('assign'), 'qa.assign', 'then assignment');
select tests.as_service();
select is(qa.assign_expert((select id from q), pg_temp.job('assign'), pg_temp.token('assign')) ->> 'assigned', 'true', 'an expert is found');
select is(qa.assign_expert((select id from q), pg_temp.job('assign'), pg_temp.token('assign')) ->> 'assigned', 'false', 'once');
select tests.as_owner();
select ops.complete_job(pg_temp.job('assign'), pg_temp.token('assign'));
select tests.qa_drive((select id from q), 'approved');
select is(pg_temp.claim('deliver'), 'qa.deliver', 'approval enqueues delivery');
select tests.as_service();
select is(qa.deliver_answer((select id from q), pg_temp.job('deliver'), pg_temp.token('deliver')) ->> 'delivered', 'true', 'which delivers');
select is(qa.deliver_answer((select id from q), pg_temp.job('deliver'), pg_temp.token('deliver')) ->> 'delivered', 'false', 'once');
select tests.as_owner();
select ops.complete_job(pg_temp.job('deliver'), pg_temp.token('deliver'));
select is((select count(*)::integer from ops.queue_items where resource_id = (select id from q)), 0, 'the queue is empty');
select is((select count(*)::integer from core.notifications where user_id = (select student from p) and type = 'answer_delivered'), 1, 'the client is told');
select is((select visibility from core.search_documents where module = 'qa' and entity_id = (select id from q)), 'authenticated', 'with consent the answer is found by others');

create temp table kept as select tests.qa_submit((select student from p)) as private_id, tests.qa_submit((select student from p)) as image_id;
update qa.questions set allow_reuse = false where id = (select private_id from kept);
update qa.questions set question_type = 'image', content = '' where id = (select image_id from kept);
select tests.qa_drive(k.id, 'delivered') from (select unnest(array[private_id, image_id]) as id from kept) as k;
select is(tests.qa_status((select private_id from kept)), 'delivered', 'without consent it is delivered as well');
select is(tests.qa_status((select image_id from kept)), 'delivered', 'and so is the answer to pictures alone, with consent');
select is((select count(*) from core.search_documents as d join kept as k on d.entity_id in (k.private_id, k.image_id)), 0::bigint,
  'neither is found by others');

select tests.as_user((select student from p));
select throws_ok($$ select qa.begin_generation((select id from q), null, null) $$, '42501', null, 'no client runs a stage');

-- The AI is out of order for good: an expert answers without it, and the client does not wait for an administrator.
select tests.as_owner();
select lives_ok($$ select qa.grant_credits((select student from p), 5, 'For the test', 'rescue-test') $$, 'more credits');
create temp table dead as select tests.qa_submit((select student from p)) as id;
delete from ops.queue_items where resource_id is distinct from (select id from dead);
update ops.queue_items set max_attempts = 1;
select is(private.qa_rescue_stranded(), 0, 'while the job lives there is nothing to rescue');
create temp table last_try as select id, lease_token from ops.claim_jobs('doomed', 1, 'default');
select is(ops.fail_job((select id from last_try), (select lease_token from last_try), 'bad_key: refused', false), 'dead', 'the generation dies');
select is(private.qa_rescue_stranded(), 1, 'the question is moved on');
select is(tests.qa_status((select id from dead)), 'ai_generated', 'without a draft');
select is((select is_covered from qa.questions where id = (select id from dead)), false, 'which it says');
select is(private.qa_rescue_stranded(), 0, 'once');
create temp table last_rewording as select id, lease_token from ops.claim_jobs('doomed', 1, 'default', '{qa.humanize}');
select ops.fail_job((select id from last_rewording), (select lease_token from last_rewording), 'bad_key: refused', false);
select is(private.qa_rescue_stranded(), 1, 'so is one whose rewording died');
select tests.qa_drive((select id from dead), 'delivered', false);
select is((select response_type from qa.answers where question_id = (select id from dead)), 'expert', 'an expert answers');
select is((select provenance ->> 'written_by' from private.qa_latest_version((select id from dead))), 'expert', 'and is named as the author');

select * from finish();
rollback;
