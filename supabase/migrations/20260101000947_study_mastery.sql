-- Progress follows each graded answer, in its transaction: what was done with the question, and what it says of its topic and
-- of every topic above. What is stored holds as of the last answer; reading lets it fade up to the moment that is asked about.

create index user_progress_recent_idx on study.user_progress (user_id, last_attempt_at desc, question_id desc);

create function private.study_topic_chain(p_topic_id uuid)
returns uuid[]
language plpgsql
stable
security definer -- walks the whole tree
set search_path = ''
as $$
begin
  return array(
    with recursive chain as (
      select coalesce(t.merged_into_id, t.id) as id, 1 as depth from core.topics as t where t.id = p_topic_id
      union all
      select coalesce(p.merged_into_id, p.id), c.depth + 1
      from chain as c
      join core.topics as t on t.id = c.id
      join core.topics as p on p.id = t.parent_id
      where c.depth < 20
    )
    select c.id from chain as c order by c.depth
  );
end;
$$;
comment on function private.study_topic_chain(uuid) is 'The topic that this one has become, and those above it, up to the root.';

create function private.study_mastery_now(p_level study.mastery_levels, p_at timestamptz, p_model jsonb)
returns double precision
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_ability double precision[] := private.study_ability_drift(
    array[p_level.ability, p_level.ability_variance], extract(epoch from p_at - p_level.observed_at)::double precision / 86400, p_model
  );
begin
  return private.study_ability_percentage(v_ability[1], v_ability[2]);
end;
$$;
comment on function private.study_mastery_now(study.mastery_levels, timestamptz, jsonb) is 'What is left of a mastery at a moment, in percent.';

