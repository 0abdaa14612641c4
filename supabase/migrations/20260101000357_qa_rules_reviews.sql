-- The rules of answers, reviews and ratings.

-- A version is never changed; only the pointer to a deleted expert may be cleared.
create function private.tg_answer_versions__immutable()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if new is distinct from old and (to_jsonb(new) - 'expert_id') = (to_jsonb(old) - 'expert_id') and new.expert_id is null then
    return new;
  end if;
  raise sqlstate 'PT403' using
    message = 'append_only',
    detail = 'A version of an answer is never changed.',
    hint = 'Add a version.';
end;
$$;

create trigger _000_immutable
  before update on qa.answer_versions
  for each row execute function private.tg_answer_versions__immutable();

create trigger _900_touch_updated_at
  before update on qa.answers
  for each row execute function private.tg__touch_updated_at();

create trigger _900_touch_updated_at
  before update on qa.expert_reviews
  for each row execute function private.tg__touch_updated_at();

create function private.qa_active_reviews(p_expert_id uuid)
returns integer
language plpgsql
stable
security definer -- an expert's load counts in every decision, whoever asks
set search_path = ''
as $$
begin
  return (
    select count(*)::integer from qa.expert_reviews r
    where r.expert_id = p_expert_id and r.review_status in ('pending', 'in_progress')
  );
end;
$$;
comment on function private.qa_active_reviews(uuid) is 'How many reviews the expert has pending or in progress.';

create function private.tg_expert_reviews__check_expert()
returns trigger
language plpgsql
volatile
security definer -- locks the expert's row, which no client may touch
set search_path = ''
as $$
declare
  v_expert core.experts;
begin
  -- The lock makes the load exact: two reviews for one expert are counted one after the other.
  select * into v_expert from core.experts e where e.id = new.expert_id for no key update;
  if v_expert.id is null or v_expert.verification_status <> 'verified'
    or not private.user_has_role(new.expert_id, 'expert')
  then
    raise sqlstate 'PT403' using
      message = 'expert_not_verified',
      detail = 'Only a verified expert reviews answers.',
      hint = 'Apply as an expert and wait for the decision.';
  end if;
  if exists (
    select from qa.questions q join qa.clients c on c.id = q.client_id
    where q.id = new.question_id and c.user_id = new.expert_id
  ) then
    raise sqlstate 'PT403' using
      message = 'own_question',
      detail = 'Nobody reviews the answer to what he asked himself.',
      hint = 'Leave it to another expert.';
  end if;
  if private.qa_active_reviews(new.expert_id) >= v_expert.max_concurrent_reviews then
    raise sqlstate 'PT409' using
      message = 'expert_at_capacity',
      detail = format('%s reviews are open already.', v_expert.max_concurrent_reviews),
      hint = 'Finish or decline one first.';
  end if;
  return new;
end;
$$;

create trigger _200_check_expert
  before insert on qa.expert_reviews
  for each row when (new.review_status in ('pending', 'in_progress'))
  execute function private.tg_expert_reviews__check_expert();

-- Deadlines and completion follow from the status; nobody sets them by hand.
create function private.tg_expert_reviews__stamp()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if old.review_status not in ('pending', 'in_progress') then
    -- A finished review only loses its expert, when he deletes his account.
    if new.review_status <> old.review_status then
      raise sqlstate 'PT409' using
        message = 'review_closed',
        detail = format('The review is %s.', old.review_status),
        hint = 'Claim the next one.';
    end if;
    return new;
  end if;
  if new.expert_id is null then
    new.review_status := 'expired';
  end if;
  if new.review_status = 'in_progress' and old.review_status = 'pending' then
    new.claimed_at := clock_timestamp();
  elsif new.review_status not in ('pending', 'in_progress') then
    new.completed_at := clock_timestamp();
    new.expires_at := null;
    if old.claimed_at is not null then
      new.review_time_seconds := extract(epoch from clock_timestamp() - old.claimed_at)::integer;
    end if;
  end if;
  return new;
end;
$$;

create trigger _300_stamp
  before update on qa.expert_reviews
  for each row execute function private.tg_expert_reviews__stamp();

create function private.tg_expert_reviews__after_end()
returns trigger
language plpgsql
volatile
security definer -- counts, reassigns and frees the next place
set search_path = ''
as $$
begin
  if new.review_status in ('approved', 'rejected', 'needs_revision') then
    update core.experts e set total_reviews = e.total_reviews + 1 where e.id = new.expert_id;
  end if;
  if new.review_status in ('expired', 'declined') then
    update qa.questions q set assigned_expert_id = null where q.id = new.question_id;
    perform private.qa_enqueue_stage('qa.assign', new.question_id);
  end if;
  -- A place is free: the longest waiting question that he fits may have it.
  perform private.qa_serve_waiting_list(1, old.expert_id);
  return null;
end;
$$;

create trigger _500_after_end
  after update of review_status, expert_id on qa.expert_reviews
  for each row when (
    old.review_status in ('pending', 'in_progress') and new.review_status not in ('pending', 'in_progress')
  )
  execute function private.tg_expert_reviews__after_end();

create function private.tg_experts__serve_waiting_list()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform private.qa_serve_waiting_list(new.max_concurrent_reviews, new.id);
  return null;
end;
$$;

create trigger _500_serve_waiting_list
  after update of is_available, verification_status, max_concurrent_reviews on core.experts
  for each row when (new.is_available and new.verification_status = 'verified')
  execute function private.tg_experts__serve_waiting_list();

create function private.tg_ratings__count()
returns trigger
language plpgsql
volatile
security definer -- an expert's totals are not the client's to write
set search_path = ''
as $$
begin
  -- Added, not recounted: under concurrency the row lock makes the sum exact, a recount would use an old snapshot.
  update core.experts e
  set rating_sum = e.rating_sum + new.overall_score, total_ratings = e.total_ratings + 1
  where e.id = new.expert_id;
  return null;
end;
$$;

create trigger _500_count
  after insert on qa.ratings
  for each row execute function private.tg_ratings__count();

revoke execute on function
  private.tg_answer_versions__immutable(), private.qa_active_reviews(uuid), private.tg_expert_reviews__check_expert(),
  private.tg_expert_reviews__stamp(), private.tg_expert_reviews__after_end(), private.tg_experts__serve_waiting_list(),
  private.tg_ratings__count()
  from public, anon, authenticated;
