-- When a tutor can be booked, as he says it: the week as a whole, single dates that are different, stretches out of office.
-- Times are wall-clock times in the time zone of his row in core.experts.

-- [{"weekday": 1, "start": "09:00", "end": "12:30"}, …], for a date without weekday. An end of 24:00 or 00:00 is midnight;
-- what goes on over midnight is two rows. Rows that only touch stay two; rows that overlap are a mistake.
create function private.market_read_slots(p_slots jsonb, p_has_weekday boolean)
returns table (weekday smallint, start_time time, end_time time)
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_slot jsonb;
  v_no integer := 0;
begin
  if jsonb_typeof(p_slots) is distinct from 'array' or jsonb_array_length(p_slots) > 1000 then
    raise sqlstate 'PT422' using
      message = 'slots_invalid',
      detail = 'p_slots is an array of at most 1000 slots.',
      hint = 'Send [{"weekday": 1, "start": "09:00", "end": "12:30"}]; [] for none.';
  end if;
  for v_slot in select s.value from jsonb_array_elements(p_slots) as s loop
    v_no := v_no + 1;
    if jsonb_typeof(v_slot) <> 'object'
      or coalesce(v_slot ->> 'start', '') !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
      or coalesce(v_slot ->> 'end', '') !~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'
      or v_slot ->> 'start' = v_slot ->> 'end'
      or p_has_weekday and (jsonb_typeof(v_slot -> 'weekday') is distinct from 'number' or v_slot ->> 'weekday' !~ '^[1-7]$')
      or not p_has_weekday and (v_slot ? 'weekday' or v_slot ->> 'end' <> '00:00' and v_slot ->> 'end' <= v_slot ->> 'start')
    then
      raise sqlstate 'PT422' using
        message = 'slots_invalid',
        detail = format('Slot %s is none: weekday is 1 (Monday) to 7, start and end are times such as 09:00, and a slot takes time.', v_no),
        hint = 'Send {"weekday": 1, "start": "09:00", "end": "12:30"}; a slot of a date has no weekday and ends on it.';
    end if;
    weekday := (v_slot ->> 'weekday')::smallint;
    start_time := (v_slot ->> 'start')::time;
    end_time := (case when v_slot ->> 'end' = '00:00' then '24:00' else v_slot ->> 'end' end)::time;
    if end_time < start_time then
      end_time := '24:00';
      return next;
      weekday := weekday % 7 + 1;
      start_time := '00:00';
      end_time := (v_slot ->> 'end')::time;
    end if;
    return next;
  end loop;
end;
$$;
comment on function private.market_read_slots(jsonb, boolean) is
  'The rows that slots sent by a client mean, with one more for each that goes on over midnight; slots_invalid (422).';

create function private.market_enter_tutor()
returns uuid
language plpgsql
volatile
security definer -- locks the row of the caller
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  perform from market.tutors as t where t.id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT403' using
      message = 'tutor_required', detail = 'Only tutors are available.', hint = 'Call market.become_tutor first.';
  end if;
  perform private.limit_action('market.writing_limits', 'availability', v_user_id::text);
  return v_user_id;
end;
$$;
comment on function private.market_enter_tutor() is
  'The caller, whose row of tutors is locked: two changes of one tutor''s availability take turns. tutor_required (403), rate_limited (429).';

create function private.market_raise_slots(p_what text, p_max bigint)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_max is null then
    raise sqlstate 'PT422' using
      message = 'slots_overlap', detail = format('Two slots of %s overlap.', p_what), hint = 'Make one of them.';
  end if;
  raise sqlstate 'PT422' using
    message = 'too_many_slots', detail = format('There are %s at most for %s.', p_max, p_what), hint = 'Make longer ones, and fewer.';
end;
$$;
comment on function private.market_raise_slots(text, bigint) is 'Raises too_many_slots, or slots_overlap when there is no maximum.';

create function private.set_availability(p_slots jsonb)
returns setof market.expert_availability
language plpgsql
volatile
security definer -- the week is written by nobody directly, since it must be replaced whole
set search_path = ''
as $$
declare
  v_tutor_id uuid := private.market_enter_tutor();
  v_max bigint := private.setting_number('market.max_slots');
begin
  delete from market.expert_availability as a where a.tutor_id = v_tutor_id;
  begin
    insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
    select v_tutor_id, s.weekday, s.start_time, s.end_time from private.market_read_slots(p_slots, true) as s;
  exception when exclusion_violation then
    perform private.market_raise_slots('the week', null);
  end;
  if (select count(*) from market.expert_availability as a where a.tutor_id = v_tutor_id) > v_max then
    perform private.market_raise_slots('the week', v_max);
  end if;
  return query
    select a.* from market.expert_availability as a where a.tutor_id = v_tutor_id order by a.weekday, a.start_time;
end;
$$;
comment on function private.set_availability(jsonb) is 'See market.set_availability.';

create function market.set_availability(p_slots jsonb)
returns setof market.expert_availability
language sql
volatile
security invoker
set search_path = ''
as $$ select * from private.set_availability(p_slots); $$;
comment on function market.set_availability(jsonb) is
  'Replaces your whole week: [{"weekday": 1, "start": "09:00", "end": "12:30"}], Monday 1 to Sunday 7, by your own clock; an end before the start is on the next day. Errors: tutor_required (403), slots_invalid, slots_overlap, too_many_slots (422), rate_limited (429).';

