-- Templates can be reported and hidden: core asks these functions, by the names in core.moderated_kinds. What is hidden is
-- the template; the curriculum stays its owner's to follow, and copies that people made stay theirs.

create function private.learning_moderated(
  p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- called by private.moderated_thing; not executable by clients
set search_path = ''
as $$
begin
  select t.user_id, t.title,
    concat_ws(E'\n', t.subject, nullif(t.goals, ''), (
      select string_agg(s.title, E'\n' order by s.session_number)
      from learning.template_sessions as s where s.curriculum_id = t.curriculum_id
    )),
    '/learning/' || t.curriculum_id,
    p_viewer_id is null or t.user_id = p_viewer_id
      or t.visibility is not null and not private.is_blocked_between(t.user_id, p_viewer_id),
    t.hidden_at is not null
  into author_id, title, excerpt, link, is_visible, is_hidden
  from learning.templates as t where t.curriculum_id = p_id;
end;
$$;
comment on function private.learning_moderated(text, uuid, uuid) is 'Looks up a template for the moderators.';

create function private.learning_hide(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  update learning.templates as t set hidden_at = now() where t.curriculum_id = p_id and t.hidden_at is null;
  perform private.learning_index_template(p_id);
end;
$$;
comment on function private.learning_hide(text, uuid, uuid) is 'Hides a template.';

create function private.learning_show(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  -- Its owner took it back meanwhile: the mark was all that was left of it.
  delete from learning.templates as t where t.curriculum_id = p_id and t.visibility is null;
  update learning.templates as t set hidden_at = null where t.curriculum_id = p_id and t.hidden_at is not null;
  perform private.learning_index_template(p_id);
end;
$$;
comment on function private.learning_show(text, uuid, uuid) is 'Shows a hidden template again.';

insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function, description)
values ('learning', 'curriculum', 'learning_moderated', 'learning_hide', 'learning_show', 'Curricula shared as templates.');

revoke execute on function
  private.learning_moderated(text, uuid, uuid), private.learning_hide(text, uuid, uuid), private.learning_show(text, uuid, uuid)
  from public, anon, authenticated;
