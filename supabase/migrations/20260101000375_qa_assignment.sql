-- Who reviews what: the choice of an expert, the waiting list, and the deadlines that take work from the silent.

create function private.qa_expert_fits(p_expert_id uuid, p_topic_id uuid)
returns boolean
language plpgsql
stable
security definer -- asked for experts other than oneself
set search_path = ''
as $$
begin
  return p_topic_id is null
    or not exists (select from core.expert_topics et where et.expert_id = p_expert_id)
    or exists (
      with recursive lineage as (
        select t.id, t.parent_id from core.topics t where t.id = p_topic_id
        union
        select t.id, t.parent_id from core.topics t join lineage l on l.parent_id = t.id
      )
      select from core.expert_topics et join lineage l on l.id = et.topic_id where et.expert_id = p_expert_id
    );
end;
$$;
comment on function private.qa_expert_fits(uuid, uuid) is
  'True when the expert names the topic or one above it, or no topic at all (a generalist), or there is no topic.';

create function private.qa_rank_experts(p_question_id uuid)
returns table (expert_id uuid, has_room boolean, fits boolean)
language plpgsql
stable
security definer -- compares all experts
set search_path = ''
as $$
begin
  return query
  with question as (
    select q.id, q.topic_id, c.user_id as asker_id
    from qa.questions q join qa.clients c on c.id = q.client_id
    where q.id = p_question_id
  ),
  experts as (
    select
      e.id,
      e.max_concurrent_reviews,
      private.qa_active_reviews(e.id) as load,
      -- Shrunken average: five imagined ratings of 3.5, so that one good rating is no proof.
      (e.rating_sum + 5 * 3.5) / (e.total_ratings + 5) as rating,
      private.qa_expert_fits(e.id, q.topic_id) as fits,
      exists (select from core.expert_topics et where et.expert_id = e.id) as is_specialist,
      (
        select count(*) from qa.expert_reviews r
        where r.question_id = p_question_id and r.expert_id = e.id and r.review_status in ('expired', 'declined')
      ) as failures,
      exists (
        select from qa.expert_reviews r
        where r.question_id = p_question_id and r.expert_id = e.id and r.review_status = 'needs_revision'
      ) as knows_question,
      (select max(r.assigned_at) from qa.expert_reviews r where r.expert_id = e.id) as last_assigned_at
    from core.experts e
    cross join question q
    where e.verification_status = 'verified' and e.is_available
      and e.id is distinct from q.asker_id
      and private.user_has_role(e.id, 'expert')
  )
  select e.id, e.load < e.max_concurrent_reviews, e.fits
  from experts e
  order by
    e.fits desc, e.failures, e.is_specialist desc, e.knows_question desc, e.load::numeric / nullif(e.max_concurrent_reviews, 0),
    e.rating desc, e.last_assigned_at nulls first, e.id;
end;
$$;
comment on function private.qa_rank_experts(uuid) is
  'Verified, available experts other than the asker, best first: fits the topic, did not let this question lie before, specialists before generalists, knows it from a revision, low load, high rating, longest without work.';

