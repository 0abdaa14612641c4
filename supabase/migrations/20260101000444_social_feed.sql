-- The feed: the newest posts of the people and topics that one follows.
--
-- Three sources, each read from a position along one index and cut at as many posts as a page needs: what was written into
-- the feed, the posts of authors with too many followers for that, and the posts of topics. The last two take the newest
-- post of each author or topic first: only those with the newest can have posts on the page, however many one follows.

insert into core.settings (key, value, description) values
  ('social.feed_per_author', '3', 'At most so many posts of one author on a page of the feed; the others are counted.');

create function private.social_feed_candidates(
  p_viewer_id uuid, p_pulled uuid[], p_topics uuid[], p_hidden uuid[], p_at timestamptz, p_id uuid, p_count integer
)
returns table (id uuid, published_at timestamptz, author_id uuid, reason text)
language plpgsql
stable
security definer -- reads a feed for the function below
set search_path = ''
-- One plan for all: every table is walked along one index, however much somebody follows.
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  return query
  with written as materialized (
    select p.id, e.published_at, p.author_id
    from social.feed_entries as e
    cross join lateral (
      select p.id, p.author_id from social.posts as p
      where p.id = e.post_id and p.is_published and p.deleted_at is null and p.hidden_at is null
      offset 0
    ) as p
    where e.user_id = p_viewer_id and (e.published_at, e.post_id) < (p_at, p_id) and e.author_id <> all (p_hidden)
      and (select true from social.followers as f where f.follower_id = p_viewer_id and f.following_id = e.author_id)
    order by e.published_at desc, e.post_id desc
    limit p_count
  ),
  author_heads as materialized (
    select a.author_id
    from unnest(p_pulled) as a (author_id)
    cross join lateral (
      select p.published_at, p.id from social.posts as p
      where p.author_id = a.author_id and p.is_published and p.deleted_at is null and p.hidden_at is null
        and (p.published_at, p.id) < (p_at, p_id)
      order by p.published_at desc, p.id desc
      limit 1
    ) as h
    order by h.published_at desc, h.id desc
    limit p_count
  ),
  topic_heads as materialized (
    select a.topic_id
    from unnest(p_topics) as a (topic_id)
    cross join lateral (
      select t.published_at, t.post_id
      from social.post_topics as t
      cross join lateral (
        select from social.posts as p
        where p.id = t.post_id and p.is_published and p.deleted_at is null and p.hidden_at is null
          and (p.author_id is null or p.author_id <> all (p_hidden))
        offset 0
      ) as p
      where t.topic_id = a.topic_id and (t.published_at, t.post_id) < (p_at, p_id)
      order by t.published_at desc, t.post_id desc
      limit 1
    ) as h
    order by h.published_at desc, h.post_id desc
    limit p_count
  ),
  found as (
    select w.id, w.published_at, w.author_id, 'person' as reason from written as w
    union all
    select p.id, p.published_at, p.author_id, 'person'
    from author_heads as h
    cross join lateral (
      select p.id, p.published_at, p.author_id from social.posts as p
      where p.author_id = h.author_id and p.is_published and p.deleted_at is null and p.hidden_at is null
        and (p.published_at, p.id) < (p_at, p_id)
      order by p.published_at desc, p.id desc
      limit p_count
    ) as p
    union all
    select p.id, p.published_at, p.author_id, 'topic'
    from topic_heads as h
    cross join lateral (
      select p.id, t.published_at, p.author_id
      from social.post_topics as t
      cross join lateral (
        select p.id, p.author_id from social.posts as p
        where p.id = t.post_id and p.is_published and p.deleted_at is null and p.hidden_at is null
          and (p.author_id is null or p.author_id <> all (p_hidden))
        offset 0
      ) as p
      where t.topic_id = h.topic_id and (t.published_at, t.post_id) < (p_at, p_id)
      order by t.published_at desc, t.post_id desc
      limit p_count
    ) as p
  )
  select f.id, f.published_at, f.author_id, min(f.reason)
  from found as f
  group by f.id, f.published_at, f.author_id
  order by f.published_at desc, f.id desc
  limit p_count;
end;
$$;
comment on function private.social_feed_candidates(uuid, uuid[], uuid[], uuid[], timestamptz, uuid, integer) is
  'The next p_count posts of a feed from a position on, with why they are in it; p_hidden are authors to leave out.';

