-- Who follows whom, and which topics. People insert and delete their own rows; what a follow may not be is checked here.
--
-- Three things at once touch a pair of people: somebody follows, the followed publishes, one of them blocks. Each takes
-- the advisory lock of a person: publishing and blocking alone, following together with other follows. So a post that is
-- published while somebody follows reaches him exactly once, and no follow slips past a block.

insert into core.settings (key, value, description) values
  ('social.max_follows', '2000', 'How many people one person may follow.'),
  ('social.max_followed_topics', '50', 'How many topics one person may follow.');

-- Locks are shared by everybody, and a statement may touch thousands of people: 256 of them serve for all.
create function private.social_lock_person(p_user_id uuid, p_alone boolean)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_class constant integer := 440;
  v_bucket integer := (pg_catalog.hashtextextended(p_user_id::text, 440) & 255)::integer;
begin
  if p_alone then
    perform pg_catalog.pg_advisory_xact_lock(v_class, v_bucket);
  else
    perform pg_catalog.pg_advisory_xact_lock_shared(v_class, v_bucket);
  end if;
end;
$$;
comment on function private.social_lock_person(uuid, boolean) is
  'Until the end of the transaction: alone for what changes a person''s follows or feeds from his side, shared for following him.';

create function private.tg_followers__check()
returns trigger
language plpgsql
security definer -- reads blocks, limits and everybody's follows
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  if not private.is_service() then
    v_user_id := private.require_user();
    if new.follower_id is distinct from v_user_id then
      return new; -- the policy refuses it, and nothing is told about two other people
    end if;
    -- Also makes one person's follows wait for each other, so that the count below is exact.
    perform private.social_limit('follow', v_user_id);
    if (select count(*) from social.followers as f where f.follower_id = v_user_id)
      >= private.setting_number('social.max_follows')
    then
      raise sqlstate 'PT409' using
        message = 'follow_limit_reached',
        detail = format('One person follows at most %s others.', private.setting('social.max_follows') #>> '{}'),
        hint = 'Unfollow somebody first.';
    end if;
  end if;
  if new.follower_id = new.following_id then
    raise sqlstate 'PT422' using
      message = 'follow_self', detail = 'Nobody follows himself.', hint = 'Choose somebody else.';
  end if;

  perform private.social_lock_person(least(new.follower_id, new.following_id), false),
    private.social_lock_person(greatest(new.follower_id, new.following_id), false);
  -- One answer for who is not there, suspended, or blocked in either direction: it tells none of them.
  if not exists (select from core.profiles as p where p.id = new.following_id and p.is_active)
    or private.is_blocked_between(new.follower_id, new.following_id)
  then
    raise sqlstate 'PT404' using
      message = 'profile_not_found', detail = 'There is no such person, or not for you.', hint = 'Check the id or username.';
  end if;
  new.is_pulled := coalesce((select s.is_pulled from social.profile_stats as s where s.user_id = new.following_id), false);
  new.created_at := now();
  return new;
end;
$$;
comment on function private.tg_followers__check() is
  'Trigger: follow_self (422), profile_not_found (404) when unknown, suspended or blocked, follow_limit_reached (409), rate_limited (429).';

create trigger _100_check
  before insert on social.followers
  for each row execute function private.tg_followers__check();

create function private.tg_topic_followers__check()
returns trigger
language plpgsql
security definer -- reads limits and follows merges of topics
set search_path = ''
as $$
declare
  v_user_id uuid;
  v_topic_id uuid := new.topic_id;
begin
  if pg_catalog.pg_trigger_depth() > 1 then
    return new; -- moved by a merge
  end if;
  if not private.is_service() then
    v_user_id := private.require_user();
    if new.user_id is distinct from v_user_id then
      return new; -- the policy refuses it
    end if;
    perform private.social_limit('follow', v_user_id);
    if (select count(*) from social.topic_followers as f where f.user_id = v_user_id)
      >= private.setting_number('social.max_followed_topics')
    then
      raise sqlstate 'PT409' using
        message = 'follow_limit_reached',
        detail = format('One person follows at most %s topics.', private.setting('social.max_followed_topics') #>> '{}'),
        hint = 'Unfollow a topic first.';
    end if;
  end if;
  -- A merge points straight at its target; still, follow to the end. The target is held, so that it is not merged meanwhile.
  for i in 1..12 loop
    select coalesce(t.merged_into_id, t.id) into new.topic_id from core.topics as t where t.id = v_topic_id for key share;
    exit when new.topic_id is not distinct from v_topic_id;
    v_topic_id := new.topic_id;
  end loop;
  if not exists (select from core.topics as t where t.id = new.topic_id and t.is_active) then
    raise sqlstate 'PT404' using
      message = 'topic_not_found', detail = 'There is no such topic.', hint = 'Look it up with core.find_topic.';
  end if;
  new.created_at := now();
  return new;
end;
$$;
comment on function private.tg_topic_followers__check() is
  'Trigger: a merged topic leads to the one that took it in; topic_not_found (404), follow_limit_reached (409), rate_limited (429).';

create trigger _100_check
  before insert on social.topic_followers
  for each row execute function private.tg_topic_followers__check();

-- Who followed a topic that is merged follows the one that took it in.
create function private.tg_topics__move_followers()
returns trigger
language plpgsql
security definer -- moves other people's rows
set search_path = ''
as $$
begin
  insert into social.topic_followers (user_id, topic_id)
  select f.user_id, new.merged_into_id from social.topic_followers as f where f.topic_id = new.id
  on conflict do nothing;
  delete from social.topic_followers as f where f.topic_id = new.id;
  return null;
end;
$$;
comment on function private.tg_topics__move_followers() is 'Trigger: the followers of a merged topic go with it.';

create trigger _500_move_followers
  after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and old.merged_into_id is distinct from new.merged_into_id)
  execute function private.tg_topics__move_followers();

alter table social.followers enable row level security;
alter table social.topic_followers enable row level security;
revoke all on social.followers, social.topic_followers from public, anon, authenticated;
grant select, insert (follower_id, following_id), delete on social.followers to authenticated;
grant select, insert (user_id, topic_id), delete on social.topic_followers to authenticated;
grant select, insert, update, delete on social.followers, social.topic_followers to service_role;

create policy followers_select_unblocked on social.followers
  for select to authenticated
  using (
    follower_id <> all ((select private.my_block_ids())::uuid[])
    and following_id <> all ((select private.my_block_ids())::uuid[])
  );
create policy followers_insert_own on social.followers
  for insert to authenticated
  with check (follower_id = (select auth.uid()) and (select private.is_active_user()));
create policy followers_delete_own on social.followers
  for delete to authenticated
  using (follower_id = (select auth.uid()) and (select private.is_active_user()));

-- What somebody wants to read about is his own business.
create policy topic_followers_select_own on social.topic_followers
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy topic_followers_insert_own on social.topic_followers
  for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy topic_followers_delete_own on social.topic_followers
  for delete to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()));

revoke execute on function
  private.social_lock_person(uuid, boolean), private.tg_followers__check(),
  private.tg_topic_followers__check(), private.tg_topics__move_followers()
  from public, anon, authenticated;
