-- The life of a question: the asker accepts an answer or takes that back; he or a moderator closes and reopens it.
-- All of it happens under the lock of the question, as do removing an answer and, in share mode, answering.

create function private.social_lock_question(p_question_id uuid, p_user_id uuid)
returns social.questions
language plpgsql
volatile
security definer -- locks and reads questions for functions that then check who may act
set search_path = ''
as $$
declare
  v_question social.questions;
begin
  perform private.social_require_content('question', p_question_id, p_user_id);
  select * into v_question from social.questions as q where q.id = p_question_id for no key update;
  if v_question.deleted_at is not null or v_question.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  return v_question;
end;
$$;
comment on function private.social_lock_question(uuid, uuid) is
  'A question that this person sees, locked; content_not_found (404) or content_removed (409).';

create function private.social_require_asker(p_author_id uuid, p_user_id uuid)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_author_id is distinct from p_user_id then
    raise sqlstate 'PT403' using
      message = 'not_asker', detail = 'Only who asked does this.', hint = 'Vote for the answer instead.';
  end if;
end;
$$;
comment on function private.social_require_asker(uuid, uuid) is 'Raises not_asker (403) for everybody else.';

create function private.social_accept_answer(p_answer_id uuid)
returns social.questions
language plpgsql
volatile
security definer -- accepted_answer_id has no update grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_answer record;
  v_question social.questions;
begin
  v_answer := private.social_require_content('answer', p_answer_id, v_user_id);
  perform private.social_require_asker((select q.author_id from social.questions as q where q.id = v_answer.root_id), v_user_id);
  v_question := private.social_lock_question(v_answer.root_id, v_user_id);
  -- Once more: it may have been removed while this waited for the lock.
  perform private.social_require_content('answer', p_answer_id, v_user_id);
  if v_question.accepted_answer_id is distinct from p_answer_id then
    perform private.social_limit('edit', v_user_id);
    update social.questions as q set accepted_answer_id = p_answer_id where q.id = v_question.id returning * into v_question;
  end if;
  return v_question;
end;
$$;
comment on function private.social_accept_answer(uuid) is 'Behind social.accept_answer.';

create function private.social_unaccept_answer(p_question_id uuid)
returns social.questions
language plpgsql
volatile
security definer -- accepted_answer_id has no update grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_question social.questions;
begin
  v_question := private.social_lock_question(p_question_id, v_user_id);
  perform private.social_require_asker(v_question.author_id, v_user_id);
  if v_question.accepted_answer_id is not null then
    perform private.social_limit('edit', v_user_id);
    update social.questions as q set accepted_answer_id = null where q.id = p_question_id returning * into v_question;
  end if;
  return v_question;
end;
$$;
comment on function private.social_unaccept_answer(uuid) is 'Behind social.unaccept_answer.';

-- Moderators look after everything, whomever they blocked or who blocked them.
create function private.social_lock_question_to_close(p_question_id uuid, out question social.questions, out is_moderator boolean)
returns record
language plpgsql
volatile
security definer -- locks and reads questions for the asker and moderators
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  is_moderator := private.has_role('moderator') or private.can_administer('moderation');
  question := private.social_lock_question(p_question_id, case when not is_moderator then v_user_id end);
  -- Of his own question a moderator is the asker, who does not open what a colleague closed.
  is_moderator := is_moderator and question.author_id is distinct from v_user_id;
  if not is_moderator then
    perform private.social_require_asker(question.author_id, v_user_id);
  end if;
end;
$$;
comment on function private.social_lock_question_to_close(uuid) is
  'A question, locked, and whether a moderator acts on what is not his own; not_asker (403) for others than its asker.';

create function private.social_close_question(p_question_id uuid, p_reason text)
returns social.questions
language plpgsql
volatile
security definer -- closed_at has no update grant
set search_path = ''
as $$
declare
  v_asked record;
  v_question social.questions;
