-- What a review does to a card: the outcome of private.study_schedule, put on a day that is not full yet, and a row in the
-- log. And the other way round: the state of a card computed anew from its log.

insert into core.settings (key, value, description) values
  ('study.leech_lapses', '8', 'A card forgotten so often is a leech; and again after each half of it.'),
  ('study.balanced_days', '90', 'Reviews up to so many days ahead are spread by how many there are on a day; later ones at random.'),
  ('study.learn_ahead_minutes', '20', 'Learning steps due within so many minutes are shown when nothing else is left.');

create function private.study_chance(p_card_id uuid, p_review_no integer)
returns double precision
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return ('x' || left(md5(p_card_id::text || ':' || p_review_no), 12))::bit(48)::bigint / 281474976710656::double precision;
end;
$$;
comment on function private.study_chance(uuid, integer) is
  'From 0 up to 1: the dice of a review of a card. Always the same, so that a preview shows what will happen.';

create function private.study_place_interval(
  p_user_id uuid, p_interval integer, p_first integer, p_last integer, p_chance double precision, p_day date,
  p_settings study.learner_settings
)
returns integer
language plpgsql
stable
security definer -- counts cards of whoever is acted for
set search_path = ''
as $$
declare
  v_wish constant integer := p_first + floor(p_chance * (p_last - p_first + 1))::integer;
begin
  if not p_settings.is_fuzzed or p_settings.scheduler = 'sm2' or p_last is null or p_last <= p_first then
    return p_interval;
  end if;
  -- An easy weekday counts as four times as full. Between days that are equally full, the dice.
  return (
    select d.day
    from pg_catalog.generate_series(p_first, p_last) as d (day)
    left join (
      select c.due_on, count(*) as cards from study.sm2_review_cards as c
      where p_last <= private.setting_number('study.balanced_days')
        and c.user_id = p_user_id and c.due_on between p_day + p_first and p_day + p_last
        and not c.is_suspended and c.state <> 'new'
      group by c.due_on
    ) as l on l.due_on = p_day + d.day
    order by
      (coalesce(l.cards, 0) + 1) * case when extract(isodow from p_day + d.day)::smallint = any (p_settings.easy_weekdays) then 4 else 1 end,
      abs(d.day - v_wish), d.day
    limit 1
  );
end;
$$;
comment on function private.study_place_interval(uuid, integer, integer, integer, double precision, date, study.learner_settings) is
  'On which day from p_day a review goes, of p_first … p_last: the one with the fewest reviews so far. Not under SM-2, whose intervals are exact.';

create function private.study_quality(p_rating integer)
returns integer
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return case p_rating when 1 then 1 else p_rating + 1 end;
end;
$$;
comment on function private.study_quality(integer) is 'The quality of SM-2 that stands for a rating: again 1, hard 3, good 4, easy 5.';

create function private.study_become(
  p_card study.sm2_review_cards, p_next private.study_outcome, p_settings study.learner_settings, p_review_no integer,
  p_day date, p_at timestamptz
)
returns study.sm2_review_cards
language plpgsql
stable
security definer -- reads zone and load of whoever is acted for
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards := p_card;
begin
  v_card.scheduler := p_next.scheduler;
  v_card.state := p_next.state;
  v_card.step := p_next.step;
  v_card.repetition_count := p_next.repetition_count;
  v_card.lapses := p_next.lapses;
  v_card.easiness_factor := p_next.easiness_factor;
  v_card.stability := p_next.stability;
  v_card.difficulty := p_next.difficulty;
  v_card.interval_days := p_next.interval_days;
  v_card.last_reviewed_at := p_at;
  if p_next.delay_minutes < 1440 then
    v_card.due_at := p_at + make_interval(mins => p_next.delay_minutes);
    v_card.due_on := greatest(private.study_day(p_card.user_id, v_card.due_at), p_day);
  else
    v_card.interval_days := private.study_place_interval(
      p_card.user_id, p_next.interval_days, p_next.first_day, p_next.last_day, private.study_chance(p_card.id, p_review_no), p_day, p_settings
    );
    v_card.due_on := p_day + v_card.interval_days;
    v_card.due_at := private.study_day_start(p_card.user_id, v_card.due_on);
  end if;
  return v_card;
end;
$$;
comment on function private.study_become(study.sm2_review_cards, private.study_outcome, study.learner_settings, integer, date, timestamptz) is
  'The card as a review leaves it, not stored: due after minutes, or from the beginning of a day of the learner. p_day is his day at p_at.';

create function private.study_replay_card(p_card study.sm2_review_cards, p_settings study.learner_settings)
returns study.sm2_review_cards
language plpgsql
stable
security definer -- reads the log of whoever is acted for
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards := p_card;
  v_log study.review_logs;
  v_next private.study_outcome;
