-- What a reviewer changed: found by the database, not told by him. And what is learned from it for the next document of
-- the same layout: only what was so everywhere in this one, and never too much.

create function private.timetable_block_words(p_block jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'name', p_block ->> 'name', 'day', p_block ->> 'day', 'start', p_block ->> 'start', 'end', p_block ->> 'end',
    'notes', coalesce(p_block ->> 'notes', ''), 'color', coalesce(upper(p_block ->> 'color'), '#3B82F6'), 'week', p_block ->> 'week'
  ));
$$;
comment on function private.timetable_block_words(jsonb) is 'What a block says, without where it was read and how surely.';

create function private.timetable_diff(p_from jsonb, p_to jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  with was as (
    select b.block ->> 'id' as id, b.block, private.timetable_block_words(b.block) as words, b.place
    from jsonb_array_elements(p_from) with ordinality as b (block, place)
  ),
  becomes as (
    select b.block ->> 'id' as id, b.block, private.timetable_block_words(b.block) as words, b.place
    from jsonb_array_elements(p_to) with ordinality as b (block, place)
  ),
  pairs as (
    select w.id, w.words as old, b.words as new from was as w join becomes as b on b.id = w.id
  ),
  -- Two people who add the same block give it no common id: what says the same is the same.
  gone as (
    select w.*, row_number() over (partition by w.words order by w.place) as copy
    from was as w where w.id is null or not exists (select from becomes as b where b.id = w.id)
  ),
  come as (
    select b.*, row_number() over (partition by b.words order by b.place) as copy
    from becomes as b where b.id is null or not exists (select from was as w where w.id = b.id)
  )
  select jsonb_build_object(
    'added', (
      select coalesce(jsonb_agg(c.block order by c.place), '[]') from come as c
      where not exists (select from gone as g where g.words = c.words and g.copy = c.copy)
    ),
    'removed', (
      select coalesce(jsonb_agg(g.block order by g.place), '[]') from gone as g
      where not exists (select from come as c where c.words = g.words and c.copy = g.copy)
    ),
    'changed', (
      select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'fields', (
        select jsonb_object_agg(k, jsonb_build_object('from', p.old -> k, 'to', p.new -> k))
        from unnest(array['name', 'day', 'start', 'end', 'notes', 'color', 'week']) as k
        where p.old -> k is distinct from p.new -> k
      )) order by p.id), '[]')
      from pairs as p where p.old <> p.new
    ),
    'unchanged', (select count(*) from pairs as p where p.old = p.new)
      + (select count(*) from gone as g join come as c on c.words = g.words and c.copy = g.copy)
  );
$$;
comment on function private.timetable_diff(jsonb, jsonb) is
  'From one list of blocks to another: {added, removed, changed: [{id, fields: {name: {from, to}}}], unchanged}.';

create function private.timetable_block_time(p_block jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$ select (p_block ->> 'start') || '-' || coalesce(p_block ->> 'end', ''); $$;

create function private.timetable_learn(p_layout_hash text, p_draft jsonb, p_final jsonb)
returns integer
language plpgsql
volatile
security definer -- writes what all documents of the layout share
set search_path = ''
as $$
declare
  v_learned integer := 0;
begin
  if p_layout_hash is null or (
    select count(*) from timetable.layout_corrections as c where c.layout_hash = p_layout_hash
  ) >= private.setting_number('timetable.max_corrections') then
    return 0;
  end if;
  with pairs as (
    select d as draft, f as final
    from jsonb_array_elements(p_draft) as d
    join jsonb_array_elements(p_final) as f on f ->> 'id' = d ->> 'id'
    -- What a person wrote is not how the machine reads.
    where coalesce(d ->> 'origin', 'machine') = 'machine'
  ),
  readings as (
    select 'name' as field, coalesce(p.draft -> 'read' ->> 'name', p.draft ->> 'name') as read_text, p.draft ->> 'name' as said,
      p.final ->> 'name' as corrected
    from pairs as p
    union all
    select 'time', coalesce(p.draft -> 'read' ->> 'time', private.timetable_block_time(p.draft)), private.timetable_block_time(p.draft),
      private.timetable_block_time(p.final)
    from pairs as p
    union all
    select 'day', coalesce(p.draft -> 'read' ->> 'day', p.draft ->> 'day'), p.draft ->> 'day', p.final ->> 'day'
    from pairs as p
  ),
  -- Learned is what was so wherever it was read: one block that was right as it is, and nothing is concluded. A day is
  -- moved only with all its blocks, of which there are two at least.
  lessons as (
    select r.field, r.read_text, min(r.corrected) as corrected, count(*) as seen
    from readings as r
    group by r.field, r.read_text
    having count(distinct r.corrected) = 1
      and bool_or(r.corrected <> r.said or r.said <> r.read_text)
      and (r.field <> 'day' or count(*) >= 2)
      and length(r.read_text) between 1 and 255 and length(min(r.corrected)) between 1 and 255
    order by count(*) desc, r.field, r.read_text
    limit 50
  )
  insert into timetable.layout_corrections as c (layout_hash, field, read_text, corrected_text)
  select p_layout_hash, l.field, l.read_text, l.corrected from lessons as l order by l.field, l.read_text, l.corrected
  on conflict (layout_hash, field, read_text, corrected_text) do update
    set times_seen = c.times_seen + 1, updated_at = now();
  get diagnostics v_learned = row_count;
  return v_learned;
end;
$$;
comment on function private.timetable_learn(text, jsonb, jsonb) is
  'Counts what a review says about readings of this layout (name, time as HH:MM-HH:MM, day); returns how many corrections that were. A review that undoes an earlier correction votes against it.';

create function private.timetable_block_draft(p_block timetable.timeblocks)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'id', p_block.id, 'day', p_block.day_of_week, 'name', p_block.name, 'start', to_char(p_block.start_time, 'HH24:MI'),
    'end', to_char(p_block.end_time, 'HH24:MI'), 'notes', p_block.notes, 'color', p_block.color, 'week', p_block.week,
    'page', p_block.page, 'box', p_block.box, 'confidence', p_block.confidence, 'reasons', to_jsonb(p_block.reasons),
    'accepted', p_block.is_checked, 'origin', p_block.origin
  ));
