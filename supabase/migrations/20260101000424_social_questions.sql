-- Questions to the community, and people's answers. Closed questions take no answers, whoever was first.

create function private.tg_questions__clean()
returns trigger
language plpgsql
security definer -- reads limits and writes versions
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.author_id := private.social_writer(new.author_id);
    new.title := private.clean_text(new.title, 'title', 1, 255);
    new.content := private.clean_text(new.content, 'content', 1, 20000);
    perform private.social_check_category(new.category);
    if not private.is_service() then
      perform private.social_limit('question', new.author_id);
    end if;
    return new;
  end if;

  if (new.deleted_at, new.hidden_at) is distinct from (old.deleted_at, old.hidden_at) then
    return new; -- private.social_remove and private.social_unhide are at work
  end if;
  if old.deleted_at is not null or old.hidden_at is not null then
    if (new.title, new.content) is distinct from (old.title, old.content) then
      perform private.social_raise_removed();
    end if;
    return new;
  end if;
  if new.category is distinct from old.category and not private.is_service() then
    perform private.social_check_category(new.category), private.social_limit('edit', new.author_id);
  end if;
  if (new.title, new.content) is distinct from (old.title, old.content) then
    new.title := private.clean_text(new.title, 'title', 1, 255);
    new.content := private.clean_text(new.content, 'content', 1, 20000);
    if (new.title, new.content) is distinct from (old.title, old.content) then
      perform private.social_edit(old.id, old.title, old.content);
      new.edited_at := now();
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_questions__clean() is 'Trigger: author, allowance, texts, category, history.';

create trigger _100_clean
  before insert or update of title, content, category on social.questions
  for each row execute function private.tg_questions__clean();
create trigger _060_refuse_move
  before update of id, author_id on social.questions
  for each row when (new.id <> old.id or (new.author_id is distinct from old.author_id and new.author_id is not null))
  execute function private.tg__social_refuse_move();

-- Held in share mode until the answer is committed: closing, accepting and removing wait for it, or it waits and sees them.
create function private.social_lock_open_question(p_question_id uuid)
returns void
language plpgsql
volatile
security definer -- called by a trigger
set search_path = ''
as $$
declare
  v_question social.questions;
begin
  select * into v_question from social.questions as q where q.id = p_question_id for share;
  if v_question.deleted_at is not null or v_question.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  if v_question.closed_at is not null then
    raise sqlstate 'PT409' using
      message = 'question_closed',
      detail = 'A closed question takes no answers.',
      hint = 'Who asked, or a moderator, may open it again.';
  end if;
end;
$$;
comment on function private.social_lock_open_question(uuid) is
  'Holds a question open until the end of the transaction; content_removed or question_closed (409) when it is not.';

create function private.tg_answers__clean()
returns trigger
language plpgsql
security definer -- reads limits and other people's things, writes versions
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    if (new.deleted_at, new.hidden_at) is distinct from (old.deleted_at, old.hidden_at) then
      return new; -- private.social_remove and private.social_unhide are at work
    end if;
    if old.deleted_at is not null or old.hidden_at is not null then
      if new.content is distinct from old.content then
        perform private.social_raise_removed();
      end if;
      return new;
    end if;
    new.content := private.clean_text(new.content, 'content', 1, 40000);
    if new.content <> old.content then
      perform private.social_edit(old.id, '', old.content);
      new.edited_at := now();
    end if;
    return new;
  end if;

  new.author_id := private.social_writer(new.author_id);
  new.content := private.clean_text(new.content, 'content', 1, 40000);
  if not private.is_service() then
    perform private.social_limit('answer', new.author_id),
      private.social_require_content('question', new.question_id, new.author_id);
  end if;
  perform private.social_lock_open_question(new.question_id);
  return new;
end;
$$;
comment on function private.tg_answers__clean() is 'Trigger: author, allowance, text, an open question, history.';

create trigger _100_clean
  before insert or update of content on social.answers
  for each row execute function private.tg_answers__clean();
create trigger _060_refuse_move
  before update of id, question_id, author_id on social.answers
  for each row when (
    new.id <> old.id or new.question_id <> old.question_id
    or (new.author_id is distinct from old.author_id and new.author_id is not null)
  )
  execute function private.tg__social_refuse_move();

revoke execute on function
  private.tg_questions__clean(), private.social_lock_open_question(uuid), private.tg_answers__clean()
  from public, anon, authenticated;
