-- What may stand in a session; the numbers of sessions; what has to come before what.
--
-- People write the texts of their sessions directly. Numbers, completion and prerequisites go by functions, each under the
-- lock of its curriculum; the deferred triggers hold whoever writes to the same promises.

create function private.tg_learning_sessions__by_person()
returns trigger
language plpgsql
security invoker -- sees as whom the statement runs; reads what the caller may read
set search_path = ''
as $$
begin
  if current_user = 'authenticated'
    and exists (select from learning.curricula as c where c.id = new.curriculum_id and c.status = 'archived')
  then
    perform private.learning_archived();
  end if;
  return new;
end;
$$;
comment on function private.tg_learning_sessions__by_person() is 'Trigger: curriculum_archived (409) for direct writes.';

create function private.tg_learning_sessions__check()
returns trigger
language plpgsql
security definer -- the helpers that it calls are not executable by clients
set search_path = ''
as $$
begin
  new.title := private.clean_text(new.title, 'title', 1, 255);
  new.materials := private.clean_text(coalesce(new.materials, ''), 'materials', 0, 20000);
  new.notes := private.clean_text(coalesce(new.notes, ''), 'notes', 0, 20000);
  new.objectives := coalesce(new.objectives, '{}');
  if cardinality(new.objectives) > 20 or octet_length(array_to_string(new.objectives, '')) > 8000 then
    perform private.learning_session_invalid('A session has 20 objectives at most, of 8 kB in all.');
  end if;
  new.objectives := array(
    select private.clean_text(coalesce(o.text, ''), 'objectives', 1, 500)
    from unnest(new.objectives) with ordinality as o (text, no) order by o.no
  );
  new.resources := private.learning_resources(coalesce(new.resources, '[]'));
  if new.duration not between 5 and 480 then
    perform private.learning_session_invalid('duration is 5 to 480 minutes, or null for the curriculum''s.');
  end if;
  return new;
end;
$$;
comment on function private.tg_learning_sessions__check() is
  'Trigger: text_required, text_too_long, markup_not_allowed, session_invalid (422).';

create trigger _100_by_person before update on learning.sessions
  for each row execute function private.tg_learning_sessions__by_person();
create trigger _200_check
  before insert or update of title, objectives, materials, resources, notes, duration on learning.sessions
  for each row execute function private.tg_learning_sessions__check();
create trigger _900_touch_updated_at before update on learning.sessions
  for each row execute function private.tg__touch_updated_at();

-- What is stored is measured, which reads no long text.
create function private.learning_check_size(p_curriculum_id uuid)
returns void
language plpgsql
stable
security definer -- called by triggers
set search_path = ''
as $$
begin
  if (
    select sum(pg_column_size(s.materials) + pg_column_size(s.notes) + pg_column_size(s.resources) + pg_column_size(s.objectives))
    from learning.sessions as s where s.curriculum_id = p_curriculum_id
  ) > private.setting_number('learning.max_kilobytes')::bigint * 1000 then
    raise sqlstate 'PT409' using
      message = 'curriculum_full',
      detail = format('The sessions of a curriculum take up %s kB at most.', private.setting_number('learning.max_kilobytes')),
      hint = 'Make two curricula of it, or put long texts where links lead.';
  end if;
end;
$$;
comment on function private.learning_check_size(uuid) is 'curriculum_full (409) when the texts of its sessions are too long in all.';

create function private.tg_learning_sessions__size()
returns trigger
language plpgsql
security definer -- adds up whatever is there
set search_path = ''
as $$
begin
  perform private.learning_check_size(new.curriculum_id);
  return null;
end;
$$;
comment on function private.tg_learning_sessions__size() is 'Trigger: curriculum_full (409).';
create trigger _400_size after update of objectives, materials, resources, notes on learning.sessions
  for each row execute function private.tg_learning_sessions__size();

