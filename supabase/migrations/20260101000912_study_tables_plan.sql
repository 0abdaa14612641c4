-- The plan: blocks of study suggested in the free time of a learner. What he accepted or dismissed stays when it is made anew.

create extension if not exists btree_gist with schema extensions;

create table study.plan_blocks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  kind text not null,
  status text not null default 'suggested',
  topic_id uuid references core.topics (id) on delete set null,
  learning_path_id uuid references study.learning_paths (id) on delete set null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  planned_count integer not null default 0,
  reason text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plan_blocks_kind_check check (kind in ('review', 'path', 'practice')),
  constraint plan_blocks_status_check check (status in ('suggested', 'accepted', 'dismissed', 'done', 'missed')),
  constraint plan_blocks_time_check check (ends_at > starts_at and ends_at - starts_at <= interval '4 hours'),
  constraint plan_blocks_planned_count_check check (planned_count >= 0),
  constraint plan_blocks_no_overlap exclude using gist (user_id with =, tstzrange(starts_at, ends_at) with &&)
    where (status in ('suggested', 'accepted'))
);
comment on table study.plan_blocks is 'Suggestions of when to study what: review (due cards), path (the next topic of a learning path), practice (the weakest topic).';
comment on column study.plan_blocks.planned_count is 'Cards or questions that fit.';
create index plan_blocks_user_id_idx on study.plan_blocks (user_id, starts_at, id);
create index plan_blocks_topic_id_idx on study.plan_blocks (topic_id);
create index plan_blocks_learning_path_id_idx on study.plan_blocks (learning_path_id);

create table study.plan_links (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  token_hash text not null unique,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  constraint plan_links_token_hash_check check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table study.plan_links is 'Secret links to one''s plan as a calendar. Only the SHA-256 of the token is kept; one is alive.';
create unique index plan_links_alive_key on study.plan_links (user_id) where revoked_at is null;
create index plan_links_user_id_idx on study.plan_links (user_id, created_at);

create trigger _900_touch_updated_at before update on study.plan_blocks
  for each row execute function private.tg__touch_updated_at();

alter table study.plan_blocks enable row level security;
alter table study.plan_links enable row level security;
revoke all on study.plan_blocks, study.plan_links from public, anon, authenticated;
grant select, insert, update, delete on study.plan_blocks to service_role;
grant select on study.plan_links to service_role;
grant select on study.plan_blocks to authenticated;
grant select (id, user_id, last_used_at, revoked_at, created_at) on study.plan_links to authenticated;
create policy plan_blocks_select_own on study.plan_blocks for select to authenticated using (user_id = (select auth.uid()));
create policy plan_links_select_own on study.plan_links for select to authenticated using (user_id = (select auth.uid()));
