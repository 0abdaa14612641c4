-- What holds for every question, whoever writes: versions never change, options are distinct and each has its key, one is
-- right (or at least one, of several), and nothing that gives the key away can be read.

-- Arguments: the columns that a passage that moved, or a person who goes, may change.
create function private.tg_question_versions__guard()
returns trigger
language plpgsql
security definer -- asks for the version, whoever writes
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and pg_catalog.pg_trigger_depth() > 1 then
    return old; -- with its question
  end if;
  if tg_op = 'INSERT' then
    -- Whoever writes a version writes all of it at once.
    if exists (select from study.question_versions as v where v.id = new.version_id and v.created_at = now()) then
      return new;
    end if;
  end if;
  if tg_op = 'UPDATE' and to_jsonb(new) - tg_argv = to_jsonb(old) - tg_argv then
    return new;
  end if;
  raise sqlstate 'PT409' using
    message = 'question_version_fixed', detail = 'A version of a question does not change: attempts point to it.',
    hint = 'Make a new version: study.revise_question.';
end;
$$;
comment on function private.tg_question_versions__guard() is 'Trigger: refuses whatever would change a version; question_version_fixed (409).';
create trigger _100_guard before update or delete on study.question_versions
  for each row execute function private.tg_question_versions__guard('created_by');
create trigger _100_guard before insert or update or delete on study.question_options
  for each row execute function private.tg_question_versions__guard();
create trigger _100_guard before insert or update or delete on study.question_keys
  for each row execute function private.tg_question_versions__guard();
create trigger _100_guard before insert or update or delete on study.question_explanations
  for each row execute function private.tg_question_versions__guard();
create trigger _100_guard before insert or update or delete on study.question_sources
  for each row execute function private.tg_question_versions__guard(
    'material_id', 'chunk_id', 'stale_at', 'char_start', 'char_end', 'page_number', 'content_hash'
  );
create trigger _100_guard before update or delete on study.question_decisions
  for each row execute function private.tg_question_versions__guard('decided_by');

create function private.study_check_version(p_version_id uuid)
returns void
language plpgsql
volatile
security definer -- reads the key
set search_path = ''
as $$
declare
  v_type text;
  v_options bigint;
  v_keys bigint;
  v_right bigint;
begin
  select v.question_type into v_type from study.question_versions as v where v.id = p_version_id;
  if not found then
    return;
  end if;
  select count(*) into v_options from study.question_options as o where o.version_id = p_version_id;
  select count(*), count(*) filter (where k.is_correct) into v_keys, v_right from study.question_keys as k where k.version_id = p_version_id;
  if v_options < 2 or v_keys <> v_options or v_right < 1 or v_right = v_options
    or v_type = 'single_choice' and v_right <> 1
  then
    raise sqlstate 'PT422' using
      message = 'question_key_invalid',
      detail = 'A question has at least two options, each with a key; one of them is right, or several but not all of a multiple choice.',
      hint = 'Correct is_correct of the options.';
  end if;
end;
$$;
comment on function private.study_check_version(uuid) is
  'A version has options, each with its key, and as many right ones as its type says; question_key_invalid (422).';

-- At the end of the transaction a version is whole, whoever wrote it.
create function private.tg_question_versions__whole()
returns trigger
language plpgsql
security definer -- reads the key
set search_path = ''
as $$
begin
  perform private.study_check_version(
    (case tg_table_name when 'question_versions' then to_jsonb(new) ->> 'id' else to_jsonb(new) ->> 'version_id' end)::uuid
  );
  return null;
end;
$$;
comment on function private.tg_question_versions__whole() is 'Trigger: private.study_check_version.';
create constraint trigger _200_whole after insert on study.question_versions
  deferrable initially deferred for each row execute function private.tg_question_versions__whole();
create constraint trigger _200_whole after insert on study.question_options
  deferrable initially deferred for each row execute function private.tg_question_versions__whole();
create constraint trigger _200_whole after insert on study.question_keys
  deferrable initially deferred for each row execute function private.tg_question_versions__whole();

create trigger _900_touch_updated_at before update on study.questions
  for each row when (
    (old.status, old.visibility, old.difficulty, old.current_version, old.is_verified, old.is_flagged, old.topic_id, old.subtopic)
      is distinct from
    (new.status, new.visibility, new.difficulty, new.current_version, new.is_verified, new.is_flagged, new.topic_id, new.subtopic)
  )
  execute function private.tg__touch_updated_at();

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'questions', 'question_versions', 'question_options', 'question_keys', 'question_explanations', 'question_sources',
    'question_flags', 'question_decisions'
  ] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
  end loop;
end;
$$;
grant select, insert, update, delete on study.questions, study.question_flags to service_role;
-- Append-only, for services too.
grant select, insert on
  study.question_versions, study.question_options, study.question_keys, study.question_explanations, study.question_sources,
  study.question_decisions
  to service_role;
-- Not question_keys, question_explanations, question_sources: what is not granted no policy can give away.
grant select on
  study.questions, study.question_versions, study.question_options, study.question_flags, study.question_decisions
  to authenticated;

-- Educators look at what was handed in to them, and at what is made for the readers of a material that they read, too.
create policy questions_select_reader on study.questions
  for select to authenticated
  using (
    author_id = (select auth.uid())
    or (
      status = 'published' and visibility = 'authenticated' and (select private.is_user())
    )
    or (
      (status = 'published' or (status = 'in_review' or is_flagged) and (select private.has_role('educator')))
      and visibility = 'material'
      and exists (select from study.materials as m where m.id = questions.material_id)
    )
    or (
      (status = 'in_review' or is_flagged) and visibility = 'authenticated' and (select private.has_role('educator'))
    )
  );
create policy question_versions_select_reader on study.question_versions
  for select to authenticated
  using (exists (select from study.questions as q where q.id = question_versions.question_id));
create policy question_options_select_reader on study.question_options
  for select to authenticated
  using (exists (select from study.question_versions as v where v.id = question_options.version_id));
create policy question_flags_select_reader on study.question_flags
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or (
      (select private.has_role('educator')) and exists (select from study.questions as q where q.id = question_flags.question_id)
    )
  );
create policy question_decisions_select_reader on study.question_decisions
  for select to authenticated
  using (
    exists (
      select from study.questions as q
      where q.id = question_decisions.question_id and (q.author_id = (select auth.uid()) or (select private.has_role('educator')))
    )
  );

revoke execute on function
  private.study_check_version(uuid), private.tg_question_versions__guard(), private.tg_question_versions__whole()
  from public, anon, authenticated;
