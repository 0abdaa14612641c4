-- RPCs of posts and questions: writing one with its topics in one go, accepting, closing, counting views.

create function private.social_set_topics(p_kind text, p_id uuid, p_topics text[])
returns void
language plpgsql
volatile
security definer -- called by functions that checked who asks
set search_path = ''
as $$
declare
  v_name text;
  v_topic_id uuid;
begin
  foreach v_name in array coalesce(p_topics, '{}') loop
    v_topic_id := private.topic_by_slug(v_name);
    if v_topic_id is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic',
        detail = format('No topic is called %s.', left(coalesce(v_name, 'null'), 80)),
        hint = 'Take a slug from core.topics.';
    end if;
    if p_kind = 'post' then
      insert into social.post_topics (post_id, topic_id) values (p_id, v_topic_id);
    else
      insert into social.question_topics (question_id, topic_id) values (p_id, v_topic_id);
    end if;
  end loop;
end;
$$;
comment on function private.social_set_topics(text, uuid, text[]) is 'Puts topics, by slug, name or synonym, to a new thing.';

-- A retry with the same id finds what the first one wrote.
create function private.social_create_post(
  p_title text, p_content text, p_category text, p_topics text[], p_is_published boolean, p_id uuid
)
returns social.posts
language plpgsql
volatile
security definer -- writes in the name of the caller, and may look whether the id is taken
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_id uuid := coalesce(p_id, gen_random_uuid());
  v_post social.posts;
begin
  select * into v_post from social.posts as p where p.id = v_id and p.author_id = v_user_id;
  if found then
    return v_post;
  end if;
  begin
    insert into social.posts (id, author_id, title, content, category, is_published)
    values (v_id, v_user_id, p_title, p_content, p_category, coalesce(p_is_published, true));
  exception when unique_violation then
    select * into v_post from social.posts as p where p.id = v_id and p.author_id = v_user_id;
    if found then
      return v_post;
    end if;
    raise sqlstate 'PT409' using message = 'id_taken', detail = 'This id is that of something else.', hint = 'Send crypto.randomUUID().';
  end;
  perform private.social_set_topics('post', v_id, p_topics);
  select * into v_post from social.posts as p where p.id = v_id;
  return v_post;
end;
$$;
comment on function private.social_create_post(text, text, text, text[], boolean, uuid) is 'Behind social.create_post.';

create function social.create_post(
  p_title text, p_content text, p_category text default null, p_topics text[] default '{}',
  p_is_published boolean default true, p_id uuid default null
)
returns social.posts
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_create_post(p_title, p_content, p_category, p_topics, p_is_published, p_id); $$;
comment on function social.create_post(text, text, text, text[], boolean, uuid) is
  'Writes a post with its topics (slugs, names or synonyms). Whoever sends the same p_id again gets the post that is there. Errors: unknown_topic, unknown_category, too_many_topics, text_required, text_too_long, markup_not_allowed (422), id_taken (409), rate_limited (429).';

create function private.social_ask_question(p_title text, p_content text, p_category text, p_topics text[], p_id uuid)
returns social.questions
language plpgsql
volatile
security definer -- writes in the name of the caller, and may look whether the id is taken
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_id uuid := coalesce(p_id, gen_random_uuid());
  v_question social.questions;
begin
  select * into v_question from social.questions as q where q.id = v_id and q.author_id = v_user_id;
  if found then
    return v_question;
  end if;
  begin
    insert into social.questions (id, author_id, title, content, category)
    values (v_id, v_user_id, p_title, p_content, p_category);
  exception when unique_violation then
    select * into v_question from social.questions as q where q.id = v_id and q.author_id = v_user_id;
    if found then
      return v_question;
    end if;
    raise sqlstate 'PT409' using message = 'id_taken', detail = 'This id is that of something else.', hint = 'Send crypto.randomUUID().';
  end;
  perform private.social_set_topics('question', v_id, p_topics);
  select * into v_question from social.questions as q where q.id = v_id;
  return v_question;
end;
$$;
comment on function private.social_ask_question(text, text, text, text[], uuid) is 'Behind social.ask_question.';

create function social.ask_question(
  p_title text, p_content text, p_category text default null, p_topics text[] default '{}', p_id uuid default null
)
returns social.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_ask_question(p_title, p_content, p_category, p_topics, p_id); $$;
comment on function social.ask_question(text, text, text, text[], uuid) is
  'Asks the community, with topics (slugs, names or synonyms). Whoever sends the same p_id again gets the question that is there. Errors as of create_post.';

-- Views: once a person and hour, not one's own. The rows only tell when to count again, and are removed after a day.
create table social.question_views (
  question_id uuid not null references social.questions (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  viewed_at timestamptz not null default now(),
  primary key (question_id, user_id)
);
comment on table social.question_views is 'Who was counted as a reader of which question last when. Kept for a day.';
create index question_views_user_id_idx on social.question_views (user_id);
create index question_views_viewed_at_idx on social.question_views (viewed_at);
alter table social.question_views enable row level security;
revoke all on social.question_views from public, anon, authenticated;
grant select, delete on social.question_views to service_role;

create function private.social_record_view(p_question_id uuid)
returns boolean
language plpgsql
volatile
security definer -- question_views and counters are written by nobody else
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_question record;
begin
  v_question := private.social_content('question', p_question_id, v_user_id);
  if not v_question.is_visible then
    perform private.social_raise_unknown();
  end if;
  if v_question.author_id = v_user_id or v_question.is_removed or not private.is_active_user() then
    return false;
  end if;
  insert into social.question_views as v (question_id, user_id) values (p_question_id, v_user_id)
  on conflict (question_id, user_id) do update set viewed_at = now() where v.viewed_at <= now() - interval '1 hour';
  if not found then
    return false;
  end if;
  perform private.social_count('question', p_question_id, 'views_count', 1);
  return true;
end;
$$;
comment on function private.social_record_view(uuid) is 'Behind social.record_view.';

create function social.record_view(p_question_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_record_view(p_question_id); $$;
comment on function social.record_view(uuid) is
  'Says that the caller reads a question: true when it was counted. Once an hour; not one''s own; not while suspended. Errors: content_not_found (404).';

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description)
values ('social_question_views', 'social', 'question_views', 'viewed_at', interval '1 day', 'delete', 'Who read which question: only to count views once an hour.');

revoke execute on function
  private.social_set_topics(text, uuid, text[]), private.social_create_post(text, text, text, text[], boolean, uuid),
  private.social_ask_question(text, text, text, text[], uuid), private.social_record_view(uuid),
  social.create_post(text, text, text, text[], boolean, uuid), social.ask_question(text, text, text, text[], uuid),
  social.record_view(uuid)
  from public, anon, authenticated;
grant execute on function
  private.social_create_post(text, text, text, text[], boolean, uuid), private.social_ask_question(text, text, text, text[], uuid),
  private.social_record_view(uuid), social.create_post(text, text, text, text[], boolean, uuid),
  social.ask_question(text, text, text, text[], uuid), social.record_view(uuid)
  to authenticated;
