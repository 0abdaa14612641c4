-- Publishing a curriculum as a template, taking it back, and copying: one's own, or somebody's template.

create function private.learning_index_template(p_curriculum_id uuid)
returns void
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_template learning.templates;
begin
  select t.* into v_template from learning.templates as t
  where t.curriculum_id = p_curriculum_id and t.visibility is not null and t.hidden_at is null;
  if not found then
    perform private.unindex_document('learning', 'curriculum', p_curriculum_id);
    return;
  end if;
  perform private.index_document(
    'learning', 'curriculum', p_curriculum_id, v_template.title,
    concat_ws(E'\n', v_template.subject, nullif(v_template.goals, ''), (
      select string_agg(concat_ws(E'\n', s.title, nullif(array_to_string(s.objectives, E'\n'), '')), E'\n' order by s.session_number)
      from learning.template_sessions as s where s.curriculum_id = p_curriculum_id
    )),
    v_template.topic_id, p_visibility => v_template.visibility, p_owner_id => v_template.user_id, p_is_retrievable => false
  );
end;
$$;
comment on function private.learning_index_template(uuid) is
  'Puts a template into the search index as it is now, or takes it out. No answer is written from it.';

create function private.tg_learning_templates__unindex()
returns trigger
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
begin
  perform private.unindex_document('learning', 'curriculum', old.curriculum_id);
  return null;
end;
$$;
comment on function private.tg_learning_templates__unindex() is 'Trigger: a template that is gone is not found.';
create trigger _800_unindex after delete on learning.templates
  for each row execute function private.tg_learning_templates__unindex();

create function private.learning_share_template(p_curriculum_id uuid, p_visibility text)
returns learning.curricula
language plpgsql
volatile
security definer -- templates have no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_curriculum learning.curricula := private.learning_enter(p_curriculum_id);
  v_hidden_at timestamptz := (select t.hidden_at from learning.templates as t where t.curriculum_id = p_curriculum_id for update);
begin
  if p_visibility is null then
    if v_curriculum.template_visibility is not null then
      -- What a moderator hid stays with its mark: it does not come back by being published anew.
      update learning.templates as t set visibility = null where t.curriculum_id = p_curriculum_id and t.hidden_at is not null;
      delete from learning.templates as t where t.curriculum_id = p_curriculum_id and t.hidden_at is null;
      update learning.curricula as c set template_visibility = null where c.id = p_curriculum_id returning * into v_curriculum;
    end if;
    return v_curriculum;
  end if;
  if p_visibility not in ('authenticated', 'public') then
    raise sqlstate 'PT422' using
      message = 'visibility_invalid',
      detail = 'A template is authenticated or public; null takes it back.',
      hint = 'Send one of these.';
  end if;
  perform private.learning_require_open(p_curriculum_id);
  if v_hidden_at is not null then
    raise sqlstate 'PT403' using
      message = 'template_hidden', detail = 'A moderator has hidden this template.', hint = 'Appeal with core.appeal.';
  end if;
  if v_curriculum.total_sessions = 0 then
    raise sqlstate 'PT409' using
      message = 'template_empty', detail = 'A template has at least one session.', hint = 'Add one with add_session.';
  end if;
  perform private.limit_action('learning.limits', 'share', v_curriculum.user_id::text);
  -- Sessions that are being written are waited for.
  perform from learning.sessions as s where s.curriculum_id = p_curriculum_id order by s.id for share;
  insert into learning.templates (
    curriculum_id, user_id, visibility, title, subject, topic_id, skill_level, goals, language, session_duration, total_sessions,
    copies_count
  )
  select c.id, c.user_id, p_visibility, c.title, c.subject, c.topic_id, c.skill_level, c.goals, c.language, c.session_duration,
    c.total_sessions, c.copies_count
  from learning.curricula as c where c.id = p_curriculum_id
  on conflict (curriculum_id) do update set
    visibility = excluded.visibility, title = excluded.title, subject = excluded.subject, topic_id = excluded.topic_id,
    skill_level = excluded.skill_level, goals = excluded.goals, language = excluded.language,
    session_duration = excluded.session_duration, total_sessions = excluded.total_sessions, published_at = now();
  delete from learning.template_sessions as s where s.curriculum_id = p_curriculum_id;
  insert into learning.template_sessions (
    curriculum_id, session_number, title, objectives, materials, resources, notes, duration, requires
  )
  select s.curriculum_id, s.session_number, s.title, s.objectives, s.materials,
    private.learning_public_resources(s.resources, p_visibility), s.notes, s.duration,
    array(
      select e.session_number from learning.session_prerequisites as p
      join learning.sessions as e on e.id = p.requires_session_id
      where p.session_id = s.id order by 1
    )
  from learning.sessions as s where s.curriculum_id = p_curriculum_id;
  update learning.curricula as c set template_visibility = p_visibility where c.id = p_curriculum_id returning * into v_curriculum;
  perform private.learning_index_template(p_curriculum_id);
  return v_curriculum;