$$;
comment on function private.timetable_block_draft(timetable.timeblocks) is 'A block of a timetable as a review shows it.';

-- What a reviewer may write over: what the machine or a reviewer said, and what the owner said already when the review began.
create function private.timetable_is_reviewable(p_block timetable.timeblocks, p_draft jsonb)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select p_block.origin <> 'person' or exists (
    select from jsonb_array_elements(p_draft) as d
    where d ->> 'id' = p_block.id::text
      and private.timetable_block_words(d) = private.timetable_block_words(private.timetable_block_draft(p_block))
  );
$$;
comment on function private.timetable_is_reviewable(timetable.timeblocks, jsonb) is
  'False for a block that its owner has changed since the draft of the review was made: his word stays.';

-- The reviewer's blocks in the owner's timetable. What the owner has changed or deleted meanwhile is his word, and stays.
create function private.timetable_apply_review(p_document timetable.documents, p_draft jsonb, p_final jsonb)
returns void
language plpgsql
volatile
security definer -- writes the owner's timetable for a reviewer
set search_path = ''
as $$
declare
  v_timetable_id uuid := private.timetable_for_document(p_document);
  v_is_new boolean := p_document.timetable_id is null;
begin
  perform from timetable.timeblocks as b where b.document_id = p_document.id order by b.id for update;
  delete from timetable.timeblocks as b
  where b.document_id = p_document.id and private.timetable_is_reviewable(b, p_draft)
    and b.id::text in (select d ->> 'id' from jsonb_array_elements(p_draft) as d)
    and b.id::text not in (select f ->> 'id' from jsonb_array_elements(p_final) as f where f ->> 'id' is not null);
  update timetable.timeblocks as b
  set name = f.item ->> 'name', day_of_week = f.item ->> 'day', week = f.item ->> 'week',
    start_time = (f.item ->> 'start')::time, end_time = (f.item ->> 'end')::time, notes = coalesce(f.item ->> 'notes', ''),
    color = coalesce(f.item ->> 'color', b.color), origin = 'reviewer', is_checked = true, reasons = '{}'
  from jsonb_array_elements(p_final) as f (item)
  where b.id::text = f.item ->> 'id' and b.document_id = p_document.id and private.timetable_is_reviewable(b, p_draft);
  insert into timetable.timeblocks (
    timetable_id, name, day_of_week, week, start_time, end_time, notes, color, position, document_id, page, box, confidence,
    origin, is_checked
  )
  select v_timetable_id, f.item ->> 'name', f.item ->> 'day', f.item ->> 'week', (f.item ->> 'start')::time,
    (f.item ->> 'end')::time, coalesce(f.item ->> 'notes', ''), coalesce(f.item ->> 'color', '#3B82F6'), f.place, p_document.id,
    (f.item ->> 'page')::integer, f.item -> 'box', (f.item ->> 'confidence')::numeric, 'reviewer', true
  from jsonb_array_elements(p_final) with ordinality as f (item, place)
  where v_is_new or not exists (select from jsonb_array_elements(p_draft) as d where d ->> 'id' = f.item ->> 'id');
end;
$$;
comment on function private.timetable_apply_review(timetable.documents, jsonb, jsonb) is
  'Writes what a reviewer found into the timetable, except where its owner was faster.';

revoke execute on function
  private.timetable_block_words(jsonb), private.timetable_diff(jsonb, jsonb), private.timetable_block_time(jsonb),
  private.timetable_learn(text, jsonb, jsonb), private.timetable_block_draft(timetable.timeblocks),
  private.timetable_is_reviewable(timetable.timeblocks, jsonb), private.timetable_apply_review(timetable.documents, jsonb, jsonb)
  from public, anon, authenticated;
