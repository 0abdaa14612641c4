-- Reading made easy: views under the reader's own rights, and the state of a question in one call.

create view qa.profiles with (security_invoker = true) as
select p.id, p.username, p.full_name, p.avatar_path from core.profiles p;
comment on view qa.profiles is 'People, for embedding: reader''s rights, no e-mail addresses.';

-- Answers, reviews and ratings refer to core.experts, which is in another schema: without this view no embedding
-- would lead from them to a person.
create view qa.experts with (security_invoker = true) as
select e.id, p.username, p.full_name, p.avatar_path, e.headline, e.average_rating, e.total_ratings
from core.experts e
join core.profiles p on p.id = e.id;
comment on view qa.experts is 'Experts with their names, for embedding: reader''s rights.';

create view qa.expert_performance with (security_invoker = true) as
select
  e.id as expert_id,
  p.username,
  e.total_reviews,
  e.total_ratings,
  e.average_rating,
  count(r.id) filter (where r.review_status in ('approved', 'rejected', 'needs_revision')) as reviews_completed,
  count(r.id) filter (where r.is_approved) as approved_count,
  count(r.id) filter (where r.review_status = 'expired') as expired_count,
  count(r.id) filter (where r.review_status in ('pending', 'in_progress')) as active_count,
  avg(r.review_time_seconds) filter (where r.review_status in ('approved', 'rejected', 'needs_revision')) as avg_review_time_seconds
from core.experts e
left join core.profiles p on p.id = e.id
left join qa.expert_reviews r on r.expert_id = e.id
group by e.id, p.username;
comment on view qa.expert_performance is
  'Work of experts, as far as the reader may see reviews: an expert his own, an administrator all. Times in seconds.';

create view qa.question_status_summary with (security_invoker = true) as
select
  q.status,
  count(*) as total,
  round(100.0 * count(*) / sum(count(*)) over (), 2) as percentage,
  -- Only what was processed: a question that was cancelled unread took no processing time.
  avg(extract(epoch from q.processed_at - q.submitted_at)) filter (where q.status <> 'cancelled') as avg_processing_time_seconds
from qa.questions q
group by q.status;
comment on view qa.question_status_summary is
  'Questions by status, as far as the reader may see them: a client his own, an administrator all.';

revoke all on qa.profiles, qa.experts, qa.expert_performance, qa.question_status_summary from public, anon, authenticated;
grant select on qa.profiles, qa.experts, qa.expert_performance, qa.question_status_summary to authenticated, service_role;

create function private.qa_calculate_expert_rating(p_expert_id uuid)
returns table (average_rating numeric, total_ratings bigint, rating_distribution jsonb)
language plpgsql
stable
security definer -- sums of ratings are public, the ratings are not
set search_path = ''
as $$
begin
  return query
  select
    round(avg(r.overall_score), 2),
    count(*),
    jsonb_build_object(
      '5_star', count(*) filter (where r.overall_score = 5),
      '4_star', count(*) filter (where r.overall_score = 4),
      '3_star', count(*) filter (where r.overall_score = 3),
      '2_star', count(*) filter (where r.overall_score = 2),
      '1_star', count(*) filter (where r.overall_score = 1)
    )
  from qa.ratings r
  where r.expert_id = p_expert_id;
end;
$$;

create function qa.calculate_expert_rating(p_expert_id uuid)
returns table (average_rating numeric, total_ratings bigint, rating_distribution jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.qa_calculate_expert_rating(p_expert_id);
$$;
comment on function qa.calculate_expert_rating(uuid) is
  'Average (1–5, null without ratings), number, and distribution {"5_star": n, …} of an expert''s ratings.';

create function private.qa_track_question(p_question_id uuid)
returns jsonb
language plpgsql
stable
security definer -- the place in the waiting list depends on other people's questions
set search_path = ''
as $$
declare
  v_question qa.questions;
  v_version qa.answer_versions;
begin
  select * into v_question from qa.questions q
  where q.id = p_question_id and (q.client_id = private.my_client_id() or private.has_role('admin'));
  if not found then
    raise sqlstate 'PT404' using
      message = 'question_not_found',
      detail = 'You have no question with this id.',
      hint = 'List your questions first.';
  end if;
  if v_question.status in ('delivered', 'rated') then
    v_version := private.qa_latest_version(p_question_id);
  end if;
  return jsonb_build_object(
    'question_id', v_question.id,
    'status', v_question.status,
    'due_at', v_question.due_at,
    'estimated_minutes', v_question.estimated_minutes,
    'waiting_position', case when v_question.waiting_since is not null then (
      select count(*) from qa.questions q
      join qa.sla_policies s on s.priority = q.priority
      join qa.sla_policies mine on mine.priority = v_question.priority
      where q.waiting_since is not null
        and (s.job_priority, q.waiting_since, q.id) <= (mine.job_priority, v_question.waiting_since, v_question.id)
    ) end,
    'timeline', (
      select jsonb_agg(jsonb_build_object('status', e.to_status, 'at', e.created_at, 'reason', e.reason) order by e.id)
      from qa.question_events e where e.question_id = p_question_id
    ),
    'answer', case when v_version.id is not null then jsonb_build_object(
      'content', v_version.content,
      'citations', private.qa_version_citations(v_version.id),
      'provenance', v_version.provenance,
      'reviewed_by', (select p.username from core.profiles p where p.id = v_version.expert_id)
    ) end
  );
end;
$$;

create function qa.track_question(p_question_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.qa_track_question(p_question_id);
$$;
comment on function qa.track_question(uuid) is
  'One''s own question in one call: {question_id, status, due_at, estimated_minutes, waiting_position, timeline: [{status, at, reason}], answer: {content, citations, provenance, reviewed_by} once delivered}. Errors: question_not_found (404).';

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where (p.pronamespace = 'qa'::regnamespace and p.proname in (
        'calculate_expert_rating', 'track_question'))
      or (p.pronamespace = 'private'::regnamespace and p.proname in (
        'qa_calculate_expert_rating', 'qa_track_question'))
  loop
    execute format('revoke execute on function %s from public, anon', v_function);
    execute format('grant execute on function %s to authenticated, service_role', v_function);
  end loop;
end;
$$;
