-- The question that teaches most is neither known nor hopeless: the one whose chance to be answered right is nearest a target
-- (study.mastery: target_chance). Some 0.7 to 0.85 is what others found: Eggen & Verschoor, "Optimal testing with easy or
-- difficult items in computerized adaptive testing", Applied Psychological Measurement 30 (2006), on what it costs in
-- precision; Wilson et al., "The eighty five percent rule for optimal learning", Nature Communications 10 (2019).

create function private.study_adaptive_questions(
  p_user_id uuid, p_topic_id uuid, p_difficulty text, p_count integer, p_exclude uuid[], p_at timestamptz, p_is_rested boolean
)
returns uuid[]
language plpgsql
stable
security definer -- reads the bank and the mastery of one person
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_seed text := p_user_id || '/' || p_at;
  v_topic_ids uuid[] := private.study_pool_topics(p_topic_id, v_seed);
  v_shared_ids uuid[] := private.study_shared_material_ids(p_user_id);
  v_block_ids uuid[] := private.study_block_ids(p_user_id);
  v_target double precision := (v_model ->> 'target_chance')::double precision;
  -- Four options are usual: where the walk begins. The chances themselves are reckoned with each question's own.
  v_lead double precision := ln((v_target - 0.25) / (1 - v_target));
  v_root double precision := private.study_ability_at(p_user_id, p_topic_id, p_at);
  v_rested_at timestamptz := case
    when p_is_rested then p_at - make_interval(hours => (v_model ->> 'rest_hours')::integer) else 'infinity'
  end;
begin
  return array(
    with abilities as materialized (
      select t.topic_id,
        coalesce(
          (
            private.study_ability_drift(
              array[m.ability, m.ability_variance], extract(epoch from p_at - m.observed_at)::double precision / 86400, v_model
            )
          )[1],
          v_root
        ) as ability
      from unnest(v_topic_ids) as t (topic_id)
      left join study.mastery_levels as m on m.user_id = p_user_id and m.topic_id = t.topic_id
    ),
    pool as (
      select f.*, a.ability
      from abilities as a
      cross join lateral (
        -- Two walks from the same place: towards the harder ones, towards the easier ones.
        (
          select q.id, q.difficulty_estimate, q.current_version
          from study.questions as q
          where q.status = 'published' and q.visibility <> 'private'
            and coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) = a.topic_id
            and q.difficulty_estimate >= a.ability - v_lead
            and (p_difficulty is null or q.difficulty = p_difficulty)
            and (q.author_id is null or q.author_id <> all (v_block_ids))
            and (q.visibility = 'authenticated' or private.study_reads_material(q.material_id, p_user_id, v_shared_ids, v_block_ids))
            and q.id <> all (p_exclude)
            and not exists (
              select from study.user_progress as p
              where p.user_id = p_user_id and p.question_id = q.id and p.last_attempt_at > v_rested_at
            )
          order by q.difficulty_estimate, q.id
          limit 2 * p_count + 10
        )
        union all
        (
          select q.id, q.difficulty_estimate, q.current_version
          from study.questions as q
          where q.status = 'published' and q.visibility <> 'private'
            and coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) = a.topic_id
            and q.difficulty_estimate < a.ability - v_lead
            and (p_difficulty is null or q.difficulty = p_difficulty)
            and (q.author_id is null or q.author_id <> all (v_block_ids))
            and (q.visibility = 'authenticated' or private.study_reads_material(q.material_id, p_user_id, v_shared_ids, v_block_ids))
            and q.id <> all (p_exclude)
            and not exists (
              select from study.user_progress as p
              where p.user_id = p_user_id and p.question_id = q.id and p.last_attempt_at > v_rested_at
            )
          order by q.difficulty_estimate desc, q.id desc
          limit 2 * p_count + 10
        )
      ) as f
      union
      select o.*, v_root
      from (
        select q.id, q.difficulty_estimate, q.current_version
        from study.questions as q
        where q.author_id = p_user_id and q.status not in ('retired', 'rejected')
          and (p_topic_id is null or q.topic_id = any (v_topic_ids))
          and (p_difficulty is null or q.difficulty = p_difficulty)
          and q.id <> all (p_exclude)
          and not exists (
            select from study.user_progress as p
            where p.user_id = p_user_id and p.question_id = q.id and p.last_attempt_at > v_rested_at
          )
        order by abs(q.difficulty_estimate - v_root + v_lead)
        limit 2 * p_count + 10
      ) as o
    ),
    nearest as (
      select p.* from pool as p
      order by abs(p.difficulty_estimate - p.ability + v_lead), p.id
      limit 6 * p_count + 30
    ),
    chances as (
      select n.id, abs(g.guess + (1 - g.guess) / (1 + exp(n.difficulty_estimate - n.ability)) - v_target) as distance
      from nearest as n
      join study.question_versions as v on v.question_id = n.id and v.version_no = n.current_version
      cross join lateral (
        select private.study_guess(v.question_type, count(*)) as guess from study.question_options as o where o.version_id = v.id
      ) as g
    )
    select c.id
    from chances as c
    left join study.user_progress as p on p.user_id = p_user_id and p.question_id = c.id
    group by c.id, p.last_attempt_at
    -- What is as near counts as equal: then what was never met, or longest ago.
    order by round(min(c.distance)::numeric, 1), p.last_attempt_at nulls first, md5(c.id || v_seed)
    limit p_count
  );
