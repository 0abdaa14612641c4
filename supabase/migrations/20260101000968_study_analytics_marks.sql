-- Analytics, 1: the months of its tables, and the days that have to be summed.
--
-- Who answers only notes the day. A task sums noted days anew from attempts and reviews: what it writes is a function of
-- them, so that it may run twice, or stop half-way.

select private.partition_by_month('study.study_sessions'), private.partition_by_month('study.performance_metrics'),
  private.partition_by_month('study.retention_analytics');

create function private.study_mark_day(p_user_id uuid, p_days date[])
returns void
language sql
volatile
security definer -- the queue has no direct writing
set search_path = ''
as $$
  insert into study.analytics_queue (user_id, study_day)
  select p_user_id, d.day from unnest(p_days) as d (day) where d.day is not null group by d.day order by d.day;
$$;
comment on function private.study_mark_day(uuid, date[]) is
  'Notes that days of a learner are to be summed anew; never waits for anybody. p_days are the learner''s days; nulls and repetitions do no harm.';

-- A session that ends after its answers were summed becomes a sitting then.
create function private.tg_practice_sessions__mark_days()
returns trigger
language plpgsql
volatile
security definer -- the queue has no direct writing
set search_path = ''
as $$
begin
  perform private.study_mark_day(
    new.user_id, array(select a.study_day from study.user_question_attempts as a where a.session_id = new.id)
  );
  return null;
end;
$$;
comment on function private.tg_practice_sessions__mark_days() is 'Trigger: the days of a session that has ended are summed anew.';

create trigger _500_mark_days
  after update of status on study.practice_sessions
  for each row when (old.status is distinct from new.status and new.status in ('completed', 'abandoned'))
  execute function private.tg_practice_sessions__mark_days();

revoke execute on function private.study_mark_day(uuid, date[]), private.tg_practice_sessions__mark_days()
  from public, anon, authenticated;
