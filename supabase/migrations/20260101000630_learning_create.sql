-- The way into a curriculum that every function takes, and making one with its sessions in one go.
--
-- One person's acts in learning wait for each other (the row of his profile), then the curriculum is locked. Whoever
-- deletes the account takes the same row first.

create function private.learning_enter_person()
returns uuid
language plpgsql
volatile
security definer -- locks the caller's own row
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  perform from core.profiles as p where p.id = v_user_id for no key update;
  -- Whoever was deleted or suspended while we waited hears so.
  return private.require_user();
end;
$$;
comment on function private.learning_enter_person() is
  'The caller, whose acts in learning wait for each other until the end of the transaction; not_authenticated (401), account_inactive (403).';

create function private.learning_enter(p_curriculum_id uuid)
returns learning.curricula
language plpgsql
volatile
security definer -- locks a row for the caller, whose it must be
set search_path = ''
as $$
declare
  v_user_id uuid := private.learning_enter_person();
  v_curriculum learning.curricula;
begin
  select c.* into v_curriculum from learning.curricula as c
  where c.id = p_curriculum_id and c.user_id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'curriculum_not_found',
      detail = 'There is no such curriculum, or it is not yours.',
      hint = 'Check its id. Of a template make a copy first.';
  end if;
  return v_curriculum;
end;
$$;
comment on function private.learning_enter(uuid) is 'Locks a curriculum of the caller; curriculum_not_found (404).';

create function private.learning_enter_session(p_session_id uuid)
returns learning.sessions
language plpgsql
volatile
security definer -- locks a row for the caller, whose it must be
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_curriculum_id uuid;
  v_session learning.sessions;
begin
  select s.curriculum_id into v_curriculum_id from learning.sessions as s where s.id = p_session_id and s.user_id = v_user_id;
  if found then
    perform private.learning_enter(v_curriculum_id);
    -- It may have been removed while we waited.
    select s.* into v_session from learning.sessions as s where s.id = p_session_id for no key update;
  end if;
  if v_session.id is null then
    raise sqlstate 'PT404' using
      message = 'session_not_found', detail = 'There is no such session, or it is not yours.', hint = 'Check its id.';
  end if;
  return v_session;
end;
$$;
comment on function private.learning_enter_session(uuid) is
  'Locks a session of the caller with its curriculum; session_not_found (404).';

create function private.learning_require_open(p_curriculum_id uuid, p_is_running boolean default false)
returns void
language plpgsql
stable
security definer -- reads a curriculum that its caller has locked
set search_path = ''
as $$
declare
  v_status text := (select c.status from learning.curricula as c where c.id = p_curriculum_id);
begin
  if v_status = 'archived' then
    perform private.learning_archived();
  elsif v_status = 'paused' and p_is_running then
    raise sqlstate 'PT409' using
      message = 'curriculum_paused', detail = 'This curriculum is paused.', hint = 'Go on with resume_curriculum.';
  end if;
end;
$$;
comment on function private.learning_require_open(uuid, boolean) is
  'curriculum_archived (409); with true also curriculum_paused (409).';

create function private.learning_id_taken()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'id_taken', detail = 'The id is that of something else.', hint = 'Send crypto.randomUUID().';
end;
$$;
comment on function private.learning_id_taken() is 'Raises id_taken (409).';

create function private.learning_settle(p_curriculum_id uuid)
returns void
language plpgsql
volatile
security definer -- moves the curriculum whose lock its caller holds
set search_path = ''
as $$
begin
  update learning.curricula as c set status = 'completed'
  where c.id = p_curriculum_id and c.status = 'active' and c.total_sessions > 0
    and not exists (select from learning.sessions as s where s.curriculum_id = c.id and s.completed_at is null);
  update learning.curricula as c set status = 'active'
  where c.id = p_curriculum_id and c.status = 'completed'
    and (c.total_sessions = 0
      or exists (select from learning.sessions as s where s.curriculum_id = c.id and s.completed_at is null));
end;
$$;
comment on function private.learning_settle(uuid) is
  'Completes an active curriculum whose sessions are all completed, and takes up a completed one where one is open.';

create function private.learning_insert(
  p_user_id uuid, p_id uuid, p_source text, p_copied_from_id uuid, p_fields jsonb, p_sessions jsonb
)
returns learning.curricula
language plpgsql
volatile
security definer -- curricula and sessions have no insert grant
set search_path = ''
as $$
declare
  v_sessions jsonb := private.learning_read_sessions(p_sessions);
  v_curriculum learning.curricula;
