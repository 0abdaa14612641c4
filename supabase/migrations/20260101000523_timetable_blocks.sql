-- What a block may be, whoever says it: a machine, a reviewer. One shape, {id?, day, name, start, end, notes, color, week,
-- page, box, confidence, reasons, accepted, read?}, checked and normalised here; boxes are shares of the page.

create function private.timetable_block_problem(p_block jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when jsonb_typeof(p_block) is distinct from 'object' then 'is not an object'
    when jsonb_typeof(p_block -> 'name') is distinct from 'string' or btrim(p_block ->> 'name') = '' then 'has no name'
    when length(p_block ->> 'name') > 255 then 'has a name of more than 255 characters'
    when coalesce(p_block ->> 'day', '') not in (
      'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
    ) then 'has no day (Monday to Sunday)'
    when coalesce(p_block ->> 'start', '') !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' then 'has no start (HH:MM)'
    when p_block ->> 'end' !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' then 'has an end that is not HH:MM'
    when p_block ->> 'end' = p_block ->> 'start' then 'ends when it starts'
    when length(p_block ->> 'notes') > 2000 then 'has notes of more than 2000 characters'
    when p_block ->> 'color' !~ '^#[0-9A-Fa-f]{6}$' then 'has a color that is not #rrggbb'
    when p_block ->> 'week' not in ('A', 'B') then 'has a week that is neither A nor B'
    when p_block ->> 'id' !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then 'has an id that is none'
    when p_block ->> 'page' !~ '^([1-9]|1[0-9]|20)$' then 'is on no page (1 to 20)'
    when (nullif(p_block -> 'page', 'null') is null) <> (nullif(p_block -> 'box', 'null') is null) then 'has a page without a box, or a box without a page'
    when nullif(p_block -> 'box', 'null') is not null and (
      jsonb_typeof(p_block -> 'box') <> 'object' or exists (
        select from unnest(array['x', 'y', 'width', 'height']) as k
        where jsonb_typeof(p_block -> 'box' -> k) is distinct from 'number'
          or (p_block -> 'box' ->> k)::numeric not between -0.01 and 1.01
      )
    ) then 'has a box that is not {x, y, width, height} in shares of the page'
    when jsonb_typeof(p_block -> 'confidence') not in ('number', 'null') then 'has a confidence that is no number'
    when (p_block ->> 'confidence')::numeric not between 0 and 1 then 'has a confidence that is not between 0 and 1'
    when jsonb_typeof(p_block -> 'reasons') not in ('array', 'null') then 'has reasons that are no list'
    when jsonb_typeof(p_block -> 'read') not in ('object', 'null') then 'has a read that is no object'
  end;
$$;
comment on function private.timetable_block_problem(jsonb) is 'What is wrong with a block, or null.';

-- A page may say what it likes: it stays text, and signs that would make a tag or a script link become others, as in the
-- trigger of blocks: a reviewer can send back what he was shown.
create function private.timetable_machine_text(p_text text, p_max integer)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select left(case when private.contains_markup(t.plain) then translate(t.plain, '<>:', '‹›∶') else t.plain end, p_max)
  from (select private.plain_text(p_text) as plain) as t;
$$;
comment on function private.timetable_machine_text(text, integer) is 'What a machine read, as plain text without markup.';

create function private.timetable_clean_blocks(p_blocks jsonb, p_is_final boolean)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_limit integer := 500;
  v_problem text;
begin
  if jsonb_typeof(p_blocks) is distinct from 'array' then
    v_problem := 'Blocks are a list.';
  elsif jsonb_array_length(p_blocks) > v_limit then
    v_problem := format('%s blocks; at most %s are taken.', jsonb_array_length(p_blocks), v_limit);
  else
    select format('Block %s %s.', b.place, private.timetable_block_problem(b.block)) into v_problem
    from jsonb_array_elements(p_blocks) with ordinality as b (block, place)
    where private.timetable_block_problem(b.block) is not null
    order by b.place limit 1;
  end if;
  if v_problem is null and exists (
    select from jsonb_array_elements(p_blocks) as b where b ->> 'id' is not null group by b ->> 'id' having count(*) > 1
  ) then
    v_problem := 'Two blocks have the same id.';
  end if;
  if v_problem is not null then
    raise sqlstate 'PT422' using
      message = 'blocks_invalid',
      detail = v_problem,
      hint = 'A block is {day, name, start, end, notes, color, week, page, box, confidence, reasons}; times are HH:MM.';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'id', b.block ->> 'id',
      'day', b.block ->> 'day',
      'name', case when p_is_final then private.clean_text(b.block ->> 'name', 'name', 1, 255)
        else coalesce(nullif(private.timetable_machine_text(b.block ->> 'name', 255), ''), '?') end,
      'start', b.block ->> 'start',
      'end', b.block ->> 'end',
      'notes', case when p_is_final then private.clean_text(coalesce(b.block ->> 'notes', ''), 'notes', 0, 2000)
        else private.timetable_machine_text(b.block ->> 'notes', 2000) end,
      'color', upper(b.block ->> 'color'),
      'week', b.block ->> 'week',
      'page', b.block -> 'page',
      'box', case when jsonb_typeof(b.block -> 'box') = 'object' then (
        select jsonb_object_agg(k, round(least(greatest((b.block -> 'box' ->> k)::numeric, 0), 1), 5))
        from unnest(array['x', 'y', 'width', 'height']) as k
      ) end,
      'confidence', round(coalesce((b.block ->> 'confidence')::numeric, case when p_is_final then 1 else 0 end), 3),
      'reasons', (
        select coalesce(jsonb_agg(distinct r), '[]')
        from jsonb_array_elements_text(case jsonb_typeof(b.block -> 'reasons') when 'array' then b.block -> 'reasons' else '[]' end) as r
        where r ~ '^[a-z][a-z0-9_]{1,39}$'
      ),
      -- What the machine read before a correction of this layout was applied.
      'read', (
        select jsonb_object_agg(k, left(private.plain_text(b.block -> 'read' ->> k), 255))
        from unnest(array['name', 'time', 'day']) as k
        where jsonb_typeof(b.block -> 'read' -> k) = 'string'
      )
    )) order by b.place), '[]')
    from jsonb_array_elements(p_blocks) with ordinality as b (block, place)
  );
