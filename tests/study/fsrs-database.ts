// FSRS as the database has it: histories replayed through the functions that reviewing calls.
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { openTapDatabase } from "../setup/tap.ts";
import type { Review, Settings, Step } from "./fsrs-histories.ts";

// Replays histories through private.study_schedule, as reviewing does.
const replaying = `
  create function tests.replay(p_histories jsonb) returns jsonb language plpgsql as $$
  declare
    v_history jsonb;
    v_review jsonb;
    v_card study.sm2_review_cards;
    v_settings study.learner_settings;
    v_next private.study_outcome;
    v_steps jsonb;
    v_all jsonb[] := '{}';
  begin
    for v_history in select * from jsonb_array_elements(p_histories) loop
      v_settings := private.study_settings(null);
      v_settings.scheduler := 'fsrs';
      v_settings.weights := case when jsonb_typeof(v_history -> 'weights') = 'array'
        then array(select w::double precision from jsonb_array_elements_text(v_history -> 'weights') as w) end;
      v_settings.desired_retention := v_history -> 'retention';
      v_settings.maximum_interval_days := v_history -> 'maximumDays';
      v_settings.learning_steps_minutes := array(select s::integer from jsonb_array_elements_text(v_history -> 'learning') as s);
      v_settings.relearning_steps_minutes := array(select s::integer from jsonb_array_elements_text(v_history -> 'relearning') as s);
      v_card := null;
      v_card.state := 'new';
      v_card.step := 0;
      v_card.lapses := 0;
      v_card.repetition_count := 0;
      v_steps := '[]';
      for v_review in select * from jsonb_array_elements(v_history -> 'reviews') loop
        v_next := private.study_schedule(v_card, v_settings, (v_review ->> 'rating')::integer, null, (v_review ->> 'elapsed')::integer);
        v_card.state := v_next.state;
        v_card.step := v_next.step;
        v_card.stability := v_next.stability;
        v_card.difficulty := v_next.difficulty;
        v_card.lapses := v_next.lapses;
        v_steps := v_steps || jsonb_build_object(
          'state', v_next.state, 'step', v_next.step, 'stability', v_next.stability, 'difficulty', v_next.difficulty,
          'interval', v_next.interval_days, 'minutes', coalesce(v_next.delay_minutes, v_next.interval_days * 1440),
          'lapses', v_next.lapses, 'first', v_next.first_day, 'last', v_next.last_day
        );
      end loop;
      v_all := array_append(v_all, v_steps);
    end loop;
    return to_jsonb(v_all);
  end;
  $$;`;

export interface Found extends Step {
  first: number | null;
  last: number | null;
}

const inSql =
  (engine: EmbeddedEngine) =>
  async (histories: (Settings & { reviews: Review[] })[]): Promise<Found[][]> => {
    const rows = await engine.query<{ all: Found[][] }>("select tests.replay($1) as all", [
      JSON.stringify(histories),
    ]);
    return rows[0]?.all ?? [];
  };

export interface Database {
  engine: EmbeddedEngine;
  inSql: (histories: (Settings & { reviews: Review[] })[]) => Promise<Found[][]>;
}

export const openDatabase = async (): Promise<Database> => {
  const engine = await openTapDatabase();
  await engine.exec("create schema if not exists tests");
  await engine.exec(replaying);
  return { engine, inSql: inSql(engine) };
};

export const defaults: Settings = {
  weights: null,
  retention: 0.9,
  maximumDays: 36500,
  learning: [1, 10],
  relearning: [10],
};
