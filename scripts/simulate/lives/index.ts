// The lives part: people go through the days in the tables themselves, by the functions behind the RPCs, with every consequence;
// then everything that was added up on the way is added up again from the logs.
import postgres from "postgres";
import { about, chance } from "../chance.ts";
import { habitsOf, studiesOn } from "../people.ts";
import type { LifeFigures } from "../results.ts";
import { fsrsTruth } from "../truths/fsrs.ts";
import { checkAll } from "./checks.ts";
import { asPerson, createPeople, type Person, sitsDownAt, ZONES } from "./people.ts";
import { type Keys, practise, readKeys } from "./practice.ts";
import { type Stays } from "./streaks.ts";
import { MINDS_OF_EACH, reviewDue, type Sitting } from "./reviews.ts";

export interface LifeOptions {
  seed: number;
  lives: number;
  lifeDays: number;
  connections: number;
}

const PRACTISES = 0.6;
const TRAVELS = 1 / 60;
/** What the clock of the server does meanwhile; here, from time to time. */
const TASKS = [
  "private.study_sum_days",
  "private.fold_question_statistics",
  "private.study_fold_boards",
  "private.study_tend_practice",
];

async function travel(
  sql: postgres.Sql,
  seed: number,
  person: Person,
  day: number,
  stays: Stays,
): Promise<boolean> {
  const { no, id } = person;
  if (chance(seed, about.travel, no, day) >= TRAVELS) return false;
  const [zone] = ZONES[Math.floor(chance(seed, about.travel, no, day, 1) * ZONES.length)]!;
  await sql`update core.profiles set time_zone = ${zone} where id = ${id}`;
  stays.get(id)!.push({ from: sitsDownAt(seed, person, day).getTime(), zone });
  return true;
}

async function liveThrough(
  sql: postgres.Sql,
  options: LifeOptions,
  sitting: Sitting,
  keys: Keys,
  stays: Stays,
  told: () => void,
) {
  const { seed, lifeDays } = options;
  const { person, counts } = sitting;
  const habits = habitsOf(seed, person.no);
  for (let day = 0; day < lifeDays; day += 1) {
    sitting.day = day;
    if (await travel(sql, seed, person, day, stays)) counts.journeys! += 1;
    if (studiesOn(seed, person.no, day, habits)) {
      const from = sitsDownAt(seed, person, day);
      await asPerson(sql, person.id, async (tx) => {
        const at = await reviewDue(tx, sitting, from);
        const isMinded = chance(seed, about.question, person.no, day, 99) < PRACTISES;
        if (isMinded) await practise(tx, sitting, keys, at);
      });
      counts.days! += 1;
    }
    told();
  }
}

export async function runTasks(sql: postgres.Sql): Promise<void> {
  // Some take a portion at a time.
  for (const task of TASKS) {
    for (let before = "";;) {
      const [row] = await sql.unsafe<{ done: string }[]>(`select ${task}()::text as done`);
      if (row!.done === before || !/[1-9]/.test(row!.done)) break;
      before = row!.done;
    }
  }
}

export async function simulateLives(
  url: string,
  options: LifeOptions,
  version: string,
  say: (text: string) => void,
): Promise<LifeFigures> {
  const { seed, lives, lifeDays, connections } = options;
  const sql = postgres(url, { max: connections, onnotice: () => {} });
  const since = performance.now();
  try {
    const people = await createPeople(sql, seed, lives);
    const keys = await readKeys(sql);
    const stays: Stays = new Map(people.map(({ id, zone }) => [id, [{ from: 0, zone }]]));
    const minds = fsrsTruth.create(seed, people.map(({ no }) => no), MINDS_OF_EACH);
    const seenOn = new Int32Array(lives * MINDS_OF_EACH).fill(-1);
    const counts = {
      days: 0,
      reviews: 0,
      undone: 0,
      answers: 0,
      skips: 0,
      sessions: 0,
      abandoned: 0,
      journeys: 0,
    };
    let done = 0;
    let last = performance.now();
    const told = () => {
      done += 1;
      if (performance.now() - last < 10_000) return;
      last = performance.now();
      say(`${(100 * done / lives / lifeDays).toFixed(0)}% of ${lives * lifeDays} days`);
    };
    const waiting = [...people];
    await Promise.all(Array.from({ length: connections }, async () => {
      for (let person = waiting.shift(); person; person = waiting.shift()) {
        const sitting: Sitting = { seed, person, day: 0, minds, places: new Map(), seenOn, counts };
        await liveThrough(sql, options, sitting, keys, stays, told);
      }
    }));
    const seconds = Math.round((performance.now() - since) / 1000);
    say(`${counts.reviews} reviews and ${counts.answers} answers; all is added up again.`);
    await runTasks(sql);
    return {
      seed,
      lives,
      days: lifeDays,
      seconds,
      postgres: version,
      counts,
      checks: await checkAll(sql, stays),
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}