create function private.tg_learning_sessions__count()
returns trigger
language plpgsql
security definer -- total_sessions has no update grant
set search_path = ''
as $$
begin
  update learning.curricula as c
  set total_sessions = (select count(*) from learning.sessions as s where s.curriculum_id = c.id)
  where c.id in (select r.curriculum_id from changed_rows as r);
  if tg_op = 'INSERT' then
    perform private.learning_check_size(c.id) from (select distinct r.curriculum_id as id from changed_rows as r) as c;
  end if;
  return null;
end;
$$;
comment on function private.tg_learning_sessions__count() is
  'Trigger, once a statement: keeps total_sessions; curriculum_full (409).';
create trigger _500_inserted after insert on learning.sessions
  referencing new table as changed_rows for each statement execute function private.tg_learning_sessions__count();
create trigger _500_deleted after delete on learning.sessions
  referencing old table as changed_rows for each statement execute function private.tg_learning_sessions__count();

create function private.learning_not_earlier(p_later text, p_earlier text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'prerequisite_not_earlier',
    detail = format('%s has to come before %s, which requires it.', quote_literal(p_earlier), quote_literal(p_later)),
    hint = 'Change the order, or the prerequisites first.';
end;
$$;
comment on function private.learning_not_earlier(text, text) is 'Raises prerequisite_not_earlier (409), with the titles of both.';

-- At the end of the transaction: sessions are numbered from 1 without gaps, and what is required comes before.
create function private.tg_learning_sessions__order()
returns trigger
language plpgsql
security definer -- judges rows whoever wrote them
set search_path = ''
as $$
declare
  v_curriculum_id uuid := case when tg_op = 'DELETE' then old.curriculum_id else new.curriculum_id end;
  v_count bigint;
  v_last integer;
  v_wrong record;
begin
  select count(*), coalesce(max(s.session_number), 0) into v_count, v_last
  from learning.sessions as s where s.curriculum_id = v_curriculum_id;
  if v_count <> v_last then
    raise sqlstate 'PT409' using
      message = 'sessions_not_numbered',
      detail = 'Sessions are numbered from 1 without gaps.',
      hint = 'Use add_session, remove_session and reorder_sessions.';
  end if;
  select l.title as later, e.title as earlier into v_wrong
  from learning.session_prerequisites as p
  join learning.sessions as l on l.id = p.session_id
  join learning.sessions as e on e.id = p.requires_session_id
  where tg_op <> 'DELETE' and new.id in (p.session_id, p.requires_session_id) and e.session_number >= l.session_number
  limit 1;
  if found then
    perform private.learning_not_earlier(v_wrong.later, v_wrong.earlier);
  end if;
  return null;
end;
$$;
comment on function private.tg_learning_sessions__order() is
  'Constraint trigger: sessions_not_numbered, prerequisite_not_earlier (409).';
create constraint trigger _600_order after insert or delete or update of session_number, curriculum_id on learning.sessions
  deferrable initially deferred
  for each row execute function private.tg_learning_sessions__order();

create function private.tg_learning_prerequisites__order()
returns trigger
language plpgsql
security definer -- judges rows whoever wrote them
set search_path = ''
as $$
declare
  v_wrong record;
begin
  select l.title as later, e.title as earlier into v_wrong
  from learning.session_prerequisites as p
  join learning.sessions as l on l.id = p.session_id
  join learning.sessions as e on e.id = p.requires_session_id
  where p.session_id = new.session_id and p.requires_session_id = new.requires_session_id
    and e.session_number >= l.session_number;
  if found then
    perform private.learning_not_earlier(v_wrong.later, v_wrong.earlier);
  end if;
  return null;
end;
$$;
comment on function private.tg_learning_prerequisites__order() is 'Constraint trigger: prerequisite_not_earlier (409).';
create constraint trigger _600_order after insert or update on learning.session_prerequisites
  deferrable initially deferred
  for each row execute function private.tg_learning_prerequisites__order();

revoke execute on function
  private.tg_learning_sessions__by_person(), private.tg_learning_sessions__check(), private.learning_check_size(uuid),
  private.tg_learning_sessions__size(), private.tg_learning_sessions__count(), private.learning_not_earlier(text, text),
  private.tg_learning_sessions__order(), private.tg_learning_prerequisites__order()
  from public, anon, authenticated;
