-- Everything that people write has one row in social.contents, so that votes, reactions, bookmarks, mentions, versions and
-- reports point at a thing that exists, whatever it is; what it says is in the table of its kind.
--
-- Removing a thing takes its text away and leaves the row, so that the thread around it stays whole: deleted_at when its
-- author did it, hidden_at when a moderator did. The text goes to content_versions, where it can be brought back.
-- Counters are moved by private.social_count only; see the file of counters.

create table social.contents (
  id uuid primary key,
  kind text not null,
  created_at timestamptz not null default now(),
  unique (id, kind),
  constraint contents_kind_check check (kind in ('post', 'comment', 'question', 'answer', 'ai_answer', 'resource'))
);
comment on table social.contents is 'One row for each thing that can be voted on, bookmarked, reported: what votes and the like refer to.';

create table social.posts (
  id uuid primary key default gen_random_uuid() references social.contents (id) on delete cascade,
  author_id uuid default auth.uid() references core.profiles (id) on delete set null,
  title text not null,
  content text not null,
  category text references social.categories (slug) on update cascade on delete set null,
  is_published boolean not null default true,
  published_at timestamptz,
  likes_count integer not null default 0,
  dislikes_count integer not null default 0,
  votes_count integer not null generated always as (likes_count - dislikes_count) stored,
  comments_count integer not null default 0,
  edited_at timestamptz,
  deleted_at timestamptz,
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint posts_title_check check (length(title) <= 255),
  constraint posts_content_check check (length(content) <= 40000),
  constraint posts_text_check check (
    case when deleted_at is null and hidden_at is null then title <> '' and content <> '' else title = '' and content = '' end
  ),
  constraint posts_published_check check (not is_published or published_at is not null),
  constraint posts_counters_check check (likes_count >= 0 and dislikes_count >= 0 and comments_count >= 0)
) with (fillfactor = 80);
comment on table social.posts is 'Posts. Without an author: the person is gone. Not published: a draft, for its author only.';
comment on column social.posts.published_at is 'When it was first published; lists are ordered by it.';
comment on column social.posts.likes_count is 'Upvotes. votes_count is likes less dislikes.';
create index posts_author_id_published_at_idx on social.posts (author_id, published_at desc, id desc);
create index posts_published_at_idx on social.posts (published_at desc, id desc)
  where is_published and deleted_at is null and hidden_at is null;
create index posts_category_published_at_idx on social.posts (category, published_at desc, id desc);

create table social.comments (
  id uuid primary key default gen_random_uuid() references social.contents (id) on delete cascade,
  post_id uuid not null references social.posts (id) on delete cascade,
  author_id uuid default auth.uid() references core.profiles (id) on delete set null,
  parent_id uuid,
  depth smallint not null default 0,
  content text not null,
  likes_count integer not null default 0,
  dislikes_count integer not null default 0,
  votes_count integer not null generated always as (likes_count - dislikes_count) stored,
  replies_count integer not null default 0,
  edited_at timestamptz,
  deleted_at timestamptz,
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (post_id, id),
  constraint comments_parent_id_fkey foreign key (post_id, parent_id)
    references social.comments (post_id, id) on delete cascade,
  constraint comments_parent_check check (parent_id <> id and (parent_id is null) = (depth = 0)),
  constraint comments_depth_check check (depth between 0 and 5),
  constraint comments_content_check check (length(content) <= 10000),
  constraint comments_text_check check ((deleted_at is null and hidden_at is null) = (content <> '')),
  constraint comments_counters_check check (likes_count >= 0 and dislikes_count >= 0 and replies_count >= 0)
) with (fillfactor = 80);
comment on table social.comments is 'Comments on posts, in threads at most six deep. A parent stands under the same post.';
create index comments_post_id_created_at_idx on social.comments (post_id, created_at, id);
create index comments_post_id_parent_id_created_at_idx on social.comments (post_id, parent_id, created_at, id);
create index comments_author_id_created_at_idx on social.comments (author_id, created_at desc, id desc);

create table social.content_versions (
  content_id uuid not null references social.contents (id) on delete cascade,
  version integer not null,
  title text not null default '',
  content text not null,
  change text not null,
  changed_by uuid references core.profiles (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (content_id, version),
  constraint content_versions_version_check check (version > 0),
  constraint content_versions_change_check check (change in ('edit', 'delete', 'hide'))
);
comment on table social.content_versions is 'What a thing said before it was edited, deleted or hidden. For its author and moderators.';
create index content_versions_changed_by_idx on social.content_versions (changed_by);

create table social.post_topics (
  post_id uuid not null references social.posts (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  published_at timestamptz,
  primary key (post_id, topic_id)
);
comment on table social.post_topics is 'The topics (tags) of a post. published_at is the post''s, null while it is not in lists: the feed reads the newest of a topic here.';
create index post_topics_topic_id_published_at_idx on social.post_topics (topic_id, published_at desc, post_id desc);
