-- What a person may practise, when he may see the key of what he answered, and what the clock of a sitting shows.
--
-- Times come as arguments: the functions that clients call pass now(), and nobody else's clock is asked.

insert into core.settings (key, value, description) values
  ('study.session_questions', '20', 'Questions of a practice session, unless the learner says how many.'),
  ('study.max_session_questions', '200', 'The most questions of one practice session.'),
  ('study.max_open_sessions', '20', 'Practice sessions of one learner that are active or paused.'),
  ('study.seconds_per_question', '90', 'The time limit of a timed session or a test, for each question, unless the learner sets one.'),
  ('study.max_question_seconds', '900', 'More than this is not counted as time on one answer: the learner was away.'),
  ('study.session_idle_days', '7', 'After so many days untouched a practice session is over.'),
  ('study.tend_seconds', '4', 'The task that ends practice sessions takes no more of them after so long: their learners wait for it.');
update core.settings set value = value || '{"practice": {"burst": 60, "per_hour": 240}}' where key = 'study.limits';

create function private.study_practisable(p_question_ids uuid[], p_user_id uuid)
returns uuid[]
language plpgsql
stable
security definer -- reads questions, shares and blocks of everybody, for one person
set search_path = ''
as $$
declare
  v_blocked uuid[] := array(
    select b.blocked_id from core.blocks as b where b.blocker_id = p_user_id
    union
    select b.blocker_id from core.blocks as b where b.blocked_id = p_user_id
  );
  v_readable uuid[];
begin
  -- Each material is asked about once, however many of its questions are among them.
  select coalesce(array_agg(m.material_id), '{}') into v_readable
  from (
    select distinct q.material_id from study.questions as q
    where q.id = any (p_question_ids) and q.visibility = 'material' and q.status = 'published' and q.material_id is not null
  ) as m
  where private.study_may_read_material(m.material_id, p_user_id);
  return array(
    select q.id
    from unnest(p_question_ids) with ordinality as u (id, no)
    join study.questions as q on q.id = u.id
    where q.author_id = p_user_id and q.status in ('draft', 'in_review', 'published')
      or q.status = 'published'
        and (q.visibility = 'authenticated' or q.visibility = 'material' and q.material_id = any (v_readable))
        and (q.author_id is null or q.author_id <> all (v_blocked))
    order by u.no
  );
end;
$$;
comment on function private.study_practisable(uuid[], uuid) is
  'Of these questions those that a person may practise, in the same order: his own (not rejected nor retired), and what is published for everybody or for the readers of a material that he reads; nothing of people of whom one blocked the other.';

create function private.study_may_practise(p_question_id uuid, p_user_id uuid)
returns boolean
language plpgsql
stable
security definer -- reads questions, shares and blocks of everybody, for one person
set search_path = ''
as $$
begin
  return cardinality(private.study_practisable(array[p_question_id], p_user_id)) = 1;
end;
$$;
comment on function private.study_may_practise(uuid, uuid) is 'Whether a person may practise a question: see private.study_practisable.';

-- Modes that grade at the end.
create function private.study_grades_late(p_session_type text)
returns boolean
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return p_session_type in ('timed', 'test');
end;
$$;
comment on function private.study_grades_late(text) is 'True of timed sessions and tests: nothing of them is graded before they are over.';

create function private.study_examined_ids(p_user_id uuid)
returns uuid[]
language plpgsql
stable
security definer -- reads sessions of whoever is acted for
set search_path = ''
as $$
begin
  return array(
    select q.question_id
    from study.practice_sessions as s
    join study.practice_session_questions as q on q.session_id = s.id
    where s.user_id = p_user_id and s.status in ('active', 'paused') and private.study_grades_late(s.session_type)
  );
end;
$$;
comment on function private.study_examined_ids(uuid) is
  'Questions that stand in timed sessions and tests of a person that are not over: their keys stay closed to him everywhere, whatever he answered before.';

create function private.study_ms(p_from timestamptz, p_to timestamptz)
returns bigint
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return greatest(floor(extract(epoch from p_to - p_from) * 1000), 0)::bigint;
end;
$$;
comment on function private.study_ms(timestamptz, timestamptz) is
  'Milliseconds from one moment to another, never negative: two requests may come to a lock in another order than they began.';

create function private.study_elapsed(p_session study.practice_sessions, p_at timestamptz)
returns bigint
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return least(
    p_session.elapsed_ms + case when p_session.running_since is null then 0 else private.study_ms(p_session.running_since, p_at) end,
    p_session.time_limit_seconds * 1000::bigint
  );
end;
$$;
comment on function private.study_elapsed(study.practice_sessions, timestamptz) is
  'What the clock of a session shows at a moment, in milliseconds: never more than its time limit.';

create function private.study_time_is_up(p_session study.practice_sessions, p_at timestamptz)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return coalesce(private.study_elapsed(p_session, p_at) >= p_session.time_limit_seconds * 1000::bigint, false);
end;
$$;
comment on function private.study_time_is_up(study.practice_sessions, timestamptz) is 'Whether the clock of a session has run out at a moment.';

revoke execute on function
  private.study_practisable(uuid[], uuid), private.study_may_practise(uuid, uuid), private.study_grades_late(text),
  private.study_examined_ids(uuid), private.study_ms(timestamptz, timestamptz),
  private.study_elapsed(study.practice_sessions, timestamptz), private.study_time_is_up(study.practice_sessions, timestamptz)
  from public, anon, authenticated;
