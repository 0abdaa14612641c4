-- The turns of a session: a question is put before the learner, answered or skipped, and the next one follows.

create function private.study_next_question(p_session study.practice_sessions, p_after integer, p_elapsed_ms bigint, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_next study.practice_session_questions;
  v_asked uuid[];
begin
  select * into v_next from study.practice_session_questions as q
  where q.session_id = p_session.id and q.status = 'pending'
  order by q.question_order <= p_after, q.question_order
  limit 1;
  if not found and p_session.selection = 'adaptive' and not private.study_grades_late(p_session.session_type) then
    -- By what is known of the learner now, the answer before included.
    v_asked := array(select q.question_id from study.practice_session_questions as q where q.session_id = p_session.id);
    if cardinality(v_asked) < p_session.total_questions then
      perform private.study_add_questions(
        p_session.id,
        private.study_select_questions(
          p_session.user_id, 'adaptive', p_session.topic_id, p_session.settings ->> 'difficulty', 1,
          v_asked || private.study_examined_ids(p_session.user_id), p_at
        ),
        (select max(q.question_order) from study.practice_session_questions as q where q.session_id = p_session.id)
      );
      select * into v_next from study.practice_session_questions as q where q.session_id = p_session.id and q.status = 'pending';
      if not found then
        update study.practice_sessions as s set total_questions = cardinality(v_asked) where s.id = p_session.id;
      end if;
    end if;
  end if;
  if v_next.question_id is null then
    return null;
  end if;
  perform private.study_put_in_front(p_session.id, v_next.question_id, p_elapsed_ms);
  return private.study_shown_question(v_next.version_id) || jsonb_build_object('question_order', v_next.question_order);
end;
$$;
comment on function private.study_next_question(study.practice_sessions, integer, bigint, timestamptz) is
  'Puts the next open question before the learner (behind the p_after-th first; of an adaptive session that grades at once, a new one) and returns it; null when none is left.';

-- p_selected null: skipped.
create function private.study_take_turn(
  p_session study.practice_sessions, p_question study.practice_session_questions, p_selected smallint[], p_confidence integer,
  p_time_taken_ms bigint, p_at timestamptz
)
returns jsonb
language plpgsql
volatile
security definer -- sessions and attempts have no insert or update grant
set search_path = ''
as $$
declare
  v_elapsed bigint := private.study_elapsed(p_session, p_at);
  v_is_graded boolean := p_selected is not null and not private.study_grades_late(p_session.session_type);
  v_status text := case when p_selected is null then 'skipped' else 'answered' end;
  v_time bigint;
  v_attempts study.user_question_attempts[] := '{}'::study.user_question_attempts[];
  v_xp integer := 0;
  v_next jsonb;
  v_session study.practice_sessions;
begin
  if v_is_graded then
    -- The lock first: a test that begins now is seen.
    perform private.study_learner(p_session.user_id);
    if p_question.question_id = any (private.study_examined_ids(p_session.user_id)) then
      raise sqlstate 'PT409' using
        message = 'question_in_test', detail = 'This question stands in a timed session or a test of yours that is not over.',
        hint = 'Finish that one first.';
    end if;
  end if;
  -- Of a question that was never put in front, the clock began with the one that was.
  select p_question.time_taken_ms + greatest(v_elapsed - q.shown_ms, 0) into v_time
  from study.practice_session_questions as q where q.session_id = p_session.id and q.shown_ms is not null;
  v_time := least(coalesce(v_time, p_question.time_taken_ms), p_time_taken_ms);
  update study.practice_session_questions as q set shown_ms = null
  where q.session_id = p_session.id and q.shown_ms is not null and q.question_id <> p_question.question_id;
  update study.practice_session_questions as q
  set status = v_status, selected_indexes = p_selected, confidence_rating = p_confidence, time_taken_ms = v_time, answered_at = p_at,
    shown_ms = null
  where q.session_id = p_session.id and q.question_id = p_question.question_id;
  if v_is_graded then
    v_attempts := private.study_grade(p_session, p_question.question_id);
    v_xp := private.study_apply_attempts(p_session.user_id, v_attempts, p_at);
  end if;
  v_next := private.study_next_question(p_session, p_question.question_order, v_elapsed, p_at);
  update study.practice_sessions as s
  set answered_count = s.answered_count + (v_status = 'answered')::integer - (p_question.status = 'answered')::integer,
    skipped_count = s.skipped_count + (v_status = 'skipped')::integer - (p_question.status = 'skipped')::integer,
    correct_count = s.correct_count + coalesce((v_attempts[1]).is_correct, false)::integer,
    xp_earned = s.xp_earned + v_xp,
    last_activity_at = greatest(s.last_activity_at, p_at)
  where s.id = p_session.id
  returning * into v_session;
  return jsonb_build_object(
    'session', private.study_session_summary(v_session, p_at), 'question_id', p_question.question_id, 'status', v_status,
    'is_graded', v_is_graded, 'result', private.study_shown_result(v_attempts[1]), 'xp_earned', v_xp, 'next_question', v_next
  );
end;
$$;
comment on function private.study_take_turn(
  study.practice_sessions, study.practice_session_questions, smallint[], integer, bigint, timestamptz
) is
  'An answer (or a skip) that was checked: stored, graded with all its consequences in a mode that grades at once, and the next question put in front. Of a mode that grades late the reply is the same whether it is right or wrong.';

create function private.study_answer_question(
  p_session_id uuid, p_question_id uuid, p_selected integer[], p_confidence integer, p_time_taken_ms bigint, p_at timestamptz
)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
  v_question study.practice_session_questions;
  v_selected smallint[];
begin
  perform private.study_require_running(v_session, p_at);
  v_question := private.study_session_question(p_session_id, p_question_id);
  perform private.study_require_ungraded(p_session_id, p_question_id);
  v_selected := private.study_check_selected(v_question.version_id, p_selected);
  if p_confidence not between 1 and 5 then
    raise sqlstate 'PT422' using
      message = 'confidence_invalid', detail = 'Confidence is from 1 (guessed) to 5 (sure).', hint = 'Send one of them, or none.';
  end if;
  if p_time_taken_ms < 0 then
    raise sqlstate 'PT422' using
      message = 'time_invalid', detail = 'A time is not negative.', hint = 'Leave it out: the server measures it.';
  end if;
  return private.study_take_turn(v_session, v_question, v_selected, p_confidence, p_time_taken_ms, p_at);
end;
$$;
comment on function private.study_answer_question(uuid, uuid, integer[], integer, bigint, timestamptz) is 'See study.answer_question.';

create function private.study_skip_question(p_session_id uuid, p_question_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
  v_question study.practice_session_questions;
begin
  perform private.study_require_running(v_session, p_at);
  v_question := private.study_session_question(p_session_id, p_question_id);
  perform private.study_require_ungraded(p_session_id, p_question_id);
  return private.study_take_turn(v_session, v_question, null, null, null, p_at);
end;
$$;
comment on function private.study_skip_question(uuid, uuid, timestamptz) is 'See study.skip_question.';

create function private.study_show_question(p_session_id uuid, p_question_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no update grant
set search_path = ''
as $$
declare
  v_session study.practice_sessions := private.study_lock_session(p_session_id);
  v_question study.practice_session_questions;
begin
  perform private.study_require_running(v_session, p_at);
  v_question := private.study_session_question(p_session_id, p_question_id);
  perform private.study_require_ungraded(p_session_id, p_question_id);
  perform private.study_put_in_front(p_session_id, p_question_id, private.study_elapsed(v_session, p_at));
  update study.practice_sessions as s set last_activity_at = greatest(s.last_activity_at, p_at) where s.id = p_session_id;
  return private.study_session_summary(v_session, p_at) || jsonb_build_object('question_id', v_question.question_id);
end;
$$;
comment on function private.study_show_question(uuid, uuid, timestamptz) is 'See study.show_question.';

revoke execute on function
  private.study_next_question(study.practice_sessions, integer, bigint, timestamptz),
  private.study_take_turn(study.practice_sessions, study.practice_session_questions, smallint[], integer, bigint, timestamptz),
  private.study_answer_question(uuid, uuid, integer[], integer, bigint, timestamptz),
  private.study_skip_question(uuid, uuid, timestamptz), private.study_show_question(uuid, uuid, timestamptz)
  from public, anon, authenticated;
