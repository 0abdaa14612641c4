-- Memory as clients call it: what is due, with what is needed to show it, and what is done with cards.

create function private.study_due_cards(p_limit integer, p_cursor text)
returns table (
  card_id uuid, phase text, source text, front text, back text, quote text, question jsonb, topic_id uuid, state text,
  due_at timestamptz, due_on date, retrievability double precision, review_no integer, lapses integer, is_leech boolean,
  stale_at timestamptz, material_id uuid, cursor text
)
language plpgsql
stable
security definer -- the caller's own cards, and questions that he may practise, without their keys
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_reader();
  v_after_phase integer := split_part(p_cursor, ':', 1)::integer;
  v_after_key double precision := split_part(p_cursor, ':', 2)::double precision;
  v_after_id uuid := split_part(p_cursor, ':', 3)::uuid;
begin
  return query
    with page as materialized (
      select d.* from private.study_due(v_user_id, now()) as d
      where p_cursor is null or (d.phase_no, d.sort_key, d.card_id) > (v_after_phase, v_after_key, v_after_id)
      order by d.phase_no, d.sort_key, d.card_id
      limit least(greatest(coalesce(p_limit, 20), 1), 200)
    )
    select c.id, p.phase, c.source, c.front, c.back, c.quote,
      (
        select jsonb_build_object(
          'question_id', q.id, 'version_id', v.id, 'question_type', v.question_type, 'vignette', v.vignette, 'difficulty', q.difficulty,
          'options', (
            select jsonb_agg(jsonb_build_object('index', o.option_index, 'text', o.option_text) order by o.option_index)
            from study.question_options as o where o.version_id = v.id
          )
        )
        from study.question_versions as v where v.question_id = q.id and v.version_no = q.current_version
      ),
      c.topic_id, c.state, c.due_at, c.due_on, p.retrievability,
      1 + coalesce((select max(l.review_no) from study.review_logs as l where l.card_id = c.id and l.undone_at is null), 0),
      c.lapses, c.is_leech,
      coalesce(c.stale_at, q.stale_at, (
        select min(s.stale_at) from study.message_citations as s where s.message_id = c.message_id and s.quote = c.quote
      )),
      c.material_id, format('%s:%s:%s', p.phase_no, p.sort_key, p.card_id)
    from page as p
    join study.sm2_review_cards as c on c.id = p.card_id
    left join study.questions as q on q.id = c.question_id
    order by p.phase_no, p.sort_key, p.card_id;
end;
$$;
comment on function private.study_due_cards(integer, text) is 'See study.due_cards.';

create function private.study_due_cursor(p_cursor text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_cursor !~ '^[1-4]:[0-9]{1,20}(\.[0-9]{1,30})?(e[-+]?[0-9]{1,2})?:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    raise sqlstate 'PT400' using
      message = 'cursor_invalid', detail = 'This is no cursor of due cards.', hint = 'Send the cursor of the last row of the page before.';
  end if;
  return p_cursor;
end;
$$;
comment on function private.study_due_cursor(text) is 'The cursor, when it is one; cursor_invalid (400).';

create function private.study_review_own(p_card_id uuid, p_rating integer, p_duration_ms bigint, p_review_no integer, p_quality integer)
returns study.review_logs
language plpgsql
volatile
security definer -- cards and logs have no direct writing
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_user();
begin
  perform private.limit_action('study.limits', 'review', v_user_id::text);
  return private.study_review_card(v_user_id, p_card_id, p_rating, p_quality, p_duration_ms, p_review_no, now());
end;
$$;
comment on function private.study_review_own(uuid, integer, bigint, integer, integer) is 'See study.review_card.';

create function private.study_undo_own(p_card_id uuid, p_review_no integer)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards and logs have no direct writing
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_user();
begin
  perform private.limit_action('study.limits', 'review', v_user_id::text);
  return private.study_undo_review(v_user_id, p_card_id, p_review_no, now());
end;
$$;
comment on function private.study_undo_own(uuid, integer) is 'See study.undo_review.';

create function private.study_preview_own(p_card_id uuid)
returns table (
  rating integer, review_no integer, state text, interval_days integer, due_at timestamptz, due_on date,
  stability double precision, difficulty double precision
)
language sql
stable
security definer -- the caller's own card
set search_path = ''
as $$ select * from private.study_preview_card(private.require_reader(), p_card_id, now()); $$;
comment on function private.study_preview_own(uuid) is 'See study.preview_card.';

create function private.study_reschedule_own()
returns integer
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_user();
begin
  perform private.limit_action('study.limits', 'reschedule', v_user_id::text);
  return private.study_reschedule_all(v_user_id, now());
end;
$$;
comment on function private.study_reschedule_own() is 'See study.reschedule_all.';

revoke execute on function
  private.study_due_cards(integer, text), private.study_due_cursor(text),
  private.study_review_own(uuid, integer, bigint, integer, integer), private.study_undo_own(uuid, integer),
  private.study_preview_own(uuid), private.study_reschedule_own()
  from public, anon, authenticated;
grant execute on function
  private.study_due_cards(integer, text), private.study_due_cursor(text),
  private.study_review_own(uuid, integer, bigint, integer, integer), private.study_undo_own(uuid, integer),
  private.study_preview_own(uuid), private.study_reschedule_own()
  to authenticated;
