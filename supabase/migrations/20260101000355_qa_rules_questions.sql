-- The rules of questions: legal moves only, times stamped, every move recorded, credits settled with the move.
-- They sit in triggers, so that they hold whoever makes the move: an RPC, a worker, an administrator in Studio.

create function private.tg_questions__check_transition()
returns trigger
language plpgsql
stable
security definer -- question_transitions is readable by nobody else's leave
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'submitted' then
      raise sqlstate 'PT409' using
        message = 'illegal_transition',
        detail = 'A question begins as submitted.',
        hint = 'Insert it as submitted and move it along.';
    end if;
  elsif not exists (
    select from qa.question_transitions t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A question cannot go from %s to %s.', old.status, new.status),
      hint = 'See qa.question_transitions for the legal moves.';
  end if;
  return new;
end;
$$;

create trigger _200_check_transition_insert
  before insert on qa.questions
  for each row execute function private.tg_questions__check_transition();

create trigger _200_check_transition
  before update of status on qa.questions
  for each row when (old.status is distinct from new.status)
  execute function private.tg_questions__check_transition();

create function private.tg_questions__stamp()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  case new.status
    when 'ai_generated' then new.processed_at := clock_timestamp();
    when 'delivered' then new.delivered_at := clock_timestamp();
    when 'rated' then new.rated_at := clock_timestamp();
    else null;
  end case;
  if new.status in ('delivered', 'rejected', 'cancelled') then
    new.closed_at := clock_timestamp();
  end if;
  if new.status not in ('humanized', 'expert_review') then
    new.waiting_since := null;
  end if;
  return new;
end;
$$;

create trigger _300_stamp
  before update of status on qa.questions
  for each row when (old.status is distinct from new.status)
  execute function private.tg_questions__stamp();

create trigger _900_touch_updated_at
  before update on qa.questions
  for each row execute function private.tg__touch_updated_at();

create function private.tg_questions__record_move()
returns trigger
language plpgsql
volatile
security definer -- writes the timeline and the ledger, which no client may write
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  insert into qa.question_events (question_id, from_status, to_status, actor_id, reason)
  values (
    new.id, case when tg_op = 'UPDATE' then old.status end, new.status, (select auth.uid()),
    case new.status when 'rejected' then new.rejection_reason when 'cancelled' then new.cancel_reason end
  );

  if new.status in ('rejected', 'cancelled') then
    perform private.qa_book(new.client_id, 'release', new.credits_cost, 'release:' || new.id, new.id, new.status);
  elsif new.status = 'delivered' then
    perform private.qa_book(new.client_id, 'capture', new.credits_cost, 'capture:' || new.id, new.id, new.status);
  end if;

  select c.user_id into v_user_id from qa.clients c where c.id = new.client_id;
  if v_user_id is not null then
    perform private.broadcast_to_user(v_user_id, 'question_status', jsonb_build_object(
      'question_id', new.id,
      'from', case when tg_op = 'UPDATE' then old.status end,
      'status', new.status,
      'at', clock_timestamp()
    ));
  end if;
  return null;
end;
$$;

create trigger _500_record_move_insert
  after insert on qa.questions
  for each row execute function private.tg_questions__record_move();

create trigger _500_record_move
  after update of status on qa.questions
  for each row when (old.status is distinct from new.status)
  execute function private.tg_questions__record_move();

create function private.tg_question_images__check_owner()
returns trigger
language plpgsql
volatile
security definer -- compares the owner of the file with the client
set search_path = ''
as $$
begin
  if not exists (
    select
    from core.files f
    join qa.clients c on c.user_id = f.owner_id
    join qa.questions q on q.client_id = c.id
    where f.id = new.file_id and q.id = new.question_id and f.bucket_id = 'question-images'
  ) then
    raise sqlstate 'PT422' using
      message = 'file_not_found',
      detail = 'The file is not an image of this client in the bucket question-images.',
      hint = 'Upload it to question-images/<your user id>/ first.';
  end if;
  return new;
end;
$$;

create trigger _200_check_owner
  before insert or update on qa.question_images
  for each row execute function private.tg_question_images__check_owner();

-- Moves are never changed. Only what a client said when he cancelled is his own word: it goes when he is gone.
create function private.tg_question_events__immutable()
returns trigger
language plpgsql
stable
security definer -- looks whether the person is really gone
set search_path = ''
as $$
begin
  if new.reason is null and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason' and exists (
    select from qa.questions q join qa.clients c on c.id = q.client_id
    where q.id = old.question_id and c.user_id is null
  ) then
    return new;
  end if;
  raise sqlstate 'PT403' using
    message = 'append_only',
    detail = 'A move of a question is never changed.',
    hint = 'Make another move.';
end;
$$;

create trigger _000_immutable
  before update on qa.question_events
  for each row execute function private.tg_question_events__immutable();

create trigger _000_append_only
  before truncate on qa.question_events
  for each statement execute function private.tg__append_only();

revoke execute on function
  private.tg_questions__check_transition(), private.tg_questions__stamp(), private.tg_questions__record_move(),
  private.tg_question_images__check_owner(), private.tg_question_events__immutable()
  from public, anon, authenticated;
