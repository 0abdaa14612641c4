-- Experts: one table for those who review answers and those who tutor.
--
-- A person applies; an administrator decides. The decision, and nothing else, gives and takes the role `expert`.
-- The expert writes what describes him; verification and totals have no grant.

create table core.experts (
  id uuid primary key references core.profiles (id) on delete cascade,
  verification_status text not null default 'pending',
  headline text not null default '',
  credentials jsonb not null default '[]',
  experience_years integer not null default 0,
  hourly_rate_min_minor integer,
  hourly_rate_max_minor integer,
  currency text not null default 'EUR',
  time_zone text not null default 'UTC',
  languages text[] not null default '{en}',
  is_available boolean not null default true,
  max_concurrent_reviews integer not null default 10,
  total_reviews integer not null default 0,
  rating_sum integer not null default 0,
  total_ratings integer not null default 0,
  average_rating numeric(3, 2) generated always as (
    case when total_ratings > 0 then round(rating_sum::numeric / total_ratings, 2) end
  ) stored,
  applied_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by uuid references core.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint experts_verification_status_check check (verification_status in ('pending', 'verified', 'rejected', 'suspended')),
  constraint experts_headline_check check (length(headline) <= 160),
  constraint experts_credentials_check check (
    jsonb_typeof(credentials) = 'array' and octet_length(credentials::text) <= 16384
  ),
  constraint experts_experience_years_check check (experience_years between 0 and 80),
  constraint experts_hourly_rate_check check (
    (hourly_rate_min_minor is null) = (hourly_rate_max_minor is null)
    and hourly_rate_min_minor >= 0 and hourly_rate_max_minor >= hourly_rate_min_minor and hourly_rate_max_minor <= 100000000
  ),
  constraint experts_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint experts_time_zone_check check (private.is_time_zone(time_zone)),
  constraint experts_languages_check check (
    cardinality(languages) between 1 and 20 and array_position(languages, null) is null
    and array_to_string(languages, ' ') ~ '^[a-z]{2,3}( [a-z]{2,3})*$'
  ),
  constraint experts_max_concurrent_reviews_check check (max_concurrent_reviews between 0 and 100),
  constraint experts_totals_check check (
    total_reviews >= 0 and total_ratings >= 0 and rating_sum between total_ratings and 5 * total_ratings
  )
);
comment on table core.experts is 'Who applied as an expert, what became of it, and how he is rated. The id is that of the profile.';
comment on column core.experts.hourly_rate_min_minor is 'In minor units of currency, such as cents.';
comment on column core.experts.average_rating is 'rating_sum / total_ratings; null while there is no rating.';
comment on column core.experts.credentials is 'An array of objects such as {"title": "MD", "issuer": "Charité", "year": 2011}; shown to signed-in people once verified.';
create index experts_status_rating_idx on core.experts (verification_status, average_rating desc nulls last, id desc);
create index experts_decided_by_idx on core.experts (decided_by);

