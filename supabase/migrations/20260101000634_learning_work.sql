-- Following a session: the time that it takes, measured with the server's clock.
--
-- A person works on one session at a time. A client that sends a sign of life now and then (heartbeat_session, once a
-- minute) is counted until the last of them; without any, a stretch counts its planned length at most. Never more counts
-- than what passed, nor in all more than learning.max_time_factor times the planned length.

create function private.learning_end_work(p_work learning.session_work, p_at timestamptz)
returns learning.session_work
language plpgsql
volatile
security definer -- session_work has no direct writing; its callers hold the person's lock
set search_path = ''
as $$
declare
  v_length integer;
  v_spent integer;
  v_end timestamptz;
  v_work learning.session_work;
begin
  select coalesce(s.duration, c.session_duration) into v_length
  from learning.sessions as s join learning.curricula as c on c.id = s.curriculum_id where s.id = p_work.session_id;
  select coalesce(sum(w.minutes), 0) into v_spent
  from learning.session_work as w where w.session_id = p_work.session_id and w.ended_at is not null;
  v_end := greatest(p_work.started_at, p_work.seen_at, case
    when p_at <= p_work.seen_at + make_interval(mins => private.setting_number('learning.idle_minutes')) then p_at
    when p_work.seen_at > p_work.started_at then p_work.seen_at
    else least(p_at, p_work.started_at + make_interval(mins => v_length))
  end);
  update learning.session_work as w
  set ended_at = v_end,
    minutes = greatest(0, least(
      floor(extract(epoch from v_end - w.started_at) / 60)::integer,
      least(v_length * private.setting_number('learning.max_time_factor'), 1440) - v_spent
    ))
  where w.id = p_work.id
  returning * into v_work;
  return v_work;
end;
$$;
comment on function private.learning_end_work(learning.session_work, timestamptz) is
  'Ends a stretch of work and says what of it counts.';

create function private.learning_begin_work(p_session learning.sessions, p_at timestamptz)
returns learning.session_work
language plpgsql
volatile
security definer -- session_work has no direct writing; its callers hold the person's lock
set search_path = ''
as $$
declare
  v_work learning.session_work;
begin
  insert into learning.session_work (session_id, user_id, started_at, seen_at)
  values (p_session.id, p_session.user_id, p_at, p_at)
  returning * into v_work;
  return v_work;
end;
$$;
comment on function private.learning_begin_work(learning.sessions, timestamptz) is 'Begins a stretch of work.';

create function private.learning_require_ready(p_session learning.sessions)
returns void
language plpgsql
stable
security definer -- reads what its caller has locked
set search_path = ''
as $$
declare
  v_open text[];
begin
  perform private.learning_require_open(p_session.curriculum_id, true);
  v_open := array(
    select s.session_number || '. ' || s.title
    from learning.session_prerequisites as p
    join learning.sessions as s on s.id = p.requires_session_id
    where p.session_id = p_session.id and s.completed_at is null
    order by s.session_number
  );
  if cardinality(v_open) > 0 then
    raise sqlstate 'PT409' using
      message = 'prerequisites_open',
      detail = format('To be completed before: %s.', left(array_to_string(v_open, '; '), 1000)),
      hint = 'Complete them first, or change them with set_prerequisites.';
  end if;
end;
$$;
comment on function private.learning_require_ready(learning.sessions) is
  'curriculum_archived, curriculum_paused, prerequisites_open (409).';

create function private.learning_session_not_running()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'session_not_running',
    detail = 'Nobody works on this session now: it was paused, completed, or another one was started.',
    hint = 'Start it again.';
end;
$$;
comment on function private.learning_session_not_running() is 'Raises session_not_running (409).';

-- For start and heartbeat: the running stretch of this session, whose sign of life this is, or a new one after a silence.
create function private.learning_beat(p_session learning.sessions, p_work learning.session_work, p_at timestamptz)
returns learning.session_work
language plpgsql
volatile
security definer -- session_work has no direct writing; its callers hold the person's lock
set search_path = ''
as $$
begin
  if p_at > p_work.seen_at + make_interval(mins => private.setting_number('learning.idle_minutes')) then
    perform private.learning_end_work(p_work, p_at);
    return private.learning_begin_work(p_session, greatest(p_at, p_work.seen_at));
  end if;
  -- Clients that hurry write nothing.
  if p_at > p_work.seen_at + interval '10 seconds' then
    update learning.session_work as w set seen_at = p_at where w.id = p_work.id returning * into p_work;
  end if;
  return p_work;
