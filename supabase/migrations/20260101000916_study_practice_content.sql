-- How a session reads: what a client needs to draw it, and of what has been graded also the key, the explanation and the
-- passage behind it.

create function private.study_shown_question(p_version_id uuid)
returns jsonb
language plpgsql
stable
security definer -- a session keeps showing the version that it began with; reads no key
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'question_id', v.question_id, 'version_id', v.id, 'version_no', v.version_no, 'question_type', v.question_type, 'vignette', v.vignette,
      'options', (
        select jsonb_agg(jsonb_build_object('index', o.option_index, 'text', o.option_text) order by o.option_index)
        from study.question_options as o where o.version_id = v.id
      )
    )
    from study.question_versions as v where v.id = p_version_id
  );
end;
$$;
comment on function private.study_shown_question(uuid) is
  'A version as everybody reads it: {question_id, version_id, version_no, question_type, vignette, options: [{index, text}]}.';

-- The passage as it stands now for a wrong answer; for any other, the quote and its place.
create function private.study_shown_sources(p_version_id uuid, p_user_id uuid, p_with_passage boolean)
returns jsonb
language plpgsql
stable
security definer -- sources have no grant; shows those of materials that the person may read
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'material_id', s.material_id, 'title', m.title, 'chunk_id', s.chunk_id, 'quote', s.quote, 'page_number', s.page_number,
        'char_start', s.char_start, 'char_end', s.char_end, 'stale_at', s.stale_at
      ) || case when p_with_passage then jsonb_build_object('heading_path', c.heading_path, 'passage', c.content) else '{}'::jsonb end
      order by s.created_at, s.id
    ), '[]')
    from study.question_sources as s
    join study.materials as m on m.id = s.material_id
    left join study.material_chunks as c on c.id = s.chunk_id
    where s.version_id = p_version_id and private.study_may_read_material(s.material_id, p_user_id)
  );
end;
$$;
comment on function private.study_shown_sources(uuid, uuid, boolean) is
  'The passages that a version came from, of materials that the person may read: [{material_id, title, chunk_id, quote, page_number, char_start, char_end, stale_at}], with heading_path and passage (its whole text) when asked for.';

create function private.study_shown_result(p_attempt study.user_question_attempts)
returns jsonb
language plpgsql
stable
security definer -- shows the key of what was answered, to who answered it
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'attempt_id', p_attempt.id, 'is_correct', p_attempt.is_correct, 'time_taken_ms', p_attempt.time_taken_ms, 'answered_at', p_attempt.answered_at,
      'correct', (
        select jsonb_agg(k.option_index order by k.option_index) from study.question_keys as k
        where k.version_id = p_attempt.version_id and k.is_correct
      ),
      'options', (
        select jsonb_agg(
          jsonb_build_object('index', k.option_index, 'is_correct', k.is_correct, 'rationale', k.rationale) order by k.option_index
        )
        from study.question_keys as k where k.version_id = p_attempt.version_id
      ),
      'explanation', (
        select jsonb_build_object(
          'correct_explanation', e.correct_explanation, 'pathophysiology', e.pathophysiology,
          'clinical_relevance', e.clinical_relevance, 'references', e.reference_list
        )
        from study.question_explanations as e where e.version_id = p_attempt.version_id
      ),
      'sources', private.study_shown_sources(p_attempt.version_id, p_attempt.user_id, not p_attempt.is_correct)
    )
    where not p_attempt.is_skipped and p_attempt.question_id <> all (private.study_examined_ids(p_attempt.user_id))
  );
end;
$$;
comment on function private.study_shown_result(study.user_question_attempts) is
  'What is told after an answer: {attempt_id, is_correct, time_taken_ms, answered_at, correct: [index], options: [{index, is_correct, rationale}], explanation, sources}. Null for what was skipped, and while the question stands in a timed session or a test of the person that is not over.';

create function private.study_session_summary(p_session study.practice_sessions, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- names the topic
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', p_session.id, 'session_type', p_session.session_type, 'selection', p_session.selection, 'status', p_session.status,
    'topic', (select t.slug from core.topics as t where t.id = p_session.topic_id), 'difficulty', p_session.settings -> 'difficulty',
    'total_questions', p_session.total_questions, 'answered_count', p_session.answered_count, 'skipped_count', p_session.skipped_count,
    'correct_count', p_session.correct_count, 'xp_earned', p_session.xp_earned, 'time_limit_seconds', p_session.time_limit_seconds,
    'elapsed_ms', private.study_elapsed(p_session, p_at),
    'remaining_ms', p_session.time_limit_seconds * 1000::bigint - private.study_elapsed(p_session, p_at),
    'started_at', p_session.started_at, 'completed_at', p_session.completed_at,
    'server_time', case when p_session.completed_at is null then p_at end
  );
end;
$$;
comment on function private.study_session_summary(study.practice_sessions, timestamptz) is
  'A session without its questions, and what its clock shows. remaining_ms is null without a time limit, server_time when it is over.';

