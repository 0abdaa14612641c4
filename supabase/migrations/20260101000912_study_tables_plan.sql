-- The plan: blocks of study suggested in the free time of a learner. What he accepted or dismissed stays when it is made anew.

create extension if not exists btree_gist with schema extensions;

-- Who asked for a plan, and when it is made anew.
create table study.plans (
  user_id uuid primary key references core.profiles (id) on delete cascade,
  days integer not null default 7,
  planned_at timestamptz,
  next_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint plans_days_check check (days between 1 and 28)
);
comment on table study.plans is 'Who wants a plan, for how many days. It is made anew at next_at: when the learner''s day begins, or his wishes change.';
create index plans_next_at_idx on study.plans (next_at);

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
  reason text not null,
  calendar_sequence integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plan_blocks_kind_check check (kind in ('review', 'path', 'practice')),
  constraint plan_blocks_status_check check (status in ('suggested', 'accepted', 'dismissed', 'done', 'missed')),
  constraint plan_blocks_time_check check (ends_at > starts_at and ends_at - starts_at <= interval '4 hours'),
  constraint plan_blocks_planned_count_check check (planned_count >= 0),
  constraint plan_blocks_reason_check check (
    reason in ('reviews_due', 'next_on_path', 'weakest_topic', 'fading_topic', 'new_topic', 'daily_goal')
  ),
  constraint plan_blocks_calendar_sequence_check check (calendar_sequence >= 0),
  constraint plan_blocks_no_overlap exclude using gist (user_id with =, tstzrange(starts_at, ends_at) with &&)
    where (status in ('suggested', 'accepted'))
);
comment on table study.plan_blocks is 'Suggestions of when to study what: review (due cards), path (the next topic of a learning path), practice (the weakest topic).';
comment on column study.plan_blocks.planned_count is 'Cards or questions that fit.';
comment on column study.plan_blocks.reason is
  'reviews_due: cards are due. next_on_path: the next topic of a path. weakest_topic, fading_topic, new_topic: known least, known better before, never practised. daily_goal: anything, for the goal of the day.';
comment on column study.plan_blocks.calendar_sequence is 'One more with every change: what calendars ask for.';
create index plan_blocks_user_id_idx on study.plan_blocks (user_id, starts_at, id);
create index plan_blocks_topic_id_idx on study.plan_blocks (topic_id);
create index plan_blocks_open_idx on study.plan_blocks (ends_at) where status in ('suggested', 'accepted');
create index plan_blocks_learning_path_id_idx on study.plan_blocks (learning_path_id);

create table study.plan_block_transitions (
  from_status text not null,
  to_status text not null,
  description text not null,
  primary key (from_status, to_status)
);
comment on table study.plan_block_transitions is
  'The legal moves of a block''s status. A trigger looks them up: what is not a row here cannot happen.';

insert into study.plan_block_transitions (from_status, to_status, description) values
  ('suggested', 'accepted', 'The learner means to do it, there or where he moved it.'),
  ('suggested', 'dismissed', 'The learner does not want it.'),
  ('suggested', 'done', 'The learner studied in it, asked or not.'),
  ('accepted', 'dismissed', 'The learner gave it up.'),
  ('accepted', 'done', 'The learner studied in it.'),
  ('accepted', 'missed', 'It is over, and too little was done in it.'),
  ('dismissed', 'accepted', 'The learner wants it after all, before it is over.');

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

alter table study.plans enable row level security;
alter table study.plan_blocks enable row level security;
alter table study.plan_block_transitions enable row level security;
alter table study.plan_links enable row level security;
revoke all on study.plans, study.plan_blocks, study.plan_block_transitions, study.plan_links from public, anon, authenticated;
grant select, insert, update, delete on study.plans, study.plan_blocks to service_role;
grant select on study.plan_block_transitions, study.plan_links to service_role;
grant select on study.plans, study.plan_blocks, study.plan_block_transitions to authenticated;
grant select (id, user_id, last_used_at, revoked_at, created_at) on study.plan_links to authenticated;
create policy plans_select_own on study.plans for select to authenticated using (user_id = (select auth.uid()));
create policy plan_block_transitions_select_all on study.plan_block_transitions for select to authenticated using (true);
create policy plan_blocks_select_own on study.plan_blocks for select to authenticated using (user_id = (select auth.uid()));
create policy plan_links_select_own on study.plan_links for select to authenticated using (user_id = (select auth.uid()));
