-- Which questions come next. Pools are walked in an index from a place that moves, and not sorted whole, so that a bank of
-- 50,000 questions costs little more than one of 50. Who may practise what, private.study_practisable says.

-- The bank as it is practised: by topic (or none: the zero id), in an order that means nothing, and by difficulty.
create index questions_pool_idx on study.questions ((coalesce(topic_id, '00000000-0000-0000-0000-000000000000'::uuid)), id)
  where status = 'published' and visibility <> 'private';
create index questions_pool_difficulty_idx
  on study.questions ((coalesce(topic_id, '00000000-0000-0000-0000-000000000000'::uuid)), difficulty_estimate, id)
  where status = 'published' and visibility <> 'private';
create index questions_own_pool_idx on study.questions (author_id, id);

create function private.study_block_ids(p_user_id uuid)
returns uuid[]
language plpgsql
stable
security definer -- reads blocks for one person
set search_path = ''
as $$
begin
  return array(
    select b.blocked_id from core.blocks as b where b.blocker_id = p_user_id
    union
    select b.blocker_id from core.blocks as b where b.blocked_id = p_user_id
  );
end;
$$;
comment on function private.study_block_ids(uuid) is 'Everybody whom a person blocked or who blocked him.';

-- Materials that a person reads; those that everybody does are not listed, but seen in their visibility.
create function private.study_reads_material(p_material_id uuid, p_user_id uuid, p_shared_ids uuid[], p_block_ids uuid[])
returns boolean
language plpgsql
stable
security definer -- reads materials of everybody, for one person
set search_path = ''
as $$
begin
  return exists (
    select from study.materials as m
    where m.id = p_material_id and (
      m.user_id = p_user_id
      or m.hidden_at is null and (m.visibility <> 'private' or m.id = any (p_shared_ids)) and m.user_id <> all (p_block_ids)
    )
  );
end;
$$;
comment on function private.study_reads_material(uuid, uuid, uuid[], uuid[]) is
  'private.study_may_read_material for many materials, with what is shared and blocked looked up before; without the rights of moderators.';

-- Topics with questions to practise: those below one, or all, at most 300 of them, other ones each time.
create function private.study_pool_topics(p_topic_id uuid, p_seed text)
returns uuid[]
language plpgsql
stable
security definer -- reads the whole bank's topics
set search_path = ''
as $$
declare
  v_topic_ids uuid[];
begin
  if p_topic_id is not null then
    select private.topic_subtree(coalesce(t.merged_into_id, t.id)) into v_topic_ids from core.topics as t where t.id = p_topic_id;
    return v_topic_ids;
  end if;
  -- From one topic of the index to the next, without the questions between.
  return array(
    with recursive pool as (
      (
        select coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) as topic_id
        from study.questions as q where q.status = 'published' and q.visibility <> 'private'
        order by 1 limit 1
      )
      union all
      select n.topic_id
      from pool as p
      cross join lateral (
        select coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) as topic_id
        from study.questions as q
        where q.status = 'published' and q.visibility <> 'private'
          and coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) > p.topic_id
        order by 1 limit 1
      ) as n
    )
    select p.topic_id from pool as p order by md5(p.topic_id || p_seed) limit 300
  );
end;
$$;
comment on function private.study_pool_topics(uuid, text) is 'A topic and all below it; without one, up to 300 topics that have questions (the zero id: those without a topic).';

create function private.study_unseen_questions(
  p_user_id uuid, p_topic_id uuid, p_difficulty text, p_count integer, p_exclude uuid[], p_seed text
)
returns uuid[]
language plpgsql
stable
security definer -- reads the bank for one person
set search_path = ''
as $$
declare
  v_topic_ids uuid[] := private.study_pool_topics(p_topic_id, p_seed);
  v_shared_ids uuid[] := private.study_shared_material_ids(p_user_id);
  v_block_ids uuid[] := private.study_block_ids(p_user_id);
  v_start uuid := md5(p_seed)::uuid;
