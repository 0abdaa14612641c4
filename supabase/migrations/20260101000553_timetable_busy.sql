-- Lessons keep people busy: what happens in one's own active timetables, with exceptions and in the time zone of each. Of a
-- block without an end nobody knows how long it takes, so that it takes up no time; what others share is not one's own.

create function private.timetable_busy(p_user_id uuid, p_from timestamptz, p_to timestamptz)
returns tstzmultirange
language plpgsql
stable
security definer -- called by private.busy_times; not executable by clients
set search_path = ''
as $$
begin
  return (
    select coalesce(range_agg(tstzrange(m.starts_at, m.ends_at)), '{}')
    from private.timetable_moments(
      array(select t.id from timetable.timetables as t where t.user_id = p_user_id and t.status = 'active'),
      -- A clock is fourteen hours ahead of UTC at most, and what began the day before may pass midnight.
      (p_from at time zone 'UTC')::date - 2, (p_to at time zone 'UTC')::date + 1
    ) as m
    where m.ends_at > p_from and m.starts_at < p_to and m.starts_at < m.ends_at
  );
end;
$$;
comment on function private.timetable_busy(uuid, timestamptz, timestamptz) is
  'What happens in a person''s own active timetables between two moments, as stretches of time.';

insert into core.busy_sources (module, busy_function, description) values
  ('timetable', 'timetable_busy', 'What happens in one''s own active timetables.');

revoke execute on function private.timetable_busy(uuid, timestamptz, timestamptz) from public, anon, authenticated;
