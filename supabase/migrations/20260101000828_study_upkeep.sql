-- What core does with material: it finds its title, and moderators look at what is reported. And a task for work that hangs.

create function private.tg_materials__index()
returns trigger
language plpgsql
security definer -- the index is closed
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' or new.hidden_at is not null then
    perform private.unindex_document('study', 'material', coalesce(new.id, old.id));
  else
    -- The passages have an index of their own (study.search_chunks); no answer is written from a title.
    perform private.index_document(
      'study', 'material', new.id, new.title, concat_ws(E'\n', nullif(new.description, ''), new.file_name), new.topic_id,
      p_visibility => case new.visibility when 'private' then 'owner' else new.visibility end, p_owner_id => new.user_id,
      p_is_retrievable => false
    );
  end if;
  return null;
end;
$$;
create trigger _800_index
  after insert or delete or update of title, description, file_name, topic_id, visibility, hidden_at on study.materials
  for each row execute function private.tg_materials__index();

create function private.study_moderated(
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
  select m.user_id, m.title,
    concat_ws(E'\n', m.description, (select left(c.content, 300) from study.material_chunks as c where c.material_id = m.id order by c.chunk_no limit 1)),
    '/materials/' || m.id, p_viewer_id is null or private.study_may_read_material(m.id, p_viewer_id), m.hidden_at is not null
  into author_id, title, excerpt, link, is_visible, is_hidden
  from study.materials as m where m.id = p_id;
end;
$$;
comment on function private.study_moderated(text, uuid, uuid) is 'Looks up a material for moderators.';

create function private.study_hide(p_type text, p_id uuid, p_actor_id uuid)
returns void
language sql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$ update study.materials as m set hidden_at = coalesce(m.hidden_at, now()) where m.id = p_id; $$;
comment on function private.study_hide(text, uuid, uuid) is 'Hides a material from everybody but its owner.';

create function private.study_show(p_type text, p_id uuid, p_actor_id uuid)
returns void
language sql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$ update study.materials as m set hidden_at = null where m.id = p_id; $$;
comment on function private.study_show(text, uuid, uuid) is 'Shows a hidden material again.';

insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function, description) values
  ('study', 'material', 'study_moderated', 'study_hide', 'study_show', 'Study material that is shared or public.');

create function private.study_tend_materials()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_material record;
  v_given_up integer := 0;
  v_read_on integer := 0;
begin
  -- The pages stopped whoever read them, or the OCR worker went away and did not come back: the rest goes on without them.
  for v_material in
    select m.id from study.materials as m
    where m.processing_status = 'ocr' and (
      m.updated_at < now() - interval '10 minutes'
      and not exists (select from ops.queue_items as q where q.resource_id = m.id and q.job_type in ('study.ingest', 'study.read_pages'))
      or m.updated_at < now() - interval '1 hour'
      and exists (select from ops.job_types as t where t.job_type = 'study.read_pages' and not t.is_enabled)
    )
    order by m.updated_at
    limit 100
    for no key update skip locked
  loop
    perform ops.cancel_jobs_for(v_material.id);
    perform private.study_read_on(v_material.id);
    v_read_on := v_read_on + 1;
  end loop;
  for v_material in
    select m.id from study.materials as m
    where m.processing_status not in ('completed', 'failed', 'ocr') and m.updated_at < now() - interval '10 minutes'
      and not exists (select from ops.queue_items as q where q.resource_id = m.id and q.job_type in ('study.ingest', 'study.read_pages'))
    order by m.updated_at
    limit 100
    for no key update skip locked
  loop
    perform private.study_end_ingest(v_material.id, 'material_given_up', '{}');
    v_given_up := v_given_up + 1;
  end loop;
  return jsonb_build_object('given_up', v_given_up, 'read_on', v_read_on);
end;
$$;
comment on function private.study_tend_materials() is
  'Ends material on which nobody works any more, because its job failed too often: failed as material_given_up, to be tried again; leaves pages out that wait for an OCR worker in vain. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_tend_materials', 'private.study_tend_materials', '5 minutes', 'Material whose job failed too often ends as failed.');

revoke execute on function
  private.tg_materials__index(), private.study_moderated(text, uuid, uuid), private.study_hide(text, uuid, uuid),
  private.study_show(text, uuid, uuid), private.study_tend_materials()
  from public, anon, authenticated;
