-- Weeks and days: which week is A, on which dates a block is, and the days that are different.

create function private.timetable_week_of(p_timetable timetable.timetables, p_date date)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Weeks begin on Monday. Without any date the week of 1 January 2001, a Monday, is an A.
  select case when p_timetable.cycle_weeks = 2 then
    case abs(
      (date_trunc('week', p_date::timestamp)::date
        - date_trunc('week', coalesce(p_timetable.week_start_date, p_timetable.starts_on, date '2001-01-01')::timestamp)::date)
      / 7
    ) % 2 when 0 then 'A' else 'B' end
  end;
$$;
comment on function private.timetable_week_of(timetable.timetables, date) is
  'A or B, for a timetable of two weeks; null for one that is the same every week.';

create function private.timetable_in_term(p_timetable timetable.timetables, p_date date)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select p_date >= coalesce(p_timetable.starts_on, '-infinity') and p_date <= coalesce(p_timetable.ends_on, 'infinity');
$$;
comment on function private.timetable_in_term(timetable.timetables, date) is
  'True for dates of the term; a timetable without dates is on always.';

create function private.timeblock_is_on(p_timetable timetable.timetables, p_weekday integer, p_week text, p_date date)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select extract(isodow from p_date)::integer = p_weekday
    and private.timetable_in_term(p_timetable, p_date)
    and (p_week is null or p_week = private.timetable_week_of(p_timetable, p_date));
$$;
comment on function private.timeblock_is_on(timetable.timetables, integer, text, date) is
  'True when a block of this weekday and week is on that date, exceptions aside.';

create function private.tg_timetable_exceptions__check()
returns trigger
language plpgsql
security definer -- reads the timetable of whoever writes; the policy has decided whether he may
set search_path = ''
as $$
declare
  v_timetable timetable.timetables;
  v_block timetable.timeblocks;
begin
  new.to_date := coalesce(new.to_date, new.on_date);
  new.name := private.timetable_text(new.name, 'name', 0, 255);
  new.notes := private.clean_text(coalesce(new.notes, ''), 'notes', 0, 2000);
  new.start_time := (date_trunc('minute', new.start_time - time '00:00'))::time;
  new.end_time := (date_trunc('minute', new.end_time - time '00:00'))::time;
  if new.end_time = new.start_time then
    raise sqlstate 'PT422' using
      message = 'block_takes_no_time',
      detail = 'It ends when it starts.',
      hint = 'Leave end_time out when there is none; an end before the start is on the next day.';
  end if;
  if new.on_date not between date '2000-01-01' and date '2100-12-31' or new.to_date not between date '2000-01-01' and date '2100-12-31' then
    raise sqlstate 'PT422' using
      message = 'date_outside_term',
      detail = 'Days are between 2000 and 2100.',
      hint = 'Correct on_date and to_date.';
  end if;
  -- Its checks and keys say what is wrong with the rest; a policy, whose timetable it is.
  if new.kind = 'no_school' or new.on_date is null or not (
    private.is_service() or new.timetable_id = any (private.editable_timetable_ids())
  ) then
    return new;
  end if;
  select t.* into v_timetable from timetable.timetables as t where t.id = new.timetable_id;
  if not private.timetable_in_term(v_timetable, new.on_date) or not private.timetable_in_term(v_timetable, new.to_date) then
    raise sqlstate 'PT422' using
      message = 'date_outside_term',
      detail = format('The term goes from %s to %s.', coalesce(v_timetable.starts_on::text, 'any day'), coalesce(v_timetable.ends_on::text, 'any day')),
      hint = 'Choose a day of the term, or change the term.';
  end if;
  if new.timeblock_id is not null then
    select b.* into v_block from timetable.timeblocks as b
    where b.id = new.timeblock_id and b.timetable_id = new.timetable_id;
    if found and not private.timeblock_is_on(v_timetable, v_block.weekday, v_block.week, new.on_date) then
      raise sqlstate 'PT422' using
        message = 'block_not_on_date',
        detail = format('This block is on %s%s.', v_block.day_of_week, coalesce(' of week ' || v_block.week, '')),
        hint = 'Ask timetable.occurrences for its dates.';
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_timetable_exceptions__check() is
  'Trigger: date_outside_term, block_not_on_date, block_takes_no_time, text_too_long, markup_not_allowed (422).';

create function private.tg_timetable_exceptions__changed()
returns trigger
language plpgsql
volatile
security definer -- moves the number of the timetable that calendars ask for
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_id uuid;
  v_max integer := private.setting_number('timetable.max_exceptions');
begin
  if tg_op = 'DELETE' then
    v_ids := array(select distinct o.timetable_id from old_rows as o order by 1);
  else
    v_ids := array(select distinct n.timetable_id from new_rows as n order by 1);
  end if;
  foreach v_id in array v_ids loop
    update timetable.timetables as t set calendar_sequence = t.calendar_sequence + 1 where t.id = v_id;
    if tg_op = 'INSERT' and (select count(*) from timetable.timetable_exceptions as e where e.timetable_id = v_id) > v_max then
      raise sqlstate 'PT409' using
        message = 'timetable_full',
        detail = format('A timetable holds %s exceptions at most.', v_max),
        hint = 'Make one span of single days without school.';
    end if;
  end loop;
  return null;
end;
$$;
comment on function private.tg_timetable_exceptions__changed() is
  'Trigger, once a statement: counts the change for calendars; timetable_full (409).';

create trigger _050_is_open before insert or update or delete on timetable.timetable_exceptions
  for each row execute function private.tg__timetable_is_open();
create trigger _200_check before insert or update on timetable.timetable_exceptions
  for each row execute function private.tg_timetable_exceptions__check();
create trigger _500_inserted after insert on timetable.timetable_exceptions
  referencing new table as new_rows for each statement execute function private.tg_timetable_exceptions__changed();
create trigger _500_updated after update on timetable.timetable_exceptions
  referencing new table as new_rows for each statement execute function private.tg_timetable_exceptions__changed();
create trigger _500_deleted after delete on timetable.timetable_exceptions
  referencing old table as old_rows for each statement execute function private.tg_timetable_exceptions__changed();
create trigger _900_touch_updated_at before update on timetable.timetable_exceptions
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.timetable_week_of(timetable.timetables, date), private.timetable_in_term(timetable.timetables, date),
  private.timeblock_is_on(timetable.timetables, integer, text, date), private.tg_timetable_exceptions__check(),
  private.tg_timetable_exceptions__changed()
  from public, anon, authenticated;
