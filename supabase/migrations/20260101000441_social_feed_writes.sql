-- How posts come into feeds: written when they are published, taken out when they are not in lists any more.
--
-- Up to social.feed_write_at_once followers are served in the transaction of the author; more of them by a job, in
-- portions; and whoever has more than social.feed_write_at_most is not written at all: his followers read his newest
-- posts when they open the feed (is_pulled).

insert into core.settings (key, value, description) values
  ('social.feed_write_at_once', '200', 'Up to so many followers get a post in the moment of publishing; more by a job.'),
  ('social.feed_write_at_most', '5000', 'Whoever has more followers is not written into feeds: they read his posts when they open it.'),
  ('social.feed_chunk', '1000', 'Followers that the job serves in one transaction.'),
  ('social.feed_backfill', '50', 'How many of somebody''s newest posts a new follower gets into his feed.');

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('social.fan_out_post', 5, 60, 'Write a post into the feeds of an author''s many followers.');

-- Newest follows first. Whoever follows later got the post by following, as both take the author's lock.
create function private.social_feed_write(
  p_post_id uuid, p_before timestamptz, p_before_id uuid, p_limit integer,
  out written integer, out last_at timestamptz, out last_id uuid
)
returns record
language plpgsql
volatile
security definer -- writes other people's feeds
set search_path = ''
as $$
begin
  with served as materialized (
    select f.follower_id, f.created_at, p.id as post_id, p.published_at, p.author_id
    from social.posts as p
    join social.followers as f on f.following_id = p.author_id
    -- Held, so that a follower whose account is being deleted is waited for and left out: the key would fail the post.
    join core.profiles as r on r.id = f.follower_id
    where p.id = p_post_id and p.is_published and p.deleted_at is null and p.hidden_at is null
      and (f.created_at, f.follower_id) < (p_before, p_before_id)
    order by f.created_at desc, f.follower_id desc
    limit p_limit
    for key share of r
  ),
  stored as (
    insert into social.feed_entries (user_id, published_at, post_id, author_id)
    select s.follower_id, s.published_at, s.post_id, s.author_id from served as s
    on conflict do nothing
  )
  select count(*), min(s.created_at), (array_agg(s.follower_id order by s.created_at, s.follower_id))[1]
  into written, last_at, last_id
  from served as s;
end;
$$;
comment on function private.social_feed_write(uuid, timestamptz, uuid, integer) is
  'Writes a post into the feeds of the next p_limit followers before a position; returns how many, and the position of the last.';

create function private.tg_posts__fan_out()
returns trigger
language plpgsql
security definer -- writes other people's feeds
set search_path = ''
as $$
declare
  v_was boolean := false;
  v_moved boolean := false;
  v_is boolean := new.is_published and new.deleted_at is null and new.hidden_at is null and new.author_id is not null;
  v_at_once integer := private.setting_number('social.feed_write_at_once');
begin
  if tg_op = 'UPDATE' then
    v_was := old.is_published and old.deleted_at is null and old.hidden_at is null;
    v_moved := v_was and v_is and old.published_at is distinct from new.published_at;
  end if;
  if new.author_id is null or (v_is = v_was and not v_moved) then
    return null;
  end if;
  if tg_op = 'UPDATE' and old.is_published is distinct from new.is_published and not private.is_service() then
    perform private.social_limit('edit', new.author_id); -- to and fro costs as many writes as there are followers
  end if;
  perform private.social_lock_person(new.author_id, true);
  if tg_op = 'UPDATE' then
    delete from social.feed_entries as e where e.post_id = new.id;
  end if;
  if not v_is or exists (select from social.profile_stats as s where s.user_id = new.author_id and s.is_pulled) then
    return null;
  end if;
  if (select count(*) from (select from social.followers as f where f.following_id = new.author_id limit v_at_once + 1) as q)
    <= v_at_once
  then
    perform private.social_feed_write(new.id, 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', v_at_once);
  else
    -- Without a dedupe key: a job that is under way may have passed followers whose rows were taken out since.
    perform ops.enqueue_job('social.fan_out_post', jsonb_build_object('post_id', new.id), new.id);
  end if;
  return null;
end;
$$;
comment on function private.tg_posts__fan_out() is
  'Trigger: a post that enters lists is written into the feeds of its author''s followers; one that leaves them is taken out.';

create trigger _300_fan_out
  after insert or update of is_published, published_at, deleted_at, hidden_at on social.posts
  for each row execute function private.tg_posts__fan_out();

create function private.social_fan_out_post(p_post_id uuid, p_after text, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- writes other people's feeds for the worker that holds the job
set search_path = ''
as $$
declare
  v_author_id uuid;
  v_limit integer := private.setting_number('social.feed_chunk');
  v_at_most integer := private.setting_number('social.feed_write_at_most');
  v_from record;
  v_done record;
begin
  -- Without a job only the database's owner may drive this (seeds, repairs in Studio).
  if p_job_id is not null or (select auth.role()) is not null then
    perform ops.assert_lease(p_job_id, p_lease_token);
    if not exists (select from ops.queue_items as j where j.id = p_job_id and j.resource_id = p_post_id) then
      perform private.raise_lease_lost(p_job_id); -- a lease on one post opens no other
    end if;
  end if;

  select p.author_id into v_author_id from social.posts as p where p.id = p_post_id;
  if v_author_id is null then
    return jsonb_build_object('written', 0, 'next', null);
  end if;
  perform private.social_lock_person(v_author_id, true);
  if p_after is null
    and (select count(*) from (select from social.followers as f where f.following_id = v_author_id limit v_at_most + 1) as q)
      > v_at_most
  then
    insert into social.profile_stats as s (user_id, is_pulled) values (v_author_id, true)
    on conflict (user_id) do update set is_pulled = true;
    update social.followers as f set is_pulled = true where f.following_id = v_author_id and not f.is_pulled;
    return jsonb_build_object('written', 0, 'next', null);
  end if;

  select c.at, c.id into v_from from private.social_read_cursor(p_after) as c;
  v_done := private.social_feed_write(p_post_id, v_from.at, v_from.id, v_limit);
  return jsonb_build_object(
    'written', v_done.written,
    'next', case when v_done.written = v_limit then private.social_cursor(v_done.last_at, v_done.last_id) end
  );
end;
$$;
comment on function private.social_fan_out_post(uuid, text, uuid, bigint) is 'One portion of the job social.fan_out_post.';

create function social.fan_out_post(p_post_id uuid, p_after text, p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_fan_out_post(p_post_id, p_after, p_job_id, p_lease_token); $$;
comment on function social.fan_out_post(uuid, text, uuid, bigint) is
  'Worker: writes a post into the next portion of feeds. {written, next}: call again with p_after = next until it is null. Errors: lease_lost (409).';

alter table social.feed_entries enable row level security;
revoke all on social.feed_entries from public, anon, authenticated;
grant select, insert, update, delete on social.feed_entries to service_role;

revoke execute on function
  private.social_feed_write(uuid, timestamptz, uuid, integer), private.tg_posts__fan_out(),
  private.social_fan_out_post(uuid, text, uuid, bigint), social.fan_out_post(uuid, text, uuid, bigint)
  from public, anon, authenticated;
grant execute on function private.social_fan_out_post(uuid, text, uuid, bigint), social.fan_out_post(uuid, text, uuid, bigint)
  to service_role;
