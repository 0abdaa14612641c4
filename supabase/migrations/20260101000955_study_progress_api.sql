-- What a learner reads of his progress. Times are the server's; everything is about the caller.

create function private.study_my_mastery(p_topic text)
returns table (
  topic_id uuid, slug text, name text, parent_id uuid, mastery_percentage double precision, uncertainty double precision,
  proficiency_level text, questions_answered bigint, questions_correct bigint, observed_at timestamptz
)
language plpgsql
stable
security definer -- reads mastery of the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_topic_ids uuid[];
begin
  if p_topic is not null then
    v_topic_ids := private.topic_subtree(private.study_question_topic(p_topic));
  end if;
  return query
  select l.topic_id, t.slug::text, t.name, t.parent_id, l.mastery_percentage, l.uncertainty, l.proficiency_level, l.questions_answered,
    l.questions_correct, l.observed_at
  from private.study_mastery_at(v_user_id, now()) as l
  join core.topics as t on t.id = l.topic_id
  where v_topic_ids is null or l.topic_id = any (v_topic_ids)
  order by l.mastery_percentage, l.topic_id;
end;
$$;
comment on function private.study_my_mastery(text) is 'See study.my_mastery.';

create function private.study_my_progress(p_limit integer, p_cursor text, p_topic text, p_only text)
returns table (
  question_id uuid, topic_id uuid, difficulty text, total_attempts integer, correct_attempts integer, skipped_attempts integer,
  accuracy_rate double precision, avg_confidence double precision, time_taken_ms bigint, last_is_correct boolean,
  first_attempt_at timestamptz, last_attempt_at timestamptz, next_cursor text
)
language plpgsql
stable
security definer -- reads progress of the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_topic_ids uuid[];
  v_after_at timestamptz := timestamptz 'infinity';
  v_after_id uuid := uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff';
begin
  if p_only is null or p_only not in ('all', 'right', 'wrong', 'skipped') then
    raise sqlstate 'PT422' using
      message = 'progress_filter_invalid', detail = 'Progress is shown of all questions, or of those last right, wrong, or only skipped.',
      hint = 'Send all, right, wrong or skipped.';
  end if;
  if p_topic is not null then
    v_topic_ids := private.topic_subtree(private.study_question_topic(p_topic));
  end if;
  if p_cursor is not null then
    begin
      v_after_at := timestamptz '1970-01-01 00:00:00+00' + split_part(p_cursor, ':', 1)::bigint * interval '1 microsecond';
      v_after_id := split_part(p_cursor, ':', 2)::uuid;
    exception when data_exception then
      raise sqlstate 'PT400' using
        message = 'cursor_invalid', detail = 'This is no cursor of this list.', hint = 'Send the cursor of the last row of the page before.';
    end;
  end if;
  return query
  select p.question_id, q.topic_id, q.difficulty, p.total_attempts, p.correct_attempts, p.skipped_attempts, p.accuracy_rate,
    p.avg_confidence, p.time_taken_ms, p.last_is_correct, p.first_attempt_at, p.last_attempt_at,
    (extract(epoch from p.last_attempt_at) * 1000000)::bigint || ':' || p.question_id
  from study.user_progress as p
  join study.questions as q on q.id = p.question_id
  where p.user_id = v_user_id and (p.last_attempt_at, p.question_id) < (v_after_at, v_after_id)
    and (v_topic_ids is null or q.topic_id = any (v_topic_ids))
    and case p_only when 'right' then p.last_is_correct when 'wrong' then not p.last_is_correct when 'skipped' then p.total_attempts = 0 else true end
  order by p.last_attempt_at desc, p.question_id desc
  limit least(greatest(coalesce(p_limit, 20), 1), 100);
end;
$$;
comment on function private.study_my_progress(integer, text, text, text) is 'See study.my_progress.';

