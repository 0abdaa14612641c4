-- Posts as lists show them: the feed, an author's posts, a profile page. One function, so that all show the same.

create function private.social_post_cards(p_ids uuid[], p_viewer_id uuid)
returns table (
  place bigint, id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz,
  edited_at timestamptz, author_id uuid, author jsonb, topics jsonb, likes_count integer, dislikes_count integer,
  votes_count integer, comments_count integer, my_vote text, is_bookmarked boolean
)
language plpgsql
stable
security definer -- the caller decided what the viewer may see
set search_path = ''
as $$
begin
  return query
  select u.place, p.id, p.title, left(p.content, 1000), length(p.content) > 1000, p.category, p.published_at,
    p.edited_at, p.author_id, private.social_person(p.author_id),
    coalesce((
      select jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name) order by t.name, t.id)
      from social.post_topics as pt
      join core.topics as t on t.id = pt.topic_id
      where pt.post_id = p.id
    ), '[]'),
    p.likes_count, p.dislikes_count, p.votes_count, p.comments_count,
    (select v.vote_type from social.votes as v where v.user_id = p_viewer_id and v.votable_id = p.id),
    exists (select from social.bookmarks as b where b.user_id = p_viewer_id and b.content_id = p.id)
  from unnest(p_ids) with ordinality as u (id, place)
  join social.posts as p on p.id = u.id
  order by u.place;
end;
$$;
comment on function private.social_post_cards(uuid[], uuid) is
  'Posts in the order of their ids, each with author, topics, numbers, the viewer''s vote and bookmark, and the first 1000 characters.';

create function private.social_person(p_user_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('id', p.id, 'username', p.username, 'full_name', p.full_name, 'avatar_path', p.avatar_path)
    from core.profiles as p
    -- As by the policy of profiles: a name that leads to no page is not shown.
    where p.id = p_user_id and (p.is_active or p.id = (select auth.uid()))
  );
end;
$$;
comment on function private.social_person(uuid) is 'A person as lists show him; null when he is gone, or suspended and somebody else looks.';

-- An author's posts, newest first: also where the posts are that a feed folds together.
create function private.social_author_posts(p_author_id uuid, p_limit integer, p_cursor text)
returns uuid[]
language plpgsql
stable
security definer -- the caller decided that the viewer may see this author
set search_path = ''
as $$
declare
  v_from record;
begin
  select c.at, c.id into v_from from private.social_read_cursor(p_cursor) as c;
  return array(
    select p.id
    from social.posts as p
    where p.author_id = p_author_id and p.is_published and p.deleted_at is null and p.hidden_at is null
      and (p.published_at, p.id) < (v_from.at, v_from.id)
    order by p.published_at desc, p.id desc
    limit p_limit
  );
end;
$$;
comment on function private.social_author_posts(uuid, integer, text) is 'The ids of an author''s newest posts from a position on.';

revoke execute on function
  private.social_post_cards(uuid[], uuid), private.social_person(uuid), private.social_author_posts(uuid, integer, text)
  from public, anon, authenticated;
