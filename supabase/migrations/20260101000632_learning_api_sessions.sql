-- Sessions of one's curriculum: added, removed, put in another order, tied to what comes before. Under the lock of the
-- curriculum, so that two clients at once leave numbers without gaps.

create function private.learning_add_session(p_curriculum_id uuid, p_session jsonb, p_position integer, p_id uuid)
returns learning.sessions
language plpgsql
volatile
security definer -- sessions have no insert grant; acts for the owner only
set search_path = ''
as $$
declare
  v_curriculum learning.curricula := private.learning_enter(p_curriculum_id);
  v_max integer := least(private.setting_number('learning.max_sessions'), 200);
  v_position integer := least(coalesce(p_position, v_curriculum.total_sessions + 1), v_curriculum.total_sessions + 1);
  v_session learning.sessions;
begin
  select s.* into v_session from learning.sessions as s where s.id = p_id and s.curriculum_id = p_curriculum_id;
  if found then
    return v_session;
  end if;
  perform private.learning_require_open(p_curriculum_id);
  perform private.limit_action('learning.limits', 'session', v_curriculum.user_id::text);
  if v_curriculum.total_sessions >= v_max then
    raise sqlstate 'PT409' using
      message = 'curriculum_full',
      detail = format('A curriculum holds %s sessions at most.', v_max),
      hint = 'Make two curricula of it.';
  end if;
  if v_position < 1 then
    perform private.learning_session_invalid('p_position is 1 or more; null is the end.');
  end if;
  p_session := private.learning_read_sessions(jsonb_build_array(p_session)) -> 0;
  update learning.sessions as s set session_number = s.session_number + 1
  where s.curriculum_id = p_curriculum_id and s.session_number >= v_position;
  insert into learning.sessions (
    id, curriculum_id, user_id, session_number, title, objectives, materials, resources, notes, duration
  ) values (
    coalesce(p_id, gen_random_uuid()), p_curriculum_id, v_curriculum.user_id, v_position, p_session ->> 'title',
    array(select o.text from jsonb_array_elements_text(coalesce(p_session -> 'objectives', '[]')) with ordinality as o (text, no) order by o.no),
    p_session ->> 'materials', p_session -> 'resources', p_session ->> 'notes', (p_session ->> 'duration')::integer
  )
  returning * into v_session;
  perform private.learning_settle(p_curriculum_id);
  return v_session;
exception
  when unique_violation then
    if exists (select from learning.sessions as s where s.id = p_id) then
      perform private.learning_id_taken();
    end if;
    raise;
end;
$$;
comment on function private.learning_add_session(uuid, jsonb, integer, uuid) is 'See learning.add_session.';

create function learning.add_session(
  p_curriculum_id uuid, p_title text, p_objectives text[] default '{}', p_materials text default '', p_resources jsonb default '[]',
  p_notes text default '', p_duration integer default null, p_position integer default null, p_id uuid default null
)
returns learning.sessions
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.learning_add_session(p_curriculum_id, jsonb_build_object(
    'title', p_title, 'objectives', p_objectives, 'materials', p_materials, 'resources', p_resources, 'notes', p_notes,
    'duration', p_duration
  ), p_position, p_id);
$$;
comment on function learning.add_session(uuid, text, text[], text, jsonb, text, integer, integer, uuid) is
  'Adds a session to your curriculum, at the end or at p_position; a completed curriculum is active again. Whoever sends the same p_id again gets the session that is there. Errors: curriculum_not_found (404), curriculum_archived, curriculum_full, id_taken (409), session_invalid, text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';

create function private.learning_remove_session(p_session_id uuid)
returns boolean
language plpgsql
volatile
security definer -- sessions have no delete grant; acts for the owner only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_session learning.sessions;
begin
  -- Also what a retry finds.
  if not exists (select from learning.sessions as s where s.id = p_session_id and s.user_id = v_user_id) then
    return false;
  end if;
  v_session := private.learning_enter_session(p_session_id);
  perform private.learning_require_open(v_session.curriculum_id);
  if v_session.completed_at is not null then
    raise sqlstate 'PT409' using
      message = 'session_completed',
      detail = 'What was completed counts for progress and streak.',
      hint = 'Reopen it first.';
  end if;
  delete from learning.sessions as s where s.id = p_session_id;
  update learning.sessions as s set session_number = s.session_number - 1
  where s.curriculum_id = v_session.curriculum_id and s.session_number > v_session.session_number;
  perform private.learning_settle(v_session.curriculum_id);
  return true;
end;
$$;
comment on function private.learning_remove_session(uuid) is 'See learning.remove_session.';

