-- A timetable's life: a draft becomes active when it has dates and blocks, is archived when the term is over, and copied
-- for the next one.

create function private.activate_timetable(p_id uuid, p_accept_overlaps boolean)
returns timetable.timetables
language plpgsql
volatile
security definer -- status is not the caller's to write; acts for the owner only
set search_path = ''
as $$
declare
  v_timetable timetable.timetables := private.enter_timetable(p_id, 'owner');
  v_overlaps integer;
begin
  if v_timetable.starts_on is null or v_timetable.ends_on is null then
    raise sqlstate 'PT422' using
      message = 'term_required',
      detail = 'The timetable has no term: starts_on, ends_on.',
      hint = 'Set both, then activate it.';
  end if;
  if not exists (select from timetable.timeblocks as b where b.timetable_id = p_id) then
    raise sqlstate 'PT409' using
      message = 'timetable_empty',
      detail = 'The timetable has no blocks.',
      hint = 'Write some, or read them from a document.';
  end if;
  select count(*) into v_overlaps from private.timetable_overlaps(p_id);
  if v_overlaps > 0 and not coalesce(p_accept_overlaps, false) then
    raise sqlstate 'PT409' using
      message = 'blocks_overlap',
      detail = format('%s pairs of blocks are at the same time.', v_overlaps),
      hint = 'Ask timetable.overlaps which; correct them, or send p_accept_overlaps.';
  end if;
  update timetable.timetables as t
  set status = 'active', accepts_overlaps = coalesce(p_accept_overlaps, false)
  where t.id = p_id and (t.status, t.accepts_overlaps) is distinct from ('active', coalesce(p_accept_overlaps, false))
  returning t.* into v_timetable;
  if not found then
    select t.* into v_timetable from timetable.timetables as t where t.id = p_id;
  end if;
  return v_timetable;
end;
$$;
comment on function private.activate_timetable(uuid, boolean) is 'See timetable.activate_timetable.';

create function timetable.activate_timetable(p_id uuid, p_accept_overlaps boolean default false)
returns timetable.timetables
language sql
volatile
security invoker
set search_path = ''
as $$ select private.activate_timetable(p_id, p_accept_overlaps); $$;
comment on function timetable.activate_timetable(uuid, boolean) is
  'Makes a timetable of yours active. It needs a term and blocks; overlaps are refused unless accepted, now and in what is written later. Errors: timetable_not_found (404), timetable_owner_required (403), term_required (422), timetable_empty, blocks_overlap, illegal_transition (409).';

create function private.move_timetable(p_id uuid, p_status text)
returns timetable.timetables
language plpgsql
volatile
security definer -- status is not the caller's to write; acts for the owner only
set search_path = ''
as $$
declare
  v_timetable timetable.timetables := private.enter_timetable(p_id, 'owner');
begin
  if v_timetable.status <> p_status then
    update timetable.timetables as t set status = p_status, accepts_overlaps = false where t.id = p_id
    returning t.* into v_timetable;
  end if;
  return v_timetable;
end;
$$;
comment on function private.move_timetable(uuid, text) is 'To archived or draft; see timetable.archive_timetable and timetable.reopen_timetable.';

create function timetable.archive_timetable(p_id uuid)
returns timetable.timetables
language sql
volatile
security invoker
set search_path = ''
as $$ select private.move_timetable(p_id, 'archived'); $$;
comment on function timetable.archive_timetable(uuid) is
  'Puts a timetable of yours away: it stays readable, and is not changed. Errors: timetable_not_found (404), timetable_owner_required (403).';

create function timetable.reopen_timetable(p_id uuid)
returns timetable.timetables
language sql
volatile
security invoker
set search_path = ''
as $$ select private.move_timetable(p_id, 'draft'); $$;
comment on function timetable.reopen_timetable(uuid) is
  'Makes a draft of an active or archived timetable of yours. Errors: timetable_not_found (404), timetable_owner_required (403).';

