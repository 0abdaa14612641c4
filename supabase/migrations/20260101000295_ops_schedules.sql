-- The clock: pg_cron runs the scheduled tasks every ten seconds (each minute before its version 1.5) where the server has it. Elsewhere the timer of the job
-- runner calls core.run_due_tasks. Its own log is emptied daily.

do $$
begin
  if not exists (select from pg_catalog.pg_available_extensions as e where e.name = 'pg_cron') then
    raise notice 'pg_cron is not available here: the timer of the job runner calls core.run_due_tasks instead.';
    return;
  end if;
  begin
    create extension if not exists pg_cron with schema pg_catalog;
  exception when others then
    raise notice 'pg_cron was not created (%): the timer of the job runner calls core.run_due_tasks instead.', sqlerrm;
    return;
  end;
  begin
    execute $sql$ select cron.schedule('lyceum-run-due-tasks', '10 seconds', 'select ops.run_due_tasks()') $sql$;
  exception when others then
    raise notice 'pg_cron knows no seconds here (%): scheduled tasks run each minute.', sqlerrm;
    execute $sql$ select cron.schedule('lyceum-run-due-tasks', '* * * * *', 'select ops.run_due_tasks()') $sql$;
  end;
  execute $sql$
    select cron.schedule(
      'lyceum-clean-cron-log', '17 3 * * *',
      'delete from cron.job_run_details where end_time < now() - interval ''3 days'''
    )
  $sql$;
end;
$$;
