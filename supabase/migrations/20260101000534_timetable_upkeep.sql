-- What the clock does for reading and review: jobs that nobody works on any more are failed, so that their owner can try
-- again; reviews that wait grow more urgent. And the list that reviewers choose from.

create function private.timetable_rescue_stranded()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs;
  v_count integer := 0;
begin
  for v_job in
    select j.*
    from timetable.processing_jobs as j
    where j.status in ('pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing', 'validating')
      and j.updated_at < now() - interval '1 minute'
      and not exists (select from ops.queue_items as q where q.resource_id = j.id)
    order by j.updated_at
    limit 100 for update of j skip locked
  loop
    perform private.timetable_fail(
      v_job, 'processing_failed', 'Reading it failed on our side. Try again; what was read already is kept.'
    );
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.timetable_rescue_stranded() is
  'Fails processing jobs whose job of the queue died or was cancelled; returns how many. A scheduled task.';

create function private.timetable_raise_reviews()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_count integer;
begin
  update timetable.hitl_tasks as t
  set priority = case t.priority when 'low' then 'normal' when 'normal' then 'high' else 'urgent' end
  where t.id = any (array(
    select s.id from timetable.hitl_tasks as s
    where s.status = 'pending' and s.priority <> 'urgent'
      and s.updated_at < now() - make_interval(hours => private.setting_number('timetable.review_raise_hours'))
    order by s.id
    limit 500 for update skip locked
  ));
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.timetable_raise_reviews() is
  'Makes reviews that waited for timetable.review_raise_hours more urgent by one step; returns how many. A scheduled task.';

create function private.timetable_review_queue(p_limit integer)
returns table (
  task_id uuid, kind text, priority text, opinion_no smallint, status text, expires_at timestamptz, blocks integer, unsure integer,
  pages integer, waiting_since timestamptz
)
language plpgsql
stable
security definer -- shows what waits without showing what it says
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reviewer();
begin
  return query
  select
    t.id, t.kind, t.priority, t.opinion_no, t.status, t.lease_expires_at,
    jsonb_array_length(t.draft_data -> 'blocks'),
    (
      select count(*)::integer from jsonb_array_elements(t.draft_data -> 'blocks') as b
      where (b ->> 'accepted')::boolean is not true
    ),
    d.page_count, t.created_at
  from timetable.hitl_tasks as t
  join timetable.processing_jobs as j on j.id = t.job_id
  join timetable.documents as d on d.id = j.document_id
  where j.user_id <> v_user_id
    and (
      t.status = 'pending' and not (t.kind = 'second_opinion' and exists (
        select from timetable.hitl_tasks as e where e.job_id = t.job_id and e.assigned_to = v_user_id and e.status = 'completed'
      ))
      or t.status = 'in_progress' and t.assigned_to = v_user_id
    )
  order by t.status, t.rank, t.created_at, t.id
  limit least(greatest(coalesce(p_limit, 50), 1), 200);
end;
$$;

create function timetable.review_queue(p_limit integer default 50)
returns table (
  task_id uuid, kind text, priority text, opinion_no smallint, status text, expires_at timestamptz, blocks integer, unsure integer,
  pages integer, waiting_since timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.timetable_review_queue(p_limit); $$;
comment on function timetable.review_queue(integer) is
  'What waits for a reviewer, the reviews that he holds first, then the most urgent; sizes only, no content. Errors: role_required (403).';

revoke execute on function
  private.timetable_rescue_stranded(), private.timetable_raise_reviews(), private.timetable_review_queue(integer),
  timetable.review_queue(integer)
  from public, anon, authenticated;
grant execute on function private.timetable_review_queue(integer), timetable.review_queue(integer) to authenticated;
