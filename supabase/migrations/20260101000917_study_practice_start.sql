-- Beginning a session: which questions, in which version, and the clock.

create function private.study_add_questions(p_session_id uuid, p_question_ids uuid[], p_after integer)
returns integer
language plpgsql
volatile
security definer -- sessions have no insert grant
set search_path = ''
as $$
declare
  v_added integer;
begin
  insert into study.practice_session_questions (session_id, question_order, question_id, version_id)
  select p_session_id, p_after + row_number() over (order by u.no), q.id, v.id
  from unnest(p_question_ids) with ordinality as u (id, no)
  join study.questions as q on q.id = u.id
  join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version;
  get diagnostics v_added = row_count;
  return v_added;
end;
$$;
comment on function private.study_add_questions(uuid, uuid[], integer) is
  'Puts questions behind the p_after-th of a session, each in its present version; returns how many.';

-- What is asked for, checked; raises the errors of study.start_practice.
create function private.study_check_practice(
  p_session_type text, p_selection text, p_difficulty text, p_question_count integer, p_question_ids uuid[], p_time_limit_seconds integer
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_most integer := private.setting_number('study.max_session_questions');
begin
  if coalesce(p_session_type, '') not in ('timed', 'tutor', 'review', 'test') then
    raise sqlstate 'PT422' using
      message = 'session_type_invalid', detail = 'A session is timed, tutor, review or test.', hint = 'Send one of them.';
  end if;
  if p_selection not in ('topic', 'unseen', 'wrong', 'due', 'adaptive', 'mixed', 'chosen')
    or (p_selection = 'chosen') <> (p_question_ids is not null) or p_session_type = 'review' and p_selection not in ('due', 'chosen')
  then
    raise sqlstate 'PT422' using
      message = 'selection_invalid',
      detail = 'A selection is topic, unseen, wrong, due, adaptive, mixed or chosen; chosen comes with p_question_ids, and only it; a review takes what is due, or chosen.',
      hint = 'Send one of them.';
  end if;
  if p_difficulty not in ('easy', 'medium', 'hard', 'nbme') then
    raise sqlstate 'PT422' using
      message = 'difficulty_invalid', detail = 'A question is easy, medium, hard or nbme.', hint = 'Send one of them, or none.';
  end if;
  if p_question_count not between 1 and v_most then
    raise sqlstate 'PT422' using
      message = 'question_count_invalid', detail = format('A session has 1 to %s questions.', v_most), hint = 'Send a number in between.';
  end if;
  if p_question_ids is not null and (
    coalesce(array_ndims(p_question_ids), 0) <> 1 or cardinality(p_question_ids) not between 1 and v_most or array_position(p_question_ids, null) is not null
    or cardinality(p_question_ids) <> (select count(distinct u.id) from unnest(p_question_ids) as u (id))
  ) then
    raise sqlstate 'PT422' using
      message = 'questions_invalid', detail = format('Chosen questions are 1 to %s ids, each once.', v_most), hint = 'Correct the list.';
  end if;
  if p_time_limit_seconds is not null and (p_time_limit_seconds not between 10 and 86400 or not private.study_grades_late(p_session_type)) then
    raise sqlstate 'PT422' using
      message = 'time_limit_invalid', detail = 'A timed session or a test is limited to 10 seconds to 24 hours; others have no limit.',
      hint = 'Leave it out, or send seconds in between.';
  end if;
end;
$$;
comment on function private.study_check_practice(text, text, text, integer, uuid[], integer) is
  'Raises session_type_invalid, selection_invalid, difficulty_invalid, question_count_invalid, questions_invalid, time_limit_invalid (422).';

create function private.study_chosen_questions(p_user_id uuid, p_question_ids uuid[], p_examined uuid[])
returns uuid[]
language plpgsql
volatile
security definer -- reads questions of everybody, for one person
set search_path = ''
as $$
begin
  if cardinality(private.study_practisable(p_question_ids, p_user_id)) <> cardinality(p_question_ids) then
    raise sqlstate 'PT404' using
      message = 'question_not_found', detail = 'One of these questions is not there, or not for you to practise.', hint = 'Read study.questions.';
  end if;
  if p_question_ids && p_examined then
    raise sqlstate 'PT409' using
      message = 'question_in_test', detail = 'One of these questions stands in a timed session or a test of yours that is not over.',
      hint = 'Finish that one first.';
  end if;
  return p_question_ids;
end;
$$;
comment on function private.study_chosen_questions(uuid, uuid[], uuid[]) is
  'The same ids, when each may be practised; question_not_found (404), question_in_test (409).';

create function private.study_begin_practice(
  p_user_id uuid, p_session_type text, p_selection text, p_topic_id uuid, p_difficulty text, p_question_count integer,
  p_question_ids uuid[], p_time_limit_seconds integer, p_at timestamptz
)
returns study.practice_sessions
language plpgsql
volatile
security definer -- sessions have no insert grant
set search_path = ''
as $$
declare
  v_learner study.learners := private.study_learner(p_user_id); -- a test that begins and an answer that shows a key come one after the other
  v_most integer := private.setting_number('study.max_open_sessions');
  v_examined uuid[] := private.study_examined_ids(p_user_id);
  v_session study.practice_sessions;
  v_count integer := coalesce(p_question_count, cardinality(p_question_ids), private.setting_number('study.session_questions'));
  v_found uuid[];
  -- In a mode that grades at once each question follows from the answers before it.
  v_is_grown boolean := p_selection = 'adaptive' and not private.study_grades_late(p_session_type);
begin
  if (
    select count(*) from study.practice_sessions as s where s.user_id = v_learner.user_id and s.status in ('active', 'paused')
  ) >= v_most then
    raise sqlstate 'PT409' using
      message = 'too_many_sessions', detail = format('%s sessions of yours are not over.', v_most), hint = 'Finish or abandon some of them.';
  end if;
  if p_question_ids is null then
    v_found := private.study_select_questions(
      p_user_id, p_selection, p_topic_id, p_difficulty, case when v_is_grown then 1 else v_count end, v_examined, p_at
    );
  else
    v_found := private.study_chosen_questions(p_user_id, p_question_ids, v_examined);
    v_count := cardinality(v_found);
  end if;
  if coalesce(cardinality(v_found), 0) = 0 then
    raise sqlstate 'PT404' using
      message = 'no_questions', detail = 'No question that you may practise fits.', hint = 'Ask for another selection, topic or difficulty.';
  end if;
  insert into study.practice_sessions (
    user_id, session_type, selection, topic_id, settings, total_questions, time_limit_seconds, running_since, started_at,
    last_activity_at, created_at
  )
  values (
    p_user_id, p_session_type, p_selection, p_topic_id, jsonb_strip_nulls(jsonb_build_object('difficulty', p_difficulty)),
    case when v_is_grown then v_count else cardinality(v_found) end,
    case when private.study_grades_late(p_session_type) then coalesce(
      p_time_limit_seconds, least(greatest(cardinality(v_found) * private.setting_number('study.seconds_per_question'), 10), 86400)
    ) end,
    p_at, p_at, p_at, p_at
  )
  returning * into v_session;
  perform private.study_add_questions(v_session.id, v_found, 0);
  update study.practice_session_questions as q set shown_ms = 0 where q.session_id = v_session.id and q.question_order = 1;
  return v_session;
end;
$$;
comment on function private.study_begin_practice(uuid, text, text, uuid, text, integer, uuid[], integer, timestamptz) is
  'Begins a session whose arguments were checked; its first question is shown. no_questions, question_not_found (404), question_in_test, too_many_sessions (409).';

create function private.study_start_practice(
  p_session_type text, p_selection text, p_topic text, p_difficulty text, p_question_count integer, p_question_ids uuid[],
  p_time_limit_seconds integer, p_idempotency_key text, p_at timestamptz
)
returns jsonb
language plpgsql
volatile
security definer -- sessions have no insert grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_selection text := coalesce(
    p_selection,
    case when p_question_ids is not null then 'chosen' when p_session_type = 'review' then 'due' when p_topic is not null then 'topic' else 'mixed' end
  );
  v_before jsonb;
  v_session study.practice_sessions;
begin
  perform private.study_check_practice(p_session_type, v_selection, p_difficulty, p_question_count, p_question_ids, p_time_limit_seconds);
  if p_idempotency_key is not null then
    v_before := private.begin_idempotent(v_user_id, 'study.start_practice', p_idempotency_key, md5(jsonb_build_array(
      p_session_type, v_selection, p_topic, p_difficulty, p_question_count, p_question_ids, p_time_limit_seconds
    )::text));
    if v_before is not null then
      return private.study_practice_session((v_before ->> 'session_id')::uuid, p_at);
    end if;
  end if;
  perform private.limit_action('study.limits', 'practice', v_user_id::text);
  v_session := private.study_begin_practice(
    v_user_id, p_session_type, v_selection, private.study_question_topic(p_topic), p_difficulty, p_question_count, p_question_ids,
    p_time_limit_seconds, p_at
  );
  if p_idempotency_key is not null then
    perform private.finish_idempotent(
      v_user_id, 'study.start_practice', p_idempotency_key, jsonb_build_object('session_id', v_session.id)
    );
  end if;
  return private.study_practice_session(v_session.id, p_at);
end;
$$;
comment on function private.study_start_practice(text, text, text, text, integer, uuid[], integer, text, timestamptz) is
  'See study.start_practice.';

revoke execute on function
  private.study_add_questions(uuid, uuid[], integer), private.study_check_practice(text, text, text, integer, uuid[], integer),
  private.study_chosen_questions(uuid, uuid[], uuid[]),
  private.study_begin_practice(uuid, text, text, uuid, text, integer, uuid[], integer, timestamptz),
  private.study_start_practice(text, text, text, text, integer, uuid[], integer, text, timestamptz)
  from public, anon, authenticated;
