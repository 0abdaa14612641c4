-- When the AI is out of order for good, the person who paid does not wait for an administrator: a question whose
-- generation died goes to an expert without a draft, one whose rewording died goes on as it is. The dead letter
-- stays, and administrators were told; running it again later finds nothing left to do.

create function private.qa_rescue_stranded()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_question record;
  v_count integer := 0;
begin
  for v_question in
    select q.id, q.status
    from qa.questions q
    where q.status in ('submitted', 'processing', 'ai_generated')
      and exists (
        select from ops.dead_letters d
        where d.resource_id = q.id and d.rerun_at is null
          and d.job_type = case q.status when 'ai_generated' then 'qa.humanize' else 'qa.generate' end
      )
      -- A revision, or a second try by an administrator, is under way.
      and not exists (
        select from ops.queue_items j
        where j.resource_id = q.id
          and j.job_type = case q.status when 'ai_generated' then 'qa.humanize' else 'qa.generate' end
      )
    order by q.due_at
    limit 100 for update of q skip locked
  loop
    if v_question.status = 'ai_generated' then
      perform private.qa_store_humanized_answer(
        v_question.id, (private.qa_latest_version(v_question.id)).id, 'none', 'failed', null, 0, null, 'the job died'
      );
    else
      if v_question.status = 'submitted' then
        update qa.questions q set status = 'processing' where q.id = v_question.id;
      end if;
      perform private.qa_store_generated_answer(
        v_question.id, 'The AI could not be reached. An expert writes this answer.', '[]', 'none', 'none', 0, false
      );
    end if;
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.qa_rescue_stranded() is
  'Moves on questions whose generation or rewording is a dead letter; returns how many. A scheduled task.';

revoke execute on function private.qa_rescue_stranded() from public, anon, authenticated;
