-- Practice as clients call it, and the task that ends what nobody ends.

create function private.study_answered_question(p_question_id uuid)
returns jsonb
language plpgsql
stable
security definer -- shows the key of what was answered, to who answered it
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_attempt study.user_question_attempts;
begin
  select * into v_attempt from study.user_question_attempts as a
  where a.user_id = v_user_id and a.question_id = p_question_id and not a.is_skipped
  order by a.answered_at desc, a.id desc
  limit 1;
  if not found then
    raise sqlstate 'PT404' using
      message = 'question_not_answered', detail = 'You have no graded answer to a question with this id.', hint = 'Answer it first: study.start_practice.';
  end if;
  if p_question_id = any (private.study_examined_ids(v_user_id)) then
    raise sqlstate 'PT409' using
      message = 'question_in_test', detail = 'This question stands in a timed session or a test of yours that is not over.',
      hint = 'Finish that one first.';
  end if;
  return private.study_shown_question(v_attempt.version_id) || jsonb_build_object(
    'session_id', v_attempt.session_id, 'selected', v_attempt.selected_indexes, 'confidence', v_attempt.confidence_rating,
    'is_current', exists (
      select from study.questions as q join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
      where v.id = v_attempt.version_id
    ),
    'result', private.study_shown_result(v_attempt)
  );
end;
$$;
comment on function private.study_answered_question(uuid) is 'See study.answered_question.';

-- Each in a subtransaction of its own. By learner, so that two runs would lock learners in one order.
create function private.study_tend_practice()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_idle timestamptz := now() - make_interval(days => private.setting_number('study.session_idle_days'));
  v_until timestamptz := clock_timestamp() + make_interval(secs => private.setting_number('study.tend_seconds'));
  v_session study.practice_sessions;
  v_finished integer := 0;
  v_abandoned integer := 0;
  v_failed integer := 0;
begin
  for v_session in
    select s.* from study.practice_sessions as s
    where s.status = 'active' and s.time_limit_seconds is not null
        and s.running_since <= now() - (s.time_limit_seconds * 1000::bigint - s.elapsed_ms) * interval '1 millisecond'
      or s.status in ('active', 'paused') and s.last_activity_at < v_idle
    order by s.user_id, s.id
    limit 200
    for no key update skip locked
  loop
    begin
      if private.study_time_is_up(v_session, now()) then
        perform private.study_complete_practice(v_session, private.study_clock_end(v_session, now()), now());
        v_finished := v_finished + 1;
      elsif not private.study_grades_late(v_session.session_type) and not exists (
        select from study.practice_session_questions as q where q.session_id = v_session.id and q.status = 'pending'
      ) then
        perform private.study_complete_practice(v_session, v_session.last_activity_at, now());
        v_finished := v_finished + 1;
      else
        perform private.study_drop_practice(v_session, v_session.last_activity_at);
        v_abandoned := v_abandoned + 1;
      end if;
    exception when others then
      v_failed := v_failed + 1;
      raise warning 'practice session % was not ended: %', v_session.id, sqlerrm;
    end;
    -- A class whose test is over at once: who finishes it himself meanwhile is not kept waiting. The rest comes next time.
    exit when clock_timestamp() >= v_until;
  end loop;
  return jsonb_build_object('finished', v_finished, 'abandoned', v_abandoned, 'failed', v_failed);
end;
$$;
comment on function private.study_tend_practice() is
  'Finishes sessions whose clock has run out, grading what was answered by then; ends those untouched for study.session_idle_days: finished when nothing of them is open, else abandoned. Up to 200, and for study.tend_seconds, a run. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_tend_practice', 'private.study_tend_practice', '1 minute', 'Practice sessions whose clock ran out are graded; untouched ones end.');

