-- From a memory to the next day: the learning steps and intervals of FSRS-6 as ts-fsrs 5.4.2 schedules them, SM-2 as
-- P. A. Woźniak published it ("Optimization of learning", 1990, chapter 3.2), and private.study_schedule, which everybody
-- asks: reviewing, previewing, and computing cards anew from their log. Nothing here reads a table.

create function private.fsrs_step(
  p_state text, p_step integer, p_rating integer, p_learning integer[], p_relearning integer[], out minutes integer, out step integer
)
returns record
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_steps constant integer[] := case when p_state in ('new', 'learning') then p_learning else p_relearning end;
  v_count constant integer := cardinality(v_steps);
begin
  minutes := 0;
  step := 0;
  if p_step >= v_count then
    return;
  end if;
  if p_state = 'review' then
    if p_rating = 1 then
      minutes := v_steps[p_step + 1];
    end if;
  elsif p_rating = 1 then
    minutes := v_steps[1];
  elsif p_rating = 2 then
    step := p_step;
    minutes := case when v_count = 1 then (3 * v_steps[1] + 1) / 2 else (v_steps[1] + v_steps[2] + 1) / 2 end;
  elsif p_rating = 3 and p_step + 1 < v_count then
    step := p_step + 1;
    minutes := v_steps[step + 1];
  end if;
end;
$$;
comment on function private.fsrs_step(text, integer, integer, integer[], integer[]) is
  'The learning step that a rating leads to: in how many minutes the card comes again; 0 when it goes on by days. p_step counts from 0.';

create function private.fsrs_next(
  p_state text, p_step integer, p_stability double precision, p_difficulty double precision, p_elapsed_days integer, p_rating integer,
  p_weights double precision[], p_retention double precision, p_maximum_days integer, p_learning integer[], p_relearning integer[],
  p_is_short_term boolean,
  out state text, out step integer, out stability double precision, out difficulty double precision,
  out retrievability double precision, out interval_days integer, out delay_minutes integer, out first_day integer, out last_day integer
)
returns record
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  w constant double precision[] := p_weights;
  v_memory record;
  v_step record;
  v_range record;
  v_own integer;
  v_again integer;
  v_hard integer;
  v_good integer;
  v_easy integer;
begin
  v_memory := private.fsrs_memory(w, p_is_short_term, p_stability, p_difficulty, p_elapsed_days, p_rating);
  stability := v_memory.stability;
  difficulty := v_memory.difficulty;
  retrievability := v_memory.retrievability;
  step := 0;
  if p_is_short_term and (p_state <> 'review' or p_rating = 1) then
    v_step := private.fsrs_step(p_state, p_step, p_rating, p_learning, p_relearning);
    if v_step.minutes between 1 and 1439 then
      delay_minutes := v_step.minutes;
      step := v_step.step;
      state := case p_state when 'new' then 'learning' when 'review' then 'relearning' else p_state end;
      interval_days := 0;
      return;
    end if;
    state := 'review';
    if v_step.minutes >= 1440 then
      delay_minutes := v_step.minutes;
      step := v_step.step;
      interval_days := delay_minutes / 1440;
      first_day := interval_days;
      last_day := interval_days;
      return;
    end if;
    interval_days := private.fsrs_interval(stability, p_retention, w[21], p_maximum_days);
    v_range := private.fsrs_fuzz_range(interval_days, p_elapsed_days, p_maximum_days);
    first_day := v_range.first_day;
    last_day := v_range.last_day;
    return;
  end if;

  -- By days, and a better rating later than a worse one.
  state := 'review';
  v_own := private.fsrs_interval(stability, p_retention, w[21], p_maximum_days);
  v_hard := case p_rating when 2 then v_own else private.fsrs_other_interval(w, p_is_short_term, p_stability, p_difficulty, p_elapsed_days, 2, p_retention, p_maximum_days) end;
  v_good := case p_rating when 3 then v_own else private.fsrs_other_interval(w, p_is_short_term, p_stability, p_difficulty, p_elapsed_days, 3, p_retention, p_maximum_days) end;
  v_easy := case p_rating when 4 then v_own else private.fsrs_other_interval(w, p_is_short_term, p_stability, p_difficulty, p_elapsed_days, 4, p_retention, p_maximum_days) end;
  if p_is_short_term then
    v_hard := least(v_hard, v_good);
  else
    v_again := case p_rating when 1 then v_own else private.fsrs_other_interval(w, p_is_short_term, p_stability, p_difficulty, p_elapsed_days, 1, p_retention, p_maximum_days) end;
    v_again := least(v_again, v_hard);
    v_hard := greatest(v_hard, v_again + 1);
  end if;
  v_good := greatest(v_good, v_hard + 1);
  v_easy := greatest(v_easy, v_good + 1);
  interval_days := case p_rating when 1 then v_again when 2 then v_hard when 3 then v_good else v_easy end;
  v_range := private.fsrs_fuzz_range(interval_days, p_elapsed_days, p_maximum_days);
  first_day := v_range.first_day;
  last_day := v_range.last_day;
  -- Ranges that overlap are parted halfway, so that they stay in order wherever in them a day is chosen.
  if p_rating > 1 and (p_rating > 2 or not p_is_short_term) then
    first_day := greatest(first_day, 1 + (case p_rating when 2 then v_again when 3 then v_hard else v_good end + interval_days) / 2);
  end if;
  if p_rating < 4 then
    last_day := least(last_day, (interval_days + case p_rating when 1 then v_hard when 2 then v_good else v_easy end) / 2);
  end if;
  first_day := least(first_day, interval_days);
  last_day := greatest(last_day, interval_days);
