-- Pages about people, for whoever is signed in: a profile with its numbers, an author's posts, followers and followed.

-- Who is unknown, suspended or blocked in either direction is not there. One's own page always is.
create function private.social_find_person(p_username text, p_viewer_id uuid)
returns core.profiles
language plpgsql
stable
security definer -- reads blocks in both directions
set search_path = ''
as $$
declare
  v_profile core.profiles;
begin
  select * into v_profile
  from core.profiles as p
  where p.username operator(extensions.=) left(p_username, 40)::extensions.citext;
  if v_profile.id is null
    or (v_profile.id <> p_viewer_id and (not v_profile.is_active or private.is_blocked_between(v_profile.id, p_viewer_id)))
  then
    raise sqlstate 'PT404' using
      message = 'profile_not_found', detail = 'There is no such person, or not for you.', hint = 'Check the id or username.';
  end if;
  return v_profile;
end;
$$;
comment on function private.social_find_person(text, uuid) is 'The person with this username, for this viewer; profile_not_found (404).';

create function private.social_follows(p_follower_id uuid, p_following_id uuid)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return exists (select from social.followers as f where f.follower_id = p_follower_id and f.following_id = p_following_id);
end;
$$;
comment on function private.social_follows(uuid, uuid) is 'True when the first follows the second.';

create function private.social_profile_page(p_username text)
returns table (
  id uuid, username text, full_name text, avatar_path text, bio text, created_at timestamptz, followers_count integer,
  following_count integer, posts_count integer, questions_count integer, answers_count integer, accepted_count integer,
  resources_count integer, likes_count integer, is_me boolean, i_follow boolean, follows_me boolean, recent_posts jsonb
)
language plpgsql
stable
security definer -- reads blocks in both directions
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_person core.profiles := private.social_find_person(p_username, v_me);
begin
  return query
  select v_person.id, v_person.username::text, v_person.full_name, v_person.avatar_path, v_person.bio, v_person.created_at,
    coalesce(s.followers_count, 0), coalesce(s.following_count, 0), coalesce(s.posts_count, 0), coalesce(s.questions_count, 0),
    coalesce(s.answers_count, 0), coalesce(s.accepted_count, 0), coalesce(s.resources_count, 0), coalesce(s.likes_count, 0),
    v_person.id = v_me, private.social_follows(v_me, v_person.id), private.social_follows(v_person.id, v_me),
    coalesce((
      select jsonb_agg(to_jsonb(c) - 'place' order by c.place)
      from private.social_post_cards(private.social_author_posts(v_person.id, 5, null), v_me) as c
    ), '[]')
  from (select) as one
  left join social.profile_stats as s on s.user_id = v_person.id;
end;
$$;
comment on function private.social_profile_page(text) is 'See social.profile_page.';

create function private.social_list_author_posts(p_username text, p_limit integer, p_cursor text)
returns table (
  id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz, edited_at timestamptz,
  author_id uuid, author jsonb, topics jsonb, likes_count integer, dislikes_count integer, votes_count integer,
  comments_count integer, my_vote text, is_bookmarked boolean, cursor text
)
language plpgsql
stable
security definer -- reads blocks in both directions
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_person core.profiles := private.social_find_person(p_username, v_me);
begin
  return query
  select c.id, c.title, c.excerpt, c.is_shortened, c.category, c.published_at, c.edited_at, c.author_id, c.author, c.topics,
    c.likes_count, c.dislikes_count, c.votes_count, c.comments_count, c.my_vote, c.is_bookmarked,
    private.social_cursor(c.published_at, c.id)
  from private.social_post_cards(
    private.social_author_posts(v_person.id, least(greatest(coalesce(p_limit, 20), 1), 50), p_cursor), v_me
  ) as c
  order by c.place;
end;
$$;
comment on function private.social_list_author_posts(text, integer, text) is 'See social.author_posts.';

-- Both lists in one: p_list followers or following.
create function private.social_list_people(p_username text, p_list text, p_limit integer, p_cursor text)
returns table (
  id uuid, username text, full_name text, avatar_path text, bio text, followed_at timestamptz, i_follow boolean,
  follows_me boolean, cursor text
)
language plpgsql
stable
security definer -- reads blocks in both directions
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_person core.profiles := private.social_find_person(p_username, v_me);
  v_hidden uuid[] := private.my_block_ids();
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_from record;
begin
  select c.at, c.id into v_from from private.social_read_cursor(p_cursor) as c;
  if p_list = 'followers' then
    return query
    select p.id, p.username::text, p.full_name, p.avatar_path, p.bio, f.created_at, private.social_follows(v_me, p.id),
      private.social_follows(p.id, v_me), private.social_cursor(f.created_at, p.id)
    from social.followers as f
    join core.profiles as p on p.id = f.follower_id and p.is_active
    where f.following_id = v_person.id and (f.created_at, f.follower_id) < (v_from.at, v_from.id)
      and f.follower_id <> all (v_hidden)
    order by f.created_at desc, f.follower_id desc
    limit v_limit;
  else
    return query
    select p.id, p.username::text, p.full_name, p.avatar_path, p.bio, f.created_at, private.social_follows(v_me, p.id),
      private.social_follows(p.id, v_me), private.social_cursor(f.created_at, p.id)
    from social.followers as f
    join core.profiles as p on p.id = f.following_id and p.is_active
    where f.follower_id = v_person.id and (f.created_at, f.following_id) < (v_from.at, v_from.id)
      and f.following_id <> all (v_hidden)
    order by f.created_at desc, f.following_id desc
    limit v_limit;
  end if;
end;
$$;
comment on function private.social_list_people(text, text, integer, text) is 'See social.follower_list and social.following_list.';

revoke execute on function
  private.social_find_person(text, uuid), private.social_follows(uuid, uuid), private.social_profile_page(text),
  private.social_list_author_posts(text, integer, text), private.social_list_people(text, text, integer, text)
  from public, anon, authenticated;
grant execute on function
  private.social_profile_page(text), private.social_list_author_posts(text, integer, text),
  private.social_list_people(text, text, integer, text)
  to authenticated;
