-- Bookings. They outlive both people and the offer: what is needed to account for them is copied into them, and a tombstone
-- stands where a person was. No two of them overlap, buffers included: for a tutor nor for a learner. The database decides.

create table market.bookings (
  id uuid primary key default gen_random_uuid(),
  chain_id uuid not null,
  rescheduled_from_id uuid unique references market.bookings (id) on delete restrict,
  offer_id uuid references market.offers (id) on delete set null,
  tutor_id uuid references core.profiles (id) on delete set null,
  tutor_tombstone uuid not null,
  learner_id uuid references core.profiles (id) on delete set null,
  learner_tombstone uuid not null,
  title text not null,
  topic_id uuid references core.topics (id) on delete set null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  blocked_from timestamptz not null,
  blocked_to timestamptz not null,
  status text not null default 'hold',
  hold_expires_at timestamptz,
  price_minor bigint not null,
  currency text not null,
  commission_rate_bp integer not null,
  commission_minor bigint not null,
  tutor_minor bigint generated always as (price_minor - commission_minor) stored,
  cancellation_policy text not null,
  refund_steps jsonb not null,
  payment_status text not null default 'pending',
  refund_minor bigint not null default 0,
  meeting_link text,
  calendar_sequence integer not null default 0,
  cancelled_by text,
  cancelled_at timestamptz,
  cancel_reason text,
  moved_at timestamptz,
  no_show_by text,
  no_show_at timestamptz,
  contested_at timestamptz,
  contest_reason text,
  completed_at timestamptz,
  settled_at timestamptz,
  idempotency_key text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bookings_idempotency_key_key unique (learner_tombstone, idempotency_key),
  constraint bookings_idempotency_key_check check (length(idempotency_key) between 8 and 200),
  constraint bookings_chain_check check ((rescheduled_from_id is null) = (chain_id = id)),
  constraint bookings_people_check check (
    tutor_tombstone <> learner_tombstone and tutor_id = tutor_tombstone and learner_id = learner_tombstone
  ),
  constraint bookings_times_check check (
    starts_at < ends_at and ends_at <= starts_at + interval '8 hours' and blocked_from <= starts_at and ends_at <= blocked_to
    and blocked_from >= starts_at - interval '4 hours' and blocked_to <= ends_at + interval '4 hours'
  ),
  constraint bookings_status_check check (status in ('hold', 'scheduled', 'completed', 'cancelled', 'no_show', 'expired')),
  constraint bookings_hold_expires_at_check check (status <> 'hold' or hold_expires_at is not null),
  constraint bookings_money_check check (
    price_minor between 0 and 100000000 and commission_rate_bp between 0 and 10000
    and commission_minor between 0 and price_minor and refund_minor between 0 and price_minor
  ),
  constraint bookings_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint bookings_payment_status_check check (
    payment_status in ('pending', 'paid', 'partially_refunded', 'refunded', 'failed', 'disputed', 'free')
  ),
  constraint bookings_free_check check ((payment_status = 'free') = (price_minor = 0)),
  constraint bookings_paid_check check (
    status not in ('scheduled', 'completed', 'no_show') or payment_status not in ('pending', 'failed')
  ),
  constraint bookings_cancelled_check check (
    (status = 'cancelled') = (cancelled_at is not null) and (status = 'cancelled') = (cancelled_by is not null)
    and cancelled_by in ('learner', 'tutor', 'administrator', 'system')
  ),
  constraint bookings_moved_at_check check (moved_at is null or status = 'cancelled'),
  constraint bookings_no_show_check check (
    (status = 'no_show') = (no_show_by is not null) and (status = 'no_show') = (no_show_at is not null)
    and no_show_by in ('learner', 'tutor')
  ),
  constraint bookings_contested_at_check check (contested_at is null or status = 'no_show'),
  constraint bookings_completed_at_check check (status <> 'completed' or completed_at is not null),
  constraint bookings_texts_check check (
    length(title) between 1 and 160 and length(cancel_reason) <= 500 and length(contest_reason) <= 500
  ),
  constraint bookings_meeting_link_check check (meeting_link ~ '^https://[^\s<>"]+$' and length(meeting_link) <= 500),
  constraint bookings_refund_steps_check check (jsonb_typeof(refund_steps) = 'array'),
  constraint bookings_calendar_sequence_check check (calendar_sequence >= 0),
  constraint bookings_tutor_no_overlap exclude using gist (
    tutor_tombstone with =, tstzrange(blocked_from, blocked_to) with &&
  ) where (status in ('hold', 'scheduled', 'completed', 'no_show')),
  constraint bookings_learner_no_overlap exclude using gist (
    learner_tombstone with =, tstzrange(blocked_from, blocked_to) with &&
  ) where (status in ('hold', 'scheduled', 'completed', 'no_show'))
);
comment on table market.bookings is
  'Bookings: a hold for some minutes, then scheduled, then completed, cancelled or no_show. One that was moved is cancelled, and its successor names it.';