end;
$$;
comment on function private.study_adaptive_questions(uuid, uuid, text, integer, uuid[], timestamptz, boolean) is
  'Questions whose chance to be answered right is nearest target_chance, never or longest ago met first; p_is_rested: none that was met within rest_hours.';

create function private.study_select_questions(
  p_user_id uuid, p_selection text, p_topic_id uuid, p_difficulty text, p_count integer, p_exclude uuid[], p_at timestamptz
)
returns uuid[]
language plpgsql
stable
security definer -- reads the bank for one person
set search_path = ''
as $$
declare
  v_seed text := p_user_id || '/' || p_at;
  v_exclude uuid[] := coalesce(p_exclude, '{}');
  v_ids uuid[] := '{}'::uuid[];
  v_kind text;
begin
  -- Where the kinds of a selection follow each other, each fills up what the ones before left.
  foreach v_kind in array case p_selection
    when 'topic' then '{unseen, seen}'
    when 'unseen' then '{unseen}'
    when 'wrong' then '{wrong}'
    when 'due' then '{due}'
    when 'mixed' then '{due, wrong, unseen}'
    when 'adaptive' then '{rested, adaptive}'
    else '{}'
  end::text[]
  loop
    exit when cardinality(v_ids) >= p_count;
    v_ids := v_ids || case v_kind
      when 'unseen' then private.study_practisable(
        private.study_unseen_questions(p_user_id, p_topic_id, p_difficulty, p_count - cardinality(v_ids), v_exclude || v_ids, v_seed), p_user_id
      )
      when 'rested' then private.study_practisable(
        private.study_adaptive_questions(p_user_id, p_topic_id, p_difficulty, p_count, v_exclude, p_at, true), p_user_id
      )
      when 'adaptive' then private.study_practisable(
        private.study_adaptive_questions(
          p_user_id, p_topic_id, p_difficulty, p_count - cardinality(v_ids), v_exclude || v_ids, p_at, false
        ),
        p_user_id
      )
      else private.study_met_questions(
        p_user_id, v_kind, p_topic_id, p_difficulty, p_count - cardinality(v_ids), v_exclude || v_ids, p_at
      )
    end;
  end loop;
  return v_ids;
end;
$$;
comment on function private.study_select_questions(uuid, text, uuid, text, integer, uuid[], timestamptz) is
  'Up to p_count questions that a person may practise, each once. p_selection: topic (unseen, then longest ago), unseen, wrong, due (cards), mixed (due, wrong, unseen), adaptive (chance of success near the target). p_topic_id: it and all below, null: any. p_difficulty: a label, null: any. Without p_exclude. The same arguments in the same state of the bank give the same questions.';

revoke execute on function
  private.study_adaptive_questions(uuid, uuid, text, integer, uuid[], timestamptz, boolean),
  private.study_select_questions(uuid, text, uuid, text, integer, uuid[], timestamptz)
  from public, anon, authenticated;
