-- What follows from following: numbers on both profiles, the newest posts in the feed; and all of it undone by unfollowing
-- or blocking. Also the cursors of pages, which the feed and all lists of people share.

create function private.social_cursor(p_at timestamptz, p_id uuid)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return (extract(epoch from p_at) * 1000000)::bigint::text || ':' || p_id::text;
end;
$$;
comment on function private.social_cursor(timestamptz, uuid) is 'A position in a list that goes from newest to oldest, as text.';

create function private.social_read_cursor(p_cursor text, out at timestamptz, out id uuid)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  at := 'infinity';
  id := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  if p_cursor is null then
    return;
  end if;
  if p_cursor !~ '^-?[0-9]{1,18}:[0-9a-f-]{36}$' then
    raise invalid_text_representation;
  end if;
  at := timestamptz '1970-01-01 00:00:00+00' + split_part(p_cursor, ':', 1)::bigint * interval '1 microsecond';
  id := split_part(p_cursor, ':', 2)::uuid;
exception when others then
  raise sqlstate 'PT400' using
    message = 'cursor_invalid',
    detail = 'This is no cursor of this list.',
    hint = 'Send the cursor of the last row of the page before.';
end;
$$;
comment on function private.social_read_cursor(text) is
  'The position that a cursor stands for; without one, before the newest; cursor_invalid (400) when it is none.';

create function private.tg_followers__follow()
returns trigger
language plpgsql
security definer -- writes counters and the follower's feed
set search_path = ''
as $$
begin
  perform private.social_count('profile', new.following_id, 'followers_count', 1),
    private.social_count('profile', new.follower_id, 'following_count', 1);
  if not new.is_pulled then
    insert into social.feed_entries (user_id, published_at, post_id, author_id)
    select new.follower_id, p.published_at, p.id, p.author_id
    from social.posts as p
    where p.author_id = new.following_id and p.is_published and p.deleted_at is null and p.hidden_at is null
    order by p.published_at desc, p.id desc
    limit private.setting_number('social.feed_backfill')
    on conflict do nothing;
  end if;
  return null;
end;
$$;
comment on function private.tg_followers__follow() is 'Trigger: counts a follow, and puts the newest posts of the followed into the feed.';

create trigger _300_follow
  after insert on social.followers
  for each row execute function private.tg_followers__follow();

-- When an account goes, its follows and feed go by their keys, and only the other one's number is left to mend.
create function private.tg_followers__unfollow()
returns trigger
language plpgsql
security definer -- writes counters and the follower's feed
set search_path = ''
as $$
declare
  v_follower boolean := exists (select from core.profiles as p where p.id = old.follower_id);
  v_following boolean := exists (select from core.profiles as p where p.id = old.following_id);
begin
  if v_following then
    perform private.social_count('profile', old.following_id, 'followers_count', -1);
  end if;
  if v_follower then
    perform private.social_count('profile', old.follower_id, 'following_count', -1);
  end if;
  -- A post that is being published now may still leave an entry; the feed shows none of whom one does not follow.
  if v_follower and v_following then
    delete from social.feed_entries as e where e.author_id = old.following_id and e.user_id = old.follower_id;
  end if;
  return null;
end;
$$;
comment on function private.tg_followers__unfollow() is 'Trigger: takes a follow out of the numbers, and the posts of the followed out of the feed.';

create trigger _300_unfollow
  after delete on social.followers
  for each row execute function private.tg_followers__unfollow();

create function private.tg_blocks__unfollow()
returns trigger
language plpgsql
security definer -- also removes the other one's follow
set search_path = ''
as $$
begin
  -- To and fro it would be heard in their direct room, and costs as much as following.
  if not private.is_service() then
    perform private.social_limit('reaction', new.blocker_id);
  end if;
  perform private.social_lock_person(new.blocker_id, true);
  delete from social.followers as f
  where (f.follower_id = new.blocker_id and f.following_id = new.blocked_id)
    or (f.follower_id = new.blocked_id and f.following_id = new.blocker_id);
  return null;
end;
$$;
comment on function private.tg_blocks__unfollow() is 'Trigger: a block ends following in both directions; rate_limited (429).';

create trigger _500_unfollow
  after insert on core.blocks
  for each row execute function private.tg_blocks__unfollow();

revoke execute on function
  private.social_cursor(timestamptz, uuid), private.social_read_cursor(text),
  private.tg_followers__follow(), private.tg_followers__unfollow(), private.tg_blocks__unfollow()
  from public, anon, authenticated;
