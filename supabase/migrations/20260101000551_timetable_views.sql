-- The two views of the design. Both read with the rights of whoever asks; no e-mail address is in them, and nothing is
-- counted twice.

create view timetable.active_timetables with (security_invoker = true) as
select
  t.id, t.name, t.class_name, t.term, t.year, t.starts_on, t.ends_on, t.time_zone, t.status, t.created_at, t.updated_at,
  t.user_id, p.username, p.full_name,
  t.user_id = (select auth.uid()) as is_own,
  (select count(*) from timetable.timeblocks as b where b.timetable_id = t.id) as timeblock_count,
  (select count(*) from timetable.documents as d where d.timetable_id = t.id) as document_count
from timetable.timetables as t
left join core.profiles as p on p.id = t.user_id
where t.status = 'active';
comment on view timetable.active_timetables is
  'Active timetables that one may read, with whose they are and how many blocks they have. document_count: of one''s own documents.';

-- Only administrators see figures about all people; the function, not the view, looks past the policies.
create function private.processing_queue_stats()
returns table (
  status text, processing_tier text, job_count bigint, avg_confidence numeric, avg_duration_seconds numeric,
  oldest_job timestamptz, newest_job timestamptz
)
language plpgsql
stable
security definer -- counts the jobs of everybody; answers administrators and services only
set search_path = ''
as $$
begin
  if not (private.is_service() or private.has_role('admin')) then
    return;
  end if;
  return query
  select j.status, j.processing_tier, count(*), round(avg(j.confidence), 2),
    round(avg(extract(epoch from coalesce(j.completed_at, clock_timestamp()) - j.started_at)), 3),
    min(j.created_at), max(j.created_at)
  from timetable.processing_jobs as j
  where j.completed_at is null or j.completed_at > now() - interval '1 day'
  group by j.status, j.processing_tier;
end;
$$;
comment on function private.processing_queue_stats() is 'See timetable.processing_queue_stats; no rows for anybody but administrators and services.';

create view timetable.processing_queue_stats with (security_invoker = true) as
select s.status, s.processing_tier, s.job_count, s.avg_confidence, s.avg_duration_seconds, s.oldest_job, s.newest_job
from private.processing_queue_stats() as s;
comment on view timetable.processing_queue_stats is
  'For administrators: documents being read or waiting, and those finished within a day, by status and tier. avg_duration_seconds: since the beginning, for what is not finished. Empty for everybody else.';

revoke all on timetable.active_timetables, timetable.processing_queue_stats from public, anon, authenticated;
grant select on timetable.active_timetables, timetable.processing_queue_stats to authenticated, service_role;
revoke execute on function private.processing_queue_stats() from public, anon, authenticated;
grant execute on function private.processing_queue_stats() to authenticated, service_role;
