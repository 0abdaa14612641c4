-- Every move of a processing job and of a review, legal and illegal, from the transition table itself.
begin;
select tests.share_temporaries();
select plan(182);

create temp table p as select tests.create_user('mv-owner@test.local') as owner, tests.create_user('mv-rev@test.local', '{reviewer}') as rev;
create temp table d as select tests.tt_submit((select owner from p)) as id;
create temp table j as select (tests.tt_job((select id from d))).id;

-- Each of the 144 pairs on a row that is put into its first state by force; and everything is put back.
create function pg_temp.try_move(p_from text, p_to text) returns text language plpgsql as $$
declare
  v_verdict text;
begin
  begin
    alter table timetable.processing_jobs disable trigger user;
    update timetable.processing_jobs set
      status = p_from,
      error_code = case when p_from = 'failed' then 'for_the_test' end,
      completed_at = case when p_from in ('completed', 'failed', 'cancelled') then now() end
    where id = (select id from j);
    alter table timetable.processing_jobs enable trigger user;
    update timetable.processing_jobs set status = p_to, error_code = case when p_to = 'failed' then 'for_the_test' end
    where id = (select id from j);
    v_verdict := 'legal';
    raise exception sqlstate 'TEST1' using message = 'undo';
  exception
    when sqlstate 'TEST1' then null;
    when sqlstate 'PT409' then v_verdict := sqlerrm;
  end;
  return v_verdict;
end;
$$;

create temp table s as select unnest(array['pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing',
  'validating', 'completed', 'failed', 'cancelled', 'hitl_pending', 'hitl_in_progress']) as status;
select is(
  pg_temp.try_move(f.status, t.status),
  case
    when f.status = t.status then 'legal'
    when exists (select from timetable.job_transitions m where m.from_status = f.status and m.to_status = t.status) then 'legal'
    else 'illegal_transition'
  end,
  format('%s → %s', f.status, t.status)
)
from s f cross join s t;
select ok((select count(*) from timetable.job_transitions) between 30 and 60, 'the table holds moves, and by far not all of them');
select is((select count(*) from timetable.job_transitions where from_status not in (select status from s) or to_status not in (select status from s)), 0::bigint, 'between states that exist');
select is((select count(*) from timetable.job_transitions where from_status in ('failed', 'cancelled')), 0::bigint, 'what failed or was cancelled stays so');

-- What no job may be (source-defects 42).
select throws_ok($$ insert into timetable.processing_jobs (document_id, user_id, status) select id, (select owner from p), 'ocr' from d $$, 'PT409', 'illegal_transition', 'a job begins as pending');
select throws_ok($$ insert into timetable.processing_jobs (document_id, user_id) select id, (select owner from p) from d $$, '23505', null, 'one active job for each document');
select throws_ok($$ update timetable.processing_jobs set confidence = -5 $$, '23514', null, 'no confidence of -5');
select throws_ok($$ update timetable.processing_jobs set status = 'failed' $$, '23514', null, 'no failure without a reason');
select throws_ok($$ update timetable.processing_jobs set error_code = 'why' $$, '23514', null, 'no reason without a failure');
select throws_ok($$ update timetable.processing_jobs set completed_at = now() $$, '23514', null, 'no end before the end');
select throws_ok($$ update timetable.processing_jobs set progress = 101 $$, '23514', null, 'no more than all');