create function private.study_my_next_topics(p_limit integer)
returns table (
  topic_id uuid, slug text, name text, learning_path_id uuid, milestone_id uuid, mastery_percentage double precision,
  score double precision, reason text
)
language plpgsql
stable
security definer -- reads progress of the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
begin
  return query
  select n.topic_id, t.slug::text, t.name, n.learning_path_id, n.milestone_id, l.mastery_percentage, n.score, n.reason
  from private.study_next_topics(v_user_id, least(greatest(coalesce(p_limit, 5), 1), 50), now()) as n
  join core.topics as t on t.id = n.topic_id
  left join private.study_mastery_at(v_user_id, now()) as l on l.topic_id = n.topic_id
  order by n.score desc, n.topic_id;
end;
$$;
comment on function private.study_my_next_topics(integer) is 'See study.next_topics.';

create function private.study_my_path_document(p_learning_path_id uuid)
returns jsonb
language plpgsql
stable
security definer -- reads paths of the caller only
set search_path = ''
as $$
begin
  return private.study_path_document(p_learning_path_id, private.require_reader(), now());
end;
$$;
comment on function private.study_my_path_document(uuid) is 'See study.learning_path.';

create function study.my_mastery(p_topic text default null)
returns table (
  topic_id uuid, slug text, name text, parent_id uuid, mastery_percentage double precision, uncertainty double precision,
  proficiency_level text, questions_answered bigint, questions_correct bigint, observed_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_my_mastery(p_topic); $$;
comment on function study.my_mastery(text) is
  'How well you know the topics that you practised (of one and those below it, by slug), as it is now, weakest first: mastery_percentage, give or take uncertainty (one standard deviation, in points); proficiency_level novice, beginner, intermediate, advanced or expert by what is sure. unknown_topic (422).';

create function study.my_progress(
  p_limit integer default 20, p_cursor text default null, p_topic text default null, p_only text default 'all'
)
returns table (
  question_id uuid, topic_id uuid, difficulty text, total_attempts integer, correct_attempts integer, skipped_attempts integer,
  accuracy_rate double precision, avg_confidence double precision, time_taken_ms bigint, last_is_correct boolean,
  first_attempt_at timestamptz, last_attempt_at timestamptz, next_cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_my_progress(p_limit, p_cursor, p_topic, p_only); $$;
comment on function study.my_progress(integer, text, text, text) is
  'The questions that you met, last first: at most 100 a page; the next begins after next_cursor of the last row. p_topic: a slug, and all below it. p_only: all, right or wrong (when last answered), skipped (never answered). cursor_invalid (400), progress_filter_invalid, unknown_topic (422).';

create function study.next_topics(p_limit integer default 5)
returns table (
  topic_id uuid, slug text, name text, learning_path_id uuid, milestone_id uuid, mastery_percentage double precision,
  score double precision, reason text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_my_next_topics(p_limit); $$;
comment on function study.next_topics(integer) is
  'What to practise next, best first, at most 50: path (an open milestone of your paths), fading (you knew it better), weak, uncertain (answered too little), new. mastery_percentage is null for what you never practised.';

create function study.learning_path(p_learning_path_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_my_path_document(p_learning_path_id); $$;
comment on function study.learning_path(uuid) is
  'A path of yours: {id, name, description, status, target_date, total_milestones, completed_milestones, created_at, milestones: [{id, topic: {id, slug, name}, order, target_mastery, is_completed, completed_at, mastery_percentage, uncertainty, questions_answered, is_open, requires: [ids]}]}. is_open: all that it requires is complete, and it is not. learning_path_not_found (404).';

revoke execute on function
  private.study_my_mastery(text), private.study_my_progress(integer, text, text, text), private.study_my_next_topics(integer),
  private.study_my_path_document(uuid), study.my_mastery(text), study.my_progress(integer, text, text, text),
  study.next_topics(integer), study.learning_path(uuid)
  from public, anon, authenticated;
grant execute on function
  private.study_my_mastery(text), private.study_my_progress(integer, text, text, text), private.study_my_next_topics(integer),
  private.study_my_path_document(uuid), study.my_mastery(text), study.my_progress(integer, text, text, text),
  study.next_topics(integer), study.learning_path(uuid)
  to authenticated;