create function private.social_feed(p_limit integer, p_cursor text)
returns table (
  id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz, edited_at timestamptz,
  author_id uuid, author jsonb, topics jsonb, likes_count integer, dislikes_count integer, votes_count integer,
  comments_count integer, my_vote text, is_bookmarked boolean, reason text, more_from_author integer, cursor text
)
language plpgsql
stable
security definer -- reads what was written into the caller's feed, and repeats the rule of who may see a post
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_blocked uuid[] := private.my_block_ids();
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_per_author integer := private.setting_number('social.feed_per_author');
  v_pulled uuid[];
  v_topics uuid[];
  v_from record;
  v_count integer;
  v_found integer;
  v_ids uuid[];
  v_reasons text[];
  v_more integer[];
  v_end_at timestamptz;
  v_end_id uuid;
begin
  select c.at, c.id into v_from from private.social_read_cursor(p_cursor) as c;
  v_pulled := array(
    select f.following_id from social.followers as f
    where f.follower_id = v_me and f.is_pulled and f.following_id <> all (v_blocked)
  );
  -- Merged ones have neither posts nor followers left.
  v_topics := array(
    with recursive wanted as (
      select f.topic_id as id from social.topic_followers as f where f.user_id = v_me
      union
      select t.id from wanted as w join core.topics as t on t.parent_id = w.id
    )
    select w.id from wanted as w
  );

  -- A page needs few posts, unless somebody floods it: then as many as it takes to see past him, within reason.
  foreach v_count in array array[v_limit * 2, v_limit * 8, 1000] loop
    with candidates as (
      select c.*, row_number() over (partition by coalesce(c.author_id, c.id) order by c.published_at desc, c.id desc) as nth
      from private.social_feed_candidates(v_me, v_pulled, v_topics, v_blocked || v_me, v_from.at, v_from.id, v_count) as c
    ),
    counted as (
      select c.*, count(*) filter (where c.nth <= v_per_author)
        over (order by c.published_at desc, c.id desc rows unbounded preceding) as shown
      from candidates as c
    ),
    -- The page ends with the last post that it shows.
    page as (
      select c.*, count(*) over (partition by coalesce(c.author_id, c.id)) - v_per_author as folded
      from counted as c
      where c.shown < v_limit or (c.shown = v_limit and c.nth <= v_per_author)
    )
    select
      array_agg(p.id order by p.published_at desc, p.id desc) filter (where p.nth <= v_per_author),
      array_agg(p.reason order by p.published_at desc, p.id desc) filter (where p.nth <= v_per_author),
      array_agg(case when p.nth = v_per_author then greatest(p.folded, 0)::integer else 0 end order by p.published_at desc, p.id desc)
        filter (where p.nth <= v_per_author),
      min(p.published_at), (array_agg(p.id order by p.published_at, p.id))[1],
      (select count(*) from candidates)
    into v_ids, v_reasons, v_more, v_end_at, v_end_id, v_found
    from page as p;
    exit when v_found < v_count or cardinality(v_ids) = v_limit;
  end loop;

  return query
  select c.id, c.title, c.excerpt, c.is_shortened, c.category, c.published_at, c.edited_at, c.author_id, c.author, c.topics,
    c.likes_count, c.dislikes_count, c.votes_count, c.comments_count, c.my_vote, c.is_bookmarked,
    v_reasons[c.place], v_more[c.place],
    case when c.place = cardinality(v_ids) then private.social_cursor(v_end_at, v_end_id)
      else private.social_cursor(c.published_at, c.id) end
  from private.social_post_cards(v_ids, v_me) as c
  order by c.place;
end;
$$;
comment on function private.social_feed(integer, text) is 'The caller''s feed from a position on; see social.feed.';

create function social.feed(p_limit integer default 20, p_cursor text default null)
returns table (
  id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz, edited_at timestamptz,
  author_id uuid, author jsonb, topics jsonb, likes_count integer, dislikes_count integer, votes_count integer,
  comments_count integer, my_vote text, is_bookmarked boolean, reason text, more_from_author integer, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_feed(p_limit, p_cursor); $$;
comment on function social.feed(integer, text) is
  'The newest posts of the people and topics you follow (reason: person or topic). Pass the cursor of the last row for the next page, until a page is empty. more_from_author: posts of this author that the page leaves out; social.author_posts has them.';

revoke execute on function
  private.social_feed_candidates(uuid, uuid[], uuid[], uuid[], timestamptz, uuid, integer),
  private.social_feed(integer, text), social.feed(integer, text)
  from public, anon, authenticated;
grant execute on function private.social_feed(integer, text), social.feed(integer, text) to authenticated;