create table core.expert_topics (
  expert_id uuid not null references core.experts (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  proficiency smallint not null default 3,
  created_at timestamptz not null default now(),
  primary key (expert_id, topic_id),
  constraint expert_topics_proficiency_check check (proficiency between 1 and 5)
);
comment on table core.expert_topics is 'What an expert applied for, and after the decision is verified for; 1 knows the basics, 5 is an authority.';
create index expert_topics_topic_id_idx on core.expert_topics (topic_id);

create table core.expert_transitions (
  from_status text not null,
  to_status text not null,
  is_decision boolean not null default true,
  primary key (from_status, to_status)
);
comment on table core.expert_transitions is 'The legal moves of experts.verification_status; is_decision: made by an administrator, not by applying again.';
insert into core.expert_transitions (from_status, to_status, is_decision) values
  ('pending', 'verified', true),
  ('pending', 'rejected', true),
  ('rejected', 'verified', true),
  ('rejected', 'pending', false),
  ('verified', 'suspended', true),
  ('suspended', 'verified', true),
  ('suspended', 'rejected', true)
on conflict do nothing;

create table core.expert_decisions (
  id uuid primary key default gen_random_uuid(),
  expert_id uuid references core.profiles (id) on delete set null,
  expert_tombstone uuid not null,
  previous_status text,
  new_status text not null,
  decided_by uuid references core.profiles (id) on delete set null,
  decided_by_tombstone uuid,
  reason text not null,
  decided_at timestamptz not null default clock_timestamp()
);
comment on table core.expert_decisions is 'Every application and every decision on it. Append-only; outlives both people.';
create index expert_decisions_expert_id_idx on core.expert_decisions (expert_id, decided_at desc);
create index expert_decisions_decided_by_idx on core.expert_decisions (decided_by);

create trigger _900_touch_updated_at
  before update on core.experts
  for each row execute function private.tg__touch_updated_at();
create trigger _100_guard_history
  before update or delete on core.expert_decisions
  for each row execute function private.tg__guard_history('expert_id', 'decided_by');
create trigger _110_refuse_truncate
  before truncate on core.expert_decisions
  for each statement execute function private.tg__guard_history();

create function private.tg_experts__clean()
returns trigger
language plpgsql
security definer -- clean_text is not executable by clients
set search_path = ''
as $$
begin
  new.headline := private.clean_text(new.headline, 'headline', 0, 160);
  if private.contains_markup(new.credentials::text) then
    raise sqlstate 'PT422' using
      message = 'markup_not_allowed', detail = 'credentials holds HTML or a script.', hint = 'Send plain text.';
  end if;
  return new;
end;
$$;

create trigger _100_clean
  before insert or update of headline, credentials on core.experts
  for each row execute function private.tg_experts__clean();

create function private.tg_experts__check_transition()
returns trigger
language plpgsql
security definer -- the table of moves is read whoever writes
set search_path = ''
as $$
begin
  if not exists (
    select from core.expert_transitions as t
    where t.from_status = old.verification_status and t.to_status = new.verification_status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('An expert cannot go from %s to %s.', old.verification_status, new.verification_status),
      hint = 'See core.expert_transitions.';
  end if;
  return new;
end;
$$;

create trigger _200_check_transition
  before update of verification_status on core.experts
  for each row when (old.verification_status is distinct from new.verification_status)
  execute function private.tg_experts__check_transition();

-- The role follows the status, whoever changes it, in the same statement.
create function private.tg_experts__follow_status()
returns trigger
language plpgsql
security definer -- writes roles and history, which nobody may write
set search_path = ''
as $$
declare
  v_reason text := coalesce(nullif(current_setting('lyceum.change_reason', true), ''), 'Changed in the table; no reason given.');
  v_actor uuid := (select auth.uid());
begin
  insert into core.expert_decisions (
    expert_id, expert_tombstone, previous_status, new_status, decided_by, decided_by_tombstone, reason
  ) values (
    new.id, new.id, case when tg_op = 'UPDATE' then old.verification_status end, new.verification_status,
    (select p.id from core.profiles as p where p.id = v_actor), v_actor, v_reason
  );
  perform set_config('lyceum.change_reason', v_reason, true);
  if new.verification_status = 'verified' then
    insert into core.user_roles (user_id, role, granted_by)
    values (new.id, 'expert', new.decided_by)
    on conflict do nothing;
  else
    delete from core.user_roles as r where r.user_id = new.id and r.role = 'expert';
  end if;
  perform set_config('lyceum.change_reason', '', true);
  return null;
end;
$$;

create trigger _500_follow_status_on_insert
  after insert on core.experts
  for each row execute function private.tg_experts__follow_status();
create trigger _500_follow_status
  after update of verification_status on core.experts
  for each row when (old.verification_status is distinct from new.verification_status)
  execute function private.tg_experts__follow_status();

create function private.tg_experts__drop_role()
returns trigger
language plpgsql
security definer -- writes roles, which nobody may write
set search_path = ''
as $$
begin
  perform set_config('lyceum.change_reason', 'No longer listed as an expert.', true);
  delete from core.user_roles as r where r.user_id = old.id and r.role = 'expert';
  perform set_config('lyceum.change_reason', '', true);
  perform private.unindex_document('core', 'expert', old.id);
  return null;
end;
$$;

create trigger _500_drop_role
  after delete on core.experts
  for each row execute function private.tg_experts__drop_role();
