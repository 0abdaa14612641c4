-- The rules of accounts and credits: a client account for every profile, and a ledger that cannot disagree with it.

create function private.my_client_id()
returns uuid
language plpgsql
stable
parallel safe
security definer -- a policy asks it for every role
set search_path = ''
as $$
begin
  return (select c.id from qa.clients c where c.user_id = (select auth.uid()));
end;
$$;
comment on function private.my_client_id() is 'The client account of the current user, or null. Also while suspended: what is his own he may read.';

create function private.tg_credit_entries__apply()
returns trigger
language plpgsql
volatile
security definer -- the only place that changes a balance
set search_path = ''
as $$
begin
  -- The row lock of this update makes concurrent entries of one client follow one another.
  update qa.clients c
  set credits_available = c.credits_available + new.available_delta,
      credits_held = c.credits_held + new.held_delta
  where c.id = new.client_id
  returning c.credits_available, c.credits_held into new.available_after, new.held_after;
  return new;
exception
  when check_violation then
    raise sqlstate 'PT402' using
      message = 'insufficient_credits',
      detail = format('%s credits are needed.', -least(new.available_delta, new.held_delta)),
      hint = 'Ask for credits, cancel a waiting question, or choose a lower priority.';
end;
$$;

create trigger _100_apply
  before insert on qa.credit_entries
  for each row execute function private.tg_credit_entries__apply();

create trigger _000_append_only
  before update or delete or truncate on qa.credit_entries
  for each statement execute function private.tg__append_only();

create function private.qa_book(
  p_client_id uuid, p_entry_type text, p_credits integer, p_idempotency_key text,
  p_question_id uuid default null, p_reason text default null
)
returns bigint
language plpgsql
volatile
security definer -- the one way into the ledger
set search_path = ''
as $$
declare
  v_id bigint;
begin
  select e.id into v_id from qa.credit_entries e where e.idempotency_key = p_idempotency_key;
  if found then
    return v_id;
  end if;
  insert into qa.credit_entries (
    client_id, question_id, entry_type, available_delta, held_delta,
    available_after, held_after, idempotency_key, reason, actor_id
  )
  values (
    p_client_id, p_question_id, p_entry_type,
    case p_entry_type when 'hold' then -p_credits when 'capture' then 0 else p_credits end,
    case p_entry_type when 'hold' then p_credits when 'capture' then -p_credits when 'release' then -p_credits else 0 end,
    0, 0, p_idempotency_key, p_reason, (select auth.uid())
  )
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.qa_book(uuid, text, integer, text, uuid, text) is
  'Writes one ledger entry of p_credits (positive; an adjustment may be negative), once per idempotency key. Raises insufficient_credits (402).';

create function private.qa_open_client(p_user_id uuid)
returns uuid
language plpgsql
volatile
security definer -- called from the trigger on profiles
set search_path = ''
as $$
declare
  v_client_id uuid;
  v_welcome integer;
begin
  insert into qa.clients (user_id) values (p_user_id)
  on conflict (user_id) do nothing
  returning id into v_client_id;
  if v_client_id is null then
    return (select c.id from qa.clients c where c.user_id = p_user_id);
  end if;
  select p.welcome_credits into v_welcome from qa.plans p where p.plan = 'free';
  if v_welcome > 0 then
    perform private.qa_book(v_client_id, 'grant', v_welcome, 'welcome:' || v_client_id, null, 'Welcome credits');
  end if;
  return v_client_id;
end;
$$;
comment on function private.qa_open_client(uuid) is 'Opens the client account of a person, with the welcome credits of the free plan. Idempotent.';

create function private.tg_profiles__open_client()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  perform private.qa_open_client(new.id);
  return null;
end;
$$;

create trigger _500_open_client
  after insert on core.profiles
  for each row execute function private.tg_profiles__open_client();

-- Whoever signed up before this module was there.
select private.qa_open_client(p.id) from core.profiles p;

create function private.tg_clients__forget_person()
returns trigger
language plpgsql
volatile
security definer -- runs while the person is being deleted, whoever does it
set search_path = ''
as $$
begin
  -- Open questions end here, which releases what they hold; then nothing that he wrote remains.
  update qa.questions q
  set status = 'cancelled', cancel_reason = 'account_deleted'
  where q.client_id = new.id and q.status in ('submitted', 'processing', 'ai_generated', 'humanized');
  update qa.expert_reviews r
  set review_status = 'cancelled'
  where r.review_status in ('pending', 'in_progress')
    and r.question_id in (select q.id from qa.questions q where q.client_id = new.id);
  update qa.questions q
  set status = 'cancelled', cancel_reason = 'account_deleted'
  where q.client_id = new.id and q.status = 'expert_review';
  update qa.questions q
  set content = '', metadata = '{}', request_hash = '', idempotency_key = q.id::text,
    cancel_reason = case when q.cancel_reason = 'account_deleted' then q.cancel_reason end
  where q.client_id = new.id;
  update qa.question_events e set reason = null
  from qa.questions q
  where q.id = e.question_id and q.client_id = new.id
    and e.to_status = 'cancelled' and e.reason is distinct from 'account_deleted';
  delete from qa.question_images i using qa.questions q where q.id = i.question_id and q.client_id = new.id;
  update qa.ratings r set comment = null where r.client_id = new.id and r.comment is not null;
  update qa.clients c set status = 'cancelled' where c.id = new.id;
  perform private.unindex_document('qa', 'qa_answer', q.id) from qa.questions q where q.client_id = new.id;
  return null;
end;
$$;

create trigger _500_forget_person
  after update of user_id on qa.clients
  for each row when (old.user_id is not null and new.user_id is null)
  execute function private.tg_clients__forget_person();

-- Whatever moves a question locks it first, and then books on its client and notifies the person. Deleting a person
-- comes from the other side, so that his questions are locked here before anything of his is: otherwise it could meet
-- a delivery halfway, and one would fail. On auth.users, since the row of a profile is locked before its triggers run.
create function private.tg_users__lock_questions()
returns trigger
language plpgsql
volatile
security definer -- runs while the person is being deleted, whoever does it
set search_path = ''
as $$
begin
  perform from qa.questions q
  where q.client_id = (select c.id from qa.clients c where c.user_id = old.id)
    and q.status not in ('rated', 'rejected', 'cancelled')
  order by q.id for update;
  return old;
end;
$$;

create trigger _100_lock_questions
  before delete on auth.users
  for each row execute function private.tg_users__lock_questions();

create trigger _900_touch_updated_at
  before update on qa.clients
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.my_client_id(), private.tg_credit_entries__apply(),
  private.qa_book(uuid, text, integer, text, uuid, text), private.qa_open_client(uuid),
  private.tg_profiles__open_client(), private.tg_clients__forget_person(), private.tg_users__lock_questions()
  from public, anon, authenticated;
grant execute on function private.my_client_id() to authenticated, service_role;
