-- Blocks: cleaned before they are stored; after each statement the timetable is told once, whatever the statement changed.

-- Direct writes of blocks and exceptions. The caller reads the timetable under his own rights.
create function private.tg__timetable_is_open()
returns trigger
language plpgsql
security invoker -- sees as whom the statement runs: definers have checked their caller, and a cascade has none
set search_path = ''
as $$
begin
  if current_user = 'authenticated' and exists (
    select from timetable.timetables as t
    where t.id = case when tg_op = 'DELETE' then old.timetable_id else new.timetable_id end and t.status = 'archived'
  ) then
    raise sqlstate 'PT409' using
      message = 'timetable_archived',
      detail = 'An archived timetable is not changed.',
      hint = 'Take it out with reopen_timetable, or copy it.';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end;
$$;
comment on function private.tg__timetable_is_open() is 'Trigger: timetable_archived (409) for people.';

-- What a person touched is his word: another reading of the document leaves it alone.
create function private.tg_timeblocks__by_person()
returns trigger
language plpgsql
security invoker -- sees as whom the statement runs
set search_path = ''
as $$
begin
  if current_user <> 'authenticated' then
    return new;
  end if;
  new.origin := 'person';
  if (new.name, new.day_of_week, new.week, new.start_time, new.end_time)
    is distinct from (old.name, old.day_of_week, old.week, old.start_time, old.end_time)
  then
    new.is_checked := true;
  end if;
  if new.is_checked then
    new.reasons := '{}';
  end if;
  return new;
end;
$$;
comment on function private.tg_timeblocks__by_person() is 'Trigger: marks what a person changes or confirms as his.';

create function private.tg_timeblocks__check()
returns trigger
language plpgsql
immutable
security definer -- the cleaning of texts is not executable by clients
set search_path = ''
as $$
begin
  if new.origin = 'machine' then
    -- A page may say what it likes. It stays text: the signs that would make a tag or a script link become others.
    new.name := left(private.plain_text(new.name), 255);
    new.notes := left(private.plain_text(new.notes), 2000);
    if private.contains_markup(new.name || ' ' || new.notes) then
      new.name := translate(new.name, '<>:', '‹›∶');
      new.notes := translate(new.notes, '<>:', '‹›∶');
    end if;
  else
    new.name := private.clean_text(new.name, 'name', 1, 255);
    new.notes := private.clean_text(coalesce(new.notes, ''), 'notes', 0, 2000);
  end if;
  new.color := upper(new.color);
  -- Midnight has two names, and a timetable no seconds.
  new.start_time := (date_trunc('minute', new.start_time - time '00:00'))::time;
  new.end_time := (date_trunc('minute', new.end_time - time '00:00'))::time;
  if new.end_time = new.start_time then
    raise sqlstate 'PT422' using
      message = 'block_takes_no_time',
      detail = 'The block ends when it starts.',
      hint = 'Leave end_time out when there is none; an end before the start is on the next day.';
  end if;
  return new;
end;
$$;
comment on function private.tg_timeblocks__check() is
  'Trigger: text_required, text_too_long, markup_not_allowed, block_takes_no_time (422).';

create function private.tg_timeblocks__changed()
returns trigger
language plpgsql
volatile
security definer -- moves numbers of the timetable that its writers may not set, and writes the search index
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_by_person uuid[] := '{}';
  v_id uuid;
  v_max integer;
begin
  if tg_op = 'DELETE' then
    v_ids := array(select distinct o.timetable_id from old_rows as o order by 1);
  elsif tg_op = 'INSERT' then
    v_ids := array(select distinct n.timetable_id from new_rows as n order by 1);
    v_by_person := array(select n.id from new_rows as n where n.origin = 'person');
  else
    v_ids := array(select distinct r.timetable_id from (
      select n.timetable_id from new_rows as n union select o.timetable_id from old_rows as o
    ) as r order by 1);
    -- Whoever paints or confirms what is there moves nothing.
    v_by_person := array(
      select n.id from new_rows as n join old_rows as o on o.id = n.id
      where n.origin = 'person'
        and (n.day_of_week, n.week, n.start_time, n.end_time) is distinct from (o.day_of_week, o.week, o.start_time, o.end_time)
    );
  end if;
  foreach v_id in array v_ids loop
    -- Writers of one timetable take turns from here on, and each sees what the other wrote.
    update timetable.timetables as t
    set calendar_sequence = t.calendar_sequence + 1,
      cycle_weeks = case
        when exists (select from timetable.timeblocks as b where b.timetable_id = t.id and b.week is not null) then 2
        else t.cycle_weeks
      end
    where t.id = v_id;
    continue when not found;
    if cardinality(v_by_person) > 0 then
      v_max := private.setting_number('timetable.max_blocks');
      if tg_op = 'INSERT' and (select count(*) from timetable.timeblocks as b where b.timetable_id = v_id) > v_max then
        raise sqlstate 'PT409' using
          message = 'timetable_full',
          detail = format('A timetable holds %s blocks at most.', v_max),
          hint = 'Make a second timetable.';
      end if;
      -- In a draft overlaps are flagged. Once it holds, nobody makes a new one by mistake.
      if exists (select from timetable.timetables as t where t.id = v_id and t.status = 'active' and not t.accepts_overlaps)
        and exists (
          select from private.timetable_overlaps(v_id) as o
          where o.timeblock_id = any (v_by_person) or o.other_id = any (v_by_person)
        )
      then
        raise sqlstate 'PT409' using
          message = 'blocks_overlap',
          detail = 'The timetable is active, and this would be at the same time as another block.',
          hint = 'Choose another time, or allow overlaps: activate_timetable with p_accept_overlaps.';
      end if;
    end if;
    perform private.index_timetable(v_id);
  end loop;
  return null;
end;
$$;
comment on function private.tg_timeblocks__changed() is
  'Trigger, once a statement: counts the change for calendars, makes two weeks of one when a block is of week A or B, keeps active timetables free of new overlaps (blocks_overlap, 409), and indexes; timetable_full (409).';

create trigger _050_is_open before insert or update or delete on timetable.timeblocks
  for each row execute function private.tg__timetable_is_open();
create trigger _100_by_person before update on timetable.timeblocks
  for each row execute function private.tg_timeblocks__by_person();
create trigger _200_check before insert or update on timetable.timeblocks
  for each row execute function private.tg_timeblocks__check();
create trigger _500_inserted after insert on timetable.timeblocks
  referencing new table as new_rows for each statement execute function private.tg_timeblocks__changed();
create trigger _500_updated after update on timetable.timeblocks
  referencing old table as old_rows new table as new_rows for each statement execute function private.tg_timeblocks__changed();
create trigger _500_deleted after delete on timetable.timeblocks
  referencing old table as old_rows for each statement execute function private.tg_timeblocks__changed();
create trigger _900_touch_updated_at before update on timetable.timeblocks
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.tg__timetable_is_open(), private.tg_timeblocks__by_person(), private.tg_timeblocks__check(),
  private.tg_timeblocks__changed()
  from public, anon, authenticated;
