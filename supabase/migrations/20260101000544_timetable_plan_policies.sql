-- Row-level security of timetables, blocks, exceptions, shares and links. Who may what stands in 0540. Blocks of core are
-- respected by the functions that the policies ask.

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'timetables', 'timeblocks', 'timetable_exceptions', 'timetable_shares', 'timetable_links', 'timetable_transitions'
  ] loop
    execute format('alter table timetable.%I enable row level security', v_table);
    execute format('revoke all on timetable.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on timetable.%I to service_role', v_table);
  end loop;
end;
$$;

-- Not whose it is, not its status: these go by functions.
grant select, delete,
  insert (id, name, class_name, school_name, teacher_name, term, year, week_start_date, starts_on, ends_on, cycle_weeks, time_zone),
  update (name, class_name, school_name, teacher_name, term, year, week_start_date, starts_on, ends_on, cycle_weeks, time_zone)
  on timetable.timetables to authenticated;
-- Not where it was read and how surely: these are the reader's word.
grant select, delete,
  insert (id, timetable_id, name, day_of_week, week, start_time, end_time, notes, color, position),
  update (name, day_of_week, week, start_time, end_time, notes, color, position, is_checked)
  on timetable.timeblocks to authenticated;
grant select, delete,
  insert (id, timetable_id, timeblock_id, on_date, to_date, kind, name, start_time, end_time, notes),
  update (on_date, to_date, name, start_time, end_time, notes)
  on timetable.timetable_exceptions to authenticated;
grant select on timetable.timetable_shares, timetable.timetable_transitions to authenticated;
-- Not token_hash: nobody needs it back.
grant select (id, timetable_id, kind, label, last_used_at, revoked_at, created_at) on timetable.timetable_links to authenticated;

create policy timetable_transitions_select_all on timetable.timetable_transitions
  for select to authenticated
  using (true);

create policy timetables_select_party on timetable.timetables
  for select to authenticated
  using (user_id = (select auth.uid()) or id = any ((select private.shared_timetable_ids(false))::uuid[]));
create policy timetables_insert_own on timetable.timetables
  for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy timetables_update_editor on timetable.timetables
  for update to authenticated
  using (
    (select private.is_active_user())
    and (user_id = (select auth.uid()) or id = any ((select private.shared_timetable_ids(true))::uuid[]))
  )
  with check (
    (select private.is_active_user())
    and (user_id = (select auth.uid()) or id = any ((select private.shared_timetable_ids(true))::uuid[]))
  );
create policy timetables_delete_own on timetable.timetables
  for delete to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()));

create policy timeblocks_select_party on timetable.timeblocks
  for select to authenticated
  using (timetable_id = any ((select private.readable_timetable_ids())::uuid[]));
create policy timeblocks_insert_editor on timetable.timeblocks
  for insert to authenticated
  with check (timetable_id = any ((select private.editable_timetable_ids())::uuid[]));
create policy timeblocks_update_editor on timetable.timeblocks
  for update to authenticated
  using (timetable_id = any ((select private.editable_timetable_ids())::uuid[]))
  with check (timetable_id = any ((select private.editable_timetable_ids())::uuid[]));
create policy timeblocks_delete_editor on timetable.timeblocks
  for delete to authenticated
  using (timetable_id = any ((select private.editable_timetable_ids())::uuid[]));

create policy timetable_exceptions_select_party on timetable.timetable_exceptions
  for select to authenticated
  using (timetable_id = any ((select private.readable_timetable_ids())::uuid[]));
create policy timetable_exceptions_insert_editor on timetable.timetable_exceptions
  for insert to authenticated
  with check (timetable_id = any ((select private.editable_timetable_ids())::uuid[]));
create policy timetable_exceptions_update_editor on timetable.timetable_exceptions
  for update to authenticated
  using (timetable_id = any ((select private.editable_timetable_ids())::uuid[]))
  with check (timetable_id = any ((select private.editable_timetable_ids())::uuid[]));
create policy timetable_exceptions_delete_editor on timetable.timetable_exceptions
  for delete to authenticated
  using (timetable_id = any ((select private.editable_timetable_ids())::uuid[]));

-- The owner sees with whom he shares; everybody else only that it is shared with him.
create policy timetable_shares_select_party on timetable.timetable_shares
  for select to authenticated
  using (
    timetable_id = any ((select private.my_timetable_ids())::uuid[])
    or user_id = (select auth.uid()) and timetable_id = any ((select private.shared_timetable_ids(false))::uuid[])
  );

create policy timetable_links_select_owner on timetable.timetable_links
  for select to authenticated
  using (timetable_id = any ((select private.my_timetable_ids())::uuid[]));
