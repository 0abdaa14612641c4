-- market: tutors, what they offer, when they are free, bookings, and money that adds up.
-- Legal moves and cancellation policies are rows.

-- For exclusion constraints that compare a person and a stretch of time.
create extension if not exists btree_gist with schema extensions;

create schema if not exists market;
comment on schema market is 'Tutoring: tutors, availability, bookings, payments, a double-entry ledger.';
grant usage on schema market to anon, authenticated, service_role;
alter default privileges in schema market revoke execute on functions from public;

create table market.booking_transitions (
  from_status text not null,
  to_status text not null,
  description text not null,
  primary key (from_status, to_status)
);
comment on table market.booking_transitions is
  'The legal moves of a booking. A trigger looks them up: what is not a row here cannot happen.';

insert into market.booking_transitions (from_status, to_status, description) values
  ('hold', 'scheduled', 'Paid for, or free of charge.'),
  ('hold', 'expired', 'Not paid in time: the slot is free again.'),
  ('hold', 'cancelled', 'Given up before it was paid.'),
  ('expired', 'scheduled', 'Paid a moment too late, and the slot was still free.'),
  ('scheduled', 'completed', 'It took place.'),
  ('scheduled', 'cancelled', 'Called off, or moved to another time.'),
  ('scheduled', 'no_show', 'Somebody did not come.'),
  ('no_show', 'completed', 'An administrator found that it took place.'),
  ('completed', 'no_show', 'Somebody did not come after all: its learner says so in time, or an administrator found so.');

create table market.cancellation_policies (
  policy text primary key,
  name text not null,
  description text not null,
  position integer not null default 100,
  constraint cancellation_policies_policy_check check (policy ~ '^[a-z_]{2,40}$')
);
comment on table market.cancellation_policies is 'What a learner gets back who cancels: named sets of steps.';

create table market.cancellation_policy_steps (
  policy text not null references market.cancellation_policies (policy) on delete cascade,
  hours_before integer not null,
  refund_percent smallint not null,
  primary key (policy, hours_before),
  constraint cancellation_policy_steps_hours_before_check check (hours_before between 0 and 8760),
  constraint cancellation_policy_steps_refund_percent_check check (refund_percent between 0 and 100)
);
comment on table market.cancellation_policy_steps is
  'Who cancels at least hours_before hours before the start gets refund_percent back; of several steps the one with the most hours that still fits.';

insert into market.cancellation_policies (policy, name, description, position) values
  ('flexible', 'Flexible', 'All back up to 2 hours before the start, half after that.', 10),
  ('moderate', 'Moderate', 'All back up to 24 hours before the start, half up to 2 hours before.', 20),
  ('strict', 'Strict', 'All back up to 7 days before the start, half up to 48 hours before.', 30);
insert into market.cancellation_policy_steps (policy, hours_before, refund_percent) values
  ('flexible', 2, 100), ('flexible', 0, 50),
  ('moderate', 24, 100), ('moderate', 2, 50), ('moderate', 0, 0),
  ('strict', 168, 100), ('strict', 48, 50), ('strict', 0, 0);

create view market.profiles with (security_invoker = true) as
select p.id, p.username, p.full_name, p.avatar_path, p.time_zone from core.profiles as p;
comment on view market.profiles is 'People, for embedding: reader''s rights, no e-mail addresses.';

create view market.topics with (security_invoker = true) as
select t.id, t.slug, t.name, t.description, t.parent_id, t.is_active, t.merged_into_id from core.topics as t;
comment on view market.topics is 'Topics, for embedding; core.topics is where they are written.';

alter table market.booking_transitions enable row level security;
alter table market.cancellation_policies enable row level security;
alter table market.cancellation_policy_steps enable row level security;
revoke all on
  market.booking_transitions, market.cancellation_policies, market.cancellation_policy_steps, market.profiles, market.topics
  from public, anon, authenticated;
grant select on
  market.booking_transitions, market.cancellation_policies, market.cancellation_policy_steps, market.profiles, market.topics
  to authenticated, service_role;

create policy booking_transitions_select_user on market.booking_transitions
  for select to authenticated using ((select private.is_user()));
create policy cancellation_policies_select_user on market.cancellation_policies
  for select to authenticated using ((select private.is_user()));
create policy cancellation_policy_steps_select_user on market.cancellation_policy_steps
  for select to authenticated using ((select private.is_user()));
