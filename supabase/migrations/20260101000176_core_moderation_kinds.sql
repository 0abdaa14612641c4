-- What can be reported and moderated. core does not know the modules: each names, in rows, the functions that look up,
-- hide and show again a thing of its own. Profiles are core's.

create table core.moderated_kinds (
  module text not null,
  entity_type text not null,
  lookup_function text not null,
  hide_function text,
  unhide_function text,
  description text not null default '',
  primary key (module, entity_type),
  constraint moderated_kinds_name_check check (module ~ '^[a-z_]{2,40}$' and entity_type ~ '^[a-z_]{2,60}$'),
  constraint moderated_kinds_functions_check check (
    lookup_function ~ '^[a-z_][a-z0-9_]*$' and hide_function ~ '^[a-z_][a-z0-9_]*$' and unhide_function ~ '^[a-z_][a-z0-9_]*$'
    and (hide_function is null) = (unhide_function is null)
  )
);
comment on table core.moderated_kinds is 'What can be reported: a module registers its kinds of things, and the functions that know them.';
comment on column core.moderated_kinds.lookup_function is
  'In schema private: (type text, id uuid, viewer_id uuid) returns (author_id, title, excerpt, link, is_visible, is_hidden). Without a viewer it answers for moderators: is_visible means that the thing is there.';
comment on column core.moderated_kinds.hide_function is
  'In schema private: (type text, id uuid, actor_id uuid). Null: such a thing cannot be hidden. unhide_function likewise.';

alter table core.moderated_kinds enable row level security;
revoke all on core.moderated_kinds from anon, authenticated;
grant select on core.moderated_kinds to authenticated, service_role;
create policy moderated_kinds_select_user on core.moderated_kinds
  for select to authenticated
  using ((select private.is_user()));

create function private.moderated_thing(
  p_module text, p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- looks at things of all modules; not executable by clients
set search_path = ''
as $$
declare
  v_function text;
begin
  select k.lookup_function into v_function from core.moderated_kinds as k where k.module = p_module and k.entity_type = p_type;
  if not found then
    raise sqlstate 'PT422' using
      message = 'kind_not_moderated',
      detail = 'Things of this module and type are not reported.',
      hint = 'See core.moderated_kinds.';
  end if;
  execute format(
    'select t.author_id, t.title, left(t.excerpt, 300), t.link, t.is_visible, t.is_hidden from private.%I($1, $2, $3) as t', v_function
  ) into author_id, title, excerpt, link, is_visible, is_hidden using p_type, p_id, p_viewer_id;
  is_visible := coalesce(is_visible, false);
  is_hidden := coalesce(is_hidden, false);
end;
$$;
comment on function private.moderated_thing(text, text, uuid, uuid) is
  'A thing of any module, as it asks of moderated_kinds; kind_not_moderated (422) when no module registered such things.';

create function private.moderated_profile(
  p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- called by private.moderated_thing; not executable by clients
set search_path = ''
as $$
begin
  -- A block is no shelter: whoever blocked somebody, or was blocked, still reports the person.
  select p.id, p.username::text, concat_ws(E'\n', p.full_name, p.bio), '/people/' || p.username,
    p_viewer_id is null or p.is_active, not p.is_active
  into author_id, title, excerpt, link, is_visible, is_hidden
  from core.profiles as p where p.id = p_id;
end;
$$;
comment on function private.moderated_profile(text, uuid, uuid) is 'Looks up a person for the moderators.';

insert into core.moderated_kinds (module, entity_type, lookup_function, description)
values ('core', 'profile', 'moderated_profile', 'A person. Not hidden, but warned or suspended.');

create function private.report_content(p_module text, p_entity_type text, p_entity_id uuid, p_reason text, p_details text)
returns uuid
language plpgsql
volatile
security definer -- moderation_reports has no insert grant; the caller reports in his own name only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_details text := private.clean_text(p_details, 'details', 0, 2000);
  v_thing record;
  v_id uuid;
begin
  if p_entity_id is null or p_module is null or p_entity_type is null
    or coalesce(p_reason, '') not in ('spam', 'abuse', 'harassment', 'misinformation', 'plagiarism', 'illegal', 'privacy', 'other')
  then
    raise sqlstate 'PT422' using
      message = 'report_invalid',
      detail = 'A report names a thing (module, type, id) and one of the reasons.',
      hint = 'See docs/core.md.';
  end if;
  v_thing := private.moderated_thing(p_module, p_entity_type, p_entity_id, v_user_id);
  if not v_thing.is_visible then
    raise sqlstate 'PT404' using
      message = 'content_not_found', detail = 'There is no such thing, or it is not for you.', hint = 'Check its type and id.';
  end if;
  if v_thing.is_hidden then
    raise sqlstate 'PT409' using
      message = 'content_removed', detail = 'It was deleted or hidden.', hint = 'Reload the page.';
  end if;
  if v_thing.author_id = v_user_id then
    raise sqlstate 'PT403' using
      message = 'own_content', detail = 'Nobody does this to what is his own.', hint = 'Delete it, if you do not want it.';
  end if;
  -- One at a time for each person, so that the limit counts right.
  perform pg_advisory_xact_lock(hashtextextended('core.report_content:' || v_user_id::text, 0));
  select r.id into v_id from core.moderation_reports as r
  where r.reporter_id = v_user_id and r.module = p_module and r.entity_type = p_entity_type and r.entity_id = p_entity_id
    and r.status in ('open', 'reviewing');
  if found then
    return v_id;
  end if;
  if (
    select count(*) from core.moderation_reports as r
    where r.reporter_id = v_user_id and r.created_at > now() - interval '1 hour'
  ) >= private.setting_number('moderation.reports_per_hour') then
    raise sqlstate 'PT429' using
      message = 'too_many_reports', detail = 'So many reports in an hour are not taken.', hint = 'Send the rest later.';
  end if;
  insert into core.moderation_reports (reporter_id, reported_user_id, module, entity_type, entity_id, reason, details)
  values (v_user_id, v_thing.author_id, p_module, p_entity_type, p_entity_id, p_reason, v_details)
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.report_content(text, text, uuid, text, text) is
  'Files a report of the caller about something that he sees; an open one on the same thing is returned. Whose it is, the database looks up.';

create function core.report_content(
  p_module text, p_entity_type text, p_entity_id uuid, p_reason text, p_details text default ''
)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$ select private.report_content(p_module, p_entity_type, p_entity_id, p_reason, p_details); $$;
comment on function core.report_content(text, text, uuid, text, text) is
  'Reports a thing to the moderators: spam, abuse, harassment, misinformation, plagiarism, illegal, privacy or other. Once while the report is open. What can be reported is listed in core.moderated_kinds.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.moderated_thing(text, text, uuid, uuid), private.moderated_profile(text, uuid, uuid),
  private.report_content(text, text, uuid, text, text)
  from anon, authenticated;
grant execute on function
  private.report_content(text, text, uuid, text, text), core.report_content(text, text, uuid, text, text)
  to authenticated;