begin
  if (select count(*) from learning.curricula as c where c.user_id = p_user_id) >= private.setting_number('learning.max_curricula') then
    raise sqlstate 'PT409' using
      message = 'curriculum_limit_reached',
      detail = format('A person has %s curricula at most.', private.setting_number('learning.max_curricula')),
      hint = 'Delete one that is not needed.';
  end if;
  insert into learning.curricula (
    id, user_id, title, subject, topic_id, skill_level, goals, background, language, session_duration, source, copied_from_id
  ) values (
    coalesce(p_id, gen_random_uuid()), p_user_id, p_fields ->> 'title', p_fields ->> 'subject', (p_fields ->> 'topic_id')::uuid,
    p_fields ->> 'skill_level', p_fields ->> 'goals', p_fields ->> 'background', p_fields ->> 'language',
    (p_fields ->> 'session_duration')::integer, p_source, p_copied_from_id
  )
  on conflict (id) do nothing
  returning * into v_curriculum;
  if not found then
    perform private.learning_id_taken();
  end if;
  insert into learning.sessions (
    curriculum_id, user_id, session_number, title, objectives, materials, resources, notes, duration
  )
  select v_curriculum.id, p_user_id, s.no, s.value ->> 'title',
    array(select o.text from jsonb_array_elements_text(coalesce(s.value -> 'objectives', '[]')) with ordinality as o (text, no) order by o.no),
    s.value ->> 'materials', s.value -> 'resources', s.value ->> 'notes', (s.value ->> 'duration')::integer
  from jsonb_array_elements(v_sessions) with ordinality as s (value, no);
  insert into learning.session_prerequisites (session_id, requires_session_id, curriculum_id)
  select distinct l.id, e.id, v_curriculum.id
  from jsonb_array_elements(v_sessions) with ordinality as s (value, no)
  cross join lateral jsonb_array_elements_text(coalesce(s.value -> 'requires', '[]')) as r (no)
  join learning.sessions as l on l.curriculum_id = v_curriculum.id and l.session_number = s.no
  join learning.sessions as e on e.curriculum_id = v_curriculum.id and e.session_number = r.no::integer;
  select c.* into v_curriculum from learning.curricula as c where c.id = v_curriculum.id;
  return v_curriculum;
end;
$$;
comment on function private.learning_insert(uuid, uuid, text, uuid, jsonb, jsonb) is
  'Writes a curriculum with its sessions ({title, objectives, materials, resources, notes, duration, requires: numbers of sessions before}). Whoever calls holds the row of the person''s profile. curriculum_limit_reached, curriculum_full, id_taken (409), curriculum_invalid, session_invalid and those of texts (422).';

create function private.learning_create_curriculum(p_id uuid, p_topic text, p_fields jsonb, p_sessions jsonb)
returns learning.curricula
language plpgsql
volatile
security definer -- writes for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.learning_enter_person();
  v_topic_id uuid;
  v_curriculum learning.curricula;
begin
  select c.* into v_curriculum from learning.curricula as c where c.id = p_id and c.user_id = v_user_id;
  if found then
    return v_curriculum;
  end if;
  perform private.limit_action('learning.limits', 'curriculum', v_user_id::text);
  if p_topic is not null then
    v_topic_id := private.topic_by_slug(p_topic);
    if v_topic_id is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic',
        detail = format('There is no topic %s.', quote_literal(left(p_topic, 80))),
        hint = 'Take a slug from core.topics, or leave it out.';
    end if;
  end if;
  return private.learning_insert(
    v_user_id, p_id, 'manual', null, p_fields || jsonb_build_object('topic_id', v_topic_id), p_sessions
  );
end;
$$;
comment on function private.learning_create_curriculum(uuid, text, jsonb, jsonb) is 'See learning.create_curriculum.';

create function learning.create_curriculum(
  p_title text, p_subject text, p_session_duration integer, p_topic text default null, p_skill_level text default 'beginner',
  p_goals text default '', p_background text default '', p_language text default 'en', p_sessions jsonb default '[]',
  p_id uuid default null
)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.learning_create_curriculum(p_id, p_topic, jsonb_build_object(
    'title', p_title, 'subject', p_subject, 'session_duration', p_session_duration, 'skill_level', p_skill_level,
    'goals', p_goals, 'background', p_background, 'language', p_language
  ), p_sessions);
$$;
comment on function learning.create_curriculum(text, text, integer, text, text, text, text, text, jsonb, uuid) is
  'Makes a curriculum, with its sessions if you like: an array of {title, objectives, materials, resources, notes, duration, requires}, where requires holds numbers of sessions before. Whoever sends the same p_id again gets the curriculum that is there. Errors: curriculum_invalid, session_invalid, unknown_topic, text_required, text_too_long, markup_not_allowed (422), curriculum_limit_reached, curriculum_full, id_taken (409), rate_limited (429).';

revoke execute on function
  private.learning_enter_person(), private.learning_enter(uuid), private.learning_enter_session(uuid), private.learning_require_open(uuid, boolean),
  private.learning_id_taken(), private.learning_settle(uuid),
  private.learning_insert(uuid, uuid, text, uuid, jsonb, jsonb), private.learning_create_curriculum(uuid, text, jsonb, jsonb),
  learning.create_curriculum(text, text, integer, text, text, text, text, text, jsonb, uuid)
  from public, anon, authenticated;
grant execute on function
  private.learning_create_curriculum(uuid, text, jsonb, jsonb),
  learning.create_curriculum(text, text, integer, text, text, text, text, text, jsonb, uuid)
  to authenticated;
