-- What is due: cards of a learner's day, by how likely they are to be forgotten, within what he wants to do on a day.
--
-- In order: learning steps whose minutes are over; reviews, the least likely to be recalled first; new cards, oldest first;
-- and at the end what is to come again in this sitting (steps that are nearly over, drills of SM-2). What is suspended, buried,
-- or made of a question that can no longer be practised is left out.

create function private.study_allowance(p_user_id uuid, p_settings study.learner_settings, p_today date, out new_cards integer, out reviews integer)
returns record
language plpgsql
stable
security definer -- reads the log of whoever is acted for
set search_path = ''
as $$
begin
  -- The day before as well: a learner who travels may have begun his day earlier than his clock says now.
  select greatest(p_settings.new_cards_per_day - count(*) filter (where l.state_before = 'new'), 0)::integer,
    greatest(p_settings.reviews_per_day - count(*) filter (where l.state_before = 'review'), 0)::integer
  into new_cards, reviews
  from study.review_logs as l
  where l.user_id = p_user_id and l.reviewed_at >= private.study_day_start(p_user_id, p_today - 1)
    and l.study_day = p_today and l.undone_at is null;
end;
$$;
comment on function private.study_allowance(uuid, study.learner_settings, date) is
  'How many new cards and reviews a learner''s limits leave of a day.';

create function private.study_due(p_user_id uuid, p_at timestamptz)
returns table (phase_no integer, sort_key double precision, card_id uuid, phase text, retrievability double precision)
language plpgsql
stable
security definer -- reads cards of whoever is acted for
set search_path = ''
as $$
declare
  v_settings constant study.learner_settings := private.study_settings(p_user_id);
  v_today constant date := private.study_day(p_user_id, p_at);
  v_ahead constant timestamptz := p_at + make_interval(mins => private.setting_number('study.learn_ahead_minutes'));
  v_ahead_day constant date := private.study_day(p_user_id, v_ahead);
  v_zone constant text := (select p.time_zone from core.profiles as p where p.id = p_user_id);
  v_decay constant double precision :=
    (private.fsrs_weights(v_settings.weights, cardinality(v_settings.relearning_steps_minutes), true))[21];
  v_factor constant double precision := private.fsrs_factor(v_decay);
  v_left record;
  v_phase text;
  v_ids uuid[];
  v_questions uuid[];
  v_keys double precision[];
  v_most integer;
  v_taken integer;
  v_kept uuid[];
  v_from integer;
  v_page integer;
begin
  select * into v_left from private.study_allowance(p_user_id, v_settings, v_today);
  phase_no := 0;
  foreach v_phase in array '{learning, review, new, again}'::text[] loop
    v_most := case v_phase when 'review' then v_left.reviews when 'new' then v_left.new_cards else 1000 end;
    phase_no := phase_no + 1;
    v_taken := 0;
    v_from := 0;
    v_page := v_most;
    -- As many as are wanted, and of them those that may be practised: mostly all, so that there is no second page. If there is,
    -- it is a long one: who wants one more card may have thousands whose material he no longer reads.
    while v_taken < v_most loop
      if v_phase = 'review' then
        select array_agg(c.id order by c.chance, c.id), array_agg(c.question_id order by c.chance, c.id), array_agg(c.chance order by c.chance, c.id)
        into v_ids, v_questions, v_keys
        from (
          -- A card of SM-2 has no stability: its interval stands in for it.
          -- private.fsrs_retrievability, written out: a call for each row takes longer than its sum.
          select d.id, d.question_id, floor(power(
            1 + v_factor * greatest(
              v_today - ((d.last_reviewed_at at time zone v_zone) - make_interval(hours => v_settings.day_start_hour))::date, 0
            ) / coalesce(d.stability, greatest(d.interval_days, 1)), -v_decay
          ) * 100000000 + 0.5) / 100000000 as chance
          from study.sm2_review_cards as d
          where d.user_id = p_user_id and d.due_on <= v_today and not d.is_suspended and d.state <> 'new' and d.state = 'review'
            and (d.buried_until is null or d.buried_until <= v_today)
          order by chance, d.id offset v_from limit v_page
        ) as c;
      elsif v_phase = 'new' then
        select array_agg(c.id order by c.created_at, c.id), array_agg(c.question_id order by c.created_at, c.id),
          array_agg(extract(epoch from c.created_at)::double precision order by c.created_at, c.id)
        into v_ids, v_questions, v_keys
        from (
          select d.id, d.question_id, d.created_at from study.sm2_review_cards as d
          where d.user_id = p_user_id and not d.is_suspended and d.state = 'new' and (d.buried_until is null or d.buried_until <= v_today)
          order by d.created_at, d.id offset v_from limit v_page
        ) as c;
      else
        select array_agg(c.id order by c.due_at, c.id), array_agg(c.question_id order by c.due_at, c.id),
          array_agg(extract(epoch from c.due_at)::double precision order by c.due_at, c.id)
        into v_ids, v_questions, v_keys
        from (
          select d.id, d.question_id, d.due_at from study.sm2_review_cards as d
          where d.user_id = p_user_id and d.due_on <= v_ahead_day and not d.is_suspended and d.state <> 'new'
            and d.state in ('learning', 'relearning') and (d.buried_until is null or d.buried_until <= v_today)
            and case v_phase when 'learning' then d.due_at <= p_at and d.scheduler = 'fsrs'
              else d.due_at <= v_ahead and (d.due_at > p_at or d.scheduler = 'sm2') end
          order by d.due_at, d.id offset v_from limit v_page
        ) as c;
      end if;
      exit when v_ids is null;
      v_kept := private.study_practisable(v_questions, p_user_id);
      for v_i in 1 .. cardinality(v_ids) loop
        exit when v_taken = v_most;
        continue when v_questions[v_i] is not null and v_questions[v_i] <> all (v_kept);
        v_taken := v_taken + 1;
        card_id := v_ids[v_i];
        phase := v_phase;
        sort_key := v_keys[v_i];
        retrievability := case v_phase when 'review' then v_keys[v_i] end;
        return next;
      end loop;
      v_from := v_from + v_page;
      v_page := greatest(v_page, 250) * 4;
    end loop;
  end loop;
