-- What the simulation asks of the database: many cards of many learners at once, each through private.study_schedule, the function
-- that reviews, previews and replays go through. A card is a number in some arrays here; nothing is written.

create schema if not exists simulation;

create or replace function simulation.schedule(
  p_scheduler text, p_weights text[], p_learner integer[], p_state integer[], p_step integer[], p_repetitions integer[],
  p_easiness double precision[], p_stability double precision[], p_difficulty double precision[], p_interval integer[],
  p_rating integer[], p_elapsed integer[]
)
returns json
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_states constant text[] := '{new, learning, review, relearning}';
  v_settings study.learner_settings := private.study_settings(null);
  v_card study.sm2_review_cards;
  v_next private.study_outcome;
  v_learner integer;
  v_state integer[] := '{}';
  v_step integer[] := '{}';
  v_repetitions integer[] := '{}';
  v_easiness double precision[] := '{}';
  v_stability double precision[] := '{}';
  v_difficulty double precision[] := '{}';
  v_foretold double precision[] := '{}';
  v_interval integer[] := '{}';
  v_minutes integer[] := '{}';
  v_first integer[] := '{}';
  v_last integer[] := '{}';
begin
  v_settings.scheduler := p_scheduler;
  v_card.scheduler := p_scheduler;
  v_card.lapses := 0;
  for v_i in 1 .. cardinality(p_learner) loop
    if v_learner is distinct from p_learner[v_i] then
      v_learner := p_learner[v_i];
      v_settings.weights := p_weights[v_learner + 1]::double precision[];
    end if;
    v_card.state := v_states[p_state[v_i] + 1];
    v_card.step := p_step[v_i];
    v_card.repetition_count := p_repetitions[v_i];
    v_card.easiness_factor := p_easiness[v_i];
    v_card.stability := nullif(p_stability[v_i], 0);
    v_card.difficulty := nullif(p_difficulty[v_i], 0);
    v_card.interval_days := p_interval[v_i];
    -- SM-2's quality: 1 forgotten, 3 hard, 4 good, 5 easy.
    v_next := private.study_schedule(
      v_card, v_settings, p_rating[v_i], (array[1, 3, 4, 5])[p_rating[v_i]], p_elapsed[v_i]
    );
    v_state[v_i] := array_position(v_states, v_next.state) - 1;
    v_step[v_i] := v_next.step;
    v_repetitions[v_i] := v_next.repetition_count;
    v_easiness[v_i] := v_next.easiness_factor;
    v_stability[v_i] := coalesce(v_next.stability, 0);
    v_difficulty[v_i] := coalesce(v_next.difficulty, 0);
    v_foretold[v_i] := coalesce(v_next.retrievability, 0);
    v_interval[v_i] := v_next.interval_days;
    -- A day and more are days: the card is gone for today.
    v_minutes[v_i] := case when v_next.delay_minutes < 1440 then v_next.delay_minutes else -1 end;
    v_first[v_i] := coalesce(v_next.first_day, v_next.interval_days);
    v_last[v_i] := coalesce(v_next.last_day, v_next.interval_days);
  end loop;
  return json_build_array(
    v_state, v_step, v_repetitions, v_easiness, v_stability, v_difficulty, v_foretold, v_interval, v_minutes, v_first, v_last
  );
end;
$$;
