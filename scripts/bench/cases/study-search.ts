// Searching 100,000 passages of 1,000 people, by words and vectors: with who may read what against without, against what a
// client could do without the RPC, and how many of the nearest vectors are found.
import assert from "node:assert/strict";
import type pg from "pg";
import { type Statement, transaction, withClients } from "../connect.ts";
import { pair } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";
import {
  BEST,
  idsOf,
  reachOf,
  recall,
  underPolicy,
  unruled,
  withIndexFirst,
} from "./study-search-queries.ts";
import { fillStudy, MODEL, type Question, userOf } from "./study-search-rows.ts";

const readers = [
  { who: "one's own and public material", user: userOf(4), own: false },
  { who: "a tenth of all, shared in a group", user: userOf(2), own: false },
  { who: "all", user: userOf(3), own: false },
  { who: "one's own material only", user: userOf(4), own: true },
];

export const studySearchCase: BenchCase = {
  name: "study-search",
  about:
    "search of material by words and vectors against without RLS, and the recall of its vectors",
  run: async (bench) =>
    await withClients(await bench.scratch(), 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      const started = Date.now();
      const { passages, people, questions } = await fillStudy(one, bench.scale);
      bench.say(
        `${passages} passages of ${people} people in ${
          Math.round((Date.now() - started) / 1000)
        } s`,
      );
      const found: Comparison[] = [];
      for (const { who, user, own } of readers) {
        const reach = await reachOf(one, user, own);
        const statement = (no: number): Statement => {
          const { text, vector } = questions[no % questions.length] as Question;
          return {
            name: "rpc",
            text: "select * from study.search_chunks($1, $2, $3, p_owner_id => $4)",
            values: [text, vector, MODEL.model, own ? user : null],
          };
        };
        const raw = (no: number): Statement => {
          const { text, vector } = questions[no % questions.length] as Question;
          return {
            name: "unruled",
            text: unruled,
            values: [text, vector, MODEL.model, reach.ids, reach.passages],
          };
        };
        for (let no = 0; no < 5; no++) {
          const mine = await transaction(one, user, "authenticated", statement(no));
          const all = await transaction(two, user, "postgres", raw(no));
          assert.deepEqual(idsOf(mine), idsOf(all), `${who}: both find the same`);
        }
        const what = `${who} (${Math.round(Number(reach.passages) / 100) / 10} thousand passages)`;
        const turns = { rounds: bench.rounds, milliseconds: 1500, least: 8 };
        let [a, b] = [0, 0];
        found.push({
          case: "study-search",
          what,
          ours: "RPC",
          against: "without RLS",
          ...await pair(
            () => transaction(one, user, "authenticated", statement(a++)),
            () => transaction(two, user, "postgres", raw(b++)),
            turns,
          ),
          target: { atMost: 1.3 },
        });
        if (who === "all") {
          found.push({
            case: "study-search",
            what,
            ours: "RPC",
            against: "full text search under the policy",
            ...await pair(
              () => transaction(one, user, "authenticated", statement(a++)),
              () =>
                transaction(two, user, "authenticated", {
                  name: "policy",
                  text: underPolicy,
                  values: [questions[b++ % questions.length]?.text],
                }),
              { rounds: Math.min(bench.rounds, 2), milliseconds: 500, least: 1 },
            ),
          });
        }
        const shares = (how: string, share: number, target?: number): Comparison => ({
          case: "study-search",
          what: `recall@${BEST} of vectors, ${how}: ${who}`,
          ours: "found",
          against: "nearest",
          of: "rate",
          ratios: [share],
          measured: { ours: [share], against: [1] },
          ...(target ? { target: { atLeast: target } } : {}),
        });
        found.push(shares("as the product chooses", await recall(one, questions, reach), 0.98));
        await withIndexFirst(one, async () => {
          found.push(shares("the index first", await recall(one, questions, reach), 0.98));
        });
      }
      return found;
    }),
};
