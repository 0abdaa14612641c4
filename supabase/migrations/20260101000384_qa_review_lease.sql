-- What the RPCs of experts share: the lease of a review, its length, and the sheet that an expert works from.

create function private.qa_review_for_expert(p_review_id uuid, p_lease_token bigint)
returns qa.expert_reviews
language plpgsql
volatile
security definer -- locks rows that the expert may not update himself
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_role('expert');
  v_review qa.expert_reviews;
begin
  -- The question first, as every other path locks.
  perform from qa.questions q
  where q.id = (select r.question_id from qa.expert_reviews r where r.id = p_review_id and r.expert_id = v_user_id)
  for update;
  select * into v_review from qa.expert_reviews r
  where r.id = p_review_id and r.expert_id = v_user_id for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'review_not_found',
      detail = 'You have no review with this id.',
      hint = 'List your reviews first.';
  end if;
  if v_review.lease_token is distinct from p_lease_token
    or v_review.review_status in ('expired', 'declined', 'cancelled')
    or (v_review.review_status = 'in_progress' and v_review.expires_at < now())
  then
    raise sqlstate 'PT409' using
      message = 'lease_lost',
      detail = 'The review is no longer yours: its time ran out, or it was taken up again elsewhere.',
      hint = 'Claim it again, or claim the next one.';
  end if;
  return v_review;
end;
$$;

create function private.qa_lease_end(p_question_id uuid, p_claimed_at timestamptz)
returns timestamptz
language plpgsql
stable
security definer -- reads the service levels for the functions below
set search_path = ''
as $$
declare
  v_within interval;
  v_periods integer := private.setting_number('qa.max_review_periods');
  v_end timestamptz;
begin
  select s.review_within into v_within
  from qa.questions q join qa.sla_policies s on s.priority = q.priority where q.id = p_question_id;
  v_end := least(now() + v_within, coalesce(p_claimed_at, now()) + v_periods * v_within);
  if v_end <= now() then
    raise sqlstate 'PT409' using
      message = 'review_time_used_up',
      detail = format('A review is held for at most %s times %s.', v_periods, v_within),
      hint = 'Give your verdict, or decline it.';
  end if;
  return v_end;
end;
$$;
comment on function private.qa_lease_end(uuid, timestamptz) is
  'Until when a claim or an extension made now holds: one period of the service level, but never more than qa.max_review_periods of them since the first claim. Raises review_time_used_up (409).';

create function private.qa_review_sheet(p_review_id uuid)
returns jsonb
language plpgsql
stable
security definer -- hands the expert what his review is about
set search_path = ''
as $$
declare
  v_version qa.answer_versions;
begin
  select (private.qa_latest_version(r.question_id)).* into v_version
  from qa.expert_reviews r where r.id = p_review_id;
  return (
    select jsonb_build_object(
      'review_id', r.id,
      'lease_token', r.lease_token,
      'expires_at', r.expires_at,
      'question', jsonb_build_object(
        'id', q.id, 'question_type', q.question_type, 'content', q.content, 'priority', q.priority,
        'topic', t.name, 'due_at', q.due_at, 'is_covered', q.is_covered, 'revision_count', q.revision_count,
        'images', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'bucket_id', f.bucket_id, 'path', f.path, 'status', f.status, 'extracted_text', i.extracted_text
          ) order by i.position), '[]'::jsonb)
          from qa.question_images i join core.files f on f.id = i.file_id where i.question_id = q.id
        )
      ),
      'answer', jsonb_build_object(
        'version_id', v_version.id, 'stage', v_version.stage, 'content', v_version.content,
        'confidence', v_version.confidence, 'model', v_version.model,
        'citations', private.qa_version_citations(v_version.id)
      ),
      'originality', (
        select jsonb_build_object(
          'similarity_score', o.similarity_score, 'originality_score', o.originality_score,
          'passes_threshold', o.passes_threshold, 'matches', o.matches
        )
        from qa.originality_checks o where o.answer_id = r.answer_id order by o.id desc limit 1
      )
    )
    from qa.expert_reviews r
    join qa.questions q on q.id = r.question_id
    left join core.topics t on t.id = q.topic_id
    where r.id = p_review_id
  );
end;
$$;

revoke execute on function
  private.qa_review_for_expert(uuid, bigint), private.qa_lease_end(uuid, timestamptz),
  private.qa_review_sheet(uuid)
  from public, anon, authenticated;
