-- Timetables and their blocks. Times are wall-clock times of the school; a block may pass midnight.

create table timetable.timetables (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  name text not null,
  class_name text,
  school_name text,
  teacher_name text,
  term text,
  year integer not null default extract(year from now())::integer,
  week_start_date date,
  starts_on date,
  ends_on date,
  cycle_weeks smallint not null default 1,
  time_zone text not null default 'UTC',
  status text not null default 'draft',
  accepts_overlaps boolean not null default false,
  copied_from_id uuid references timetable.timetables (id) on delete set null,
  calendar_sequence integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint timetables_name_check check (length(name) between 1 and 255),
  constraint timetables_class_name_check check (length(class_name) <= 100 and length(term) <= 50),
  constraint timetables_people_check check (length(school_name) <= 255 and length(teacher_name) <= 255),
  constraint timetables_year_check check (year between 2000 and 2100),
  constraint timetables_period_check check (starts_on <= ends_on and ends_on - starts_on <= 400),
  constraint timetables_dates_check check (
    starts_on between date '2000-01-01' and date '2100-12-31' and ends_on between date '2000-01-01' and date '2100-12-31'
    and week_start_date between date '2000-01-01' and date '2100-12-31'
  ),
  constraint timetables_cycle_weeks_check check (cycle_weeks in (1, 2)),
  constraint timetables_time_zone_check check (private.is_time_zone(time_zone)),
  constraint timetables_status_check check (status in ('draft', 'active', 'archived')),
  constraint timetables_active_check check (status <> 'active' or (starts_on is not null and ends_on is not null))
);
comment on table timetable.timetables is 'One timetable of one person: a week, or two that take turns (A and B), in a term.';
comment on column timetable.timetables.week_start_date is 'A day in a week A; null: the week of starts_on is one.';
comment on column timetable.timetables.accepts_overlaps is 'True: its owner made it active though blocks overlap.';
comment on column timetable.timetables.calendar_sequence is
  'One more with every change of the timetable, its blocks or its exceptions: what calendars ask for.';
create index timetables_user_id_status_idx on timetable.timetables (user_id, status, updated_at desc);
create index timetables_copied_from_id_idx on timetable.timetables (copied_from_id);

create table timetable.documents (
  id uuid primary key default gen_random_uuid(),
  timetable_id uuid references timetable.timetables (id) on delete set null,
  user_id uuid not null references core.profiles (id) on delete cascade,
  file_id uuid references core.files (id) on delete set null,
  file_name text not null,
  file_type text,
  file_size bigint,
  sha256 text,
  bucket_id text not null,
  path text not null,
  upload_status text not null default 'pending',
  page_count integer,
  layout_hash text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (bucket_id, path),
  constraint documents_file_name_check check (length(file_name) between 1 and 255),
  constraint documents_file_type_check check (file_type in (
    'image/png', 'image/jpeg', 'application/pdf',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  )),
  constraint documents_file_size_check check (file_size between 1 and 20971520),
  constraint documents_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint documents_layout_hash_check check (layout_hash ~ '^[0-9a-zA-Z_:.-]{1,128}$'),
  constraint documents_page_count_check check (page_count between 1 and 20),
  constraint documents_upload_status_check check (upload_status in ('pending', 'completed', 'failed'))
);
comment on table timetable.documents is 'Uploaded documents. file_type is what the bytes are, whatever the name says.';
comment on column timetable.documents.layout_hash is 'Of the shape of its tables and headers: documents of one school have the same, and share what reviewers corrected.';
create index documents_user_id_created_at_idx on timetable.documents (user_id, created_at desc);
create index documents_timetable_id_idx on timetable.documents (timetable_id);
create index documents_file_id_idx on timetable.documents (file_id);
create index documents_sha256_idx on timetable.documents (sha256);
create index documents_layout_hash_idx on timetable.documents (layout_hash);

