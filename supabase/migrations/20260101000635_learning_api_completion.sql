-- Completing sessions, and the states of a curriculum.
--
-- The day on which a session was completed is the learner's: by his time zone at that moment, and never rewritten.

create function private.learning_broadcast(p_session learning.sessions)
returns void
language plpgsql
volatile
security definer -- clients may not send to user:<id>
set search_path = ''
as $$
begin
  perform private.broadcast_to_user(p_session.user_id, 'learning_progress', (
    select jsonb_build_object(
      'curriculum_id', c.id, 'status', c.status, 'session_id', p_session.id, 'completed_at', p_session.completed_at,
      'sessions_completed', (select count(*) from learning.sessions as s where s.curriculum_id = c.id and s.completed_at is not null),
      'total_sessions', c.total_sessions
    )
    from learning.curricula as c where c.id = p_session.curriculum_id
  ));
end;
$$;
comment on function private.learning_broadcast(learning.sessions) is
  'Tells the learner''s other devices: learning_progress on user:<id>.';

create function private.learning_complete_session(p_session_id uuid)
returns learning.sessions
language plpgsql
volatile
security definer -- completion has no update grant; acts for the owner only
set search_path = ''
as $$
declare
  v_session learning.sessions := private.learning_enter_session(p_session_id);
  v_at timestamptz := clock_timestamp();
  v_work learning.session_work;
begin
  if v_session.completed_at is not null then
    return v_session;
  end if;
  perform private.learning_require_ready(v_session);
  select w.* into v_work from learning.session_work as w where w.session_id = p_session_id and w.ended_at is null;
  if found then
    perform private.learning_end_work(v_work, v_at);
  elsif not exists (select from learning.session_work as w where w.session_id = p_session_id) then
    -- Nothing was measured, so nothing counts: a length that its owner writes is no time that he spent.
    insert into learning.session_work (session_id, user_id, started_at, seen_at, ended_at, is_unmeasured)
    values (v_session.id, v_session.user_id, v_at, v_at, v_at, true);
  end if;
  update learning.sessions as s
  set completed_at = v_at,
    completed_on = (v_at at time zone (select p.time_zone from core.profiles as p where p.id = s.user_id))::date
  where s.id = p_session_id
  returning * into v_session;
  perform private.learning_settle(v_session.curriculum_id);
  perform private.learning_broadcast(v_session);
  return v_session;
end;
$$;
comment on function private.learning_complete_session(uuid) is 'See learning.complete_session.';

create function learning.complete_session(p_session_id uuid)
returns learning.sessions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_complete_session(p_session_id); $$;
comment on function learning.complete_session(uuid) is
  'Completes a session of yours, and with the last open one the curriculum. What was never started counts no time. Calling again changes nothing. Errors: session_not_found (404), curriculum_archived, curriculum_paused, prerequisites_open (409).';

create function private.learning_reopen_session(p_session_id uuid)
returns learning.sessions
language plpgsql
volatile
security definer -- completion has no update grant; acts for the owner only
set search_path = ''
as $$
declare
  v_session learning.sessions := private.learning_enter_session(p_session_id);
begin
  if v_session.completed_at is null then
    return v_session;
  end if;
  perform private.learning_require_open(v_session.curriculum_id);
  -- An estimate stands for the whole session: with measured time beside it, it would count twice.
  delete from learning.session_work as w where w.session_id = p_session_id and w.is_unmeasured;
  update learning.sessions as s set completed_at = null, completed_on = null where s.id = p_session_id returning * into v_session;
  perform private.learning_settle(v_session.curriculum_id);
  perform private.learning_broadcast(v_session);
  return v_session;
end;
$$;
comment on function private.learning_reopen_session(uuid) is 'See learning.reopen_session.';

create function learning.reopen_session(p_session_id uuid)
returns learning.sessions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_reopen_session(p_session_id); $$;
comment on function learning.reopen_session(uuid) is
  'Opens a completed session of yours again; its day no longer counts for the streak. Measured time stays. Sessions that required it stay as they are. Errors: session_not_found (404), curriculum_archived (409).';

