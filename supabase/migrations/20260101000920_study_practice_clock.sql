-- The clock of a session: paused, run on, stopped for good; and the task that stops it when nobody does.

create function private.study_pause_practice(p_session_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
begin
  if v_session.status = 'paused' then
    return private.study_session_summary(v_session, p_at);
  end if;
  perform private.study_require_running(v_session, p_at);
  if v_session.session_type = 'test' then
    raise sqlstate 'PT409' using message = 'test_cannot_pause', detail = 'The clock of a test runs to its end.', hint = 'Answer, or finish it.';
  end if;
  update study.practice_sessions as s
  set status = 'paused', elapsed_ms = private.study_elapsed(v_session, p_at), running_since = null,
    last_activity_at = greatest(s.last_activity_at, p_at)
  where s.id = p_session_id
  returning * into v_session;
  return private.study_session_summary(v_session, p_at);
end;
$$;
comment on function private.study_pause_practice(uuid, timestamptz) is 'See study.pause_practice.';

create function private.study_resume_practice(p_session_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
begin
  if v_session.status <> 'paused' then
    perform private.study_require_running(v_session, p_at);
    return private.study_session_summary(v_session, p_at);
  end if;
  update study.practice_sessions as s
  set status = 'active', running_since = p_at, last_activity_at = greatest(s.last_activity_at, p_at)
  where s.id = p_session_id
  returning * into v_session;
  return private.study_session_summary(v_session, p_at);
end;
$$;
comment on function private.study_resume_practice(uuid, timestamptz) is 'See study.resume_practice.';

create function private.study_complete_practice(p_session study.practice_sessions, p_until timestamptz, p_at timestamptz)
returns study.practice_sessions
language plpgsql
volatile
security definer -- grades, and writes what no client writes
set search_path = ''
as $$
declare
  v_elapsed bigint := private.study_elapsed(p_session, p_until);
  v_attempts study.user_question_attempts[];
  v_session study.practice_sessions;
  v_xp integer;
begin
  perform private.study_learner(p_session.user_id);
  perform private.study_put_in_front(p_session.id, null, v_elapsed);
  v_attempts := private.study_grade(p_session, null);
  -- Counted anew: questions may have been deleted meanwhile, and an adaptive session may end before its last one.
  update study.practice_sessions as s
  set status = 'completed', completed_at = p_until, running_since = null, elapsed_ms = v_elapsed,
    last_activity_at = greatest(s.last_activity_at, p_until), total_questions = c.total, answered_count = c.answered,
    skipped_count = c.skipped, correct_count = c.correct
  from (
    select count(*) as total, count(*) filter (where q.status = 'answered') as answered,
      count(*) filter (where q.status = 'skipped') as skipped, count(*) filter (where a.is_correct) as correct
    from study.practice_session_questions as q
    left join study.user_question_attempts as a on a.session_id = q.session_id and a.question_id = q.question_id
    where q.session_id = p_session.id
  ) as c
  where s.id = p_session.id
  returning s.* into v_session;
  v_xp := private.study_consequences(v_session.user_id, v_attempts, p_at);
  v_xp := v_xp + private.study_play_session(v_session.user_id, v_session, p_at);
  perform private.study_announce(v_session.user_id, p_at);
  update study.practice_sessions as s set xp_earned = s.xp_earned + v_xp where s.id = p_session.id returning * into v_session;
  return v_session;
end;
$$;
comment on function private.study_complete_practice(study.practice_sessions, timestamptz, timestamptz) is
  'Ends a session that is locked and open: grades what is not graded yet, with all consequences. p_until: when its clock stops.';

create function private.study_clock_end(p_session study.practice_sessions, p_at timestamptz)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return case
    when private.study_time_is_up(p_session, p_at) and p_session.running_since is not null
      then p_session.running_since + (p_session.time_limit_seconds * 1000::bigint - p_session.elapsed_ms) * interval '1 millisecond'
    else p_at
  end;
end;
$$;
comment on function private.study_clock_end(study.practice_sessions, timestamptz) is 'When a session ends that is ended now: when its clock ran out, if it did.';

create function private.study_finish_practice(p_session_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- grades, and writes what no client writes
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
begin
  if v_session.status = 'abandoned' then
    perform private.study_require_running(v_session, p_at);
  end if;
  if v_session.status <> 'completed' then
    v_session := private.study_complete_practice(v_session, private.study_clock_end(v_session, p_at), p_at);
  end if;
  return private.study_result(v_session, p_at);
end;
$$;
comment on function private.study_finish_practice(uuid, timestamptz) is 'See study.finish_practice.';

create function private.study_drop_practice(p_session study.practice_sessions, p_until timestamptz)
returns study.practice_sessions
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_elapsed bigint := private.study_elapsed(p_session, p_until);
  v_session study.practice_sessions;
begin
  perform private.study_put_in_front(p_session.id, null, v_elapsed);
  update study.practice_sessions as s
  set status = 'abandoned', completed_at = p_until, running_since = null, elapsed_ms = v_elapsed,
    last_activity_at = greatest(s.last_activity_at, p_until)
  where s.id = p_session.id
  returning * into v_session;
  return v_session;
end;
$$;
comment on function private.study_drop_practice(study.practice_sessions, timestamptz) is
  'Ends a session that is locked and open without grading: what has been graded stays.';

create function private.study_abandon_practice(p_session_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
begin
  if v_session.status <> 'abandoned' then
    if v_session.status <> 'paused' then
      perform private.study_require_running(v_session, p_at);
    end if;
    v_session := private.study_drop_practice(v_session, p_at);
  end if;
  return private.study_session_summary(v_session, p_at);
end;
$$;
comment on function private.study_abandon_practice(uuid, timestamptz) is 'See study.abandon_practice.';

revoke execute on function
  private.study_pause_practice(uuid, timestamptz), private.study_resume_practice(uuid, timestamptz),
  private.study_complete_practice(study.practice_sessions, timestamptz, timestamptz),
  private.study_clock_end(study.practice_sessions, timestamptz), private.study_finish_practice(uuid, timestamptz),
  private.study_drop_practice(study.practice_sessions, timestamptz), private.study_abandon_practice(uuid, timestamptz)
  from public, anon, authenticated;
