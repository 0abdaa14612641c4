-- When a material says something else: what was quoted from it is looked for again. A quote that still stands somewhere in it
-- is led there; one that is gone is flagged, and so is what was made of it. What comes back is no longer stale.

create function private.study_quote_page(p_chunk study.material_chunks, p_position integer)
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select p_chunk.page_number + (select count(*) from unnest(p_chunk.page_breaks) as b where b <= p_position)::integer;
$$;
comment on function private.study_quote_page(study.material_chunks, integer) is
  'The page on which a character of a passage stands (positions from 0); null where there are no pages.';

create function private.study_flag_stale(p_material_id uuid)
returns integer
language plpgsql
volatile
security definer -- citations and sources of everybody
set search_path = ''
as $$
declare
  v_count integer;
  v_questions integer;
begin
  with quotes as (
    select 'citation' as kind, c.message_id as id, c.marker, c.quote
    from study.message_citations as c where c.material_id = p_material_id
    union all
    select 'source', s.id, null, s.quote
    from study.question_sources as s where s.material_id = p_material_id
    union all
    select 'card', k.id, null, k.quote
    from study.sm2_review_cards as k where k.material_id = p_material_id and k.quote <> ''
  ),
  found as materialized (
    select q.*, k.chunk_id, k.page_number, k.char_start, k.content_hash
    from quotes as q
    left join lateral (
      select c.id as chunk_id, c.content_hash, c.char_start + p.position as char_start,
        private.study_quote_page(c, p.position) as page_number
      from study.material_chunks as c
      cross join lateral (select position(q.quote in c.content) - 1 as position) as p
      where c.material_id = p_material_id and p.position >= 0
      order by c.chunk_no
      limit 1
    ) as k on true
  ),
  citations as (
    update study.message_citations as c
    set chunk_id = f.chunk_id, page_number = coalesce(f.page_number, c.page_number),
      char_start = coalesce(f.char_start, c.char_start), char_end = coalesce(f.char_start, c.char_start) + length(c.quote),
      content_hash = coalesce(f.content_hash, c.content_hash),
      stale_at = case when f.chunk_id is null then coalesce(c.stale_at, now()) end
    from found as f
    where f.kind = 'citation' and c.message_id = f.id and c.marker = f.marker
    returning (c.stale_at = now()) as is_new
  ),
  sources as (
    update study.question_sources as s
    set chunk_id = f.chunk_id, page_number = coalesce(f.page_number, s.page_number),
      char_start = coalesce(f.char_start, s.char_start), char_end = coalesce(f.char_start, s.char_start) + length(s.quote),
      content_hash = coalesce(f.content_hash, s.content_hash),
      stale_at = case when f.chunk_id is null then coalesce(s.stale_at, now()) end
    from found as f
    where f.kind = 'source' and s.id = f.id
    returning (s.stale_at = now()) as is_new
  ),
  -- Cards are other people's: they see it on the card, and the owner of the material does not hear of them.
  cards as (
    update study.sm2_review_cards as k
    set chunk_id = f.chunk_id, stale_at = case when f.chunk_id is null then coalesce(k.stale_at, now()) end
    from found as f
    where f.kind = 'card' and k.id = f.id
  )
  select (select count(*) from citations as c where c.is_new) + (select count(*) from sources as s where s.is_new) into v_count;

  -- A question is stale when a source of what it says now is.
  with fresh as (
    update study.questions as q
    set stale_at = case when s.is_stale then coalesce(q.stale_at, now()) end
    from (
      select v.question_id, bool_or(s.stale_at is not null) as is_stale
      from study.question_sources as s
      join study.question_versions as v on v.id = s.version_id
      join study.questions as o on o.id = v.question_id and o.current_version = v.version_no
      where s.material_id = p_material_id
      group by v.question_id
    ) as s
    where q.id = s.question_id and (q.stale_at is not null) <> s.is_stale
    returning q.stale_at
  )
  select count(*) filter (where f.stale_at is not null) into v_questions from fresh as f;
  if v_count > 0 or v_questions > 0 then
    perform private.notify(
      m.user_id, 'material_changed', 'info', 'What was made of your material has to be looked at',
      format('"%s" says something else in places that were quoted: %s citations and sources, %s questions.', left(m.title, 100), v_count, v_questions),
      jsonb_build_object('material_id', m.id, 'quotes', v_count, 'questions', v_questions), '/materials/' || m.id, 'material_changed:' || m.id
    )
    from study.materials as m where m.id = p_material_id;
  end if;
  return v_count;
end;
$$;
comment on function private.study_flag_stale(uuid) is
  'Looks for every quote from a material again; returns how many have become stale. Called when its passages are swapped.';

-- What was quoted from a material that goes stays, word for word, and says that its source is gone.
create function private.tg_materials__orphan_quotes()
returns trigger
language plpgsql
security definer -- citations and sources of everybody
set search_path = ''
as $$
begin
  update study.message_citations as c set stale_at = now() where c.material_id = old.id and c.stale_at is null;
  update study.sm2_review_cards as k set stale_at = now() where k.material_id = old.id and k.stale_at is null;
  return old;
end;
$$;
comment on function private.tg_materials__orphan_quotes() is
  'Trigger: flags what was quoted from a material that is deleted. Its questions: private.tg_materials__let_questions_go.';
create trigger _400_orphan_quotes before delete on study.materials
  for each row execute function private.tg_materials__orphan_quotes();

revoke execute on function
  private.study_quote_page(study.material_chunks, integer), private.study_flag_stale(uuid), private.tg_materials__orphan_quotes()
  from public, anon, authenticated;
