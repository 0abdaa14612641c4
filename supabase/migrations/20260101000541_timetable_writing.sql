-- What may stand in a timetable, whoever writes it. People write timetables, blocks and exceptions directly; the text of
-- people is refused when it holds markup, that of machines is kept as text.

create function private.timetable_text(p_value text, p_field text, p_min integer, p_max integer)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$ select case when p_value is not null then nullif(private.clean_text(p_value, p_field, p_min, p_max), '') end; $$;
comment on function private.timetable_text(text, text, integer, integer) is 'private.clean_text, with null for nothing.';

-- Direct writes run as authenticated; whatever runs inside a definer has checked its caller itself.
create function private.tg_timetables__by_person()
returns trigger
language plpgsql
security invoker -- sees as whom the statement runs
set search_path = ''
as $$
begin
  if current_user = 'authenticated' and old.status = 'archived' then
    raise sqlstate 'PT409' using
      message = 'timetable_archived',
      detail = 'An archived timetable is not changed.',
      hint = 'Take it out with reopen_timetable, or copy it.';
  end if;
  return new;
end;
$$;

create function private.tg_timetables__check()
returns trigger
language plpgsql
security definer -- counts the timetables of a person and takes from his allowance
set search_path = ''
as $$
begin
  new.name := private.clean_text(new.name, 'name', 1, 255);
  new.class_name := private.timetable_text(new.class_name, 'class_name', 0, 100);
  new.term := private.timetable_text(new.term, 'term', 0, 50);
  new.school_name := private.timetable_text(new.school_name, 'school_name', 0, 255);
  new.teacher_name := private.timetable_text(new.teacher_name, 'teacher_name', 0, 255);
  if not private.is_time_zone(new.time_zone) then
    raise sqlstate 'PT422' using
      message = 'time_zone_unknown',
      detail = format('%s is no time zone that is known here.', left(new.time_zone, 60)),
      hint = 'Send an IANA name, such as Europe/London.';
  end if;
  -- Whoever reads a term walks through its days: none may be without end.
  if new.starts_on not between date '2000-01-01' and date '2100-12-31' or new.ends_on not between date '2000-01-01' and date '2100-12-31'
    or new.week_start_date not between date '2000-01-01' and date '2100-12-31'
  then
    raise sqlstate 'PT422' using
      message = 'term_invalid',
      detail = 'The days of a term are between 2000 and 2100.',
      hint = 'Correct starts_on, ends_on and week_start_date.';
  end if;
  if new.ends_on < new.starts_on or new.ends_on - new.starts_on > 400 then
    raise sqlstate 'PT422' using
      message = 'term_invalid',
      detail = 'A term ends after it starts, and lasts 400 days at most.',
      hint = 'Correct starts_on and ends_on.';
  end if;
  if tg_op = 'INSERT' then
    if not private.is_service() then
      if new.user_id is distinct from private.require_user() then
        return new; -- the policy refuses it
      end if;
      perform private.limit_action('timetable.limits', 'timetable', new.user_id::text);
      -- One person's timetables are counted one after the other.
      perform from core.profiles as p where p.id = new.user_id for no key update;
      if (select count(*) from timetable.timetables as t where t.user_id = new.user_id)
        >= private.setting_number('timetable.max_timetables')
      then
        raise sqlstate 'PT409' using
          message = 'timetable_limit_reached',
          detail = format('A person has %s timetables at most.', private.setting_number('timetable.max_timetables')),
          hint = 'Delete one that is not needed.';
      end if;
    end if;
  elsif new.cycle_weeks = 1 and old.cycle_weeks = 2 and exists (
    select from timetable.timeblocks as b where b.timetable_id = new.id and b.week is not null
  ) then
    raise sqlstate 'PT409' using
      message = 'weeks_in_use',
      detail = 'Blocks of this timetable belong to week A or B.',
      hint = 'Set the week of its blocks to null first.';
  end if;
  if tg_op = 'UPDATE' and new.calendar_sequence = old.calendar_sequence
    and to_jsonb(new) - array['updated_at'] is distinct from to_jsonb(old) - array['updated_at']
  then
    new.calendar_sequence := old.calendar_sequence + 1;
  end if;
  return new;
end;
$$;
comment on function private.tg_timetables__check() is
  'Trigger: text_required, text_too_long, markup_not_allowed, time_zone_unknown, term_invalid (422), timetable_limit_reached, weeks_in_use (409), rate_limited (429).';

create function private.tg_timetables__check_transition()
returns trigger
language plpgsql
stable
security definer -- the table of moves is read for whoever makes one
set search_path = ''
as $$
begin
  if not exists (
    select from timetable.timetable_transitions as t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A timetable cannot go from %s to %s.', old.status, new.status),
      hint = 'See timetable.timetable_transitions for the legal moves.';
  end if;
  return new;
end;
$$;

create trigger _100_by_person before update on timetable.timetables
  for each row execute function private.tg_timetables__by_person();
create trigger _200_check before insert or update on timetable.timetables
  for each row execute function private.tg_timetables__check();
create trigger _300_check_transition before update of status on timetable.timetables
  for each row when (old.status is distinct from new.status)
  execute function private.tg_timetables__check_transition();
create trigger _900_touch_updated_at before update on timetable.timetables
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.timetable_text(text, text, integer, integer), private.tg_timetables__by_person(),
  private.tg_timetables__check(), private.tg_timetables__check_transition()
  from public, anon, authenticated;