end;
$$;
comment on function private.fsrs_next(text, integer, double precision, double precision, integer, integer, double precision[], double precision, integer, integer[], integer[], boolean) is
  'A card after a review under FSRS-6. It comes again after delay_minutes, or, when that is null or a day and more, after interval_days; that interval may be moved within first_day … last_day. p_is_short_term false: no steps within a day (the long-term scheduler). p_weights as private.fsrs_weights returns them.';

create function private.fsrs_other_interval(
  p_weights double precision[], p_is_short_term boolean, p_stability double precision, p_difficulty double precision,
  p_elapsed_days integer, p_rating integer, p_retention double precision, p_maximum_days integer
)
returns integer
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_memory record;
begin
  v_memory := private.fsrs_memory(p_weights, p_is_short_term, p_stability, p_difficulty, p_elapsed_days, p_rating);
  return private.fsrs_interval(v_memory.stability, p_retention, p_weights[21], p_maximum_days);
end;
$$;
comment on function private.fsrs_other_interval(double precision[], boolean, double precision, double precision, integer, integer, double precision, integer) is
  'The interval that a rating would lead to, before it is held against the others.';

create function private.sm2_next(
  p_state text, p_repetitions integer, p_easiness double precision, p_interval integer, p_quality integer, p_maximum_days integer,
  out state text, out repetitions integer, out easiness double precision, out interval_days integer, out is_drill boolean
)
returns record
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_is_drilled constant boolean := p_state in ('learning', 'relearning');
begin
  repetitions := p_repetitions;
  easiness := p_easiness;
  interval_days := p_interval;
  if not v_is_drilled then
    if p_quality < 3 then
      repetitions := 1;
    else
      repetitions := p_repetitions + 1;
      -- Hundredths are exact: the changes are −0.14, 0 and +0.1.
      easiness := greatest(round(p_easiness::numeric + (0.1 - (5 - p_quality) * (0.08 + (5 - p_quality) * 0.02)), 2), 1.3)::double precision;
    end if;
    interval_days := case repetitions
      when 1 then 1
      when 2 then 6
      else ceil(p_interval * easiness::numeric)::integer
    end;
    interval_days := least(interval_days, p_maximum_days);
  end if;
  is_drill := p_quality < 4;
  state := case when not is_drill then 'review' when p_state in ('new', 'learning') then 'learning' else 'relearning' end;