create table timetable.timeblocks (
  id uuid primary key default gen_random_uuid(),
  timetable_id uuid not null references timetable.timetables (id) on delete cascade,
  name text not null,
  day_of_week text not null,
  weekday smallint not null generated always as (
    case day_of_week when 'Monday' then 1 when 'Tuesday' then 2 when 'Wednesday' then 3 when 'Thursday' then 4
      when 'Friday' then 5 when 'Saturday' then 6 else 7 end
  ) stored,
  week text,
  start_time time not null,
  end_time time,
  duration integer generated always as (
    (extract(epoch from end_time - start_time)::integer / 60 + case when end_time <= start_time then 1440 else 0 end)
  ) stored,
  notes text not null default '',
  color text not null default '#3B82F6',
  position integer not null default 0,
  document_id uuid references timetable.documents (id) on delete set null,
  page integer,
  box jsonb,
  confidence numeric(4, 3),
  reasons text[] not null default '{}',
  origin text not null default 'person',
  is_checked boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, timetable_id),
  constraint timeblocks_name_check check (length(name) between 1 and 255),
  constraint timeblocks_day_of_week_check check (
    day_of_week in ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')
  ),
  constraint timeblocks_week_check check (week in ('A', 'B')),
  constraint timeblocks_times_check check (end_time <> start_time),
  constraint timeblocks_notes_check check (length(notes) <= 2000),
  constraint timeblocks_color_check check (color ~ '^#[0-9A-Fa-f]{6}$'),
  constraint timeblocks_box_check check ((box is null or jsonb_typeof(box) = 'object') and (box is null) = (page is null)),
  constraint timeblocks_confidence_check check (confidence between 0 and 1),
  constraint timeblocks_origin_check check (origin in ('machine', 'reviewer', 'person'))
);
comment on table timetable.timeblocks is 'What happens when. end_time null: the page gave none; not after start_time: it ends the next day.';
comment on column timetable.timeblocks.duration is 'Minutes.';
comment on column timetable.timeblocks.week is 'A or B in a timetable of two weeks; null: every week.';
comment on column timetable.timeblocks.origin is
  'Whose word it is. Another reading of the document replaces what is still the machine''s, and nothing that a person touched.';
comment on column timetable.timeblocks.reasons is 'Why the machine was not sure: low_ocr, overlap, odd_length, …';
comment on column timetable.timeblocks.is_checked is 'False: read by a machine that was not sure, and no person has looked yet.';
comment on column timetable.timeblocks.box is 'Where on the page it was read: {x, y, width, height} as shares of the page (0 to 1).';
create index timeblocks_timetable_id_idx on timetable.timeblocks (timetable_id, weekday, start_time, id);
create index timeblocks_document_id_idx on timetable.timeblocks (document_id);

create table timetable.timetable_exceptions (
  id uuid primary key default gen_random_uuid(),
  timetable_id uuid not null references timetable.timetables (id) on delete cascade,
  timeblock_id uuid,
  on_date date not null,
  to_date date not null,
  kind text not null,
  name text,
  start_time time,
  end_time time,
  notes text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint timetable_exceptions_timeblock_fkey foreign key (timeblock_id, timetable_id)
    references timetable.timeblocks (id, timetable_id) on delete cascade,
  constraint timetable_exceptions_kind_check check (kind in ('no_school', 'cancelled', 'moved', 'extra')),
  constraint timetable_exceptions_dates_check check (
    case kind when 'no_school' then to_date >= on_date when 'moved' then true else to_date = on_date end
    and on_date between date '2000-01-01' and date '2100-12-31' and to_date between date '2000-01-01' and date '2100-12-31'
    and abs(to_date - on_date) <= 400
  ),
  constraint timetable_exceptions_shape_check check (
    case kind
      when 'no_school' then timeblock_id is null and start_time is null
      when 'cancelled' then timeblock_id is not null and start_time is null
      when 'moved' then timeblock_id is not null and start_time is not null
      else timeblock_id is null and start_time is not null and name is not null
    end
    and (end_time is null or start_time is not null)
  ),
  constraint timetable_exceptions_text_check check (length(name) between 1 and 255 and length(notes) <= 2000),
  constraint timetable_exceptions_times_check check (end_time <> start_time)
);
comment on table timetable.timetable_exceptions is
  'Days that are different: no school (holidays, one row for a span), a block cancelled or moved on a date, something extra.';
comment on column timetable.timetable_exceptions.to_date is
  'no_school: the last day. moved: the day to which, maybe the same. Otherwise on_date.';
comment on column timetable.timetable_exceptions.end_time is 'moved without an end: the block takes as long as ever.';
create index timetable_exceptions_timetable_id_idx on timetable.timetable_exceptions (timetable_id, on_date);
create index timetable_exceptions_timeblock_id_idx on timetable.timetable_exceptions (timeblock_id, timetable_id);
create unique index timetable_exceptions_timeblock_id_on_date_idx on timetable.timetable_exceptions (timeblock_id, on_date);

create table timetable.timetable_shares (
  timetable_id uuid not null references timetable.timetables (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  can_edit boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (timetable_id, user_id)
);
comment on table timetable.timetable_shares is 'People with whom a timetable is shared.';
create index timetable_shares_user_id_idx on timetable.timetable_shares (user_id);

create table timetable.timetable_links (
  id uuid primary key default gen_random_uuid(),
  timetable_id uuid not null references timetable.timetables (id) on delete cascade,
  kind text not null,
  token_hash text not null unique,
  label text not null default '',
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  constraint timetable_links_kind_check check (kind in ('view', 'calendar')),
  constraint timetable_links_token_hash_check check (token_hash ~ '^[0-9a-f]{64}$'),
  constraint timetable_links_label_check check (length(label) <= 100)
);
comment on table timetable.timetable_links is 'Secret links: read-only view, calendar feed. Only the SHA-256 of the token is kept; a link can be revoked.';
create index timetable_links_timetable_id_idx on timetable.timetable_links (timetable_id);
