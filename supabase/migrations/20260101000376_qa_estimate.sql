-- What a question costs and how long it takes, from the depth of the queue and the load of the experts.

create function private.qa_estimate(p_priority text, p_topic_id uuid)
returns jsonb
language plpgsql
stable
security definer -- reads the whole queue
set search_path = ''
as $$
declare
  v_policy qa.sla_policies;
  v_ahead integer;
  v_capacity integer;
  v_free integer;
  v_experts integer;
  v_ai_minutes numeric;
  v_review_minutes numeric;
  v_wait_minutes numeric;
begin
  select * into v_policy from qa.sla_policies s where s.priority = p_priority;
  if not found then
    raise sqlstate 'PT422' using
      message = 'unknown_priority',
      detail = format('There is no priority %s.', quote_nullable(p_priority)),
      hint = 'Use low, normal, high or urgent.';
  end if;

  select count(*) into v_ahead
  from qa.questions q join qa.sla_policies s on s.priority = q.priority
  where q.status in ('submitted', 'processing', 'ai_generated', 'humanized') and s.job_priority <= v_policy.job_priority;

  select count(*), coalesce(sum(e.max_concurrent_reviews), 0),
    coalesce(sum(greatest(e.max_concurrent_reviews - private.qa_active_reviews(e.id), 0)), 0)
  into v_experts, v_capacity, v_free
  from core.experts e
  where e.verification_status = 'verified' and e.is_available
    and private.qa_expert_fits(e.id, p_topic_id);

  -- What the last hundred took; before there are any, a minute for the AI and half of the time to claim.
  select
    coalesce(avg(extract(epoch from r.processed_at - r.submitted_at)) / 60, 1),
    coalesce(avg(extract(epoch from r.delivered_at - r.processed_at)) / 60, extract(epoch from v_policy.claim_within) / 120)
  into v_ai_minutes, v_review_minutes
  from (
    select q.submitted_at, q.processed_at, q.delivered_at from qa.questions q
    where q.delivered_at is not null and q.processed_at is not null and q.priority = p_priority
    order by q.delivered_at desc limit 100
  ) r;
  v_wait_minutes := case
    when v_ahead < v_free then 0
    when v_capacity = 0 then extract(epoch from v_policy.deliver_within) / 60
    else v_review_minutes * (v_ahead - v_free + 1) / v_capacity
  end;

  return jsonb_build_object(
    'priority', p_priority,
    'credits', v_policy.credits_cost,
    'estimated_minutes', ceil(least(v_ai_minutes + v_review_minutes + v_wait_minutes, extract(epoch from v_policy.deliver_within) / 60))::integer,
    'deliver_within_minutes', (extract(epoch from v_policy.deliver_within) / 60)::integer,
    'questions_ahead', v_ahead,
    'experts_available', v_experts,
    'free_places', v_free
  );
end;
$$;
comment on function private.qa_estimate(text, uuid) is
  'Price in credits and expected minutes: the recent average of AI and review at this priority, plus (questions ahead − free places + 1) × review ÷ all places when every place is taken, never more than the promise.';

revoke execute on function
  private.qa_estimate(text, uuid)
  from public, anon, authenticated;
