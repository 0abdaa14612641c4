-- What people do with things and with each other: votes, reactions, bookmarks, mentions, follows, and the feed that follows.

create table social.votes (
  user_id uuid not null references core.profiles (id) on delete cascade,
  votable_type text not null,
  votable_id uuid not null,
  vote_type text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, votable_id),
  foreign key (votable_id, votable_type) references social.contents (id, kind) on delete cascade,
  constraint votes_votable_type_check check (votable_type in ('post', 'comment', 'question', 'answer')),
  constraint votes_vote_type_check check (vote_type in ('upvote', 'downvote'))
);
comment on table social.votes is 'One vote a person and thing. Only oneself sees how one voted; the counters are everybody''s.';
create index votes_votable_id_idx on social.votes (votable_id, votable_type);

-- Whoever finds the row of a thing locked leaves his +1 here instead of waiting; the next one who gets the lock takes it along.
create table social.counter_deltas (
  id bigint generated always as identity primary key,
  kind text not null,
  entity_id uuid not null,
  counter text not null,
  delta integer not null,
  created_at timestamptz not null default now(),
  constraint counter_deltas_delta_check check (delta <> 0)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
comment on table social.counter_deltas is 'Changes of counters that are still to be added to their rows. The exact value is the column plus what waits here.';
create index counter_deltas_entity_id_idx on social.counter_deltas (entity_id, kind);

create table social.reactions (
  user_id uuid not null references core.profiles (id) on delete cascade,
  content_id uuid not null,
  content_type text not null,
  reaction text not null references social.reaction_types (reaction) on update cascade on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, content_id, reaction),
  foreign key (content_id, content_type) references social.contents (id, kind) on delete cascade,
  constraint reactions_content_type_check check (content_type in ('post', 'comment', 'question', 'answer', 'ai_answer'))
);
comment on table social.reactions is 'Reactions. One of each kind a person and thing.';
create index reactions_content_id_idx on social.reactions (content_id, content_type, reaction);
create index reactions_reaction_idx on social.reactions (reaction);

create table social.bookmarks (
  user_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  content_id uuid not null,
  content_type text not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  primary key (user_id, content_id),
  foreign key (content_id, content_type) references social.contents (id, kind) on delete cascade,
  constraint bookmarks_note_check check (length(note) <= 500)
);
comment on table social.bookmarks is 'What a person wants to find again. Nobody else sees it.';
create index bookmarks_user_id_created_at_idx on social.bookmarks (user_id, created_at desc, content_id);
create index bookmarks_content_id_idx on social.bookmarks (content_id, content_type);

create table social.mentions (
  content_id uuid not null references social.contents (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  actor_id uuid references core.profiles (id) on delete set null,
  notified_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (content_id, user_id)
);
comment on table social.mentions is 'Who was named with @username in what. Told once, however often it is edited.';
create index mentions_user_id_created_at_idx on social.mentions (user_id, created_at desc);
create index mentions_actor_id_idx on social.mentions (actor_id);

create table social.followers (
  follower_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  following_id uuid not null references core.profiles (id) on delete cascade,
  is_pulled boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (follower_id, following_id),
  constraint followers_self_check check (follower_id <> following_id)
);
comment on table social.followers is 'Who follows whom.';
comment on column social.followers.is_pulled is 'The followed has too many followers to be written into each feed: it reads his posts when it is opened.';
create index followers_following_id_created_at_idx on social.followers (following_id, created_at desc, follower_id desc);
create index followers_follower_id_created_at_idx on social.followers (follower_id, created_at desc, following_id desc);
create index followers_follower_id_pulled_idx on social.followers (follower_id, following_id) where is_pulled;

create table social.topic_followers (
  user_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, topic_id)
);
comment on table social.topic_followers is 'Who follows which topic.';
create index topic_followers_topic_id_idx on social.topic_followers (topic_id);

-- Written when a post is published, one row for each follower, so that reading a feed is one walk along one index.
create table social.feed_entries (
  user_id uuid not null references core.profiles (id) on delete cascade,
  published_at timestamptz not null,
  post_id uuid not null references social.posts (id) on delete cascade,
  author_id uuid not null references core.profiles (id) on delete cascade,
  primary key (user_id, published_at, post_id)
);
comment on table social.feed_entries is 'The feed of each person: posts of those whom he follows, written when they are published.';
create index feed_entries_post_id_idx on social.feed_entries (post_id);
create index feed_entries_author_id_user_id_idx on social.feed_entries (author_id, user_id);

create table social.profile_stats (
  user_id uuid primary key references core.profiles (id) on delete cascade,
  followers_count integer not null default 0,
  following_count integer not null default 0,
  posts_count integer not null default 0,
  questions_count integer not null default 0,
  answers_count integer not null default 0,
  accepted_count integer not null default 0,
  resources_count integer not null default 0,
  likes_count integer not null default 0,
  is_pulled boolean not null default false,
  updated_at timestamptz not null default now(),
  constraint profile_stats_counters_check check (
    followers_count >= 0 and following_count >= 0 and posts_count >= 0 and questions_count >= 0 and answers_count >= 0
    and accepted_count >= 0 and resources_count >= 0 and likes_count >= 0
  )
) with (fillfactor = 80);
comment on table social.profile_stats is 'The numbers on a profile page. A row for each person, made with the profile.';
comment on column social.profile_stats.likes_count is 'Upvotes received on posts, comments, questions and answers.';
comment on column social.profile_stats.is_pulled is 'Has more followers than posts are written into feeds for; see followers.is_pulled. Stays so.';