begin
  return array(
    select c.id
    from (
      select f.id
      from unnest(v_topic_ids) as t (topic_id)
      cross join (values (true), (false)) as w (is_after)
      cross join lateral (
        select q.id
        from study.questions as q
        where q.status = 'published' and q.visibility <> 'private'
          and coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) = t.topic_id
          -- Round the ring of ids: from the place on, then from its beginning.
          and q.id >= case when w.is_after then v_start else '00000000-0000-0000-0000-000000000000' end
          and q.id < case when w.is_after then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else v_start end
          and (p_difficulty is null or q.difficulty = p_difficulty)
          and (q.author_id is null or q.author_id <> all (v_block_ids))
          and (q.visibility = 'authenticated' or private.study_reads_material(q.material_id, p_user_id, v_shared_ids, v_block_ids))
          and q.id <> all (p_exclude)
          and not exists (select from study.user_progress as p where p.user_id = p_user_id and p.question_id = q.id)
        order by q.id
        limit p_count
      ) as f
      union
      (
        select q.id
        from study.questions as q
        where q.author_id = p_user_id and q.status not in ('retired', 'rejected')
          and (p_topic_id is null or q.topic_id = any (v_topic_ids))
          and (p_difficulty is null or q.difficulty = p_difficulty)
          and q.id <> all (p_exclude)
          and not exists (select from study.user_progress as p where p.user_id = p_user_id and p.question_id = q.id)
        order by (q.id < v_start), q.id
        limit p_count
      )
    ) as c
    order by md5(c.id || p_seed)
    limit p_count
  );
end;
$$;
comment on function private.study_unseen_questions(uuid, uuid, text, integer, uuid[], text) is
  'Questions that a person has not met, evenly from the topics, in an order that the seed decides.';

-- What somebody met before, batch by batch: wrong (last answered wrong, longest ago first), seen (longest ago first), due
-- (by how much is probably left of the card's memory, then new cards).
create function private.study_met_questions(
  p_user_id uuid, p_kind text, p_topic_id uuid, p_difficulty text, p_count integer, p_exclude uuid[], p_at timestamptz
)
returns uuid[]
language plpgsql
stable
security definer -- reads progress and cards of one person
set search_path = ''
as $$
declare
  v_topic_ids uuid[];
  v_day date := private.study_day(p_user_id, p_at);
  v_batch uuid[];
  v_found uuid[] := '{}'::uuid[];
  v_offset integer := 0;
begin
  if p_topic_id is not null then
    v_topic_ids := private.study_pool_topics(p_topic_id, '');
  end if;
  loop
    if p_kind = 'due' then
      v_batch := array(
        select q.id
        from study.sm2_review_cards as c
        join study.questions as q on q.id = c.question_id
        where c.user_id = p_user_id and not c.is_suspended and (c.buried_until is null or c.buried_until <= v_day)
          and (c.state = 'new' or c.due_on <= v_day) and (c.state not in ('learning', 'relearning') or c.due_at <= p_at)
          and q.status not in ('retired', 'rejected')
          and (v_topic_ids is null or q.topic_id = any (v_topic_ids)) and (p_difficulty is null or q.difficulty = p_difficulty)
          and q.id <> all (p_exclude)
        order by (c.state = 'new'),
          extract(epoch from p_at - c.last_reviewed_at) / greatest(coalesce(c.stability, c.interval_days), 0.01) desc,
          c.created_at, c.id
        limit 500 offset v_offset
      );
    else
      v_batch := array(
        select q.id
        from study.user_progress as p
        join study.questions as q on q.id = p.question_id
        where p.user_id = p_user_id and (p_kind = 'seen' or not p.last_is_correct)
          and q.status not in ('retired', 'rejected')
          and (v_topic_ids is null or q.topic_id = any (v_topic_ids)) and (p_difficulty is null or q.difficulty = p_difficulty)
          and q.id <> all (p_exclude)
        order by p.last_attempt_at, p.question_id
        limit 500 offset v_offset
      );
    end if;
    v_found := v_found || private.study_practisable(v_batch, p_user_id);
    exit when cardinality(v_batch) < 500 or cardinality(v_found) >= p_count;
    v_offset := v_offset + 500;
  end loop;
  return v_found[1:p_count];
end;
$$;
comment on function private.study_met_questions(uuid, text, uuid, text, integer, uuid[], timestamptz) is
  'Questions that a person met before and may still practise: wrong, seen or due (of his cards).';
revoke execute on function
  private.study_block_ids(uuid), private.study_reads_material(uuid, uuid, uuid[], uuid[]), private.study_pool_topics(uuid, text),
  private.study_unseen_questions(uuid, uuid, text, integer, uuid[], text),
  private.study_met_questions(uuid, text, uuid, text, integer, uuid[], timestamptz)
  from public, anon, authenticated;