create function private.copy_timetable(p_id uuid, p_name text, p_starts_on date, p_ends_on date, p_new_id uuid)
returns timetable.timetables
language plpgsql
volatile
security definer -- copies what the caller may read into what is his
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_source timetable.timetables;
  v_copy timetable.timetables;
begin
  -- Asked again, it answers what it made, though the first may be gone by now.
  select t.* into v_copy from timetable.timetables as t where t.id = p_new_id and t.user_id = v_user_id;
  if found and (v_copy.copied_from_id = p_id or v_copy.copied_from_id is null and not exists (
    select from timetable.timetables as t where t.id = p_id
  )) then
    return v_copy;
  end if;
  v_source := private.enter_timetable(p_id, 'read');
  insert into timetable.timetables (
    id, user_id, name, class_name, school_name, teacher_name, term, year, starts_on, ends_on, cycle_weeks, time_zone,
    copied_from_id
  )
  values (
    coalesce(p_new_id, gen_random_uuid()), v_user_id, coalesce(p_name, v_source.name), v_source.class_name,
    v_source.school_name, v_source.teacher_name, null,
    coalesce(extract(year from p_starts_on)::integer, v_source.year), p_starts_on, p_ends_on, v_source.cycle_weeks,
    v_source.time_zone, p_id
  )
  on conflict (id) do nothing
  returning * into v_copy;
  if not found then
    -- Two of the same request at once: the second finds what the first made.
    select t.* into v_copy from timetable.timetables as t
    where t.id = p_new_id and t.user_id = v_user_id and t.copied_from_id = p_id;
    if found then
      return v_copy;
    end if;
    raise sqlstate 'PT409' using
      message = 'id_taken', detail = 'A timetable with this id exists.', hint = 'Send another p_new_id, or none.';
  end if;
  -- Not the exceptions, whose dates are over, and not where it was read: the document stays with its owner.
  insert into timetable.timeblocks (
    timetable_id, name, day_of_week, week, start_time, end_time, notes, color, position, is_checked, reasons
  )
  select v_copy.id, b.name, b.day_of_week, b.week, b.start_time, b.end_time, b.notes, b.color, b.position, b.is_checked,
    case when b.is_checked then '{}' else b.reasons end
  from timetable.timeblocks as b
  where b.timetable_id = p_id
  order by b.weekday, b.start_time, b.position, b.id;
  select t.* into v_copy from timetable.timetables as t where t.id = v_copy.id;
  return v_copy;
end;
$$;
comment on function private.copy_timetable(uuid, text, date, date, uuid) is 'See timetable.copy_timetable.';

create function timetable.copy_timetable(
  p_id uuid, p_name text default null, p_starts_on date default null, p_ends_on date default null, p_new_id uuid default null
)
returns timetable.timetables
language sql
volatile
security invoker
set search_path = ''
as $$ select private.copy_timetable(p_id, p_name, p_starts_on, p_ends_on, p_new_id); $$;
comment on function timetable.copy_timetable(uuid, text, date, date, uuid) is
  'A draft of your own with the blocks of a timetable that you may read, for another term; the first week of the term is an A. With p_new_id it is made once, however often you ask. Errors: timetable_not_found (404), id_taken, timetable_limit_reached (409), term_invalid, text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.activate_timetable(uuid, boolean), timetable.activate_timetable(uuid, boolean), private.move_timetable(uuid, text),
  timetable.archive_timetable(uuid), timetable.reopen_timetable(uuid),
  private.copy_timetable(uuid, text, date, date, uuid), timetable.copy_timetable(uuid, text, date, date, uuid)
  from public, anon, authenticated;
grant execute on function
  private.activate_timetable(uuid, boolean), timetable.activate_timetable(uuid, boolean), private.move_timetable(uuid, text),
  timetable.archive_timetable(uuid), timetable.reopen_timetable(uuid),
  private.copy_timetable(uuid, text, date, date, uuid), timetable.copy_timetable(uuid, text, date, date, uuid)
  to authenticated;
