-- What is counted when things are written, published, removed, accepted: only what is published and not removed.
-- Numbers are moved by private.social_count alone, which nobody waits for.

create function private.tg_posts__count()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
declare
  v_was boolean := false;
  v_is boolean := new.is_published and new.deleted_at is null and new.hidden_at is null;
begin
  if tg_op = 'UPDATE' then
    v_was := old.is_published and old.deleted_at is null and old.hidden_at is null;
  end if;
  if v_is <> v_was and new.author_id is not null then
    perform private.social_count('profile', new.author_id, 'posts_count', v_is::integer - v_was::integer);
  end if;
  return null;
end;
$$;
comment on function private.tg_posts__count() is 'Trigger: the author''s posts_count.';

create trigger _300_count
  after insert or update of is_published, deleted_at, hidden_at on social.posts
  for each row execute function private.tg_posts__count();

create function private.tg_comments__count()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
declare
  v_was boolean := false;
  v_is boolean := new.deleted_at is null and new.hidden_at is null;
  v_delta integer;
begin
  if tg_op = 'UPDATE' then
    v_was := old.deleted_at is null and old.hidden_at is null;
  end if;
  v_delta := v_is::integer - v_was::integer;
  if v_delta <> 0 then
    perform private.social_count('post', new.post_id, 'comments_count', v_delta);
    if new.parent_id is not null then
      perform private.social_count('comment', new.parent_id, 'replies_count', v_delta);
    end if;
  end if;
  return null;
end;
$$;
comment on function private.tg_comments__count() is 'Trigger: comments_count of the post, replies_count of the parent.';

create trigger _300_count
  after insert or update of deleted_at, hidden_at on social.comments
  for each row execute function private.tg_comments__count();

create function private.tg_questions__count()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
declare
  v_was boolean := false;
  v_is boolean := new.deleted_at is null and new.hidden_at is null;
begin
  if tg_op = 'UPDATE' then
    v_was := old.deleted_at is null and old.hidden_at is null;
  end if;
  if v_is <> v_was and new.author_id is not null then
    perform private.social_count('profile', new.author_id, 'questions_count', v_is::integer - v_was::integer);
  end if;
  return null;
end;
$$;
comment on function private.tg_questions__count() is 'Trigger: the author''s questions_count.';

create trigger _300_count
  after insert or update of deleted_at, hidden_at on social.questions
  for each row execute function private.tg_questions__count();

create function private.tg_answers__count()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
declare
  v_was boolean := false;
  v_is boolean := new.deleted_at is null and new.hidden_at is null;
  v_delta integer;
begin
  if tg_op = 'UPDATE' then
    v_was := old.deleted_at is null and old.hidden_at is null;
  end if;
  v_delta := v_is::integer - v_was::integer;
  if v_delta <> 0 then
    perform private.social_count('question', new.question_id, 'answers_count', v_delta);
    if new.author_id is not null then
      perform private.social_count('profile', new.author_id, 'answers_count', v_delta);
    end if;
  end if;
  return null;
end;
$$;
comment on function private.tg_answers__count() is 'Trigger: answers_count of the question and of the author.';

create trigger _300_count
  after insert or update of deleted_at, hidden_at on social.answers
  for each row execute function private.tg_answers__count();

create function private.tg_questions__count_accepted()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
begin
  perform private.social_count('profile', a.author_id, 'accepted_count', case a.id when new.accepted_answer_id then 1 else -1 end)
  from social.answers as a
  where a.id in (old.accepted_answer_id, new.accepted_answer_id) and a.author_id is not null
  order by a.author_id;
  return null;
end;
$$;
comment on function private.tg_questions__count_accepted() is 'Trigger: accepted_count of those whose answer is accepted, or is so no longer.';

create trigger _310_count_accepted
  after update of accepted_answer_id on social.questions
  for each row when (old.accepted_answer_id is distinct from new.accepted_answer_id)
  execute function private.tg_questions__count_accepted();

-- Rows vanish with the secret key, or a draft with its author. What hangs on them is found while it is still there, and
-- by the time that rows are removed with what they stand under, that is gone and has no number to mend.
create function private.tg_comments__uncount()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
begin
  if old.deleted_at is null and old.hidden_at is null and exists (select from social.posts as p where p.id = old.post_id) then
    perform private.social_count('post', old.post_id, 'comments_count', -1);
    if exists (select from social.comments as c where c.id = old.parent_id) then
      perform private.social_count('comment', old.parent_id, 'replies_count', -1);
    end if;
  end if;
  return null;
end;
$$;
comment on function private.tg_comments__uncount() is 'Trigger: a comment that vanishes is counted no longer.';

create trigger _300_uncount
  after delete on social.comments
  for each row execute function private.tg_comments__uncount();

create function private.tg__social_uncount_own()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
begin
  if old.deleted_at is null and old.hidden_at is null and (tg_argv[0] <> 'post' or (to_jsonb(old) -> 'is_published')::boolean) then
    perform private.social_count('profile', old.author_id, tg_argv[0] || 's_count', -1);
  end if;
  return old;
end;
$$;
comment on function private.tg__social_uncount_own() is
  'Trigger: a post, question or answer (its argument) that vanishes is no longer counted for its author.';

create trigger _300_uncount_own
  before delete on social.posts
  for each row execute function private.tg__social_uncount_own('post');
create trigger _300_uncount_own
  before delete on social.questions
  for each row execute function private.tg__social_uncount_own('question');
create trigger _300_uncount_own
  before delete on social.answers
  for each row execute function private.tg__social_uncount_own('answer');

create function private.tg_questions__uncount()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
begin
  perform private.social_count('profile', a.author_id, 'accepted_count', -1)
  from social.answers as a where a.id = old.accepted_answer_id;
  return old;
end;
$$;
comment on function private.tg_questions__uncount() is 'Trigger: with a question that vanishes goes the acceptance.';

create trigger _310_uncount
  before delete on social.questions
  for each row execute function private.tg_questions__uncount();

create function private.tg_answers__uncount()
returns trigger
language plpgsql
security definer -- moves counters of others
set search_path = ''
as $$
begin
  update social.questions as q set accepted_answer_id = null where q.accepted_answer_id = old.id;
  if old.deleted_at is null and old.hidden_at is null and exists (select from social.questions as q where q.id = old.question_id) then
    perform private.social_count('question', old.question_id, 'answers_count', -1);
  end if;
  return old;
end;
$$;
comment on function private.tg_answers__uncount() is 'Trigger: an answer that vanishes is neither counted nor accepted any longer.';

create trigger _310_uncount
  before delete on social.answers
  for each row execute function private.tg_answers__uncount();

revoke execute on function
  private.tg_posts__count(), private.tg_comments__count(), private.tg_questions__count(), private.tg_answers__count(),
  private.tg_questions__count_accepted(), private.tg_comments__uncount(), private.tg__social_uncount_own(),
  private.tg_questions__uncount(), private.tg_answers__uncount()
  from public, anon, authenticated;