end;
$$;
comment on function private.learning_beat(learning.sessions, learning.session_work, timestamptz) is
  'Moves seen_at of a running stretch, or begins another one after a silence.';

create function private.learning_start_session(p_session_id uuid)
returns learning.session_work
language plpgsql
volatile
security definer -- session_work has no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_session learning.sessions := private.learning_enter_session(p_session_id);
  v_at timestamptz := clock_timestamp();
  v_work learning.session_work;
begin
  perform private.learning_require_ready(v_session);
  if v_session.completed_at is not null then
    raise sqlstate 'PT409' using
      message = 'session_completed', detail = 'This session is completed.', hint = 'Reopen it first.';
  end if;
  select w.* into v_work from learning.session_work as w where w.user_id = v_session.user_id and w.ended_at is null;
  if found and v_work.session_id = p_session_id then
    return private.learning_beat(v_session, v_work, v_at);
  elsif found then
    perform private.learning_end_work(v_work, v_at);
  end if;
  return private.learning_begin_work(v_session, v_at);
end;
$$;
comment on function private.learning_start_session(uuid) is 'See learning.start_session.';

create function learning.start_session(p_session_id uuid)
returns learning.session_work
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_start_session(p_session_id); $$;
comment on function learning.start_session(uuid) is
  'Begins to work on a session of yours; work on another one ends. Starting what is running is a sign of life. Errors: session_not_found (404), curriculum_archived, curriculum_paused, prerequisites_open, session_completed (409).';

create function private.learning_heartbeat_session(p_session_id uuid)
returns learning.session_work
language plpgsql
volatile
security definer -- session_work has no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_session learning.sessions := private.learning_enter_session(p_session_id);
  v_work learning.session_work;
begin
  select w.* into v_work from learning.session_work as w where w.session_id = p_session_id and w.ended_at is null;
  if not found then
    perform private.learning_session_not_running();
  end if;
  return private.learning_beat(v_session, v_work, clock_timestamp());
end;
$$;
comment on function private.learning_heartbeat_session(uuid) is 'See learning.heartbeat_session.';

create function learning.heartbeat_session(p_session_id uuid)
returns learning.session_work
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_heartbeat_session(p_session_id); $$;
comment on function learning.heartbeat_session(uuid) is
  'A sign of life while you work on a session: send one each minute. After a silence of learning.idle_minutes a new stretch begins. Errors: session_not_found (404), session_not_running (409).';

create function private.learning_pause_session(p_session_id uuid)
returns learning.session_work
language plpgsql
volatile
security definer -- session_work has no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_session learning.sessions := private.learning_enter_session(p_session_id);
  v_work learning.session_work;
begin
  select w.* into v_work from learning.session_work as w
  where w.session_id = v_session.id order by w.ended_at is null desc, w.started_at desc, w.id limit 1;
  if not found then
    perform private.learning_session_not_running();
  elsif v_work.ended_at is not null then
    return v_work;
  end if;
  return private.learning_end_work(v_work, clock_timestamp());
end;
$$;
comment on function private.learning_pause_session(uuid) is 'See learning.pause_session.';

create function learning.pause_session(p_session_id uuid)
returns learning.session_work
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_pause_session(p_session_id); $$;
comment on function learning.pause_session(uuid) is
  'Ends the stretch of work on a session of yours and returns it with its minutes; calling again returns the same. Errors: session_not_found (404), session_not_running (409) when it was never started.';

revoke execute on function
  private.learning_end_work(learning.session_work, timestamptz), private.learning_begin_work(learning.sessions, timestamptz),
  private.learning_require_ready(learning.sessions), private.learning_session_not_running(),
  private.learning_beat(learning.sessions, learning.session_work, timestamptz),
  private.learning_start_session(uuid), private.learning_heartbeat_session(uuid), private.learning_pause_session(uuid),
  learning.start_session(uuid), learning.heartbeat_session(uuid), learning.pause_session(uuid)
  from public, anon, authenticated;
grant execute on function
  private.learning_start_session(uuid), private.learning_heartbeat_session(uuid), private.learning_pause_session(uuid),
  learning.start_session(uuid), learning.heartbeat_session(uuid), learning.pause_session(uuid)
  to authenticated;