create function private.market_set_override(p_on_date date, p_slots jsonb)
returns setof market.availability_overrides
language plpgsql
volatile
security definer -- overrides of a date are replaced whole
set search_path = ''
as $$
declare
  v_tutor_id uuid := private.market_enter_tutor();
  v_max bigint := private.setting_number('market.max_slots');
begin
  -- By the calendar of the tutor, whose yesterday may be somebody else's today: two days of grace.
  if p_on_date is null or p_on_date not between current_date - 2 and current_date + 800 then
    raise sqlstate 'PT422' using
      message = 'date_invalid', detail = 'A date is from today on, and not years away.', hint = 'Send it as 2026-10-25.';
  end if;
  delete from market.availability_overrides as o where o.tutor_id = v_tutor_id and (o.on_date = p_on_date or o.on_date < current_date - 400);
  if p_slots is null then
    return;
  end if;
  begin
    insert into market.availability_overrides (tutor_id, on_date, start_time, end_time)
    select v_tutor_id, p_on_date, s.start_time, s.end_time from private.market_read_slots(p_slots, false) as s;
    if not found then
      insert into market.availability_overrides (tutor_id, on_date) values (v_tutor_id, p_on_date);
    end if;
  exception when exclusion_violation then
    perform private.market_raise_slots(p_on_date::text, null);
  end;
  if (select count(*) from market.availability_overrides as o where o.tutor_id = v_tutor_id and o.on_date = p_on_date) > v_max then
    perform private.market_raise_slots(p_on_date::text, v_max);
  end if;
  if (select count(distinct o.on_date) from market.availability_overrides as o where o.tutor_id = v_tutor_id)
    > private.setting_number('market.max_overrides')
  then
    raise sqlstate 'PT409' using
      message = 'override_limit_reached',
      detail = format('At most %s dates are different.', private.setting_number('market.max_overrides')),
      hint = 'Take some back, or change the week.';
  end if;
  return query
    select o.* from market.availability_overrides as o
    where o.tutor_id = v_tutor_id and o.on_date = p_on_date order by o.start_time;
end;
$$;
comment on function private.market_set_override(date, jsonb) is 'See market.set_override.';

create function market.set_override(p_on_date date, p_slots jsonb default '[]')
returns setof market.availability_overrides
language sql
volatile
security invoker
set search_path = ''
as $$ select * from private.market_set_override(p_on_date, p_slots); $$;
comment on function market.set_override(date, jsonb) is
  'Makes one date different from the week: these slots ([{"start": "10:00", "end": "12:00"}]) instead of its own, none with [], or as the week again with null. Errors: tutor_required (403), override_limit_reached (409), date_invalid, slots_invalid, slots_overlap, too_many_slots (422), rate_limited (429).';

create function private.tg_out_of_office__check()
returns trigger
language plpgsql
volatile
security definer -- locks and counts what its tutor has
set search_path = ''
as $$
declare
  v_max bigint;
begin
  new.reason := private.clean_text(coalesce(new.reason, ''), 'reason', 0, 200);
  -- The bounds first: at the ends of the calendar nothing can be added.
  if new.starts_at < timestamptz '2000-01-01 00:00:00+00' or new.ends_at > timestamptz '2101-01-01 00:00:00+00'
    or new.ends_at <= new.starts_at or new.ends_at > new.starts_at + interval '400 days'
  then
    raise sqlstate 'PT422' using
      message = 'range_invalid',
      detail = 'Out of office ends after it starts, and lasts 400 days at most.',
      hint = 'Correct starts_at and ends_at.';
  end if;
  if tg_op = 'INSERT' and not private.is_service() then
    if private.market_enter_tutor() <> new.tutor_id then
      return new; -- the policy refuses it
    end if;
    v_max := private.setting_number('market.max_out_of_office');
    delete from market.out_of_office as o where o.tutor_id = new.tutor_id and o.ends_at < now() - interval '400 days';
    if (select count(*) from market.out_of_office as o where o.tutor_id = new.tutor_id) >= v_max then
      raise sqlstate 'PT409' using
        message = 'out_of_office_limit_reached',
        detail = format('There are %s stretches out of office at most.', v_max),
        hint = 'Delete those that are past.';
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_out_of_office__check() is
  'Trigger: tutor_required (403), out_of_office_limit_reached (409), range_invalid, text_too_long, markup_not_allowed (422), rate_limited (429).';
create trigger _100_check before insert or update on market.out_of_office
  for each row execute function private.tg_out_of_office__check();

revoke execute on function
  private.market_read_slots(jsonb, boolean), private.market_enter_tutor(), private.market_raise_slots(text, bigint),
  private.set_availability(jsonb), market.set_availability(jsonb), private.market_set_override(date, jsonb),
  market.set_override(date, jsonb), private.tg_out_of_office__check()
  from public, anon, authenticated;
grant execute on function
  private.set_availability(jsonb), market.set_availability(jsonb), private.market_set_override(date, jsonb),
  market.set_override(date, jsonb)
  to authenticated;
