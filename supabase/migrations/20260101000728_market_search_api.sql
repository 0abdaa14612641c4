-- market.search_tutors, for whoever is signed in. A search for free time looks at so many tutors, best first
-- (market.search_candidates), and gives those who have some; its cursor goes on behind the last one looked at, so that a
-- page can be short, even empty, with more to come.

create function private.market_search_tutors(
  p_query text, p_topic text, p_min_proficiency integer, p_languages text[], p_max_price_minor bigint, p_currency text,
  p_min_rating numeric, p_free_from timestamptz, p_free_to timestamptz, p_zone text, p_limit integer, p_cursor text
)
returns jsonb
language plpgsql
volatile
security definer -- cards and availability are closed; gives only what the caller may see
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_text text := private.clean_text(coalesce(p_query, ''), 'query', 0, 200);
  v_words text[] := private.market_search_words(v_text);
  v_query tsquery := private.market_search_query(v_words);
  v_alike text[] := array(select w from unnest(v_words) as w where length(w) > 2 and to_tsvector('pg_catalog.english', w) <> '');
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_hidden uuid[] := private.my_block_ids();
  v_is_free boolean := p_free_from is not null or p_free_to is not null;
  v_free_from timestamptz := greatest(coalesce(p_free_from, now()), now());
  -- After the year 9998 nothing is added: it would be no time.
  v_last_from timestamptz := least(v_free_from, timestamptz '9999-01-01 00:00:00+00');
  v_free_to timestamptz := coalesce(p_free_to, v_last_from + interval '168 hours');
  v_zone text := private.market_zone_of_viewer(p_zone, v_me);
  v_topics text[];
  v_languages text[];
  v_after record;
  v_is_alike boolean;
  v_left integer;
  v_batch integer;
  v_ids uuid[];
  v_scores integer[];
  v_slots jsonb;
  v_free jsonb := '{}'::jsonb;
  v_page uuid[] := '{}'::uuid[];
  v_cursor text;
begin
  select c.is_alike, c.score, c.id into v_after from private.market_search_cursor(p_cursor) as c;
  if p_topic is not null then
    if private.topic_by_slug(p_topic) is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic', detail = 'There is no such topic, or it is switched off.', hint = 'Take one from core.topics.';
    end if;
    v_topics := array(
      select format('t:%s:%s', s.id, least(greatest(coalesce(p_min_proficiency, 1), 1), 5))
      from unnest(private.topic_subtree(private.topic_by_slug(p_topic))) as s (id)
    );
  end if;
  if cardinality(p_languages) > 20 then
    raise sqlstate 'PT422' using
      message = 'too_many_languages', detail = 'A search takes twenty languages.', hint = 'Name fewer.';
  elsif cardinality(p_languages) > 0 then
    v_languages := array(select 'l:' || lower(l.code) from unnest(p_languages) as l (code) where l.code is not null);
  end if;
  if p_max_price_minor is not null and p_currency is null then
    raise sqlstate 'PT422' using
      message = 'currency_required', detail = 'A price means nothing without its currency.', hint = 'Send p_currency, such as EUR.';
  end if;
  if v_is_free then
    if not coalesce(v_free_from < v_free_to and v_free_to <= v_last_from + make_interval(hours => 31 * 24 + 1), false) then
      raise sqlstate 'PT422' using
        message = 'range_invalid',
        detail = 'Free time goes from one moment to a later one that is not past, over 31 days at most.',
        hint = 'Send p_free_from and p_free_to as moments, such as 2026-03-01T00:00:00Z.';
    end if;
    perform private.limit_action('market.writing_limits', 'free_search', v_me::text);
  end if;
  if v_text <> '' and v_query is null then
    return jsonb_build_object('tutors', '[]'::jsonb, 'cursor', null);
  end if;

  v_left := case when v_is_free then greatest(private.setting_number('market.search_candidates'), 1) else v_limit end;
  v_is_alike := coalesce(v_after.is_alike, false) and v_alike <> '{}';
  loop
    -- One more than the page shows tells whether there are more.
    v_batch := case when v_is_free then least(v_left, 50) else v_limit end;
    select coalesce(array_agg(c.tutor_id order by c.score desc, c.tutor_id desc), '{}'), array_agg(c.score order by c.score desc, c.tutor_id desc)
    into v_ids, v_scores
    from private.market_candidates(
      case when not v_is_alike then v_query end, case when v_is_alike then v_alike end,
      v_topics, v_languages, upper(p_currency), p_max_price_minor, p_min_rating, v_hidden, v_after.score, v_after.id, v_batch + 1
    ) as c;
    if v_ids = '{}' and v_alike <> '{}' and not v_is_alike and v_after.id is null then
      v_is_alike := true;
      continue;
    end if;
    if v_is_free then
      v_slots := private.market_next_free(v_ids[1:v_batch], v_free_from, v_free_to, v_zone, p_max_price_minor, v_me);
    end if;
    v_cursor := null;
    for i in 1..least(cardinality(v_ids), v_batch) loop
      v_after.score := v_scores[i];
      v_after.id := v_ids[i];
      v_left := v_left - 1;
      if not v_is_free or v_slots ? v_ids[i]::text then
        v_page := array_append(v_page, v_ids[i]);
      end if;
      v_cursor := case
        when i < cardinality(v_ids) then case when v_is_alike then '~' else '' end || v_after.score || ':' || v_after.id
      end;
      exit when cardinality(v_page) >= v_limit;
    end loop;
    v_free := v_free || coalesce(v_slots, '{}');
    exit when v_cursor is null or cardinality(v_page) >= v_limit or v_left <= 0;
  end loop;
  return jsonb_build_object('tutors', private.market_tutor_rows(v_page, v_free), 'cursor', v_cursor);
