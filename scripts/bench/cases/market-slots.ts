// Free slots of 200 tutors over four weeks: one call against a call for each, and against SQL that looks at every minute.
import assert from "node:assert/strict";
import type pg from "pg";
import { type Statement, transaction, withClients } from "../connect.ts";
import { pair } from "../measure.ts";
import type { BenchCase } from "../types.ts";
import { fillTutors, minuteByMinute, type Tutor, tutorCount } from "./market-slots-rows.ts";

interface Range {
  from: string;
  to: string;
}

const ofMany = (tutors: Tutor[], { from, to }: Range): Statement => ({
  name: "slots of many",
  text: `select * from market.free_slots_of($1::uuid[], $2, $3, 'Europe/Paris', null, 1000)`,
  values: [tutors.map(({ id }) => id), from, to],
});
const ofOne = ({ id, offer_id }: Tutor, { from, to }: Range): Statement => ({
  name: "slots of one",
  text: `select * from market.free_slots($1, $2, $3, $4, 'Europe/Paris')`,
  values: [id, offer_id, from, to],
});
/** As the Data API asks: all rows in one value. */
const asJson = ({ name, text, values }: Statement): Statement => ({
  name: `${name} as json`,
  text: `select json_agg(answer) as answer from (${text}) as answer`,
  values,
});
const ofMinutes = (tutors: Tutor[], { from, to }: Range): Statement => ({
  name: "slots by minutes",
  text: minuteByMinute,
  values: [tutors.map(({ id }) => id), from, to],
});

interface Slot {
  tutor_id: string;
  starts_at: string;
}
const sorted = (slots: Slot[]): string[] =>
  slots.map(({ tutor_id, starts_at }) => `${tutor_id} ${Date.parse(starts_at)}`).sort();

/** Four weeks from the next full hour on. */
function nextWeeks(): Range {
  const hour = 3_600_000;
  const from = (Math.floor(Date.now() / hour) + 1) * hour;
  return { from: new Date(from).toISOString(), to: new Date(from + 672 * hour).toISOString() };
}

export const marketSlotsCase: BenchCase = {
  name: "market-slots",
  about: `free slots of ${tutorCount} tutors over four weeks in one call`,
  run: async (bench) =>
    await withClients(await bench.scratch(), 1, async (clients) => {
      const [client] = clients as [pg.Client];
      const { learner, tutors } = await fillTutors(client);
      const range = nextWeeks();
      const ask = async <T>(statement: Statement): Promise<T[]> => {
        const { rows } = await transaction(client, learner, "authenticated", asJson(statement));
        return rows[0]?.answer ?? [];
      };
      const together = async (some: Tutor[]): Promise<Slot[]> =>
        (await ask<{ tutor_id: string; starts_at: string[] }>(ofMany(some, range)))
          .flatMap(({ tutor_id, starts_at }) =>
            starts_at.map((moment) => ({ tutor_id, starts_at: moment }))
          );
      const each = async (): Promise<Slot[]> => {
        const found: Slot[] = [];
        for (const tutor of tutors) {
          for (const { starts_at } of await ask<Slot>(ofOne(tutor, range))) {
            found.push({ tutor_id: tutor.id, starts_at });
          }
        }
        return found;
      };
      const few = tutors.slice(0, 5);
      const byMinutes = async (): Promise<Slot[]> => {
        const statement = asJson(ofMinutes(few, range));
        return (await transaction(client, learner, "postgres", statement)).rows[0]?.answer ?? [];
      };

      const all = sorted(await together(tutors));
      assert.deepEqual(sorted(await each()), all);
      assert.deepEqual(sorted(await byMinutes()), sorted(await together(few)));
      bench.say(`${all.length} slots`);

      const case_ = { case: "market-slots", ours: "one call" };
      return [
        {
          ...case_,
          what: `${tutorCount} tutors, 28 days`,
          against: "a call for each",
          ...await pair(() => together(tutors), each, { rounds: bench.rounds, least: 3 }),
          target: { atMost: 0.5 },
        },
        {
          ...case_,
          what: "5 tutors, 28 days",
          against: "minute by minute",
          ...await pair(() => together(few), byMinutes, {
            rounds: bench.rounds,
            least: 3,
          }),
          target: { atMost: 0.05 },
        },
      ];
    }),
};