end;
$$;
comment on function private.learning_share_template(uuid, text) is 'See learning.share_template.';

create function learning.share_template(p_curriculum_id uuid, p_visibility text)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_share_template(p_curriculum_id, p_visibility); $$;
comment on function learning.share_template(uuid, text) is
  'Publishes your curriculum as it is now for others to copy: authenticated, or public for visitors, too; null takes it back. Not published are your background, progress, notes and passages of material that is less open. Later changes show when you publish again. Errors: curriculum_not_found (404), template_hidden (403), template_empty, curriculum_archived (409), visibility_invalid (422), rate_limited (429).';

-- What is no longer open goes out of the templates that name it: they show nothing that their readers could not read there.
-- Copies that were made meanwhile are their owners' own.
create index template_sessions_resources_idx on learning.template_sessions using gin (resources jsonb_path_ops);

create function private.tg_search_documents__close_templates()
returns trigger
language plpgsql
volatile
security definer -- writes templates of everybody
set search_path = ''
as $$
begin
  update learning.template_sessions as s
  set resources = private.learning_public_resources(s.resources, t.visibility)
  from learning.templates as t
  where t.curriculum_id = s.curriculum_id
    and s.resources @> jsonb_build_array(jsonb_build_object('document_id', old.id::text));
  return null;
end;
$$;
comment on function private.tg_search_documents__close_templates() is
  'Trigger: a passage that was taken out of the index, or is seen by fewer, goes out of templates.';
create trigger _810_close_templates after delete on core.search_documents
  for each row when (old.visibility in ('public', 'authenticated'))
  execute function private.tg_search_documents__close_templates();
create trigger _810_close_templates_updated after update of visibility on core.search_documents
  for each row when (old.visibility in ('public', 'authenticated') and old.visibility <> new.visibility and new.visibility <> 'public')
  execute function private.tg_search_documents__close_templates();

-- The sessions of one's own curriculum, or those of a template, in the form in which they come in.
create function private.learning_sessions_of(p_curriculum_id uuid, p_is_own boolean)
returns jsonb
language plpgsql
stable
security definer -- called by duplicate_curriculum, which has checked who asks
set search_path = ''
as $$
begin
  if not p_is_own then
    return coalesce((
      select jsonb_agg(to_jsonb(s) - array['curriculum_id', 'session_number'] order by s.session_number)
      from learning.template_sessions as s where s.curriculum_id = p_curriculum_id
    ), '[]');
  end if;
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'title', s.title, 'objectives', s.objectives, 'materials', s.materials, 'resources', s.resources, 'notes', s.notes,
      'duration', s.duration, 'requires', array(
        select e.session_number from learning.session_prerequisites as p
        join learning.sessions as e on e.id = p.requires_session_id
        where p.session_id = s.id order by 1
      )
    ) order by s.session_number)
    from learning.sessions as s where s.curriculum_id = p_curriculum_id
  ), '[]');
