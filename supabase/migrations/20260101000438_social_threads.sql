-- The comments of a post as one reads them: each followed by its replies, the oldest first, however deep.
--
-- A page goes on after the comment at which the last one ended, and walks from there along one index, so that it costs
-- the same at the beginning and at the end of ten thousand comments.

create function private.social_walk_comments(p_post_id uuid, p_after_id uuid, p_limit integer)
returns uuid[]
language plpgsql
stable
security definer -- walks over what the reader may not see, too: its place in the thread is shown empty
set search_path = ''
as $$
declare
  v_ids uuid[] := array[]::uuid[];
  v_at record;
  v_next record;
begin
  select null::uuid as id, null::uuid as parent_id, '-infinity'::timestamptz as created_at into v_at;
  if p_after_id is not null then
    select c.id, c.parent_id, c.created_at into v_at
    from social.comments as c where c.id = p_after_id and c.post_id = p_post_id;
    if not found then
      raise sqlstate 'PT400' using
        message = 'cursor_invalid',
        detail = 'This is no cursor of this list.',
        hint = 'Send the cursor of the last row of the page before.';
    end if;
  end if;
  while cardinality(v_ids) < p_limit loop
    v_next := null;
    if v_at.id is not null then
      select c.id, c.parent_id, c.created_at into v_next from social.comments as c
      where c.post_id = p_post_id and c.parent_id = v_at.id
      order by c.created_at, c.id limit 1;
    end if;
    -- No reply: the next one beside it, or beside what it replies to.
    while v_next is null and v_at.parent_id is not null loop
      select c.id, c.parent_id, c.created_at into v_next from social.comments as c
      where c.post_id = p_post_id and c.parent_id = v_at.parent_id and (c.created_at, c.id) > (v_at.created_at, v_at.id)
      order by c.created_at, c.id limit 1;
      if v_next is null then
        select c.id, c.parent_id, c.created_at into v_at from social.comments as c where c.id = v_at.parent_id;
      end if;
    end loop;
    if v_next is null then
      select c.id, c.parent_id, c.created_at into v_next from social.comments as c
      where c.post_id = p_post_id and c.parent_id is null
        and (c.created_at, c.id) > (v_at.created_at, coalesce(v_at.id, '00000000-0000-0000-0000-000000000000'))
      order by c.created_at, c.id limit 1;
    end if;
    exit when v_next.id is null;
    v_ids := v_ids || v_next.id;
    v_at := v_next;
  end loop;
  return v_ids;
end;
$$;
comment on function private.social_walk_comments(uuid, uuid, integer) is
  'The next comments of a post in reading order, after one of them or from the beginning.';

create function private.social_comment_thread(p_post_id uuid, p_limit integer, p_cursor text)
returns table (
  id uuid, parent_id uuid, depth smallint, author_id uuid, author jsonb, content text, likes_count integer,
  dislikes_count integer, votes_count integer, replies_count integer, is_removed boolean, edited_at timestamptz,
  created_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- shows the place of what the reader may not see, and nothing of it
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_blocked uuid[] := private.my_block_ids();
begin
  if not (private.social_content('post', p_post_id, v_user_id)).is_visible then
    perform private.social_raise_unknown();
  end if;
  if p_cursor is not null and p_cursor !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    raise sqlstate 'PT400' using
      message = 'cursor_invalid',
      detail = 'This is no cursor of this list.',
      hint = 'Send the cursor of the last row of the page before.';
  end if;
  return query
  select c.id, c.parent_id, c.depth,
    case when s.is_shown then c.author_id end,
    case when s.is_shown then private.social_person(c.author_id) end,
    case when s.is_shown then c.content else '' end,
    case when s.is_shown then c.likes_count else 0 end,
    case when s.is_shown then c.dislikes_count else 0 end,
    case when s.is_shown then c.votes_count else 0 end,
    c.replies_count, not s.is_shown,
    case when s.is_shown then c.edited_at end,
    c.created_at, c.id::text
  from unnest(private.social_walk_comments(p_post_id, p_cursor::uuid, least(greatest(coalesce(p_limit, 50), 1), 200)))
    with ordinality as w (id, place)
  join social.comments as c on c.id = w.id
  cross join lateral (
    select c.deleted_at is null and c.hidden_at is null and (c.author_id is null or c.author_id <> all (v_blocked)) as is_shown
  ) as s
  order by w.place;
end;
$$;
comment on function private.social_comment_thread(uuid, integer, text) is 'Behind social.comment_thread.';

create function social.comment_thread(p_post_id uuid, p_limit integer default 50, p_cursor text default null)
returns table (
  id uuid, parent_id uuid, depth smallint, author_id uuid, author jsonb, content text, likes_count integer,
  dislikes_count integer, votes_count integer, replies_count integer, is_removed boolean, edited_at timestamptz,
  created_at timestamptz, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_comment_thread(p_post_id, p_limit, p_cursor); $$;
comment on function social.comment_thread(uuid, integer, text) is
  'The comments of a post in reading order, at most 200 a page; the next page begins after p_cursor, the cursor of the last row. What was removed, or is by somebody whom the reader does not see, is an empty row with is_removed. Errors: content_not_found (404), cursor_invalid (400).';

revoke execute on function
  private.social_walk_comments(uuid, uuid, integer), private.social_comment_thread(uuid, integer, text),
  social.comment_thread(uuid, integer, text)
  from public, anon, authenticated;
grant execute on function private.social_comment_thread(uuid, integer, text), social.comment_thread(uuid, integer, text)
  to authenticated;