create function private.study_session_questions(p_session study.practice_sessions)
returns jsonb
language plpgsql
stable
security definer -- shows versions and, of what has been graded, results, to whose session it is
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(
      private.study_shown_question(q.version_id) || jsonb_build_object(
        'question_order', q.question_order, 'status', q.status, 'selected', q.selected_indexes, 'confidence', q.confidence_rating,
        'time_taken_ms', q.time_taken_ms, 'is_shown', q.shown_ms is not null, 'result', private.study_shown_result(a)
      )
      order by q.question_order
    ), '[]')
    from study.practice_session_questions as q
    left join study.user_question_attempts as a on a.session_id = q.session_id and a.question_id = q.question_id
    where q.session_id = p_session.id
  );
end;
$$;
comment on function private.study_session_questions(study.practice_sessions) is
  'The questions of a session in order, as private.study_shown_question, with {question_order, status, selected, confidence, time_taken_ms, is_shown, result}. result is null until it has been graded.';

create function private.study_practice_session(p_session_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- shows results of what has been graded, to whose session it is
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_session study.practice_sessions;
begin
  select * into v_session from study.practice_sessions as s where s.id = p_session_id and s.user_id = v_user_id;
  if not found then
    raise sqlstate 'PT404' using
      message = 'session_not_found', detail = 'There is no practice session of yours with this id.', hint = 'List yours: practice_sessions.';
  end if;
  return private.study_session_summary(v_session, p_at) || jsonb_build_object('questions', private.study_session_questions(v_session));
end;
$$;
comment on function private.study_practice_session(uuid, timestamptz) is 'See study.practice_session.';

create function private.study_result(p_session study.practice_sessions, p_at timestamptz)
returns jsonb
language sql
stable
security definer -- shows results of what has been graded, to whose session it is
set search_path = ''
as $$
  with asked as (
    select b.topic_id, b.difficulty, a.is_correct, coalesce(a.is_skipped, true) as is_open, q.time_taken_ms
    from study.practice_session_questions as q
    join study.questions as b on b.id = q.question_id
    left join study.user_question_attempts as a on a.session_id = q.session_id and a.question_id = q.question_id
    where q.session_id = p_session.id
  )
  select private.study_session_summary(p_session, p_at) || jsonb_build_object(
    'score', case when p_session.total_questions > 0 then round(100.0 * p_session.correct_count / p_session.total_questions, 1) end,
    'not_reached_count', p_session.total_questions - p_session.answered_count - p_session.skipped_count,
    'time_taken_ms', (select coalesce(sum(x.time_taken_ms), 0) from asked as x),
    'topics', (
      select coalesce(jsonb_agg(jsonb_build_object('topic', g.slug, 'name', g.name, 'total', g.total, 'answered', g.answered, 'correct', g.correct)
        order by g.name, g.slug), '[]')
      from (
        select t.slug, t.name, count(*) as total, count(*) filter (where not x.is_open) as answered,
          count(*) filter (where x.is_correct) as correct
        from asked as x left join core.topics as t on t.id = x.topic_id
        group by t.slug, t.name
      ) as g
    ),
    'difficulties', (
      select coalesce(jsonb_agg(jsonb_build_object('difficulty', g.difficulty, 'total', g.total, 'answered', g.answered, 'correct', g.correct)
        order by array_position('{easy, medium, hard, nbme}', g.difficulty)), '[]')
      from (
        select x.difficulty, count(*) as total, count(*) filter (where not x.is_open) as answered, count(*) filter (where x.is_correct) as correct
        from asked as x group by x.difficulty
      ) as g
    ),
    'questions', private.study_session_questions(p_session)
  );
$$;
comment on function private.study_result(study.practice_sessions, timestamptz) is 'See study.practice_result.';

create function private.study_practice_result(p_session_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- shows results of what has been graded, to whose session it is
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_session study.practice_sessions;
begin
  select * into v_session from study.practice_sessions as s where s.id = p_session_id and s.user_id = v_user_id;
  if not found then
    raise sqlstate 'PT404' using
      message = 'session_not_found', detail = 'There is no practice session of yours with this id.', hint = 'List yours: practice_sessions.';
  end if;
  if v_session.status in ('active', 'paused') then
    raise sqlstate 'PT409' using
      message = 'session_not_over', detail = format('The session is %s.', v_session.status), hint = 'Finish it: study.finish_practice.';
  end if;
  return private.study_result(v_session, p_at);
end;
$$;
comment on function private.study_practice_result(uuid, timestamptz) is 'See study.practice_result.';

revoke execute on function
  private.study_shown_question(uuid), private.study_shown_sources(uuid, uuid, boolean),
  private.study_shown_result(study.user_question_attempts), private.study_session_summary(study.practice_sessions, timestamptz),
  private.study_session_questions(study.practice_sessions), private.study_practice_session(uuid, timestamptz),
  private.study_result(study.practice_sessions, timestamptz), private.study_practice_result(uuid, timestamptz)
  from public, anon, authenticated;
