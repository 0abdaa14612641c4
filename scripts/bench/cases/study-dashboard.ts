// The learner's first page among 5 million attempts: of who answered 50,000 times, against the budget of 50 ms, against the
// page of who answered 500 times, and against what the same figures cost when they are counted from attempts.
import assert from "node:assert/strict";
import type pg from "pg";
import { type Statement, transaction, withClients } from "../connect.ts";
import { inTurns, pair, ratiosOf } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";
import { busiest, fillHistory, learnerOf } from "./study-history-rows.ts";

const budget = 50;
const page: Statement = { name: "page", text: "select study.dashboard() as page" };

// Accuracy by week and topic, as a dashboard without sums has to count it.
const counted: Statement = {
  name: "counted",
  text: `select (a.study_day - w.first) / 7 as week, a.topic_id, count(*)::integer as answered,
       (count(*) filter (where a.is_correct))::integer as correct
     from study.user_question_attempts as a
     cross join (select private.study_day($1, now()) - (extract(isodow from private.study_day($1, now()))::integer - 1) - 77 as first) as w
     where a.user_id = $1 and a.study_day >= w.first and not a.is_skipped
     group by 1, 2`,
  values: [busiest],
};

interface Page {
  weeks: { answered: number; correct: number }[];
  topics: { answered: number }[];
  forecast: unknown[];
  days: unknown[];
}

async function checkPage(client: pg.Client): Promise<number> {
  const { rows: [row] } = await transaction(client, busiest, "authenticated", page);
  const { weeks, topics, forecast, days } = (row as { page: Page }).page;
  const { rows } = await client.query<{ week: number; answered: number; correct: number }>(counted);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  assert.equal(sum(weeks.map((w) => w.answered)), sum(rows.map((r) => r.answered)), "all answers");
  assert.equal(sum(weeks.map((w) => w.correct)), sum(rows.map((r) => r.correct)), "all right ones");
  assert.deepEqual([weeks.length, topics.length, forecast.length, days.length], [12, 20, 30, 84]);
  return sum(weeks.map((w) => w.answered));
}

export const studyDashboardCase: BenchCase = {
  name: "study-dashboard",
  about: "a learner's first page in one call among 5 million attempts",
  run: async (bench) =>
    await withClients(await bench.scratch(), 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      const started = Date.now();
      const { attempts, cards, learners } = await fillHistory(one, bench.scale);
      const seconds = Math.round((Date.now() - started) / 1000);
      bench.say(`${attempts} attempts and ${cards} cards of ${learners} learners in ${seconds} s`);
      const recent = await checkPage(one);
      bench.say(`${recent} of the busiest learner's answers are of the last twelve weeks`);
      const turns = { rounds: bench.rounds, milliseconds: 1500, least: 10 };
      const mine = () => transaction(one, busiest, "authenticated", page);
      const found: Comparison[] = [];
      const [times = []] = await inTurns([mine], turns);
      const limit = times.map(() => budget);
      found.push({
        case: "study-dashboard",
        what: "the page of who answered most",
        ours: "RPC",
        against: `${budget} ms`,
        of: "time",
        ratios: ratiosOf(times, limit),
        measured: { ours: times, against: limit },
        target: { atMost: 1 },
      });
      found.push({
        case: "study-dashboard",
        what: "who answered most against who answered a hundredth of it",
        ours: "50,000",
        against: "500",
        ...await pair(
          mine,
          () => transaction(two, learnerOf(learners), "authenticated", page),
          turns,
        ),
        target: { atMost: 4 },
      });
      found.push({
        case: "study-dashboard",
        what: "the whole page against its accuracies counted from attempts",
        ours: "RPC",
        against: "counted",
        ...await pair(mine, () => transaction(two, busiest, "postgres", counted), turns),
        target: { atMost: 0.2 },
      });
      return found;
    }),
};
