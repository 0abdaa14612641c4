-- Tutors, what they offer, and when they can be booked. Who may tutor is decided in core.experts; time zone, languages,
-- rates and topics with proficiency stand there. Times of availability are wall-clock times in the tutor's zone.

create table market.tutors (
  id uuid primary key references core.experts (id) on delete cascade,
  about text not null default '',
  video_url text,
  accepts_bookings boolean not null default false,
  default_meeting_link text,
  max_bookings_per_day smallint,
  rating_sum integer not null default 0,
  rating_count integer not null default 0,
  completed_count integer not null default 0,
  no_show_count integer not null default 0,
  cancelled_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  average_rating numeric(3, 2) generated always as (
    case when rating_count > 0 then round(rating_sum::numeric / rating_count, 2) end
  ) stored,
  constraint tutors_about_check check (length(about) <= 4000),
  constraint tutors_links_check check (
    video_url ~ '^https://[^\s<>"]+$' and length(video_url) <= 500
    and default_meeting_link ~ '^https://[^\s<>"]+$' and length(default_meeting_link) <= 500
  ),
  constraint tutors_max_bookings_per_day_check check (max_bookings_per_day between 1 and 48),
  constraint tutors_totals_check check (
    rating_count >= 0 and rating_sum between rating_count and 5 * rating_count
    and completed_count >= 0 and no_show_count >= 0 and cancelled_count >= 0
  )
);
comment on table market.tutors is 'Experts who tutor. The id is that of the expert and of the profile.';
comment on column market.tutors.accepts_bookings is 'The tutor''s own switch; only who is verified and available in core.experts can be booked at all.';

create table market.offers (
  id uuid primary key default gen_random_uuid(),
  tutor_id uuid not null references market.tutors (id) on delete cascade,
  title text not null,
  description text not null default '',
  topic_id uuid references core.topics (id) on delete set null,
  duration_minutes integer not null,
  price_minor bigint not null,
  currency text not null,
  buffer_before_minutes integer not null default 0,
  buffer_after_minutes integer not null default 0,
  minimum_notice_minutes integer not null default 120,
  booking_window_days integer not null default 60,
  slot_step_minutes integer not null default 30,
  cancellation_policy text not null default 'moderate' references market.cancellation_policies (policy) on delete restrict,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint offers_id_tutor_id_key unique (id, tutor_id),
  constraint offers_title_check check (length(title) between 1 and 160),
  constraint offers_description_check check (length(description) <= 4000),
  constraint offers_duration_minutes_check check (duration_minutes between 5 and 480),
  constraint offers_price_minor_check check (price_minor between 0 and 100000000),
  constraint offers_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint offers_buffers_check check (buffer_before_minutes between 0 and 240 and buffer_after_minutes between 0 and 240),
  constraint offers_minimum_notice_minutes_check check (minimum_notice_minutes between 0 and 43200),
  constraint offers_booking_window_days_check check (booking_window_days between 1 and 365),
  constraint offers_slot_step_minutes_check check (slot_step_minutes between 5 and 480)
);
comment on table market.offers is 'What a tutor offers: how long, for how much, and how it can be booked. A booking keeps a copy of what it was booked for.';
comment on column market.offers.price_minor is 'In minor units of currency, such as cents. 0 is free of charge: booked without a payment.';
comment on column market.offers.buffer_before_minutes is 'Minutes that stay free before; buffer_after_minutes: after.';
comment on column market.offers.slot_step_minutes is 'Slots begin this many minutes apart, counted from the beginning of a stretch of availability.';
create index offers_tutor_id_idx on market.offers (tutor_id, is_active, price_minor);
create index offers_topic_id_idx on market.offers (topic_id);
create index offers_cancellation_policy_idx on market.offers (cancellation_policy);

create table market.expert_availability (
  id uuid primary key default gen_random_uuid(),
  tutor_id uuid not null references market.tutors (id) on delete cascade,
  weekday smallint not null,
  start_time time not null,
  end_time time not null,
  created_at timestamptz not null default now(),
  constraint expert_availability_weekday_check check (weekday between 1 and 7),
  constraint expert_availability_times_check check (start_time < end_time),
  constraint expert_availability_grain_check check (
    extract(second from start_time) = 0 and (extract(second from end_time) = 0)
  ),
  constraint expert_availability_no_overlap exclude using gist (
    tutor_id with =, weekday with =, int4range(
      (extract(epoch from start_time) / 60)::integer, (extract(epoch from end_time) / 60)::integer
    ) with &&
  )
);
comment on table market.expert_availability is
  'Weekly slots: ISO weekday (1 Monday … 7 Sunday) and wall-clock times in the tutor''s zone. end_time 24:00 is midnight; a slot over midnight is two rows.';

create table market.availability_overrides (
  id uuid primary key default gen_random_uuid(),
  tutor_id uuid not null references market.tutors (id) on delete cascade,
  on_date date not null,
  start_time time,
  end_time time,
  created_at timestamptz not null default now(),
  constraint availability_overrides_on_date_check check (on_date between date '2000-01-01' and date '2100-12-31'),
  constraint availability_overrides_times_check check ((start_time is null) = (end_time is null) and start_time < end_time),
  constraint availability_overrides_grain_check check (
    extract(second from start_time) = 0 and (extract(second from end_time) = 0)
  ),
  constraint availability_overrides_no_overlap exclude using gist (
    tutor_id with =, on_date with =, int4range(
      coalesce((extract(epoch from start_time) / 60)::integer, 0), coalesce((extract(epoch from end_time) / 60)::integer, 1440)
    ) with &&
  )
);
comment on table market.availability_overrides is
  'Dates that are different: the rows of a date take the place of its weekly slots. One row without times: not available on that date.';

create table market.out_of_office (
  id uuid primary key default gen_random_uuid(),
  tutor_id uuid not null references market.tutors (id) on delete cascade,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  constraint out_of_office_times_check check (starts_at < ends_at and ends_at <= starts_at + interval '400 days'),
  constraint out_of_office_reason_check check (length(reason) <= 200)
);
comment on table market.out_of_office is 'Stretches of time, over days and weeks, in which nothing can be booked.';
create index out_of_office_tutor_id_idx on market.out_of_office (tutor_id, ends_at);