begin
  if p_reason is null or p_reason not in ('solved', 'duplicate', 'off_topic', 'unclear', 'outdated', 'other') then
    raise sqlstate 'PT422' using
      message = 'close_reason_invalid',
      detail = 'A question is closed as solved, duplicate, off_topic, unclear, outdated or other.',
      hint = 'Send one of these.';
  end if;
  v_asked := private.social_lock_question_to_close(p_question_id);
  v_question := v_asked.question;
  if v_question.closed_at is null then
    if not v_asked.is_moderator then
      perform private.social_limit('edit', auth.uid());
    end if;
    update social.questions as q set closed_at = now(), closed_by = auth.uid(), close_reason = p_reason
    where q.id = p_question_id returning * into v_question;
  elsif v_question.close_reason <> p_reason or v_question.closed_by is distinct from auth.uid() then
    raise sqlstate 'PT409' using
      message = 'question_closed', detail = 'It is closed already.', hint = 'Reload the page.';
  end if;
  return v_question;
end;
$$;
comment on function private.social_close_question(uuid, text) is 'Behind social.close_question.';

create function private.social_reopen_question(p_question_id uuid)
returns social.questions
language plpgsql
volatile
security definer -- closed_at has no update grant
set search_path = ''
as $$
declare
  v_asked record;
  v_question social.questions;
begin
  v_asked := private.social_lock_question_to_close(p_question_id);
  v_question := v_asked.question;
  if v_question.closed_at is null then
    return v_question;
  end if;
  if not v_asked.is_moderator and v_question.closed_by is distinct from auth.uid() then
    raise sqlstate 'PT403' using
      message = 'closed_by_moderator', detail = 'A moderator closed this question.', hint = 'Ask the moderators, or ask anew.';
  end if;
  if not v_asked.is_moderator then
    perform private.social_limit('edit', auth.uid());
  end if;
  update social.questions as q set closed_at = null, closed_by = null, close_reason = null
  where q.id = p_question_id returning * into v_question;
  return v_question;
end;
$$;
comment on function private.social_reopen_question(uuid) is 'Behind social.reopen_question.';

create function social.accept_answer(p_answer_id uuid)
returns social.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_accept_answer(p_answer_id); $$;
comment on function social.accept_answer(uuid) is
  'The asker accepts an answer, one''s own as well, instead of the one before. Errors: not_asker (403), content_not_found (404), content_removed (409), rate_limited (429).';

create function social.unaccept_answer(p_question_id uuid)
returns social.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_unaccept_answer(p_question_id); $$;
comment on function social.unaccept_answer(uuid) is
  'The asker takes acceptance back. Errors: not_asker (403), content_not_found (404), content_removed (409), rate_limited (429).';

create function social.close_question(p_question_id uuid, p_reason text)
returns social.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_close_question(p_question_id, p_reason); $$;
comment on function social.close_question(uuid, text) is
  'The asker or a moderator closes a question: solved, duplicate, off_topic, unclear, outdated or other. Errors: not_asker (403), content_not_found (404), question_closed, content_removed (409), close_reason_invalid (422), rate_limited (429).';

create function social.reopen_question(p_question_id uuid)
returns social.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_reopen_question(p_question_id); $$;
comment on function social.reopen_question(uuid) is
  'Opens a question again: the asker if he closed it, or a moderator. Errors: not_asker, closed_by_moderator (403), content_not_found (404), content_removed (409), rate_limited (429).';

revoke execute on function
  private.social_lock_question(uuid, uuid), private.social_require_asker(uuid, uuid), private.social_accept_answer(uuid),
  private.social_unaccept_answer(uuid), private.social_lock_question_to_close(uuid), private.social_close_question(uuid, text),
  private.social_reopen_question(uuid), social.accept_answer(uuid), social.unaccept_answer(uuid),
  social.close_question(uuid, text), social.reopen_question(uuid)
  from public, anon, authenticated;
grant execute on function
  private.social_accept_answer(uuid), private.social_unaccept_answer(uuid), private.social_close_question(uuid, text),
  private.social_reopen_question(uuid), social.accept_answer(uuid), social.unaccept_answer(uuid),
  social.close_question(uuid, text), social.reopen_question(uuid)
  to authenticated;
