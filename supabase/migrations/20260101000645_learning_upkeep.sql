-- What the clock does: work that nobody ended is ended, what was completed two years ago is archived, and the stretches of
-- work of what was archived become one row a session. Nothing of this changes what one has done: progress, minutes and
-- streaks are the same before and after.

-- People first, as everywhere in learning; who is at it just now is left for the next run.
create function private.learning_end_forgotten()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_user_id uuid;
  v_work learning.session_work;
  v_before timestamptz := clock_timestamp() - make_interval(hours => private.setting_number('learning.forgotten_hours'));
  v_count integer := 0;
begin
  for v_user_id in
    select p.id from core.profiles as p
    where p.id = any (array(
      select w.user_id from learning.session_work as w where w.ended_at is null and w.seen_at < v_before limit 500
    ))
    order by p.id for no key update skip locked
  loop
    for v_work in
      select w.* from learning.session_work as w where w.user_id = v_user_id and w.ended_at is null and w.seen_at < v_before
    loop
      perform private.learning_end_work(v_work, clock_timestamp());
      v_count := v_count + 1;
    end loop;
  end loop;
  return v_count;
end;
$$;
comment on function private.learning_end_forgotten() is
  'Ends work that gave no sign of life for learning.forgotten_hours; returns how many. A scheduled task.';

create function private.learning_archive_old()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_before timestamptz := now() - make_interval(days => private.setting_number('learning.archive_after_days'));
  v_fold_before timestamptz := now() - make_interval(days => private.setting_number('learning.fold_after_days'));
  v_session_id uuid;
  v_count integer;
begin
  update learning.curricula as c set status = 'archived'
  where c.id = any (array(
    select o.id from learning.curricula as o
    -- Whoever took it out of the archive wants to have it: two years begin again.
    where o.status = 'completed' and o.completed_at < v_before and o.updated_at < v_before
    order by o.completed_at, o.id
    limit 10000 for no key update skip locked
  ));
  get diagnostics v_count = row_count;

  for v_session_id in
    select w.session_id
    from learning.session_work as w
    join learning.sessions as s on s.id = w.session_id
    join learning.curricula as c on c.id = s.curriculum_id
    where c.status = 'archived' and c.archived_at < v_fold_before
    group by w.session_id
    having count(*) > 1 and bool_and(w.ended_at is not null)
    limit 10000
  loop
    -- One statement sees one state: the rows that it sums are those that it removes. Taken out meanwhile: left alone.
    with locked as (
      select c.id from learning.curricula as c join learning.sessions as s on s.curriculum_id = c.id
      where s.id = v_session_id and c.status = 'archived' for no key update of c skip locked
    ),
    gone as (
      delete from learning.session_work as w where w.session_id = v_session_id and exists (select from locked) returning w.*
    )
    insert into learning.session_work (session_id, user_id, started_at, seen_at, ended_at, minutes, is_unmeasured)
    select g.session_id, g.user_id, min(g.started_at), max(g.seen_at), max(g.ended_at), least(sum(g.minutes), 1440), bool_and(g.is_unmeasured)
    from gone as g group by g.session_id, g.user_id;
  end loop;
  return v_count;
end;
$$;
comment on function private.learning_archive_old() is
  'Archives curricula that were completed learning.archive_after_days ago and not touched since, and folds the work of what has been archived for learning.fold_after_days; returns how many were archived. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every, description) values
  ('learning_end_forgotten', 'private.learning_end_forgotten', interval '15 minutes', 'Ends work on sessions that nobody ended.'),
  ('learning_archive_old', 'private.learning_archive_old', interval '1 day', 'Archives what was completed two years ago.');

revoke execute on function private.learning_end_forgotten(), private.learning_archive_old() from public, anon, authenticated;
