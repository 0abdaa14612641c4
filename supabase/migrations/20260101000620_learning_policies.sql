-- Row-level security of curricula and what belongs to them: everything is its owner's, and only his.

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'curricula', 'sessions', 'session_prerequisites', 'session_work', 'user_notes', 'generation_requests'
  ] loop
    execute format('alter table learning.%I enable row level security', v_table);
    execute format('revoke all on learning.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on learning.%I to service_role', v_table);
  end loop;
end;
$$;

grant select on
  learning.curricula, learning.sessions, learning.session_prerequisites, learning.session_work, learning.user_notes,
  learning.generation_requests
  to authenticated;
-- Not its state, its sharing, nor what is counted: these go by functions.
grant delete, update (title, subject, topic_id, goals, background, skill_level, session_duration, language)
  on learning.curricula to authenticated;
-- Not its number, nor its completion.
grant update (title, objectives, materials, resources, notes, duration) on learning.sessions to authenticated;
grant delete, insert (id, session_id, content), update (content) on learning.user_notes to authenticated;

create policy curricula_select_own on learning.curricula
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy curricula_update_own on learning.curricula
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy curricula_delete_own on learning.curricula
  for delete to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()));

create policy sessions_select_own on learning.sessions
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy sessions_update_own on learning.sessions
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));

-- The policy of curricula holds inside.
create policy session_prerequisites_select_own on learning.session_prerequisites
  for select to authenticated
  using (exists (select from learning.curricula as c where c.id = session_prerequisites.curriculum_id));

create policy session_work_select_own on learning.session_work
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy user_notes_select_own on learning.user_notes
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy user_notes_insert_own on learning.user_notes
  for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy user_notes_update_own on learning.user_notes
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy user_notes_delete_own on learning.user_notes
  for delete to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()));

create policy generation_requests_select_own on learning.generation_requests
  for select to authenticated
  using (user_id = (select auth.uid()));
