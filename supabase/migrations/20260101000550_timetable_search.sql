-- Search over one's timetables: one passage for the timetable and one for each day, so that a hit says when. Found by its
-- owner and those with whom it is shared, through core.search with the kind timetable. No answer is written from it.

create function private.index_timetable(p_id uuid)
returns void
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_timetable timetable.timetables;
  v_audience uuid[];
  v_visibility text;
  v_day record;
begin
  select t.* into v_timetable from timetable.timetables as t where t.id = p_id;
  if not found then
    perform private.unindex_document('timetable', 'timetable', p_id);
    return;
  end if;
  v_audience := array(select s.user_id from timetable.timetable_shares as s where s.timetable_id = p_id order by s.user_id);
  v_visibility := case when cardinality(v_audience) > 0 then 'restricted' else 'owner' end;
  perform private.index_document(
    'timetable', 'timetable', p_id, v_timetable.name,
    concat_ws(E'\n', v_timetable.class_name, v_timetable.teacher_name, v_timetable.school_name, v_timetable.term, v_timetable.year),
    p_visibility => v_visibility, p_owner_id => v_timetable.user_id, p_audience => v_audience, p_is_retrievable => false
  );
  for v_day in
    select d.no, b.day_of_week, b.body
    from generate_series(1, 7) as d (no)
    left join lateral (
      select max(b.day_of_week) as day_of_week, string_agg(
        concat_ws(' ', to_char(b.start_time, 'HH24:MI') || coalesce('–' || to_char(b.end_time, 'HH24:MI'), ''), b.week, b.name, nullif(b.notes, '')),
        E'\n' order by b.start_time, b.position, b.id
      ) as body
      from timetable.timeblocks as b where b.timetable_id = p_id and b.weekday = d.no
    ) as b on true
  loop
    if v_day.body is null then
      delete from core.search_documents as d
      where d.module = 'timetable' and d.kind = 'timetable' and d.entity_id = p_id and d.chunk_no = v_day.no;
    else
      perform private.index_document(
        'timetable', 'timetable', p_id, v_timetable.name || ', ' || v_day.day_of_week, v_day.body,
        p_locator => jsonb_build_object('day_of_week', v_day.day_of_week), p_visibility => v_visibility,
        p_owner_id => v_timetable.user_id, p_chunk_no => v_day.no, p_audience => v_audience, p_is_retrievable => false
      );
    end if;
  end loop;
end;
$$;
comment on function private.index_timetable(uuid) is
  'Puts a timetable into the search index as it is now: the whole as passage 0, Monday to Sunday as 1 to 7.';

create function private.tg_timetables__index()
returns trigger
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
begin
  perform private.index_timetable(case when tg_op = 'DELETE' then old.id else new.id end);
  return null;
end;
$$;
comment on function private.tg_timetables__index() is 'Trigger: keeps the search index as the timetable is.';

create trigger _800_index after insert or delete on timetable.timetables
  for each row execute function private.tg_timetables__index();
create trigger _800_reindex after update of name, class_name, teacher_name, school_name, term, year on timetable.timetables
  for each row when (
    (old.name, old.class_name, old.teacher_name, old.school_name, old.term, old.year)
      is distinct from (new.name, new.class_name, new.teacher_name, new.school_name, new.term, new.year)
  )
  execute function private.tg_timetables__index();

revoke execute on function private.index_timetable(uuid), private.tg_timetables__index() from public, anon, authenticated;
