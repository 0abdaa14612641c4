-- Files that people share. The bytes are in the private bucket `resources`, what is known of them in core.files.

create table social.resources (
  id uuid primary key default gen_random_uuid() references social.contents (id) on delete cascade,
  author_id uuid default auth.uid() references core.profiles (id) on delete set null,
  title text not null,
  description text not null default '',
  file_id uuid references core.files (id) on delete set null,
  file_name text not null,
  file_size bigint not null,
  file_type text not null,
  category text references social.categories (slug) on update cascade on delete set null,
  is_public boolean not null default true,
  status text not null default 'checking',
  rejected_reason text,
  downloads_count integer not null default 0,
  edited_at timestamptz,
  deleted_at timestamptz,
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint resources_title_check check (length(title) <= 255),
  constraint resources_text_check check ((deleted_at is null and hidden_at is null) = (title <> '')),
  constraint resources_description_check check (length(description) <= 5000),
  constraint resources_file_name_check check (length(file_name) between 1 and 255 and file_name !~ '[/\\]'),
  constraint resources_file_size_check check (file_size between 1 and 52428800),
  constraint resources_file_type_check check (length(file_type) between 3 and 255),
  constraint resources_status_check check (status in ('checking', 'ready', 'rejected')),
  constraint resources_rejected_check check ((status = 'rejected') = (rejected_reason is not null)),
  constraint resources_downloads_count_check check (downloads_count >= 0)
);
comment on table social.resources is 'Shared files. Others see one when it is public and ready: a worker has read it and found it to be what it says.';
comment on column social.resources.file_type is 'The MIME type, of any length: that of a .pptx has 73 characters.';
create index resources_author_id_created_at_idx on social.resources (author_id, created_at desc, id desc);
create index resources_created_at_idx on social.resources (created_at desc, id desc)
  where is_public and status = 'ready' and deleted_at is null and hidden_at is null;
create index resources_category_idx on social.resources (category, created_at desc);
create unique index resources_file_id_idx on social.resources (file_id) where file_id is not null;

create table social.resource_topics (
  resource_id uuid not null references social.resources (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  primary key (resource_id, topic_id)
);
comment on table social.resource_topics is 'The topics (tags) of a resource.';
create index resource_topics_topic_id_idx on social.resource_topics (topic_id, resource_id);

create table social.resource_downloads (
  resource_id uuid not null references social.resources (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  downloaded_on date not null,
  created_at timestamptz not null default now(),
  primary key (resource_id, user_id, downloaded_on)
);
comment on table social.resource_downloads is 'Who downloaded what on which day (UTC). Counted once a day; kept for thirteen months.';
create index resource_downloads_user_id_idx on social.resource_downloads (user_id);
create index resource_downloads_downloaded_on_idx on social.resource_downloads (downloaded_on);