end;
$$;
comment on function private.sm2_next(text, integer, double precision, integer, integer, integer) is
  'A card after a repetition under SM-2, p_quality 0 to 5. I(1) = 1, I(2) = 6, I(n) = I(n−1)·EF rounded up, with the E-Factor as this repetition left it; below 3 the intervals begin anew and the E-Factor stays. Below 4 the card is drilled until it scores 4: states learning and relearning, in which nothing changes, and from the end of which the interval counts.';

create type private.study_outcome as (
  scheduler text, state text, step smallint, repetition_count integer, lapses integer, easiness_factor double precision,
  stability double precision, difficulty double precision, retrievability double precision,
  interval_days integer, delay_minutes integer, first_day integer, last_day integer
);
comment on type private.study_outcome is
  'What a review makes of a card. It comes again after delay_minutes (0: at once) when interval_days is 0 or it is being drilled, else after interval_days, which may be moved within first_day … last_day.';

create function private.study_schedule(
  p_card study.sm2_review_cards, p_settings study.learner_settings, p_rating integer, p_quality integer, p_elapsed_days integer
)
returns private.study_outcome
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_next private.study_outcome;
  v_is_short_term constant boolean :=
    cardinality(p_settings.learning_steps_minutes) + cardinality(p_settings.relearning_steps_minutes) > 0;
  v_then record;
begin
  v_next.scheduler := p_settings.scheduler;
  v_next.lapses := p_card.lapses + case
    when p_settings.scheduler = 'sm2' then (p_card.state = 'review' and p_quality < 3)::integer
    else (p_rating = 1 and (p_card.state = 'review' or p_card.state <> 'new' and not v_is_short_term))::integer
  end;
  if p_settings.scheduler = 'sm2' then
    v_then := private.sm2_next(
      p_card.state, p_card.repetition_count, p_card.easiness_factor, p_card.interval_days, p_quality, p_settings.maximum_interval_days
    );
    v_next.step := 0::smallint;
    v_next.repetition_count := v_then.repetitions;
    v_next.easiness_factor := v_then.easiness;
    v_next.first_day := v_then.interval_days;
    v_next.last_day := v_then.interval_days;
    v_next.delay_minutes := case when v_then.is_drill then 0 end;
  else
    v_then := private.fsrs_next(
      p_card.state, p_card.step, p_card.stability, p_card.difficulty, p_elapsed_days, p_rating,
      private.fsrs_weights(p_settings.weights, cardinality(p_settings.relearning_steps_minutes), v_is_short_term),
      p_settings.desired_retention, p_settings.maximum_interval_days,
      p_settings.learning_steps_minutes, p_settings.relearning_steps_minutes, v_is_short_term
    );
    v_next.step := v_then.step::smallint;
    v_next.repetition_count := p_card.repetition_count + 1;
    v_next.easiness_factor := p_card.easiness_factor;
    v_next.stability := v_then.stability;
    v_next.difficulty := v_then.difficulty;
    v_next.retrievability := v_then.retrievability;
    v_next.delay_minutes := v_then.delay_minutes;
    v_next.first_day := v_then.first_day;
    v_next.last_day := v_then.last_day;
  end if;
  v_next.state := v_then.state;
  v_next.interval_days := v_then.interval_days;
  return v_next;
end;
$$;
comment on function private.study_schedule(study.sm2_review_cards, study.learner_settings, integer, integer, integer) is
  'What a review makes of a card, by the rules of p_settings.scheduler. p_rating 1–4; p_quality 0–5 is SM-2''s; p_elapsed_days since the last review. The card must be in the state that these rules left it in (private.study_replay_card brings it there). No steps at all in the settings: the long-term scheduler of FSRS.';

revoke execute on function
  private.fsrs_step(text, integer, integer, integer[], integer[]),
  private.fsrs_next(text, integer, double precision, double precision, integer, integer, double precision[], double precision, integer, integer[], integer[], boolean),
  private.fsrs_other_interval(double precision[], boolean, double precision, double precision, integer, integer, double precision, integer),
  private.sm2_next(text, integer, double precision, integer, integer, integer),
  private.study_schedule(study.sm2_review_cards, study.learner_settings, integer, integer, integer)
  from public, anon, authenticated;
