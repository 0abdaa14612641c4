-- Answering, skipping, and the clock of each question. The session's row is locked first, then the learner's.

create function private.study_lock_session(p_session_id uuid)
returns study.practice_sessions
language plpgsql
volatile
security definer -- locks a row that clients do not write
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_session study.practice_sessions;
begin
  perform from core.profiles as p where p.id = v_user_id for key share; -- before the rest: see private.study_learner
  select * into v_session from study.practice_sessions as s where s.id = p_session_id and s.user_id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'session_not_found', detail = 'There is no practice session of yours with this id.', hint = 'List yours: practice_sessions.';
  end if;
  return v_session;
end;
$$;
comment on function private.study_lock_session(uuid) is 'A session of the caller, locked; session_not_found (404).';

create function private.study_require_running(p_session study.practice_sessions, p_at timestamptz)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_session.status in ('completed', 'abandoned') then
    raise sqlstate 'PT409' using
      message = 'session_over', detail = format('The session is %s.', p_session.status), hint = 'Start another: study.start_practice.';
  end if;
  if p_session.status = 'paused' then
    raise sqlstate 'PT409' using
      message = 'session_paused', detail = 'The clock stands still.', hint = 'Go on first: study.resume_practice.';
  end if;
  if private.study_time_is_up(p_session, p_at) then
    raise sqlstate 'PT409' using
      message = 'time_is_up', detail = 'The clock has run out; what was answered by then counts.', hint = 'Read the result: study.finish_practice.';
  end if;
end;
$$;
comment on function private.study_require_running(study.practice_sessions, timestamptz) is
  'Raises session_over, session_paused or time_is_up (409) unless the clock of the session runs.';

-- The clock of the question in front stops; that of another begins.
create function private.study_put_in_front(p_session_id uuid, p_question_id uuid, p_elapsed_ms bigint)
returns void
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
begin
  update study.practice_session_questions as q
  set time_taken_ms = q.time_taken_ms + greatest(p_elapsed_ms - q.shown_ms, 0), shown_ms = null
  where q.session_id = p_session_id and q.shown_ms is not null and q.question_id is distinct from p_question_id;
  update study.practice_session_questions as q set shown_ms = p_elapsed_ms
  where q.session_id = p_session_id and q.question_id = p_question_id and q.shown_ms is null;
end;
$$;
comment on function private.study_put_in_front(uuid, uuid, bigint) is
  'Puts a question of a session (null: none) before the learner, when the session''s clock shows so much.';

create function private.study_session_question(p_session_id uuid, p_question_id uuid)
returns study.practice_session_questions
language plpgsql
volatile
security definer -- reads sessions of whoever was let in before
set search_path = ''
as $$
declare
  v_question study.practice_session_questions;
begin
  select * into v_question from study.practice_session_questions as q where q.session_id = p_session_id and q.question_id = p_question_id;
  if not found then
    raise sqlstate 'PT404' using
      message = 'question_not_in_session', detail = 'This question is not one of the session.', hint = 'Read it: study.practice_session.';
  end if;
  return v_question;
end;
$$;
comment on function private.study_session_question(uuid, uuid) is 'A question of a session; question_not_in_session (404).';

create function private.study_require_ungraded(p_session_id uuid, p_question_id uuid)
returns void
language plpgsql
volatile
security definer -- reads attempts of whoever was let in before
set search_path = ''
as $$
begin
  if exists (select from study.user_question_attempts as a where a.session_id = p_session_id and a.question_id = p_question_id) then
    raise sqlstate 'PT409' using
      message = 'already_answered', detail = 'This question has been answered and graded in this session.', hint = 'Read the result: study.practice_session.';
  end if;
end;
$$;
comment on function private.study_require_ungraded(uuid, uuid) is 'already_answered (409) when the question of the session has been graded.';

-- Which options may be selected, without a look at the key. Sorted.
create function private.study_check_selected(p_version_id uuid, p_selected integer[])
returns smallint[]
language plpgsql
volatile
security definer -- reads versions of whoever was let in before
set search_path = ''
as $$
declare
  v_type text;
  v_options bigint;
begin
  select v.question_type, (select count(*) from study.question_options as o where o.version_id = v.id) into v_type, v_options
  from study.question_versions as v where v.id = p_version_id;
  if p_selected is null or coalesce(array_ndims(p_selected), 0) <> 1 or cardinality(p_selected) > v_options
    or array_position(p_selected, null) is not null or not 0 <= all (p_selected) or not v_options > all (p_selected)
    or cardinality(p_selected) <> (select count(distinct u.i) from unnest(p_selected) as u (i))
    or v_type = 'single_choice' and cardinality(p_selected) <> 1
  then
    raise sqlstate 'PT422' using
      message = 'answer_invalid',
      detail = format(
        'An answer selects %s of the options 0 to %s%s.', case v_type when 'single_choice' then 'one' else 'one or more' end, v_options - 1,
        case v_type when 'single_choice' then '' else ', each once' end
      ),
      hint = 'Send their indexes: p_selected.';
  end if;
  return array(select u.i::smallint from unnest(p_selected) as u (i) order by u.i);
end;
$$;
comment on function private.study_check_selected(uuid, integer[]) is
  'The selected options in order; answer_invalid (422) when one is not there or named twice, or a single choice has not one. Right or wrong makes no difference here.';

revoke execute on function
  private.study_lock_session(uuid), private.study_require_running(study.practice_sessions, timestamptz),
  private.study_put_in_front(uuid, uuid, bigint), private.study_session_question(uuid, uuid),
  private.study_require_ungraded(uuid, uuid), private.study_check_selected(uuid, integer[])
  from public, anon, authenticated;