begin
  v_card.scheduler := p_settings.scheduler;
  v_card.state := 'new';
  v_card.step := 0;
  v_card.repetition_count := 0;
  v_card.lapses := 0;
  v_card.easiness_factor := 2.5;
  v_card.stability := null;
  v_card.difficulty := null;
  v_card.interval_days := 0;
  v_card.last_reviewed_at := null;
  for v_log in select * from study.review_logs as l where l.card_id = p_card.id and l.undone_at is null order by l.review_no loop
    v_next := private.study_schedule(
      v_card, p_settings, v_log.rating, coalesce(v_log.quality, private.study_quality(v_log.rating)), v_log.elapsed_days
    );
    v_card.state := v_next.state;
    v_card.step := v_next.step;
    v_card.repetition_count := v_next.repetition_count;
    v_card.lapses := v_next.lapses;
    v_card.easiness_factor := v_next.easiness_factor;
    v_card.stability := v_next.stability;
    v_card.difficulty := v_next.difficulty;
    v_card.interval_days := v_next.interval_days;
  end loop;
  if v_log.id is null then
    return v_card;
  end if;
  return private.study_become(v_card, v_next, p_settings, v_log.review_no, v_log.study_day, v_log.reviewed_at);
end;
$$;
comment on function private.study_replay_card(study.sm2_review_cards, study.learner_settings) is
  'The card as these settings make it from its whole log, not stored: after other weights, another retention, another scheduler.';

create function private.study_store_card(p_card study.sm2_review_cards)
returns void
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
begin
  update study.sm2_review_cards as c
  set scheduler = p_card.scheduler, state = p_card.state, step = p_card.step, repetition_count = p_card.repetition_count,
    lapses = p_card.lapses, easiness_factor = p_card.easiness_factor, stability = p_card.stability, difficulty = p_card.difficulty,
    interval_days = p_card.interval_days, due_at = p_card.due_at, due_on = p_card.due_on, last_reviewed_at = p_card.last_reviewed_at,
    is_leech = p_card.is_leech, buried_until = p_card.buried_until
  where c.id = p_card.id;
end;
$$;
comment on function private.study_store_card(study.sm2_review_cards) is 'Stores the schedule of a card.';

create function private.study_log_review(
  p_card study.sm2_review_cards, p_settings study.learner_settings, p_rating integer, p_quality integer, p_duration_ms bigint,
  p_attempt_id uuid, p_day date, p_at timestamptz
)
returns study.review_logs
language plpgsql
volatile
security definer -- cards and logs have no direct writing
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards := p_card;
  v_last study.review_logs;
  v_log study.review_logs;
  v_next private.study_outcome;
  v_elapsed integer := 0;
  v_leech integer;
begin
  select * into v_last from study.review_logs as l
  where l.card_id = p_card.id and l.undone_at is null order by l.review_no desc limit 1;
  -- The learner has changed the scheduler since: first the card is brought under its rules.
  if v_card.scheduler <> p_settings.scheduler then
    v_card := private.study_replay_card(v_card, p_settings);
  end if;
  if v_last.id is not null then
    v_elapsed := greatest(p_day - v_last.study_day, 0);
  end if;
  v_next := private.study_schedule(v_card, p_settings, p_rating, p_quality, v_elapsed);
  v_card := private.study_become(v_card, v_next, p_settings, coalesce(v_last.review_no, 0) + 1, p_day, p_at);
  v_card.buried_until := null;
  if v_card.lapses > p_card.lapses then
    v_leech := private.setting_number('study.leech_lapses');
    v_card.is_leech := v_card.is_leech or v_card.lapses >= v_leech and (v_card.lapses - v_leech) % greatest(v_leech / 2, 1) = 0;
  end if;
  perform private.study_store_card(v_card);
  insert into study.review_logs (
    card_id, user_id, review_no, scheduler, rating, quality, attempt_id, state_before, card_before, elapsed_days, retrievability,
    stability, difficulty, interval_days, due_at, duration_ms, study_day, reviewed_at
  )
  values (
    p_card.id, p_card.user_id, coalesce(v_last.review_no, 0) + 1, p_settings.scheduler, p_rating,
    case p_settings.scheduler when 'sm2' then p_quality end, p_attempt_id, p_card.state,
    jsonb_build_object(
      'scheduler', p_card.scheduler, 'state', p_card.state, 'step', p_card.step, 'repetition_count', p_card.repetition_count,
      'lapses', p_card.lapses, 'easiness_factor', p_card.easiness_factor, 'stability', p_card.stability,
      'difficulty', p_card.difficulty, 'interval_days', p_card.interval_days, 'due_at', p_card.due_at, 'due_on', p_card.due_on,
      'last_reviewed_at', p_card.last_reviewed_at, 'is_leech', p_card.is_leech, 'buried_until', p_card.buried_until
    ),
    v_elapsed, v_next.retrievability, v_card.stability, v_card.difficulty, v_card.interval_days, v_card.due_at,
    p_duration_ms, p_day, p_at
  )
  returning * into v_log;
  return v_log;
end;
$$;
comment on function private.study_log_review(study.sm2_review_cards, study.learner_settings, integer, integer, bigint, uuid, date, timestamptz) is
  'Reviews a card, which the caller has locked and which is his: stores what it becomes, and the log. p_day is the learner''s day at p_at.';

revoke execute on function
  private.study_chance(uuid, integer),
  private.study_place_interval(uuid, integer, integer, integer, double precision, date, study.learner_settings), private.study_quality(integer),
  private.study_become(study.sm2_review_cards, private.study_outcome, study.learner_settings, integer, date, timestamptz),
  private.study_replay_card(study.sm2_review_cards, study.learner_settings), private.study_store_card(study.sm2_review_cards),
  private.study_log_review(study.sm2_review_cards, study.learner_settings, integer, integer, bigint, uuid, date, timestamptz)
  from public, anon, authenticated;