create function study.start_practice(
  p_session_type text default 'tutor', p_selection text default null, p_topic text default null, p_difficulty text default null,
  p_question_count integer default null, p_question_ids uuid[] default null, p_time_limit_seconds integer default null,
  p_idempotency_key text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.study_start_practice(
    p_session_type, p_selection, p_topic, p_difficulty, p_question_count, p_question_ids, p_time_limit_seconds, p_idempotency_key, now()
  );
$$;
comment on function study.start_practice(text, text, text, text, integer, uuid[], integer, text) is
  'Begins a session and returns it as study.practice_session. p_session_type: tutor, review (graded at once), timed, test (graded at the end, p_time_limit_seconds 10–86400, by default 90 a question; a test cannot be paused). p_selection: topic, unseen, wrong, due, adaptive, mixed (due, then wrong, then unseen), or chosen with p_question_ids; by default what fits the other arguments. p_topic: a slug, what lies below it included. p_difficulty: easy, medium, hard, nbme. The same p_idempotency_key again returns the same session. Errors: session_type_invalid, selection_invalid, difficulty_invalid, question_count_invalid, questions_invalid, time_limit_invalid, unknown_topic, idempotency_key_reused (422), no_questions, question_not_found (404), question_in_test, too_many_sessions (409), rate_limited (429).';

create function study.practice_session(p_session_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_practice_session(p_session_id, now()); $$;
comment on function study.practice_session(uuid) is
  'A session of yours as it is drawn: {id, session_type, selection, status, topic, difficulty, total_questions, answered_count, skipped_count, correct_count, xp_earned, time_limit_seconds, elapsed_ms, remaining_ms, started_at, completed_at, server_time, questions: [{question_order, question_id, version_id, version_no, question_type, vignette, options: [{index, text}], status, selected, confidence, time_taken_ms, is_shown, result}]}. result is null until an answer is graded, then {attempt_id, is_correct, time_taken_ms, answered_at, correct, options: [{index, is_correct, rationale}], explanation, sources}. session_not_found (404).';

create function study.show_question(p_session_id uuid, p_question_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_show_question(p_session_id, p_question_id, now()); $$;
comment on function study.show_question(uuid, uuid) is
  'Says that this question is in front of you now: its clock runs, that of the one before stops. Needed only when you leave the order. Returns the session without its questions, and question_id. session_not_found, question_not_in_session (404), already_answered, session_over, session_paused, time_is_up (409).';

create function study.answer_question(
  p_session_id uuid, p_question_id uuid, p_selected integer[], p_confidence integer default null, p_time_taken_ms bigint default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_answer_question(p_session_id, p_question_id, p_selected, p_confidence, p_time_taken_ms, now()); $$;
comment on function study.answer_question(uuid, uuid, integer[], integer, bigint) is
  'Answers a question of a running session with the indexes of the options shown; p_confidence 1–5; p_time_taken_ms only ever lowers what the server measured. Returns {session, question_id, status, is_graded, result, xp_earned, next_question}. In a timed session or a test it may be answered again until the end, and result is null. Errors: session_not_found, question_not_in_session (404), answer_invalid, confidence_invalid, time_invalid (422), already_answered, question_in_test, session_over, session_paused, time_is_up (409).';

create function study.skip_question(p_session_id uuid, p_question_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_skip_question(p_session_id, p_question_id, now()); $$;
comment on function study.skip_question(uuid, uuid) is
  'Leaves a question for now: it may still be answered before the session is over, and is recorded as skipped if it is not. Takes an answer back in a timed session or a test. Returns as study.answer_question. session_not_found, question_not_in_session (404), already_answered, session_over, session_paused, time_is_up (409).';

create function study.pause_practice(p_session_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_pause_practice(p_session_id, now()); $$;
comment on function study.pause_practice(uuid) is
  'Stops the clock of a session; once more changes nothing. Returns it without its questions. session_not_found (404), test_cannot_pause, session_over, time_is_up (409).';

create function study.resume_practice(p_session_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_resume_practice(p_session_id, now()); $$;
comment on function study.resume_practice(uuid) is
  'Lets the clock of a paused session run on; of a running one nothing changes. Returns it without its questions. session_not_found (404), session_over, time_is_up (409).';

create function study.finish_practice(p_session_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_finish_practice(p_session_id, now()); $$;
comment on function study.finish_practice(uuid) is
  'Ends a session, grades what is not graded yet, and returns study.practice_result; once more returns the same. What was neither answered nor skipped is not reached: it counts in the score, and keeps its key. session_not_found (404), session_over (409: it was abandoned).';

create function study.abandon_practice(p_session_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_abandon_practice(p_session_id, now()); $$;
comment on function study.abandon_practice(uuid) is
  'Ends a session without grading; what was graded at once stays. Once more changes nothing. Returns it without its questions. session_not_found (404), session_over, time_is_up (409).';

create function study.practice_result(p_session_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_practice_result(p_session_id, now()); $$;
comment on function study.practice_result(uuid) is
  'What became of a session of yours that is over: as study.practice_session, with {score (percent of all questions), not_reached_count, time_taken_ms, topics: [{topic, name, total, answered, correct}], difficulties: [{difficulty, total, answered, correct}]}. session_not_found (404), session_not_over (409).';

create function study.answered_question(p_question_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_answered_question(p_question_id); $$;
comment on function study.answered_question(uuid) is
  'The version that you answered last, with what you selected and the result: key, rationale, explanation, and the passages of material that you may read. is_current: whether it still says so. question_not_answered (404), question_in_test (409).';

revoke execute on function
  private.study_answered_question(uuid), private.study_tend_practice(),
  study.start_practice(text, text, text, text, integer, uuid[], integer, text), study.practice_session(uuid),
  study.show_question(uuid, uuid), study.answer_question(uuid, uuid, integer[], integer, bigint), study.skip_question(uuid, uuid),
  study.pause_practice(uuid), study.resume_practice(uuid), study.finish_practice(uuid), study.abandon_practice(uuid),
  study.practice_result(uuid), study.answered_question(uuid)
  from public, anon, authenticated;
grant execute on function
  private.study_start_practice(text, text, text, text, integer, uuid[], integer, text, timestamptz),
  private.study_practice_session(uuid, timestamptz), private.study_show_question(uuid, uuid, timestamptz),
  private.study_answer_question(uuid, uuid, integer[], integer, bigint, timestamptz),
  private.study_skip_question(uuid, uuid, timestamptz), private.study_pause_practice(uuid, timestamptz),
  private.study_resume_practice(uuid, timestamptz), private.study_finish_practice(uuid, timestamptz),
  private.study_abandon_practice(uuid, timestamptz), private.study_practice_result(uuid, timestamptz),
  private.study_answered_question(uuid),
  study.start_practice(text, text, text, text, integer, uuid[], integer, text), study.practice_session(uuid),
  study.show_question(uuid, uuid), study.answer_question(uuid, uuid, integer[], integer, bigint), study.skip_question(uuid, uuid),
  study.pause_practice(uuid), study.resume_practice(uuid), study.finish_practice(uuid), study.abandon_practice(uuid),
  study.practice_result(uuid), study.answered_question(uuid)
  to authenticated;
