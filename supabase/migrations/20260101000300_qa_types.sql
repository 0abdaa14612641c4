-- qa: a question is paid for, answered by AI, checked by an expert, delivered and rated.
-- The numbers that steer it are rows: plans, service levels, legal moves, settings.

create schema if not exists qa;
comment on schema qa is 'Paid questions: answered by AI, checked by experts, delivered, rated.';
grant usage on schema qa to anon, authenticated, service_role;
alter default privileges in schema qa revoke execute on functions from public;

create table qa.plans (
  plan text primary key,
  name text not null,
  welcome_credits integer not null default 0,
  description text not null,
  constraint plans_welcome_credits_check check (welcome_credits >= 0)
);
comment on table qa.plans is 'What a client may be subscribed to. welcome_credits are granted once, when the account opens.';

insert into qa.plans (plan, name, welcome_credits, description) values
  ('free', 'Free', 3, 'Three questions to try it out.'),
  ('basic', 'Basic', 0, 'Credits bought as needed.'),
  ('premium', 'Premium', 0, 'Credits bought as needed, at a better rate.'),
  ('institution', 'Institution', 0, 'Credits granted by agreement.');

create table qa.sla_policies (
  priority text primary key,
  credits_cost integer not null,
  job_priority smallint not null,
  deliver_within interval not null,
  claim_within interval not null,
  review_within interval not null,
  constraint sla_policies_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
  constraint sla_policies_credits_cost_check check (credits_cost > 0),
  constraint sla_policies_job_priority_check check (job_priority between 1 and 9),
  constraint sla_policies_periods_check check (
    claim_within > interval '0' and review_within > interval '0' and deliver_within > claim_within
  )
);
comment on table qa.sla_policies is
  'Service levels by priority: the price in credits; how long an assigned expert may stay silent (claim_within), hold a review (review_within); and by when the answer is promised (deliver_within).';

insert into qa.sla_policies (priority, credits_cost, job_priority, deliver_within, claim_within, review_within) values
  ('low', 1, 7, '48 hours', '8 hours', '60 minutes'),
  ('normal', 1, 5, '24 hours', '4 hours', '45 minutes'),
  ('high', 2, 3, '6 hours', '1 hour', '30 minutes'),
  ('urgent', 3, 1, '90 minutes', '15 minutes', '20 minutes');

create table qa.question_transitions (
  from_status text not null,
  to_status text not null,
  actor text not null,
  description text not null,
  primary key (from_status, to_status),
  constraint question_transitions_actor_check check (actor in ('system', 'client', 'expert', 'admin'))
);
comment on table qa.question_transitions is
  'The legal moves of a question. A trigger looks them up: what is not a row here cannot happen.';

insert into qa.question_transitions (from_status, to_status, actor, description) values
  ('submitted', 'processing', 'system', 'A worker takes it up.'),
  ('submitted', 'cancelled', 'client', 'The client changes his mind; the credit is released.'),
  ('submitted', 'rejected', 'admin', 'Refused by an administrator; the credit is released.'),
  ('processing', 'ai_generated', 'system', 'The AI has answered.'),
  ('processing', 'cancelled', 'client', 'The client changes his mind; the credit is released.'),
  ('processing', 'rejected', 'admin', 'Unreadable, or refused by an administrator; the credit is released.'),
  ('ai_generated', 'humanized', 'system', 'The answer is in plain words.'),
  ('ai_generated', 'cancelled', 'client', 'The client changes his mind; the credit is released.'),
  ('ai_generated', 'rejected', 'admin', 'Refused by an administrator; the credit is released.'),
  ('humanized', 'expert_review', 'system', 'An expert is assigned.'),
  ('humanized', 'cancelled', 'client', 'The client changes his mind; the credit is released.'),
  ('humanized', 'rejected', 'admin', 'Refused by an administrator; the credit is released.'),
  ('expert_review', 'approved', 'expert', 'The expert approves the answer, as it is or corrected.'),
  ('expert_review', 'rejected', 'expert', 'The expert finds it unanswerable; the credit is released.'),
  ('expert_review', 'processing', 'expert', 'The expert sends it back with notes (needs_revision).'),
  ('expert_review', 'cancelled', 'client', 'Only while no expert has taken it up; the credit is released.'),
  ('approved', 'delivered', 'system', 'The client gets the answer; the credit is captured.'),
  ('delivered', 'rated', 'client', 'The client rates the answer, once.');