end;
$$;
comment on function private.learning_sessions_of(uuid, boolean) is 'Sessions as private.learning_insert takes them.';

create function private.learning_duplicate_curriculum(p_curriculum_id uuid, p_title text, p_id uuid)
returns learning.curricula
language plpgsql
volatile
security definer -- writes for the caller only; reads what he may see
set search_path = ''
as $$
declare
  v_user_id uuid := private.learning_enter_person();
  v_owner_id uuid;
  v_source learning.curricula;
  v_template learning.templates;
  v_copy learning.curricula;
  v_is_own boolean;
begin
  select c.* into v_copy from learning.curricula as c where c.id = p_id and c.user_id = v_user_id;
  if found then
    return v_copy;
  end if;
  perform private.limit_action('learning.limits', 'curriculum', v_user_id::text);
  -- Whoever deletes the owner's account takes his row first, as we do here.
  select c.user_id into v_owner_id from learning.curricula as c where c.id = p_curriculum_id;
  perform from core.profiles as p where p.id = v_owner_id for key share;
  select c.* into v_source from learning.curricula as c where c.id = p_curriculum_id for no key update;
  v_is_own := v_source.user_id = v_user_id;
  if v_is_own is distinct from true then
    v_template := private.learning_template(p_curriculum_id, v_user_id);
    if v_template.curriculum_id is null then
      raise sqlstate 'PT404' using
        message = 'curriculum_not_found',
        detail = 'There is no such curriculum or template, or it is not for you.',
        hint = 'Check its id.';
    end if;
  end if;
  v_copy := private.learning_insert(
    v_user_id, p_id, 'copy', p_curriculum_id,
    case when v_is_own then to_jsonb(v_source) else to_jsonb(v_template) || '{"background": ""}' end
      || case when p_title is null then '{}' else jsonb_build_object('title', p_title) end
      || jsonb_build_object('topic_id', (
        select t.id from core.topics as t where t.id = case when v_is_own then v_source.topic_id else v_template.topic_id end and t.is_active
      )),
    private.learning_sessions_of(p_curriculum_id, v_is_own)
  );
  if not v_is_own then
    update learning.curricula as c set copies_count = c.copies_count + 1 where c.id = p_curriculum_id;
    update learning.templates as t set copies_count = t.copies_count + 1 where t.curriculum_id = p_curriculum_id;
    -- Unread ones become one: never more than a line, and never by whom.
    perform private.notify(
      v_owner_id, 'template_copied', 'info', 'Your template was copied', v_template.title,
      jsonb_build_object('curriculum_id', p_curriculum_id), '/learning/' || p_curriculum_id, 'template_copied:' || p_curriculum_id
    );
  end if;
  return v_copy;
end;
$$;
comment on function private.learning_duplicate_curriculum(uuid, text, uuid) is 'See learning.duplicate_curriculum.';

create function learning.duplicate_curriculum(p_curriculum_id uuid, p_title text default null, p_id uuid default null)
returns learning.curricula
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_duplicate_curriculum(p_curriculum_id, p_title, p_id); $$;
comment on function learning.duplicate_curriculum(uuid, text, uuid) is
  'Copies a curriculum of yours, or a template, with its sessions and what they require, to be followed from the beginning. Whoever sends the same p_id again gets the copy that is there. Errors: curriculum_not_found (404), curriculum_limit_reached, id_taken (409), text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.learning_index_template(uuid), private.tg_learning_templates__unindex(),
  private.tg_search_documents__close_templates(), private.learning_share_template(uuid, text),
  private.learning_sessions_of(uuid, boolean), private.learning_duplicate_curriculum(uuid, text, uuid),
  learning.share_template(uuid, text), learning.duplicate_curriculum(uuid, text, uuid)
  from public, anon, authenticated;
grant execute on function
  private.learning_share_template(uuid, text), private.learning_duplicate_curriculum(uuid, text, uuid),
  learning.share_template(uuid, text), learning.duplicate_curriculum(uuid, text, uuid)
  to authenticated;