end;
$$;
comment on function private.market_search_tutors(text, text, integer, text[], bigint, text, numeric, timestamptz, timestamptz, text, integer, text) is
  'See market.search_tutors.';

create function market.search_tutors(
  p_query text default null, p_topic text default null, p_min_proficiency integer default null,
  p_languages text[] default null, p_max_price_minor bigint default null, p_currency text default null,
  p_min_rating numeric default null, p_free_from timestamptz default null, p_free_to timestamptz default null,
  p_zone text default null, p_limit integer default 20, p_cursor text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.market_search_tutors(
    p_query, p_topic, p_min_proficiency, p_languages, p_max_price_minor, p_currency, p_min_rating, p_free_from, p_free_to,
    p_zone, p_limit, p_cursor
  );
$$;
comment on function market.search_tutors(text, text, integer, text[], bigint, text, numeric, timestamptz, timestamptz, text, integer, text) is
  'Tutors who can be booked, best first by their shrunken average: {tutors, cursor}. By words (of name, headline, topics, offers), topic (and what stands below it) with at least a proficiency, any of some languages, price of the cheapest offer, average rating, and a slot wholly between p_free_from and p_free_to that you can book: then each has next_free, local_start by the clock of p_zone (your own). Pass the cursor for the next page; none: there are no more. A search for free time may give a short page with a cursor. Errors: cursor_invalid (400), unknown_topic, currency_required, range_invalid, time_zone_unknown, too_many_languages, text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.market_search_tutors(text, text, integer, text[], bigint, text, numeric, timestamptz, timestamptz, text, integer, text),
  market.search_tutors(text, text, integer, text[], bigint, text, numeric, timestamptz, timestamptz, text, integer, text)
  from public, anon, authenticated;
grant execute on function
  private.market_search_tutors(text, text, integer, text[], bigint, text, numeric, timestamptz, timestamptz, text, integer, text),
  market.search_tutors(text, text, integer, text[], bigint, text, numeric, timestamptz, timestamptz, text, integer, text)
  to authenticated;