-- Timed, counted, told.
update timetable.processing_jobs set stage_started_at = now() - interval '3 seconds' where id = (select id from j);
update timetable.processing_jobs set status = 'classifying' where id = (select id from j);
select ok((select (timings ->> 'pending')::integer >= 3000 from timetable.processing_jobs where id = (select id from j)), 'the stage that ended is timed');
select is((select stage from timetable.processing_jobs where id = (select id from j)), 'classifying', 'the stage is where it is');
update timetable.processing_jobs set status = 'preprocessing' where id = (select id from j);
update timetable.processing_jobs set status = 'ocr', progress = 40 where id = (select id from j);
update timetable.processing_jobs set stage_started_at = now() - interval '2 seconds' where id = (select id from j);
update timetable.processing_jobs set status = 'classifying' where id = (select id from j);
select is((select progress from timetable.processing_jobs where id = (select id from j)), 0::smallint, 'after a crash it begins again');
select ok((select (timings ->> 'ocr')::integer >= 2000 from timetable.processing_jobs where id = (select id from j)), 'and what the crash cost is in the time');
select ok((select count(*) >= 3 from ops.metrics where name = 'timetable.stage_ms'), 'stages are measured');
select is((select count(*)::integer from realtime.messages where topic = 'user:' || (select owner from p) and event = 'timetable_progress'), 5, 'each step is broadcast to the owner');
update timetable.processing_jobs set status = 'cancelled' where id = (select id from j);
select isnt((select completed_at from timetable.processing_jobs where id = (select id from j)), null, 'an end has its time');
select is((select stage from timetable.processing_jobs where id = (select id from j)), 'classifying', 'and says where it was');

-- Reviews: the same for its moves, and the job follows.
create temp table d2 as select tests.tt_submit((select owner from p)) as id;
select is(tests.tt_read((select id from d2)), 'hitl_pending', 'a document that is unsure waits for a person');
create temp table t as select (tests.tt_task((select id from d2))).id;
create function pg_temp.try_task(p_from text, p_to text) returns text language plpgsql as $$
declare
  v_verdict text;
begin
  begin
    alter table timetable.hitl_tasks disable trigger user;
    update timetable.hitl_tasks set status = p_from,
      assigned_to = case when p_from = 'pending' then null else (select rev from p) end,
      lease_expires_at = case when p_from = 'in_progress' then now() + interval '1 hour' end,
      completed_at = case when p_from = 'completed' then now() end,
      final_data = case when p_from = 'completed' then '{}'::jsonb end, diff = case when p_from = 'completed' then '{}'::jsonb end
    where id = (select id from t);
    alter table timetable.hitl_tasks enable trigger user;
    alter table timetable.hitl_tasks disable trigger _500_move_job;
    update timetable.hitl_tasks set status = p_to,
      assigned_to = case when p_to = 'in_progress' then (select rev from p) else assigned_to end,
      lease_expires_at = case when p_to = 'in_progress' then now() + interval '1 hour' end,
      final_data = case when p_to = 'completed' then '{}'::jsonb end, diff = case when p_to = 'completed' then '{}'::jsonb end
    where id = (select id from t);
    v_verdict := 'legal';
    raise exception sqlstate 'TEST1' using message = 'undo';
  exception
    when sqlstate 'TEST1' then null;
    when sqlstate 'PT409' then v_verdict := sqlerrm;
  end;
  return v_verdict;
end;
$$;
select is(
  pg_temp.try_task(f.status, o.status),
  case when f.status = o.status or (f.status, o.status) in
    (('pending', 'in_progress'), ('in_progress', 'pending'), ('in_progress', 'completed'), ('pending', 'cancelled'))
  then 'legal' else 'illegal_transition' end,
  format('review: %s → %s', f.status, o.status)
)
from unnest(array['pending', 'in_progress', 'completed', 'cancelled']) f (status)
cross join unnest(array['pending', 'in_progress', 'completed', 'cancelled']) o (status)
where not (f.status = o.status and f.status = 'in_progress');
update timetable.hitl_tasks set status = 'in_progress', assigned_to = (select rev from p), lease_expires_at = now() + interval '1 hour';
select is((tests.tt_job((select id from d2))).status, 'hitl_in_progress', 'the job follows its review');
select throws_ok($$ update timetable.hitl_tasks set status = 'completed' $$, '23514', null, 'no completed review without final data');
select throws_ok($$ update timetable.hitl_tasks set lease_expires_at = null $$, '23514', null, 'no review in progress without a lease');
select throws_ok($$ insert into timetable.hitl_tasks (job_id, opinion_no, draft_data) select job_id, 2, '{}' from timetable.hitl_tasks $$, '23505', null, 'one open review for each job');
select * from finish();
rollback;