end;
$$;
comment on function private.timetable_clean_blocks(jsonb, boolean) is
  'Blocks checked and normalised; raises blocks_invalid (422) with the first that is wrong. p_is_final: a person wrote them.';

-- Minutes of the day, the end after midnight counted on; without an end a block takes no time.
create function private.timetable_block_span(p_block jsonb)
returns int4range
language sql
immutable
security invoker
set search_path = ''
as $$
  select int4range(s.start, case when e.stop is null then s.start + 1 when e.stop <= s.start then e.stop + 1440 else e.stop end)
  from (select extract(epoch from (p_block ->> 'start')::time)::integer / 60 as start) as s,
    (select extract(epoch from (p_block ->> 'end')::time)::integer / 60 as stop) as e;
$$;
comment on function private.timetable_block_span(jsonb) is 'When a block is, in minutes of its day.';

create function private.timetable_judge_blocks(p_blocks jsonb, p_threshold numeric)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with blocks as (
    select b.place, b.block, private.timetable_block_span(b.block) as span
    from jsonb_array_elements(p_blocks) with ordinality as b (block, place)
  ),
  -- What the reader has said already lowers nothing twice.
  doubts as (
    select b.place, b.block, b.span, array_remove(array[
      case when exists (
        select from blocks as o
        where o.place <> b.place and o.block ->> 'day' = b.block ->> 'day' and o.span && b.span
          and coalesce(o.block ->> 'week', b.block ->> 'week', '') = coalesce(b.block ->> 'week', o.block ->> 'week', '')
      ) then 'overlap' end,
      case when upper(b.span) - lower(b.span) < 5 and b.block ? 'end' or upper(b.span) - lower(b.span) > 480 then 'odd_length' end,
      case when lower(b.span) < 300 or lower(b.span) >= 1320 then 'odd_time' end
    ], null) as found
    from blocks as b
  ),
  judged as (
    select d.place, d.block,
      array(select jsonb_array_elements_text(d.block -> 'reasons') union select unnest(d.found)) as reasons,
      round((d.block ->> 'confidence')::numeric * power(0.5, (
        select count(*) from unnest(d.found) as f where not d.block -> 'reasons' ? f
      )), 3) as confidence
    from doubts as d
  )
  select coalesce(jsonb_agg(j.block || jsonb_build_object(
    'reasons', to_jsonb(j.reasons), 'confidence', j.confidence, 'accepted', j.confidence >= p_threshold
  ) order by j.place), '[]')
  from judged as j;
$$;
comment on function private.timetable_judge_blocks(jsonb, numeric) is
  'Checks blocks against each other: what overlaps, is under five minutes, over eight hours or in the night counts half as sure; accepted is what is sure enough then.';

revoke execute on function
  private.timetable_block_problem(jsonb), private.timetable_machine_text(text, integer), private.timetable_clean_blocks(jsonb, boolean),
  private.timetable_block_span(jsonb), private.timetable_judge_blocks(jsonb, numeric)
  from public, anon, authenticated;