create function private.learning_move_curriculum(p_curriculum_id uuid, p_move text)
returns learning.curricula
language plpgsql
volatile
security definer -- status has no update grant; acts for the owner only
set search_path = ''
as $$
declare
  v_curriculum learning.curricula := private.learning_enter(p_curriculum_id);
  v_status text := case p_move
    when 'pause' then 'paused' when 'archive' then 'archived'
    -- Whoever asks for what is so already asks for nothing.
    when 'resume' then case v_curriculum.status when 'completed' then 'completed' else 'active' end
    when 'restore' then coalesce(v_curriculum.status_before_archive, v_curriculum.status)
  end;
  v_work learning.session_work;
begin
  if v_status = v_curriculum.status then
    return v_curriculum;
  end if;
  -- Out of the archive the way leads by restore_curriculum only.
  if p_move <> 'restore' then
    perform private.learning_require_open(p_curriculum_id);
  end if;
  if v_status in ('paused', 'archived') then
    for v_work in
      select w.* from learning.session_work as w
      join learning.sessions as s on s.id = w.session_id and s.curriculum_id = p_curriculum_id
      where w.user_id = v_curriculum.user_id and w.ended_at is null
    loop
      perform private.learning_end_work(v_work, clock_timestamp());
    end loop;
  end if;
  update learning.curricula as c set status = v_status where c.id = p_curriculum_id;
  perform private.learning_settle(p_curriculum_id);
  select c.* into v_curriculum from learning.curricula as c where c.id = p_curriculum_id;
  return v_curriculum;
end;
$$;
comment on function private.learning_move_curriculum(uuid, text) is
  'pause, resume, archive or restore; illegal_transition (409) for what no row of curriculum_transitions allows.';

create function learning.pause_curriculum(p_curriculum_id uuid)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_move_curriculum(p_curriculum_id, 'pause'); $$;
comment on function learning.pause_curriculum(uuid) is
  'Pauses your active curriculum; running work ends. Errors: curriculum_not_found (404), curriculum_archived, illegal_transition (409).';

create function learning.resume_curriculum(p_curriculum_id uuid)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_move_curriculum(p_curriculum_id, 'resume'); $$;
comment on function learning.resume_curriculum(uuid) is
  'Goes on with your paused curriculum. Errors: curriculum_not_found (404), curriculum_archived (409).';

create function learning.archive_curriculum(p_curriculum_id uuid)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_move_curriculum(p_curriculum_id, 'archive'); $$;
comment on function learning.archive_curriculum(uuid) is
  'Puts your curriculum away: it is read, not changed; its days and time keep counting. A template made of it stays. Errors: curriculum_not_found (404).';

create function learning.restore_curriculum(p_curriculum_id uuid)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_move_curriculum(p_curriculum_id, 'restore'); $$;
comment on function learning.restore_curriculum(uuid) is
  'Takes your curriculum out of the archive, in the state in which it was put there. Errors: curriculum_not_found (404).';

revoke execute on function
  private.learning_broadcast(learning.sessions), private.learning_complete_session(uuid), private.learning_reopen_session(uuid),
  private.learning_move_curriculum(uuid, text), learning.complete_session(uuid), learning.reopen_session(uuid),
  learning.pause_curriculum(uuid), learning.resume_curriculum(uuid), learning.archive_curriculum(uuid),
  learning.restore_curriculum(uuid)
  from public, anon, authenticated;
grant execute on function
  private.learning_complete_session(uuid), private.learning_reopen_session(uuid), private.learning_move_curriculum(uuid, text),
  learning.complete_session(uuid), learning.reopen_session(uuid), learning.pause_curriculum(uuid),
  learning.resume_curriculum(uuid), learning.archive_curriculum(uuid), learning.restore_curriculum(uuid)
  to authenticated;
