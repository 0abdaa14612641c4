-- Topics (tags) of posts and questions: ten at most, living ones. A merged topic leads on, here as everywhere.
-- Authors insert and delete the rows of what is theirs.

create function private.social_check_topics(p_count bigint)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_count >= 10 then
    raise sqlstate 'PT422' using
      message = 'too_many_topics', detail = 'A thing has ten topics at most.', hint = 'Name those that fit best.';
  end if;
end;
$$;
comment on function private.social_check_topics(bigint) is 'Raises too_many_topics (422) when ten are there.';

create function private.tg_post_topics__place()
returns trigger
language plpgsql
security definer -- locks the post and reads its topics, for its author
set search_path = ''
as $$
declare
  v_post social.posts;
begin
  -- Locked, so that the count is right and publishing does not pass by.
  select * into v_post from social.posts as p where p.id = new.post_id for no key update;
  if not found or (not private.is_service() and v_post.author_id is distinct from auth.uid()) then
    return new; -- refused by the foreign key, or by the policy
  end if;
  if v_post.deleted_at is not null or v_post.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  new.topic_id := private.living_topic(new.topic_id);
  if exists (select from social.post_topics as t where t.post_id = new.post_id and t.topic_id = new.topic_id) then
    return null;
  end if;
  perform private.social_check_topics((select count(*) from social.post_topics as t where t.post_id = new.post_id));
  -- Those that come with the post itself are free.
  if v_post.created_at <> now() and not private.is_service() then
    perform private.social_limit('reaction', v_post.author_id);
  end if;
  new.published_at := case when v_post.is_published then v_post.published_at end;
  return new;
end;
$$;
comment on function private.tg_post_topics__place() is 'Trigger: the living topic, once, and the time of the post.';

create trigger _100_place
  before insert on social.post_topics
  for each row execute function private.tg_post_topics__place();

create function private.tg_question_topics__place()
returns trigger
language plpgsql
security definer -- locks the question and reads its topics, for its author
set search_path = ''
as $$
declare
  v_question social.questions;
begin
  select * into v_question from social.questions as q where q.id = new.question_id for no key update;
  if not found or (not private.is_service() and v_question.author_id is distinct from auth.uid()) then
    return new; -- refused by the foreign key, or by the policy
  end if;
  if v_question.deleted_at is not null or v_question.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  new.topic_id := private.living_topic(new.topic_id);
  if exists (select from social.question_topics as t where t.question_id = new.question_id and t.topic_id = new.topic_id) then
    return null;
  end if;
  perform private.social_check_topics((select count(*) from social.question_topics as t where t.question_id = new.question_id));
  if v_question.created_at <> now() and not private.is_service() then
    perform private.social_limit('reaction', v_question.author_id);
  end if;
  return new;
end;
$$;
comment on function private.tg_question_topics__place() is 'Trigger: the living topic, once.';

create trigger _100_place
  before insert on social.question_topics
  for each row execute function private.tg_question_topics__place();

create function private.tg_posts__time_topics()
returns trigger
language plpgsql
security definer -- post_topics has no update grant
set search_path = ''
as $$
declare
  v_at timestamptz := case when new.is_published and new.deleted_at is null and new.hidden_at is null then new.published_at end;
begin
  update social.post_topics as t set published_at = v_at
  where t.post_id = new.id and t.published_at is distinct from v_at;
  return null;
end;
$$;
comment on function private.tg_posts__time_topics() is 'Trigger: the topics of a post have its time while it is in lists, and none otherwise.';

create trigger _200_time_topics
  after update of is_published, published_at, deleted_at, hidden_at on social.posts
  for each row execute function private.tg_posts__time_topics();

create function private.tg_topics__move_social()
returns trigger
language plpgsql
security definer -- moves rows of everybody
set search_path = ''
as $$
declare
  v_kind text;
begin
  foreach v_kind in array array['post', 'question', 'resource'] loop
    execute format(
      'update social.%1$s_topics as t set topic_id = $1
       where t.topic_id = $2
         and not exists (select from social.%1$s_topics as x where x.%1$s_id = t.%1$s_id and x.topic_id = $1)',
      v_kind
    ) using new.merged_into_id, new.id;
    execute format('delete from social.%s_topics as t where t.topic_id = $1', v_kind) using new.id;
  end loop;
  return null;
end;
$$;
comment on function private.tg_topics__move_social() is 'Trigger: posts, questions and resources of a merged topic go with it.';

create trigger _510_move_social
  after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and old.merged_into_id is distinct from new.merged_into_id)
  execute function private.tg_topics__move_social();

revoke execute on function
  private.social_check_topics(bigint), private.tg_post_topics__place(),
  private.tg_question_topics__place(), private.tg_posts__time_topics(), private.tg_topics__move_social()
  from public, anon, authenticated;
