-- Posts, questions and answers in the search index: what is published and not removed, for everybody signed in.
--
-- The triggers are deferred: they look at the end of the transaction at what there is then, once for a post with its
-- topics, and wait for each other by thread (an advisory lock, taken last of all). Whoever comes second sees what the
-- first has committed, so that the index is what the last of them left, whatever each had seen before.
--
-- Where nobody vouches for a text, no answer is written from it: posts and questions are kinds that retrieval leaves out
-- (search.retrieval_excluded_kinds), and of answers only the accepted one is retrievable.

update core.settings set value = value || '["post", "question", "resource"]' where key = 'search.retrieval_excluded_kinds';

create function private.social_lock_index(p_thread_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$ select pg_advisory_xact_lock(hashtextextended('social.index:' || p_thread_id, 0)); $$;
comment on function private.social_lock_index(uuid) is
  'Whoever indexes a post, a question with its answers, or a resource, does it one after the other.';

create function private.social_language()
returns text
language sql
stable
security definer -- reads a setting for triggers
set search_path = ''
as $$ select private.setting('search.languages') ->> 0; $$;
comment on function private.social_language() is 'The language in which what people write is indexed: the first of search.languages.';

create function private.social_index_post(p_id uuid)
returns void
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_post social.posts;
  v_topics uuid[];
begin
  perform private.social_lock_index(p_id);
  select * into v_post from social.posts as p where p.id = p_id and p.is_published and p.deleted_at is null and p.hidden_at is null;
  if not found then
    perform private.unindex_document('social', 'post', p_id);
    return;
  end if;
  v_topics := array(select t.topic_id from social.post_topics as t where t.post_id = p_id order by t.topic_id);
  perform private.index_document(
    'social', 'post', p_id, v_post.title, v_post.content, v_topics[1], p_visibility => 'public',
    p_owner_id => v_post.author_id, p_topic_ids => v_topics[2:], p_language => private.social_language()
  );
end;
$$;
comment on function private.social_index_post(uuid) is 'Puts a post into the search index as it is now, or takes it out.';

create function private.social_index_question(p_id uuid, p_answer_id uuid default null)
returns void
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_question social.questions;
  v_answer social.answers;
  v_topics uuid[];
begin
  perform private.social_lock_index(p_id);
  select * into v_question from social.questions as q where q.id = p_id and q.deleted_at is null and q.hidden_at is null;
  if not found then
    perform private.unindex_document('social', 'question', p_id);
    perform private.unindex_document('social', 'answer', a.id) from social.answers as a where a.question_id = p_id;
    perform private.unindex_document('social', 'answer', p_answer_id);
    return;
  end if;
  v_topics := array(select t.topic_id from social.question_topics as t where t.question_id = p_id order by t.topic_id);
  if p_answer_id is null then
    perform private.index_document(
      'social', 'question', p_id, v_question.title, v_question.content, v_topics[1], p_visibility => 'public',
      p_owner_id => v_question.author_id, p_topic_ids => v_topics[2:], p_language => private.social_language()
    );
  end if;
  -- Under the title of their question, and hidden from those who do not see it.
  for v_answer in
    select * from social.answers as a
    where a.question_id = p_id and (p_answer_id is null or a.id = p_answer_id) and a.deleted_at is null and a.hidden_at is null
    order by a.id
  loop
    perform private.index_document(
      'social', 'answer', v_answer.id, v_question.title, v_answer.content, v_topics[1],
      jsonb_build_object('question_id', p_id), p_visibility => 'public', p_owner_id => v_answer.author_id,
      p_topic_ids => v_topics[2:], p_language => private.social_language(), p_thread_owner_id => v_question.author_id,
      p_is_retrievable => v_question.accepted_answer_id is not distinct from v_answer.id
    );
  end loop;
  if p_answer_id is not null and not found then -- of the loop: no such answer, or it was removed
    perform private.unindex_document('social', 'answer', p_answer_id);
  end if;
end;
$$;
comment on function private.social_index_question(uuid, uuid) is
  'Puts a question and its answers, or only one of these, into the search index as they are now, or takes them out.';

-- Arguments: the kind of thing, and the column that names it.
create function private.tg__social_index()
returns trigger
language plpgsql
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_row jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  v_id uuid := (v_row ->> tg_argv[1])::uuid;
begin
  case tg_argv[0]
    when 'post' then perform private.social_index_post(v_id);
    when 'question' then perform private.social_index_question(v_id);
    when 'answer' then perform private.social_index_question(v_id, (v_row ->> 'id')::uuid);
    when 'resource' then perform private.social_index_resource(v_id);
  end case;
  return null;
end;
$$;
comment on function private.tg__social_index() is 'Trigger: keeps the search index as a thing and its topics are.';

create constraint trigger _800_index
  after insert or delete or update of title, content, is_published, author_id, deleted_at, hidden_at on social.posts
  deferrable initially deferred
  for each row execute function private.tg__social_index('post', 'id');
create constraint trigger _800_index
  after insert or delete or update of title, content, author_id, accepted_answer_id, deleted_at, hidden_at on social.questions
  deferrable initially deferred
  for each row execute function private.tg__social_index('question', 'id');
create constraint trigger _800_index
  after insert or delete or update of content, author_id, deleted_at, hidden_at on social.answers
  deferrable initially deferred
  for each row execute function private.tg__social_index('answer', 'question_id');
-- Not on update: those are merges, and whoever looks for a topic finds what stands under the ones merged into it.
create constraint trigger _800_index
  after insert or delete on social.post_topics
  deferrable initially deferred
  for each row execute function private.tg__social_index('post', 'post_id');
create constraint trigger _800_index
  after insert or delete on social.question_topics
  deferrable initially deferred
  for each row execute function private.tg__social_index('question', 'question_id');

revoke execute on function
  private.social_lock_index(uuid), private.social_language(), private.social_index_post(uuid),
  private.social_index_question(uuid, uuid), private.tg__social_index()
  from public, anon, authenticated;
