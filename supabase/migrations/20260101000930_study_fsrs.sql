-- FSRS-6, the memory model: how stable a memory is (the days after which the chance to recall has fallen to 0.9) and how
-- difficult the card, after each review. Pure mathematics, without tables.
--
-- Formulas: open-spaced-repetition, "The Algorithm" (FSRS-6), https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm;
-- J. Ye, J. Su, Y. Cao, "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022. Where
-- the reference implementation (ts-fsrs 5.4.2) rounds to eight places or clamps, this does, so that both agree to the last
-- place; tests/study/fsrs.test.ts replays thousands of histories through both.
--
-- In plpgsql, and rounding written out: a function in SQL with a search_path of its own is planned anew each time, which costs
-- more than all of these sums. Days are whole days of the learner, counted by the caller. Weights are w[1] … w[21] here, w0 … w20 in the literature.

create function private.fsrs_default_weights()
returns double precision[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return '{0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542}'::double precision[];
end;
$$;
comment on function private.fsrs_default_weights() is 'The published weights of FSRS-6, fitted to the reviews of some ten thousand people.';

create function private.fsrs_weight_bounds(p_is_short_term boolean, out lowest double precision[], out highest double precision[])
returns record
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  lowest := '{0.001, 0.001, 0.001, 0.001, 1, 0.001, 0.001, 0.001, 0, 0, 0.001, 0.001, 0.001, 0.001, 0, 0, 1, 0, 0, 0, 0.1}'::double precision[];
  if p_is_short_term then
    lowest[20] := 0.01;
  end if;
  highest := '{100, 100, 100, 100, 10, 4, 4, 0.75, 4.5, 0.8, 3.5, 5, 0.25, 0.9, 4, 1, 6, 2, 2, 0.8, 0.8}'::double precision[];
end;
$$;
comment on function private.fsrs_weight_bounds(boolean) is 'Between what each of the 21 weights may lie.';

create function private.fsrs_weights(p_weights double precision[], p_relearning_steps integer, p_is_short_term boolean)
returns double precision[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_weights double precision[] := coalesce(p_weights, private.fsrs_default_weights());
  v_lowest double precision[];
  v_highest double precision[];
  v_ceiling double precision;
begin
  if p_weights is null and p_relearning_steps <= 1 then
    return v_weights; -- published ones lie within
  end if;
  select b.lowest, b.highest into v_lowest, v_highest from private.fsrs_weight_bounds(p_is_short_term) as b;
  for v_i in 1 .. 21 loop
    v_weights[v_i] := least(greatest(v_weights[v_i], v_lowest[v_i]), v_highest[v_i]);
  end loop;
  if p_relearning_steps > 1 then
    -- So that relearning in several steps does not leave a memory more stable than it was before it was forgotten.
    v_ceiling := -(ln(v_weights[12]) + ln(power(2::double precision, v_weights[14]) - 1) + v_weights[15] * 0.3) / p_relearning_steps;
    v_ceiling := least(greatest(floor(sqrt(greatest(v_ceiling, 0)) * 100000000 + 0.5) / 100000000, 0.01), 2);
    v_weights[18] := least(v_weights[18], v_ceiling);
    v_weights[19] := least(v_weights[19], v_ceiling);
  end if;
  return v_weights;
end;
$$;
comment on function private.fsrs_weights(double precision[], integer, boolean) is
  'The weights to reckon with: those given (null: the published ones), each brought within its bounds. p_relearning_steps is how many there are; p_is_short_term says whether there are steps within a day at all.';

create function private.fsrs_factor(p_decay double precision)
returns double precision
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return floor((exp(ln(0.9::double precision) / -p_decay) - 1) * 100000000 + 0.5) / 100000000;
end;
$$;
comment on function private.fsrs_factor(double precision) is 'What makes the forgetting curve pass through 0.9 at the stability. p_decay is w20, above 0.';

create function private.fsrs_retrievability(p_elapsed_days double precision, p_stability double precision, p_decay double precision)
returns double precision
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return floor(power(
    1 + (floor((exp(ln(0.9::double precision) / -p_decay) - 1) * 100000000 + 0.5) / 100000000) * p_elapsed_days / p_stability, -p_decay
  ) * 100000000 + 0.5) / 100000000;
end;
$$;
comment on function private.fsrs_retrievability(double precision, double precision, double precision) is
  'The chance to recall after so many days: (1 + factor·t/S)^(−w20).';

create function private.fsrs_interval(
  p_stability double precision, p_retention double precision, p_decay double precision, p_maximum_days integer
)
returns integer
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_factor constant double precision := floor((exp(ln(0.9::double precision) / -p_decay) - 1) * 100000000 + 0.5) / 100000000;
begin
  return least(greatest(
    floor(p_stability * (floor((power(p_retention, -1 / p_decay) - 1) / v_factor * 100000000 + 0.5) / 100000000) + 0.5), 1
  ), p_maximum_days)::integer;
end;
$$;
comment on function private.fsrs_interval(double precision, double precision, double precision, integer) is
  'Whole days until the chance to recall has fallen to p_retention: S/factor·(r^(−1/w20) − 1), from 1 to p_maximum_days.';

create function private.fsrs_fuzz_range(p_interval integer, p_elapsed_days integer, p_maximum_days integer, out first_day integer, out last_day integer)
returns record
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_delta double precision;
  v_interval integer := least(p_interval, p_maximum_days);
begin
  if p_interval < 2.5 then
    first_day := p_interval;
    last_day := p_interval;
    return;
  end if;
  v_delta := 1 + 0.15::double precision * greatest(least(p_interval, 7) - 2.5::double precision, 0)
    + 0.1::double precision * greatest(least(p_interval, 20) - 7, 0) + 0.05::double precision * greatest(p_interval - 20, 0);
  first_day := greatest(2, floor(v_interval - v_delta + 0.5)::integer);
  last_day := least(floor(v_interval + v_delta + 0.5)::integer, p_maximum_days);
  if v_interval > p_elapsed_days then
    first_day := greatest(first_day, p_elapsed_days + 1);
  end if;
  first_day := least(first_day, last_day);
end;
$$;
comment on function private.fsrs_fuzz_range(integer, integer, integer) is
  'Between which days an interval may be moved, so that cards learned together come apart; never back to before the interval that was just survived. Below 2.5 days: not at all.';

create function private.fsrs_memory(
  p_weights double precision[], p_is_short_term boolean, p_stability double precision, p_difficulty double precision,
  p_elapsed_days integer, p_rating integer,
  out stability double precision, out difficulty double precision, out retrievability double precision
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
  v_factor double precision;
begin
  if p_stability is null then
    stability := greatest(w[p_rating], 0.1);
    difficulty := least(greatest(floor((w[5] - exp((p_rating - 1) * w[6]) + 1) * 100000000 + 0.5) / 100000000, 1), 10);
    return;
  end if;
  v_factor := floor((exp(ln(0.9::double precision) / -w[21]) - 1) * 100000000 + 0.5) / 100000000;
  retrievability := floor(power(1 + v_factor * p_elapsed_days / p_stability, -w[21]) * 100000000 + 0.5) / 100000000;
  if p_elapsed_days = 0 and p_is_short_term then
    -- S·S^(−w19)·e^(w17·(G − 3 + w18)): again the same day; nothing but "again" makes it less stable.
    stability := power(p_stability, -w[20]) * exp(w[18] * (p_rating - 3 + w[19]));
    stability := p_stability * case when p_rating >= 2 then greatest(stability, 1) else stability end;
  elsif p_rating = 1 then
    -- w11·D^(−w12)·((S + 1)^w13 − 1)·e^(w14·(1 − R)), and never more stable than before.
    stability := w[12] * power(p_difficulty, -w[13]) * (power(p_stability + 1, w[14]) - 1) * exp((1 - retrievability) * w[15]);
    stability := least(
      floor(least(greatest(stability, 0.001), 36500) * 100000000 + 0.5) / 100000000,
      greatest(p_stability / case when p_is_short_term then exp(w[18] * w[19]) else 1 end, 0.001)
    );
  else
    -- S·(1 + e^w8·(11 − D)·S^(−w9)·(e^(w10·(1 − R)) − 1)·(hard: w15, easy: w16)).
    stability := p_stability * (1 + exp(w[9]) * (11 - p_difficulty) * power(p_stability, -w[10]) * (exp((1 - retrievability) * w[11]) - 1)
      * case p_rating when 2 then w[16] when 4 then w[17] else 1 end);
  end if;
  stability := floor(least(greatest(stability, 0.001), 36500) * 100000000 + 0.5) / 100000000;
  -- D moves by −w6·(G − 3), damped near 10, and is drawn back to the difficulty of "easy".
  difficulty := p_difficulty + floor(-w[7] * (p_rating - 3) * (10 - p_difficulty) / 9 * 100000000 + 0.5) / 100000000;
  difficulty := w[8] * (floor((w[5] - exp(3 * w[6]) + 1) * 100000000 + 0.5) / 100000000) + (1 - w[8]) * difficulty;
  difficulty := least(greatest(floor(difficulty * 100000000 + 0.5) / 100000000, 1), 10);
end;
$$;
comment on function private.fsrs_memory(double precision[], boolean, double precision, double precision, integer, integer) is
  'The memory after a review: p_rating 1 again, 2 hard, 3 good, 4 easy. Stability and difficulty are null before the first review; retrievability is the chance to recall at it, null then. p_weights as private.fsrs_weights returns them.';

revoke execute on function
  private.fsrs_default_weights(), private.fsrs_weight_bounds(boolean),
  private.fsrs_weights(double precision[], integer, boolean), private.fsrs_factor(double precision),
  private.fsrs_retrievability(double precision, double precision, double precision),
  private.fsrs_interval(double precision, double precision, double precision, integer),
  private.fsrs_fuzz_range(integer, integer, integer),
  private.fsrs_memory(double precision[], boolean, double precision, double precision, integer, integer)
  from public, anon, authenticated;
