-- Ranking by vectors, and both rankings in one.

create function private.study_nearest_chunks(p_embedding text, p_model text, p_materials uuid[], p_passages bigint, p_limit integer)
returns table (chunk_id uuid, distance double precision)
language plpgsql
stable
security definer -- called with the materials that the person may read
set search_path = ''
as $$
declare
  v_embedding extensions.halfvec;
  v_dimensions integer;
  v_ids uuid[];
  v_distances double precision[];
begin
  begin
    v_embedding := p_embedding::extensions.halfvec;
  exception when data_exception or invalid_text_representation or program_limit_exceeded then
    raise sqlstate 'PT422' using
      message = 'embedding_invalid',
      detail = 'The embedding is no vector.',
      hint = 'Send it as [0.1,0.2,…].';
  end;
  select e.dimensions into v_dimensions from study.embedding_models as e where e.model = p_model and e.status = 'active';
  if v_dimensions is null or v_dimensions <> extensions.vector_dims(v_embedding) then
    raise sqlstate 'PT409' using
      message = 'embedding_model_mismatch',
      detail = 'This model does not answer, or its vectors have another number of dimensions.',
      hint = 'Embed the question with the active model of study.embedding_models.';
  end if;
  -- Without a direction it is near nothing.
  if extensions.l2_norm(v_embedding) = 0 then
    return;
  end if;
  -- Few passages are compared one by one: exact, and quicker than an index that knows nothing of who may read what. So are
  -- those that are a small part of all: among so many others the index would miss nearest ones (recall 0.9 for a tenth).
  -- Of most of very many the index is asked; where pgvector can do that (0.8 and later), it goes on until enough have
  -- passed the filter. A question far from everything that the person may read ends that early: then all is compared after all.
  if p_passages * v_dimensions > private.study_search_number('compared_numbers')
    and p_passages > private.study_search_number('indexed_share') * (select sum(t.chunks) from study.term_totals as t)
    and exists (select from pg_catalog.pg_settings as s where s.name = 'hnsw.iterative_scan')
  then
    perform set_config('hnsw.ef_search', private.setting('study.search') ->> 'ef_search', true);
    -- Sorted below: a strict order would lose those that come late.
    perform set_config('hnsw.iterative_scan', 'relaxed_order', true);
    execute format(
      'select array_agg(n.chunk_id order by n.away, n.chunk_id), array_agg(n.away order by n.away, n.chunk_id)
       from (
         select e.chunk_id, e.embedding::extensions.halfvec(%1$s) operator(extensions.<=>) $1 as away
         from study.chunk_embeddings as e
         where e.model = %2$L and e.material_id = any ($2)
         order by e.embedding::extensions.halfvec(%1$s) operator(extensions.<=>) $1
         limit $3
       ) as n', v_dimensions, p_model
    ) into v_ids, v_distances using v_embedding, p_materials, p_limit;
    if cardinality(v_ids) = p_limit then
      return query select u.id, u.away from unnest(v_ids, v_distances) as u (id, away);
      return;
    end if;
  end if;
  return query
    select n.chunk_id, n.away
    from (
      select e.chunk_id, e.embedding operator(extensions.<=>) v_embedding as away
      from study.chunk_embeddings as e
      where e.material_id = any (p_materials) and e.model = p_model
    ) as n
    where n.away <> 'NaN'
    order by n.away, n.chunk_id
    limit p_limit;
end;
$$;
comment on function private.study_nearest_chunks(text, text, uuid[], bigint, integer) is
  'The passages whose vectors of this model are nearest: as many as asked for, if there are as many.';

create function private.study_rank_chunks(
  p_viewer uuid, p_query text, p_query_embedding text, p_model text, p_material_ids uuid[], p_topics uuid[],
  p_owner_id uuid, p_limit integer, p_explain boolean
)
returns table (chunk_id uuid, score double precision, lexemes text[], explanation jsonb)
language plpgsql
stable
security definer -- executable by no client: study.search_chunks says who asks
set search_path = ''
as $$
declare
  v_materials uuid[];
  v_passages bigint;
  v_is_small boolean;
  v_languages text[];
  v_k double precision := private.study_search_number('rrf_k');
  v_weights jsonb := private.setting('study.search_vector_weights');
  v_weight double precision := coalesce(v_weights ->> p_model, v_weights ->> 'default', '1')::double precision;
  -- Deep enough that what stands in both rankings is found in both.
  v_depth integer := greatest(100, 3 * p_limit);
begin
  select coalesce(array_agg(r.id), '{}'), coalesce(sum(r.chunk_count), 0) into v_materials, v_passages
  from private.study_readable_materials(p_viewer, p_material_ids, p_topics, p_owner_id) as r;
  if cardinality(v_materials) = 0 then
    return;
  end if;
  v_is_small := v_passages <= private.study_search_number('scanned_passages');
  -- Of few materials their own languages, of many those that there are at all.
  v_languages := case when v_is_small
    then array(select distinct t.language from study.chunk_terms as t where t.material_id = any (v_materials) order by 1)
    else array(select t.language from study.term_totals as t group by t.language having sum(t.chunks) > 0 order by 1)
  end;
  return query
    with by_words as materialized (
      select w.chunk_id, w.score, w.lexemes, w.explanation, row_number() over (order by w.score desc, w.chunk_id) as place
      from unnest(v_languages) as l (language)
      cross join lateral private.study_rank_words(p_query, l.language, v_materials, v_is_small, v_depth, p_explain) as w
      order by place
      limit v_depth
    ),
    by_vectors as materialized (
      select n.chunk_id, n.distance, row_number() over (order by n.distance, n.chunk_id) as place
      from private.study_nearest_chunks(p_query_embedding, p_model, v_materials, v_passages, v_depth) as n
      where p_query_embedding is not null
    )
    select coalesce(w.chunk_id, v.chunk_id), f.score, w.lexemes,
      case when p_explain then jsonb_strip_nulls(jsonb_build_object(
        'words', case when w.place is not null then
          w.explanation || jsonb_build_object('rank', w.place, 'brought', round((1 / (v_k + w.place))::numeric, 6))
        end,
        'vector', case when v.place is not null then
          jsonb_build_object(
            'rank', v.place, 'brought', round((v_weight / (v_k + v.place))::numeric, 6),
            'distance', round(v.distance::numeric, 4), 'model', p_model
          )
        end
      )) end
    from by_words as w
    full join by_vectors as v on v.chunk_id = w.chunk_id
    cross join lateral (
      select coalesce(1 / (v_k + w.place), 0) + coalesce(v_weight / (v_k + v.place), 0) as score
    ) as f
    order by f.score desc, 1
    limit p_limit;
end;
$$;
comment on function private.study_rank_chunks(uuid, text, text, text, uuid[], uuid[], uuid, integer, boolean) is
  'The best passages of what a person may read, by words and by vectors, fused by their ranks. The explanation names only words that the passage has.';

revoke execute on function
  private.study_nearest_chunks(text, text, uuid[], bigint, integer),
  private.study_rank_chunks(uuid, text, text, text, uuid[], uuid[], uuid, integer, boolean)
  from public, anon, authenticated;