create function private.study_progress_attempts(p_user_id uuid, p_attempts study.user_question_attempts[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- progress is written by answering only
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_level record;
  v_ability double precision[];
begin
  insert into study.user_progress as p (
    user_id, question_id, total_attempts, correct_attempts, skipped_attempts, confidence_sum, confidence_count, time_taken_ms,
    last_is_correct, first_attempt_at, last_attempt_at
  )
  select p_user_id, a.question_id, count(*) filter (where not a.is_skipped), count(*) filter (where a.is_correct),
    count(*) filter (where a.is_skipped), coalesce(sum(a.confidence_rating) filter (where not a.is_skipped), 0),
    count(a.confidence_rating) filter (where not a.is_skipped), sum(a.time_taken_ms),
    (array_agg(a.is_correct order by a.ordinality desc) filter (where not a.is_skipped))[1],
    min(a.answered_at) filter (where not a.is_skipped), max(a.answered_at)
  from unnest(p_attempts) with ordinality as a
  group by a.question_id
  on conflict (user_id, question_id) do update set
    total_attempts = p.total_attempts + excluded.total_attempts, correct_attempts = p.correct_attempts + excluded.correct_attempts,
    skipped_attempts = p.skipped_attempts + excluded.skipped_attempts, confidence_sum = p.confidence_sum + excluded.confidence_sum,
    confidence_count = p.confidence_count + excluded.confidence_count, time_taken_ms = p.time_taken_ms + excluded.time_taken_ms,
    last_is_correct = coalesce(excluded.last_is_correct, p.last_is_correct),
    first_attempt_at = least(p.first_attempt_at, excluded.first_attempt_at),
    last_attempt_at = greatest(p.last_attempt_at, excluded.last_attempt_at);

  for v_level in
    with answers as (
      select a.ordinality as no, a.topic_id, a.is_correct, a.answered_at, q.difficulty_estimate as difficulty,
        -- What is not known of the difficulty shrinks as answers come.
        (v_model ->> 'difficulty_sd')::double precision ^ 2
          / (1 + q.times_answered / (v_model ->> 'difficulty_answers')::double precision) as difficulty_variance,
        private.study_guess(v.question_type, (select count(*) from study.question_options as o where o.version_id = v.id)) as guess,
        -- Whoever has just read the key shows nothing by giving it: a question says something once a day.
        not exists (
          select from study.user_question_attempts as e
          where e.question_id = a.question_id and e.user_id = p_user_id and e.study_day = a.study_day
            and e.session_id <> a.session_id and not e.is_skipped
        ) as is_evidence
      from unnest(p_attempts) with ordinality as a
      join study.questions as q on q.id = a.question_id
      join study.question_versions as v on v.id = a.version_id
      where not a.is_skipped
    ),
    chains as (
      select t.topic_id as from_id, c.topic_id
      from (select distinct a.topic_id from answers as a where a.topic_id is not null) as t
      cross join lateral unnest(private.study_topic_chain(t.topic_id)) as c (topic_id)
    )
    select c.topic_id, count(*) as answered, count(*) filter (where a.is_correct) as correct,
      array_agg(a.is_correct order by a.no) as is_correct, array_agg(a.answered_at order by a.no) as answered_at,
      array_agg(a.difficulty order by a.no) as difficulty, array_agg(a.difficulty_variance order by a.no) as difficulty_variance,
      array_agg(a.guess order by a.no) as guess, array_agg(a.is_evidence order by a.no) as is_evidence,
      min(m.ability) as ability, min(m.ability_variance) as ability_variance, min(m.observed_at) as observed_at
    from answers as a
    join chains as c on c.from_id = a.topic_id
    left join study.mastery_levels as m on m.user_id = p_user_id and m.topic_id = c.topic_id
    group by c.topic_id
    order by c.topic_id
  loop
    v_ability := array[
      coalesce(v_level.ability, (v_model ->> 'prior_mean')::double precision),
      coalesce(v_level.ability_variance, (v_model ->> 'prior_sd')::double precision ^ 2)
    ];
    for i in 1..v_level.answered loop
      continue when not v_level.is_evidence[i];
      -- An answer that is graded late counts from when it was given, never backwards.
      v_ability := private.study_ability_drift(
        v_ability, extract(epoch from v_level.answered_at[i] - v_level.observed_at)::double precision / 86400, v_model
      );
      v_ability := private.study_ability_answer(
        v_ability, v_level.difficulty[i], v_level.difficulty_variance[i], v_level.guess[i], v_level.is_correct[i], v_model
      );
      v_level.observed_at := greatest(v_level.observed_at, v_level.answered_at[i]);
    end loop;
    insert into study.mastery_levels as m (
      user_id, topic_id, questions_answered, questions_correct, ability, ability_variance, mastery_percentage, proficiency_level, observed_at
    )
    values (
      p_user_id, v_level.topic_id, v_level.answered, v_level.correct, v_ability[1], v_ability[2],
      private.study_ability_percentage(v_ability[1], v_ability[2]), private.study_ability_level(v_ability[1], v_ability[2], v_model),
      coalesce(v_level.observed_at, p_at)
    )
    on conflict (user_id, topic_id) do update set
      questions_answered = m.questions_answered + excluded.questions_answered,
      questions_correct = m.questions_correct + excluded.questions_correct,
      ability = excluded.ability, ability_variance = excluded.ability_variance, mastery_percentage = excluded.mastery_percentage,
      proficiency_level = excluded.proficiency_level, observed_at = excluded.observed_at;
  end loop;
  perform private.study_complete_milestones(p_user_id, p_at);
end;
$$;
comment on function private.study_progress_attempts(uuid, study.user_question_attempts[], timestamptz) is
  'What graded answers (in their order, already recorded) do to progress: per question, per topic and those above it, and to milestones. A skipped question says nothing of mastery. The caller holds private.study_learner.';

create function private.study_mastery_at(p_user_id uuid, p_at timestamptz)
returns table (
  topic_id uuid, mastery_percentage double precision, uncertainty double precision, proficiency_level text,
  questions_answered bigint, questions_correct bigint, observed_at timestamptz
)
language plpgsql
stable
security definer -- reads the mastery of whoever is asked about
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
begin
  return query
  select m.topic_id, private.study_ability_percentage(a.now[1], a.now[2]),
    (private.study_ability_percentage(a.now[1] + sqrt(a.now[2]), 0) - private.study_ability_percentage(a.now[1] - sqrt(a.now[2]), 0)) / 2,
    private.study_ability_level(a.now[1], a.now[2], v_model), m.questions_answered, m.questions_correct, m.observed_at
  from study.mastery_levels as m
  cross join lateral (
    select private.study_ability_drift(
      array[m.ability, m.ability_variance], extract(epoch from p_at - m.observed_at)::double precision / 86400, v_model
    ) as now
    offset 0
  ) as a
  where m.user_id = p_user_id;
end;
$$;
comment on function private.study_mastery_at(uuid, timestamptz) is
  'What is left at a moment of how well a learner knows his topics. mastery_percentage: 0–100. uncertainty: half the width, in points, of one standard deviation to either side. proficiency_level goes by the lower bound.';

create function private.study_ability_at(p_user_id uuid, p_topic_id uuid, p_at timestamptz)
returns double precision
language plpgsql
stable
security definer -- reads the mastery of whoever is asked about
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_level study.mastery_levels;
begin
  select m.* into v_level
  from core.topics as t
  join study.mastery_levels as m on m.topic_id = coalesce(t.merged_into_id, t.id)
  where t.id = p_topic_id and m.user_id = p_user_id;
  if not found then
    return (v_model ->> 'prior_mean')::double precision;
  end if;
  return (private.study_ability_drift(
    array[v_level.ability, v_level.ability_variance], extract(epoch from p_at - v_level.observed_at)::double precision / 86400, v_model
  ))[1];
end;
$$;
comment on function private.study_ability_at(uuid, uuid, timestamptz) is 'The ability of a learner in a topic at a moment, in logits; that of a newcomer when nothing is known.';

revoke execute on function
  private.study_topic_chain(uuid), private.study_mastery_now(study.mastery_levels, timestamptz, jsonb),
  private.study_progress_attempts(uuid, study.user_question_attempts[], timestamptz),
  private.study_mastery_at(uuid, timestamptz), private.study_ability_at(uuid, uuid, timestamptz)
  from public, anon, authenticated;
