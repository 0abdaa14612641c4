-- Finding tutors. The rule of who is seen is repeated inside definers: listed (who has a card is), and nobody across a
-- block. Operators of full text and arrays lose their index under a policy.
--
-- Pages go on at (score, id), both descending, so that no tutor comes twice. When no tutor has the words of a query,
-- those whose name, headline or topics look like them are found; the cursors of such pages begin with ~.

create function private.market_search_words(p_text text)
returns text[]
language sql
stable
security invoker
set search_path = ''
as $$
  select array(
    select w.word
    from regexp_split_to_table(lower(extensions.unaccent(p_text)), '[^[:alnum:]]+') with ordinality as w (word, no)
    where w.word <> ''
    order by w.no
    limit 12
  );
$$;
comment on function private.market_search_words(text) is 'The first twelve words, without accents.';

create function private.market_search_query(p_words text[])
returns tsquery
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_word text;
  v_begins tsquery;
  v_stems tsquery;
  v_query tsquery;
  v_small tsquery;
begin
  -- Each word as it begins, or as its stem; "the" and its like only count when there is nothing else.
  foreach v_word in array p_words loop
    v_begins := (quote_literal(v_word) || ':*')::tsquery;
    select string_agg(quote_literal(l.lexeme), ' & ')::tsquery into v_stems
    from unnest(to_tsvector('pg_catalog.english', v_word)) as l;
    if v_stems is null then
      v_small := case when v_small is null then v_begins else v_small && v_begins end;
    else
      v_begins := v_begins || v_stems;
      v_query := case when v_query is null then v_begins else v_query && v_begins end;
    end if;
  end loop;
  return coalesce(v_query, v_small);
end;
$$;
comment on function private.market_search_query(text[]) is 'All of the words, or what begins with them; null when there are none.';

-- The module is loaded before its parameter is named: without it, only a superuser may set an unknown one.
do $$ begin perform extensions.word_similarity('', ''); end; $$;

create function private.market_candidates(
  p_query tsquery, p_alike text[], p_topics text[], p_languages text[], p_currency text, p_max_price_minor bigint,
  p_min_rating numeric, p_hidden uuid[], p_after_score integer, p_after_id uuid, p_count integer
)
returns table (tutor_id uuid, score integer)
language plpgsql
stable
security definer -- cards are closed; called by private.market_search_tutors
set search_path = ''
set pg_trgm.word_similarity_threshold = 0.5
as $$
begin
  -- Written for what is asked and planned anew: the best plan for everything is a walk by score, for a rare topic its index.
  return query execute
    'select c.tutor_id, c.score from market.tutor_cards as c where c.tutor_id <> all ($8)'
    || case when p_query is not null then ' and c.tsv @@ $1' else '' end
    || coalesce((
      select string_agg(format(' and $2[%s] operator(extensions.<%%) c.words', i.i), '') from generate_subscripts(p_alike, 1) as i (i)
    ), '')
    || case when p_topics is not null then ' and c.marks && $3' else '' end
    || case when p_languages is not null then ' and c.marks && $4' else '' end
    || case when p_currency is not null then ' and c.currency = $5' else '' end
    || case when p_max_price_minor is not null then ' and c.from_price_minor <= $6' else '' end
    || case when p_min_rating is not null then ' and c.average_rating >= $7' else '' end
    || case when p_after_id is not null then ' and (c.score, c.tutor_id) < ($9, $10)' else '' end
    || ' order by c.score desc, c.tutor_id desc limit $11'
  using p_query, p_alike, p_topics, p_languages, p_currency, p_max_price_minor, p_min_rating, p_hidden,
    p_after_score, p_after_id, p_count;
end;
$$;
comment on function private.market_candidates(tsquery, text[], text[], text[], text, bigint, numeric, uuid[], integer, uuid, integer) is
  'The next tutors by score; what is null is not asked for.';

create function private.market_search_cursor(p_cursor text, out is_alike boolean, out score integer, out id uuid)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_cursor is null then
    return;
  end if;
  if p_cursor !~ '^~?[0-9]{1,9}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    raise sqlstate 'PT400' using
      message = 'cursor_invalid',
      detail = 'This is no cursor of a search.',
      hint = 'Send the cursor of the page before.';
  end if;
  is_alike := starts_with(p_cursor, '~');
  score := split_part(ltrim(p_cursor, '~'), ':', 1)::integer;
  id := split_part(p_cursor, ':', 2)::uuid;
end;
$$;
comment on function private.market_search_cursor(text) is 'Takes a cursor apart; cursor_invalid (400) when it is none.';

create function private.market_tutor_rows(p_tutor_ids uuid[], p_free jsonb)
returns jsonb
language plpgsql
stable
security definer -- the caller has checked who may see them
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'username', p.username, 'full_name', p.full_name, 'avatar_path', p.avatar_path, 'headline', e.headline,
      'time_zone', e.time_zone, 'languages', e.languages, 'experience_years', e.experience_years,
      'topics', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', c.id, 'slug', c.slug, 'name', c.name, 'proficiency', x.proficiency
        ) order by x.proficiency desc, c.name), '[]')
        from core.expert_topics as x
        join core.topics as c on c.id = x.topic_id
        where x.expert_id = t.id
      ),
      'currency', k.currency, 'from_price_minor', k.from_price_minor, 'average_rating', t.average_rating,
      'rating_count', t.rating_count, 'completed_count', t.completed_count, 'next_free', p_free -> i.id::text
    ) order by i.no), '[]')
    from unnest(p_tutor_ids) with ordinality as i (id, no)
    join market.tutors as t on t.id = i.id
    join core.experts as e on e.id = i.id
    join core.profiles as p on p.id = i.id
    join market.tutor_cards as k on k.tutor_id = i.id
  );
end;
$$;
comment on function private.market_tutor_rows(uuid[], jsonb) is
  'Tutors as lists show them, in this order; p_free holds the next free slot by tutor.';

create function private.market_next_free(
  p_tutor_ids uuid[], p_from timestamptz, p_to timestamptz, p_zone text, p_max_price_minor bigint, p_learner_id uuid
)
returns jsonb
language plpgsql
stable
security definer -- reads everybody's availability; tells free slots only
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(s.tutor_id, jsonb_build_object(
      'offer_id', s.offer_id, 'starts_at', s.starts_at, 'ends_at', s.ends_at, 'local_start', s.starts_at at time zone p_zone
    )), '{}')
    from (
      select distinct on (f.tutor_id) f.tutor_id, f.offer_id, f.starts_at, f.ends_at
      from private.market_free_slots(
        p_tutor_ids, p_from, p_to,
        array(
          select o.id from market.offers as o
          where o.tutor_id = any (p_tutor_ids) and o.is_active and (p_max_price_minor is null or o.price_minor <= p_max_price_minor)
        ),
        p_learner_id
      ) as f
      where f.ends_at <= p_to
      order by f.tutor_id, f.starts_at, f.offer_id
    ) as s
  );
end;
$$;
comment on function private.market_next_free(uuid[], timestamptz, timestamptz, text, bigint, uuid) is
  'For each of these tutors who has one: the first slot wholly within this time that the learner can book and pay.';

revoke execute on function
  private.market_search_words(text), private.market_search_query(text[]),
  private.market_candidates(tsquery, text[], text[], text[], text, bigint, numeric, uuid[], integer, uuid, integer),
  private.market_search_cursor(text), private.market_tutor_rows(uuid[], jsonb),
  private.market_next_free(uuid[], timestamptz, timestamptz, text, bigint, uuid)
  from public, anon, authenticated;
