-- The words of passages follow what the passages say: triggers, so that whoever writes a passage need not think of it.

create function private.study_index_chunks(p_chunk_ids uuid[])
returns void
language sql
volatile
security definer -- the words are written by nobody else
set search_path = ''
as $$
  insert into study.chunk_terms as t (chunk_id, material_id, language, tsv, title_length, heading_length, content_length)
  select x.id, x.material_id, x.language, x.tsv, l.title, l.heading, l.content
  from (
    select c.id, c.material_id, c.language, private.study_passage_lexemes(c.language, m.title, c.heading_path, c.content) as tsv
    from study.material_chunks as c
    join study.materials as m on m.id = c.material_id
    where c.id = any (p_chunk_ids)
    offset 0
  ) as x
  cross join lateral (
    select count(*) filter (where w.weight = 'A') as title, count(*) filter (where w.weight = 'B') as heading,
      count(*) filter (where w.weight = 'D') as content
    from unnest(x.tsv) as u cross join lateral unnest(u.weights) as w (weight)
  ) as l
  on conflict (chunk_id) do update set
    language = excluded.language, tsv = excluded.tsv, title_length = excluded.title_length,
    heading_length = excluded.heading_length, content_length = excluded.content_length
    where (t.language, t.tsv) is distinct from (excluded.language, excluded.tsv);
$$;
comment on function private.study_index_chunks(uuid[]) is 'Takes the words of passages anew.';

create function private.tg_material_chunks__index()
returns trigger
language plpgsql
volatile
security definer -- the words are written by nobody else
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform private.study_index_chunks(array(select n.id from new_rows as n));
  else
    perform private.study_index_chunks(array(
      select n.id from new_rows as n
      left join old_rows as o on o.id = n.id
      where (o.content, o.heading_path, o.language) is distinct from (n.content, n.heading_path, n.language)
    ));
  end if;
  return null;
end;
$$;
comment on function private.tg_material_chunks__index() is 'Trigger: the words of a passage follow what it says.';
create trigger _500_index_inserted after insert on study.material_chunks
  referencing new table as new_rows for each statement execute function private.tg_material_chunks__index();
create trigger _500_index_updated after update on study.material_chunks
  referencing old table as old_rows new table as new_rows for each statement execute function private.tg_material_chunks__index();

create function private.tg_materials__index_title()
returns trigger
language plpgsql
volatile
security definer -- the words are written by nobody else
set search_path = ''
as $$
begin
  perform private.study_index_chunks(array(select c.id from study.material_chunks as c where c.material_id = new.id));
  return null;
end;
$$;
comment on function private.tg_materials__index_title() is 'Trigger: each passage is found by the title, too.';
create trigger _500_index_title after update of title on study.materials
  for each row when (old.title is distinct from new.title) execute function private.tg_materials__index_title();

revoke execute on function
  private.study_index_chunks(uuid[]), private.tg_material_chunks__index(), private.tg_materials__index_title()
  from public, anon, authenticated;