end;
$$;
comment on function private.study_due(uuid, timestamptz) is
  'The cards to study at a moment, in order, within the limits of the learner''s day. phase: learning, review, new, again. retrievability: of reviews only. (phase_no, sort_key, card_id) is the order.';

create function private.study_due_count(p_user_id uuid, p_at timestamptz)
returns integer
language plpgsql
stable
security definer -- reads cards of whoever is acted for
set search_path = ''
as $$
declare
  v_settings constant study.learner_settings := private.study_settings(p_user_id);
  v_today constant date := private.study_day(p_user_id, p_at);
  v_ahead constant timestamptz := p_at + make_interval(mins => private.setting_number('study.learn_ahead_minutes'));
  v_ahead_day constant date := private.study_day(p_user_id, v_ahead);
  v_left record;
  v_questions uuid[];
  v_reviews integer := 0;
  v_new integer := 0;
  v_learning integer;
  v_from integer := 0;
  v_page integer;
begin
  select * into v_left from private.study_allowance(p_user_id, v_settings, v_today);
  -- Counted up to the limit only; on longer and longer pages when questions had to be left out.
  v_page := v_left.reviews;
  while v_reviews < v_left.reviews loop
    select array_agg(c.question_id) into v_questions from (
      select d.question_id from study.sm2_review_cards as d
      where d.user_id = p_user_id and d.due_on <= v_today and not d.is_suspended and d.state <> 'new' and d.state = 'review'
        and (d.buried_until is null or d.buried_until <= v_today)
      order by d.due_on, d.id offset v_from limit v_page
    ) as c;
    exit when v_questions is null;
    v_reviews := v_reviews + private.study_practisable_count(v_questions, p_user_id);
    v_from := v_from + v_page;
    v_page := greatest(v_page, 250) * 4;
  end loop;
  v_from := 0;
  v_page := v_left.new_cards;
  while v_new < v_left.new_cards loop
    select array_agg(c.question_id) into v_questions from (
      select d.question_id from study.sm2_review_cards as d
      where d.user_id = p_user_id and not d.is_suspended and d.state = 'new' and (d.buried_until is null or d.buried_until <= v_today)
      order by d.created_at, d.id offset v_from limit v_page
    ) as c;
    exit when v_questions is null;
    v_new := v_new + private.study_practisable_count(v_questions, p_user_id);
    v_from := v_from + v_page;
    v_page := greatest(v_page, 250) * 4;
  end loop;
  select private.study_practisable_count(array_agg(c.question_id), p_user_id) into v_learning
  from study.sm2_review_cards as c
  where c.user_id = p_user_id and c.due_on <= v_ahead_day and not c.is_suspended and c.state <> 'new'
    and c.state in ('learning', 'relearning') and c.due_at <= v_ahead and (c.buried_until is null or c.buried_until <= v_today);
  return least(v_reviews, v_left.reviews) + least(v_new, v_left.new_cards) + v_learning;
end;
$$;
comment on function private.study_due_count(uuid, timestamptz) is
  'How many cards there are to study at a moment: the rows of private.study_due, without sorting them.';

create function private.study_practisable_count(p_question_ids uuid[], p_user_id uuid)
returns integer
language plpgsql
stable
security definer -- for cards of whoever is acted for
set search_path = ''
as $$
begin
  return case
    when p_question_ids is null then 0
    else cardinality(p_question_ids) - cardinality(array_remove(p_question_ids, null))
      + cardinality(private.study_practisable(array_remove(p_question_ids, null), p_user_id))
  end;
end;
$$;
comment on function private.study_practisable_count(uuid[], uuid) is
  'How many of these cards, named by their questions (null: no question), a person may study.';

create function private.study_review_forecast(p_user_id uuid, p_days integer, p_at timestamptz)
returns table (on_date date, reviews integer)
language plpgsql
stable
security definer -- reads cards of whoever is acted for
set search_path = ''
as $$
declare
  v_today constant date := private.study_day(p_user_id, p_at);
begin
  return query
    select v_today + d.no, coalesce(c.cards, 0)::integer
    from pg_catalog.generate_series(0, p_days - 1) as d (no)
    left join (
      select greatest(k.due_on, k.buried_until, v_today) as due_on, count(*) as cards
      from study.sm2_review_cards as k
      where k.user_id = p_user_id and k.due_on < v_today + p_days and not k.is_suspended and k.state <> 'new'
      group by 1
    ) as c on c.due_on = v_today + d.no
    order by 1;
end;
$$;
comment on function private.study_review_forecast(uuid, integer, timestamptz) is
  'Reviews that come due on each of the next p_days days of a learner, today the first: it holds what is overdue. New cards, and daily limits, are not reckoned with.';

revoke execute on function
  private.study_allowance(uuid, study.learner_settings, date), private.study_due(uuid, timestamptz),
  private.study_due_count(uuid, timestamptz), private.study_practisable_count(uuid[], uuid),
  private.study_review_forecast(uuid, integer, timestamptz)
  from public, anon, authenticated;