create function learning.remove_session(p_session_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_remove_session(p_session_id); $$;
comment on function learning.remove_session(uuid) is
  'Removes an open session with its notes and its time; what required it requires it no longer. True: removed now; false: there is none of yours. Errors: curriculum_archived, session_completed (409).';

create function private.learning_reorder_sessions(p_curriculum_id uuid, p_session_ids uuid[])
returns integer
language plpgsql
volatile
security definer -- numbers have no update grant; acts for the owner only
set search_path = ''
as $$
declare
  v_wrong record;
  v_count integer;
begin
  perform private.learning_enter(p_curriculum_id);
  perform private.learning_require_open(p_curriculum_id);
  if p_session_ids is null or array_ndims(p_session_ids) > 1 or exists (
    select from unnest(p_session_ids) as o (id) group by o.id having count(*) > 1 or o.id is null
  ) then
    perform private.learning_session_invalid('p_session_ids names each session once.');
  end if;
  if exists (
    select from (select s.id from learning.sessions as s where s.curriculum_id = p_curriculum_id) as s
    full join unnest(p_session_ids) as o (id) on o.id = s.id
    where s.id is null or o.id is null
  ) then
    raise sqlstate 'PT409' using
      message = 'sessions_changed',
      detail = 'These are not all the sessions that the curriculum has now.',
      hint = 'Load them again.';
  end if;
  select l.title as later, e.title as earlier into v_wrong
  from learning.session_prerequisites as p
  join learning.sessions as l on l.id = p.session_id
  join learning.sessions as e on e.id = p.requires_session_id
  where p.curriculum_id = p_curriculum_id
    and array_position(p_session_ids, e.id) > array_position(p_session_ids, l.id)
  order by array_position(p_session_ids, l.id)
  limit 1;
  if found then
    perform private.learning_not_earlier(v_wrong.later, v_wrong.earlier);
  end if;
  update learning.sessions as s set session_number = o.no
  from unnest(p_session_ids) with ordinality as o (id, no)
  where s.id = o.id and s.curriculum_id = p_curriculum_id and s.session_number <> o.no;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.learning_reorder_sessions(uuid, uuid[]) is 'See learning.reorder_sessions.';

create function learning.reorder_sessions(p_curriculum_id uuid, p_session_ids uuid[])
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_reorder_sessions(p_curriculum_id, p_session_ids); $$;
comment on function learning.reorder_sessions(uuid, uuid[]) is
  'Numbers the sessions of your curriculum in this order; the array names all of them. Returns how many moved. Errors: curriculum_not_found (404), curriculum_archived, sessions_changed, prerequisite_not_earlier (409), session_invalid (422).';

create function private.learning_set_prerequisites(p_session_id uuid, p_requires uuid[])
returns uuid[]
language plpgsql
volatile
security definer -- prerequisites have no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_session learning.sessions := private.learning_enter_session(p_session_id);
  v_requires uuid[] := array(select distinct r.id from unnest(p_requires) as r (id) order by 1);
  v_earlier text;
begin
  perform private.learning_require_open(v_session.curriculum_id);
  if array_position(v_requires, null) is not null or cardinality(v_requires) > 50 then
    perform private.learning_session_invalid('A session requires at most 50 others.');
  end if;
  if exists (
    select from unnest(v_requires) as r (id)
    where not exists (select from learning.sessions as s where s.id = r.id and s.curriculum_id = v_session.curriculum_id)
  ) then
    raise sqlstate 'PT404' using
      message = 'session_not_found',
      detail = 'A session requires sessions of its own curriculum.',
      hint = 'Check the ids.';
  end if;
  select s.title into v_earlier from learning.sessions as s
  where s.id = any (v_requires) and s.session_number >= v_session.session_number
  order by s.session_number limit 1;
  if found then
    perform private.learning_not_earlier(v_session.title, v_earlier);
  end if;
  delete from learning.session_prerequisites as p
  where p.session_id = p_session_id and p.requires_session_id <> all (v_requires);
  insert into learning.session_prerequisites (session_id, requires_session_id, curriculum_id)
  select p_session_id, r.id, v_session.curriculum_id from unnest(v_requires) as r (id)
  on conflict do nothing;
  return v_requires;
end;
$$;
comment on function private.learning_set_prerequisites(uuid, uuid[]) is 'See learning.set_prerequisites.';

create function learning.set_prerequisites(p_session_id uuid, p_requires uuid[])
returns uuid[]
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_set_prerequisites(p_session_id, p_requires); $$;
comment on function learning.set_prerequisites(uuid, uuid[]) is
  'Says what has to be completed before a session of yours: these sessions of the same curriculum and no others. Errors: session_not_found (404), curriculum_archived, prerequisite_not_earlier (409), session_invalid (422).';

revoke execute on function
  private.learning_add_session(uuid, jsonb, integer, uuid), private.learning_remove_session(uuid),
  private.learning_reorder_sessions(uuid, uuid[]), private.learning_set_prerequisites(uuid, uuid[]),
  learning.add_session(uuid, text, text[], text, jsonb, text, integer, integer, uuid), learning.remove_session(uuid),
  learning.reorder_sessions(uuid, uuid[]), learning.set_prerequisites(uuid, uuid[])
  from public, anon, authenticated;
grant execute on function
  private.learning_add_session(uuid, jsonb, integer, uuid), private.learning_remove_session(uuid),
  private.learning_reorder_sessions(uuid, uuid[]), private.learning_set_prerequisites(uuid, uuid[]),
  learning.add_session(uuid, text, text[], text, jsonb, text, integer, integer, uuid), learning.remove_session(uuid),
  learning.reorder_sessions(uuid, uuid[]), learning.set_prerequisites(uuid, uuid[])
  to authenticated;