create function private.qa_assign_expert(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_question qa.questions;
  v_answer_id uuid;
  v_expert_id uuid;
  v_review_id uuid;
  v_policy qa.sla_policies;
begin
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
  select * into v_question from qa.questions q
  where q.id = p_question_id and q.status in ('humanized', 'expert_review') for update;
  if not found or exists (
    select from qa.expert_reviews r where r.question_id = p_question_id and r.review_status in ('pending', 'in_progress')
  ) then
    return jsonb_build_object('assigned', false, 'reason', 'not_waiting');
  end if;
  select * into v_policy from qa.sla_policies s where s.priority = v_question.priority;
  select a.id into v_answer_id from qa.answers a where a.question_id = p_question_id;

  for v_expert_id in select r.expert_id from private.qa_rank_experts(p_question_id) r where r.has_room and r.fits loop
    begin
      insert into qa.expert_reviews (answer_id, question_id, expert_id, expires_at)
      values (v_answer_id, p_question_id, v_expert_id, now() + v_policy.claim_within)
      returning id into v_review_id;
      exit;
    exception when sqlstate 'PT409' or sqlstate 'PT403' then
      -- Filled up, or lost the role, between the ranking and the lock: the next one.
      v_review_id := null;
    end;
  end loop;

  if v_review_id is null then
    update qa.questions q set waiting_since = coalesce(q.waiting_since, now()) where q.id = p_question_id;
    return jsonb_build_object('assigned', false, 'reason', 'all_experts_busy');
  end if;

  update qa.questions q
  set status = 'expert_review', assigned_expert_id = v_expert_id, waiting_since = null
  where q.id = p_question_id;
  perform private.notify(
    v_expert_id, 'review_assigned', 'info', 'An answer waits for your review',
    format('Please take it up within %s minutes.', (extract(epoch from v_policy.claim_within) / 60)::integer),
    jsonb_build_object('question_id', p_question_id, 'review_id', v_review_id)
  );
  return jsonb_build_object('assigned', true, 'expert_id', v_expert_id, 'review_id', v_review_id);
end;
$$;

create function private.qa_serve_waiting_list(p_places integer, p_expert_id uuid default null)
returns integer
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_question_id uuid;
  v_count integer := 0;
begin
  for v_question_id in
    select q.id from qa.questions q
    join qa.sla_policies s on s.priority = q.priority
    where q.waiting_since is not null
      -- Who waits for somebody else must not stand in the way of who can be served.
      and exists (
        select from core.experts e
        where e.id = coalesce(p_expert_id, e.id) and e.verification_status = 'verified' and e.is_available
          and private.qa_active_reviews(e.id) < e.max_concurrent_reviews
          and private.qa_expert_fits(e.id, q.topic_id)
      )
    order by s.job_priority, q.waiting_since, q.id
    limit greatest(p_places, 1)
  loop
    perform private.qa_enqueue_stage('qa.assign', v_question_id);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.qa_serve_waiting_list(integer, uuid) is
  'Tries again to find an expert for the first p_places waiting questions that one who has a free place fits (by priority, then by how long they wait); with p_expert_id only for those that he fits.';

create function private.qa_enforce_deadlines()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_review record;
  v_question record;
  v_expired integer := 0;
  v_breached integer := 0;
begin
  for v_review in
    select r.id, r.question_id, r.expert_id from qa.expert_reviews r
    where r.expires_at < now() and r.review_status in ('pending', 'in_progress')
    order by r.expires_at limit 500
  loop
    -- The question first, as every other path locks; skip what somebody is working on at this moment.
    perform from qa.questions q where q.id = v_review.question_id for update skip locked;
    continue when not found;
    update qa.expert_reviews r set review_status = 'expired'
    where r.id = v_review.id and r.expires_at < now() and r.review_status in ('pending', 'in_progress');
    continue when not found;
    v_expired := v_expired + 1;
    perform private.notify(
      v_review.expert_id, 'review_expired', 'warning', 'A review was passed on',
      'You did not finish it in time, so another expert gets it.',
      jsonb_build_object('question_id', v_review.question_id)
    );
  end loop;

  for v_question in
    update qa.questions q set sla_breached_at = now()
    where q.id in (
      select o.id from qa.questions o
      where o.due_at < now() and o.sla_breached_at is null
        and o.status not in ('delivered', 'rated', 'rejected', 'cancelled')
      order by o.due_at limit 500 for update skip locked
    )
    returning q.id, q.status, q.priority
  loop
    v_breached := v_breached + 1;
    perform private.notify(
      a.id, 'sla_breached', 'error', 'An answer is late',
      format('A question of priority %s is past its promised time and still %s.', v_question.priority, v_question.status),
      jsonb_build_object('question_id', v_question.id), null, 'sla_breached'
    ) from core.admins a;
  end loop;

  perform private.qa_serve_waiting_list(100);
  return jsonb_build_object('expired', v_expired, 'breached', v_breached);
end;
$$;
comment on function private.qa_enforce_deadlines() is
  'Takes reviews from experts who did not claim or finish them in time and has them reassigned; reports late questions to administrators, once each; serves the waiting list.';

revoke execute on function
  private.qa_expert_fits(uuid, uuid), private.qa_rank_experts(uuid), private.qa_assign_expert(uuid, uuid, bigint),
  private.qa_serve_waiting_list(integer, uuid), private.qa_enforce_deadlines()
  from public, anon, authenticated;
