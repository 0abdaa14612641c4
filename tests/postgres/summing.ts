// A database in which learners answer, their days are summed, and transactions stay open for as long as a test wants.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type postgres from "postgres";
import { expect } from "vitest";
import { findViolations } from "../../scripts/demo/invariants.ts";
import { copyOf, loadHelpers, type Sql } from "./native.ts";

export type Query = Sql | postgres.TransactionSql;
type Work = (tx: postgres.TransactionSql) => Promise<unknown>;

export async function openSumming(name: string) {
  const database = await copyOf("EMPTY", name);
  const { sql } = database;
  await loadHelpers(sql);
  const helpers = join(import.meta.dirname, "..", "db", "000_helpers_study_history.sql");
  await sql.unsafe(readFileSync(helpers, "utf8"));
  const [question] = await sql<{ id: string }[]>`
    select tests.sh_question(tests.create_user('an-author@example.org')) as id`;
  let people = 0;

  const fold = async (by: Query = sql): Promise<number> => {
    const [row] = await by<{ days: number }[]>`select private.study_sum_days() as days`;
    return row?.days ?? -1;
  };
  return {
    sql,
    drop: () => database.drop(),
    fold,
    learner: async (): Promise<string> => {
      const [row] = await sql<{ id: string }[]>`
        select tests.create_user(${`an-${++people}@example.org`}) as id`;
      return row?.id ?? "";
    },
    answer: (by: Query, userId: string, at = "2026-03-10 09:00+00") =>
      by`select tests.sh_answer(${userId}, ${question?.id ?? ""}, ${at})`,
    /** How many of a learner's answers are in sums. */
    stored: async (userId: string): Promise<number> => {
      const [row] = await sql<{ answers: number }[]>`
        select coalesce(sum(questions_attempted), 0)::integer as answers from study.performance_metrics where user_id = ${userId}`;
      return row?.answers ?? -1;
    },
    /** A transaction that stays open until it is told how to end. */
    open: async (work: Work) => {
      let end: (how: "commit" | "rollback") => void = () => {};
      const ending = new Promise<"commit" | "rollback">((resolve) => end = resolve);
      let started: (value: unknown) => void = () => {};
      const ready = new Promise((resolve) => started = resolve);
      const done = sql.begin(async (tx) => {
        started(await work(tx));
        if (await ending === "rollback") throw new Error("rolled back");
      }).catch((error: Error) => {
        if (error.message !== "rolled back") throw error;
      });
      await Promise.race([ready, done]);
      return async (how: "commit" | "rollback" = "commit") => {
        end(how);
        await done;
      };
    },
    /** Whoever had to wait would fail. */
    impatient: (work: Work) =>
      sql.begin(async (tx) => {
        await tx`set local lock_timeout = '200ms'`;
        return await work(tx);
      }),
    /** Answers come here without what else belongs to them, so that only these promises are to be kept. */
    expectSummed: async () => {
      await fold();
      const broken = await findViolations(async (text) => [...await sql.unsafe(text)]);
      expect(broken.filter(({ file }) => /^(study_analytics|ops_registers)\.sql$/.test(file)))
        .toEqual([]);
    },
  };
}
export type Summing = Awaited<ReturnType<typeof openSumming>>;
