-- What an expert may do with a review: take it up, keep it, decline it. The verdict has a file of its own.
-- Taking it up gives a lease: a number (lease_token) that the verdict must carry. Whoever lost his lease cannot write.

create function private.qa_claim_review(p_question_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_role('expert');
  v_question qa.questions;
  v_review qa.expert_reviews;
begin
  if p_question_id is null then
    -- The most pressing that is his already, else the head of the waiting list.
    select q.* into v_question
    from qa.questions q
    join qa.sla_policies s on s.priority = q.priority
    left join qa.expert_reviews r on r.question_id = q.id and r.review_status = 'pending' and r.expert_id = v_user_id
    join qa.clients c on c.id = q.client_id
    where c.user_id is distinct from v_user_id
      and (r.id is not null or (q.waiting_since is not null and private.qa_expert_fits(v_user_id, q.topic_id)))
    order by r.id is null, s.job_priority, coalesce(q.waiting_since, r.assigned_at), q.id
    limit 1 for update of q skip locked;
    if not found then
      raise sqlstate 'PT404' using
        message = 'nothing_to_review',
        detail = 'No answer waits for you.',
        hint = 'You are told when one does.';
    end if;
  else
    select * into v_question from qa.questions q where q.id = p_question_id for update;
  end if;

  select * into v_review from qa.expert_reviews r
  where r.question_id = v_question.id and r.review_status in ('pending', 'in_progress');
  if found and v_review.expert_id <> v_user_id then
    raise sqlstate 'PT409' using
      message = 'review_taken',
      detail = 'Another expert has this review.',
      hint = 'Claim the next one.';
  elsif v_review.id is null and v_question.waiting_since is not null
    and private.qa_expert_fits(v_user_id, v_question.topic_id)
  then
    insert into qa.expert_reviews (answer_id, question_id, expert_id, expires_at)
    select a.id, v_question.id, v_user_id, now() + interval '1 minute'
    from qa.answers a where a.question_id = v_question.id
    returning * into v_review;
    update qa.questions q
    set status = 'expert_review', assigned_expert_id = v_user_id, waiting_since = null
    where q.id = v_question.id;
  elsif v_review.id is null then
    raise sqlstate 'PT404' using
      message = 'question_not_found',
      detail = 'There is no such question to review.',
      hint = 'Claim without an id to get the next one.';
  end if;

  -- Claiming again renews the lease under a new number: the same expert in a second window takes over.
  update qa.expert_reviews r
  set review_status = 'in_progress', lease_token = r.lease_token + 1,
      expires_at = private.qa_lease_end(v_question.id, v_review.claimed_at)
  where r.id = v_review.id;
  return private.qa_review_sheet(v_review.id);
end;
$$;

create function qa.claim_review(p_question_id uuid default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_claim_review(p_question_id);
$$;
comment on function qa.claim_review(uuid) is
  'An expert takes up the review of a question that is assigned to him or waits for anybody; without an id, the most pressing one. Returns {review_id, lease_token, expires_at, question, answer: {content, citations, …}, originality}. Errors: role_required, expert_not_verified, own_question (403), question_not_found, nothing_to_review (404), review_taken, expert_at_capacity (409).';

create function private.qa_extend_review(p_review_id uuid, p_lease_token bigint)
returns timestamptz
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_review qa.expert_reviews := private.qa_review_for_expert(p_review_id, p_lease_token);
begin
  if v_review.review_status <> 'in_progress' then
    raise sqlstate 'PT409' using
      message = 'review_closed',
      detail = format('The review is %s.', v_review.review_status),
      hint = 'Claim the next one.';
  end if;
  update qa.expert_reviews r
  set expires_at = private.qa_lease_end(r.question_id, r.claimed_at)
  where r.id = p_review_id
  returning r.expires_at into v_review.expires_at;
  return v_review.expires_at;
end;
$$;

create function qa.extend_review(p_review_id uuid, p_lease_token bigint)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_extend_review(p_review_id, p_lease_token);
$$;
comment on function qa.extend_review(uuid, bigint) is
  'Keeps a claimed review for another period, a limited number of times; returns its new end. Errors: review_not_found (404), lease_lost, review_closed, review_time_used_up (409).';

create function private.qa_decline_review(p_review_id uuid, p_reason text)
returns void
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_review qa.expert_reviews := private.qa_review_for_expert(
    p_review_id, (select r.lease_token from qa.expert_reviews r where r.id = p_review_id)
  );
begin
  update qa.expert_reviews r
  set review_status = 'declined', review_notes = nullif(private.clean_text(coalesce(p_reason, ''), 'reason', 0, 2000), '')
  where r.id = v_review.id;
end;
$$;

create function qa.decline_review(p_review_id uuid, p_reason text default null)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_decline_review(p_review_id, p_reason);
$$;
comment on function qa.decline_review(uuid, text) is
  'Gives a pending or claimed review back; it is assigned to somebody else. Errors: review_not_found (404), lease_lost, review_closed (409).';

revoke execute on function
  private.qa_claim_review(uuid), qa.claim_review(uuid), private.qa_extend_review(uuid, bigint),
  qa.extend_review(uuid, bigint), private.qa_decline_review(uuid, text), qa.decline_review(uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.qa_claim_review(uuid), qa.claim_review(uuid), private.qa_extend_review(uuid, bigint),
  qa.extend_review(uuid, bigint), private.qa_decline_review(uuid, text), qa.decline_review(uuid, text)
  to authenticated;
