// What is due among a million cards: by the index of the project against those of the source design, what a client asks for
// against a budget, and a review with all its consequences against the bare rows that it writes.
import assert from "node:assert/strict";
import type pg from "pg";
import { type Statement, transaction, withClients } from "../connect.ts";
import { inTurns, pair, ratiosOf } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";
import { cardLearnerOf, fillCards } from "./study-memory-rows.ts";

const budget = 20;

// The day as the planner sees it in both: a value, not a function.
const due = (table: string, condition: string) => (user: string): Statement => ({
  name: table,
  text: `select question_id from ${table} where user_id = $1 and ${condition}`,
  values: [user, new Date().toISOString().slice(0, 10)],
});
const ours = due("study.sm2_review_cards", "due_on <= $2 and not is_suspended and state <> 'new'");
const designed = due("public.bench_cards", "next_review_date <= $2");
const list: Statement = { name: "list", text: "select * from study.due_cards()" };
const count: Statement = {
  name: "count",
  text: "select private.study_due_count((select auth.uid()), now()) as count",
};

const idsOf = (result: pg.QueryResult) =>
  (result.rows as { question_id: string }[]).map((row) => row.question_id).toSorted();

export const studyMemoryCase: BenchCase = {
  name: "study-memory",
  about: "due cards among a million, against the source design's indexes",
  run: async (bench) =>
    await withClients(await bench.scratch(), 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      const started = Date.now();
      const { cards, learners } = await fillCards(one, bench.scale);
      bench.say(`${cards} cards in ${Math.round((Date.now() - started) / 1000)} s`);
      const someone = (no: number) => cardLearnerOf(1 + (no * 37) % learners);
      for (let no = 0; no < 5; no++) {
        const [a, b] = [await one.query(ours(someone(no))), await two.query(designed(someone(no)))];
        assert.deepEqual(idsOf(a), idsOf(b), "both find the same cards");
        assert.ok(a.rows.length >= 20, "and there are some");
        const shown = await transaction(one, someone(no), "authenticated", list);
        assert.equal(shown.rows.length, 20, "the list is full");
        const counted = await transaction(one, someone(no), "postgres", count);
        assert.equal(counted.rows[0].count, a.rows.length, "and all are counted");
      }
      const turns = { rounds: bench.rounds, milliseconds: 1500, least: 10 };
      const found: Comparison[] = [];
      let [a, b, c, d] = [0, 0, 0, 0];
      found.push({
        case: "study-memory",
        what: "which cards are due",
        ours: "the design's indexes",
        against: "ours",
        ...await pair(
          async () => {
            for (let no = 0; no < 20; no++) await two.query(designed(someone(a++)));
          },
          async () => {
            for (let no = 0; no < 20; no++) await one.query(ours(someone(b++)));
          },
          turns,
        ),
        target: { atLeast: 8 },
      });
      const [lists = []] = await inTurns(
        [() => transaction(one, someone(c++), "authenticated", list)],
        turns,
      );
      const limit = lists.map(() => budget);
      found.push({
        case: "study-memory",
        what: "twenty due cards in order, with their questions",
        ours: "RPC",
        against: `${budget} ms`,
        of: "time",
        ratios: ratiosOf(lists, limit),
        measured: { ours: lists, against: limit },
        target: { atMost: 1 },
      });
      const [counts = []] = await inTurns(
        [() => transaction(one, someone(d++), "postgres", count)],
        turns,
      );
      found.push({
        case: "study-memory",
        what: "how many cards are due",
        ours: "count",
        against: "list",
        of: "time",
        ratios: ratiosOf(counts, lists),
        measured: { ours: counts, against: lists },
        target: { atMost: 1 },
      });
      return found;
    }),
};
