-- What administrators do: grant credits, and give the credits of a question back. Each checks the permission that its
-- administrator needs; the secret key and direct sessions pass.

create function private.qa_grant_credits(p_user_id uuid, p_credits integer, p_reason text, p_idempotency_key text)
returns qa.clients
language plpgsql
volatile
security definer -- writes the ledger for an administrator or a payment service
set search_path = ''
as $$
declare
  v_client qa.clients;
begin
  perform private.require_admin('credits');
  if p_credits is null or p_credits not between 1 and 100000 then
    raise sqlstate 'PT422' using
      message = 'credits_out_of_range',
      detail = 'Between 1 and 100000 credits are granted at a time.',
      hint = 'Check the amount.';
  end if;
  select * into v_client from qa.clients c where c.user_id = p_user_id for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'client_not_found',
      detail = 'No client account belongs to this person.',
      hint = 'Check the user id.';
  end if;
  perform private.qa_book(
    v_client.id, 'grant', p_credits, 'grant:' || v_client.id || ':' || p_idempotency_key, null,
    private.clean_text(p_reason, 'reason', 3, 500)
  );
  select * into v_client from qa.clients c where c.user_id = p_user_id;
  return v_client;
end;
$$;

create function qa.grant_credits(p_user_id uuid, p_credits integer, p_reason text, p_idempotency_key text)
returns qa.clients
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_grant_credits(p_user_id, p_credits, p_reason, p_idempotency_key);
$$;
comment on function qa.grant_credits(uuid, integer, text, text) is
  'Administrators and services: adds credits to a client, once per idempotency key. Errors: role_required, permission_required (403), client_not_found (404), credits_out_of_range, text_required (422).';

create function private.qa_close_question(p_question_id uuid, p_reason text)
returns qa.questions
language plpgsql
volatile
security definer -- moves the question for an administrator
set search_path = ''
as $$
declare
  v_question qa.questions;
  v_reason text := private.clean_text(p_reason, 'reason', 3, 500);
begin
  perform private.require_admin('questions');
  select * into v_question from qa.questions q where q.id = p_question_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'question_not_found', detail = 'There is no such question.', hint = 'Check the id.';
  end if;
  -- Done once: asking again must not tell the client once more, nor put another reason in the place of the first.
  if v_question.status = 'rejected'
    or exists (select from qa.credit_entries e where e.question_id = p_question_id and e.entry_type = 'refund')
  then
    return v_question;
  end if;
  if v_question.status in ('delivered', 'rated') then
    perform private.qa_book(
      v_question.client_id, 'refund', v_question.credits_cost, 'refund:' || v_question.id, v_question.id, v_reason
    );
  else
    update qa.expert_reviews r set review_status = 'cancelled'
    where r.question_id = p_question_id and r.review_status in ('pending', 'in_progress');
    update qa.questions q set status = 'rejected', rejection_reason = v_reason where q.id = p_question_id;
    perform ops.cancel_jobs_for(p_question_id);
  end if;
  perform private.notify(
    c.user_id, 'credits_returned', 'info', 'Your credits are back', v_reason, jsonb_build_object('question_id', p_question_id)
  ) from qa.clients c where c.id = v_question.client_id;
  select * into v_question from qa.questions q where q.id = p_question_id;
  return v_question;
end;
$$;

create function qa.refund_question(p_question_id uuid, p_reason text)
returns qa.questions
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_close_question(p_question_id, p_reason);
$$;
comment on function qa.refund_question(uuid, text) is
  'Administrators: gives the credits of a question back: an open one is rejected and its hold released, a delivered one is refunded, once. Errors: role_required, permission_required (403), question_not_found (404), illegal_transition (409).';

revoke execute on function
  private.qa_grant_credits(uuid, integer, text, text), qa.grant_credits(uuid, integer, text, text),
  private.qa_close_question(uuid, text), qa.refund_question(uuid, text)
  from public, anon;
grant execute on function
  private.qa_grant_credits(uuid, integer, text, text), qa.grant_credits(uuid, integer, text, text),
  private.qa_close_question(uuid, text), qa.refund_question(uuid, text)
  to authenticated, service_role;