comment on column market.bookings.chain_id is 'The first booking of a chain of moves: the key of its money and of its entry in calendars.';
comment on column market.bookings.blocked_from is 'starts_at less the offer''s buffer; blocked_to: ends_at and the buffer after. Nobody of the two is booked twice in between.';
comment on column market.bookings.tutor_tombstone is 'Who it was, also when his account is gone and tutor_id is null; learner_tombstone likewise. Never a name.';
comment on column market.bookings.commission_rate_bp is 'The platform''s share in hundredths of a percent, as it was when the slot was held.';
comment on column market.bookings.refund_steps is 'The steps of the cancellation policy as they were when the slot was held: [{hours_before, refund_percent}], most hours first.';
comment on column market.bookings.moved_at is 'Since when a successor stands in its place (rescheduled_from_id of that one).';
comment on column market.bookings.contested_at is 'Since when an administrator is to find out who did not come.';
comment on column market.bookings.refund_minor is 'What was, or is being, given back of the price.';
comment on column market.bookings.settled_at is 'Since when its money is divided between tutor, platform and learner.';
create index bookings_chain_id_idx on market.bookings (chain_id);
create index bookings_offer_id_idx on market.bookings (offer_id);
create index bookings_tutor_id_idx on market.bookings (tutor_id, starts_at desc, id desc);
create index bookings_learner_id_idx on market.bookings (learner_id, starts_at desc, id desc);
create index bookings_topic_id_idx on market.bookings (topic_id);
create index bookings_holds_idx on market.bookings (hold_expires_at) where status = 'hold';
create index bookings_scheduled_idx on market.bookings (ends_at) where status = 'scheduled';
create index bookings_unsettled_idx on market.bookings (updated_at)
  where settled_at is null and moved_at is null and status in ('completed', 'cancelled', 'no_show');

create table market.booking_events (
  id bigint generated always as identity primary key,
  booking_id uuid not null references market.bookings (id) on delete restrict,
  from_status text,
  to_status text not null,
  actor text not null,
  actor_id uuid references core.profiles (id) on delete set null,
  reason text,
  data jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  constraint booking_events_actor_check check (actor in ('learner', 'tutor', 'administrator', 'system'))
);
comment on table market.booking_events is 'Every move of a booking, in order. Append-only.';
create index booking_events_booking_id_idx on market.booking_events (booking_id, id);
create index booking_events_actor_id_idx on market.booking_events (actor_id);

create table market.booking_notes (
  id uuid primary key default gen_random_uuid(),
  booking_id uuid not null references market.bookings (id) on delete restrict,
  author_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  content text not null,
  is_shared boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint booking_notes_content_check check (length(content) between 1 and 8000)
);
comment on table market.booking_notes is 'Notes of both parties on a session; the other one sees those that are shared.';
create index booking_notes_booking_id_idx on market.booking_notes (booking_id);
create index booking_notes_author_id_idx on market.booking_notes (author_id);

create table market.session_feedback (
  booking_id uuid primary key references market.bookings (id) on delete restrict,
  tutor_id uuid references core.profiles (id) on delete set null,
  learner_id uuid references core.profiles (id) on delete set null,
  rating smallint not null,
  review text not null default '',
  reply text not null default '',
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  constraint session_feedback_rating_check check (rating between 1 and 5),
  constraint session_feedback_texts_check check (length(review) <= 2000 and length(reply) <= 2000)
);
comment on table market.session_feedback is 'What a learner said of a session, once, after it was completed; and what the tutor replied.';
create index session_feedback_tutor_id_idx on market.session_feedback (tutor_id, created_at desc);
create index session_feedback_learner_id_idx on market.session_feedback (learner_id);
