-- The RPCs of the file before: each a thin wrapper with the caller's rights.

create function social.profile_page(p_username text)
returns table (
  id uuid, username text, full_name text, avatar_path text, bio text, created_at timestamptz, followers_count integer,
  following_count integer, posts_count integer, questions_count integer, answers_count integer, accepted_count integer,
  resources_count integer, likes_count integer, is_me boolean, i_follow boolean, follows_me boolean, recent_posts jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_profile_page(p_username); $$;
comment on function social.profile_page(text) is
  'One row: a person, his numbers, whether you follow each other, his five newest posts. Errors: profile_not_found (404).';

create function social.author_posts(p_username text, p_limit integer default 20, p_cursor text default null)
returns table (
  id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz, edited_at timestamptz,
  author_id uuid, author jsonb, topics jsonb, likes_count integer, dislikes_count integer, votes_count integer,
  comments_count integer, my_vote text, is_bookmarked boolean, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_list_author_posts(p_username, p_limit, p_cursor); $$;
comment on function social.author_posts(text, integer, text) is
  'A person''s published posts, newest first. Pass the cursor of the last row for the next page. Errors: profile_not_found (404).';

create function social.follower_list(p_username text, p_limit integer default 20, p_cursor text default null)
returns table (
  id uuid, username text, full_name text, avatar_path text, bio text, followed_at timestamptz, i_follow boolean,
  follows_me boolean, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_list_people(p_username, 'followers', p_limit, p_cursor); $$;
comment on function social.follower_list(text, integer, text) is
  'Who follows a person, newest follow first. Pass the cursor of the last row for the next page. Errors: profile_not_found (404).';

create function social.following_list(p_username text, p_limit integer default 20, p_cursor text default null)
returns table (
  id uuid, username text, full_name text, avatar_path text, bio text, followed_at timestamptz, i_follow boolean,
  follows_me boolean, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_list_people(p_username, 'following', p_limit, p_cursor); $$;
comment on function social.following_list(text, integer, text) is
  'Whom a person follows, newest follow first. Pass the cursor of the last row for the next page. Errors: profile_not_found (404).';

revoke execute on function
  social.profile_page(text), social.author_posts(text, integer, text), social.follower_list(text, integer, text),
  social.following_list(text, integer, text)
  from public, anon, authenticated;
grant execute on function
  social.profile_page(text), social.author_posts(text, integer, text), social.follower_list(text, integer, text),
  social.following_list(text, integer, text)
  to authenticated;
