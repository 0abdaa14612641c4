// A year of practice at scale 1: 5 million attempts of 10,000 learners on a bank of 50,000 questions, a million cards with
// their reviews, and what follows from them. One learner has answered 50,000 times. Rows lie in the order of time, as they
// come in: whoever reads one learner's finds them far apart.
import type pg from "pg";
import {
  bank,
  helpers,
  memory,
  people,
  perSession,
  practice,
  sums,
  topics,
} from "./study-history-statements.ts";

const idOf = (kind: string, no: number) => `${kind}-4000-8000-${String(no).padStart(12, "0")}`;
export const learnerOf = (no: number) => idOf("a1000000-0000", no);
export const historyQuestionOf = (no: number) => idOf("a2000000-0000", no);
export const historyVersionOf = (no: number) => idOf("a3000000-0000", no);
export const historyTopicOf = (no: number) => idOf("a4000000-0000", no);
/** Who answered 50,000 times (at scale 0.1 and more). */
export const busiest = learnerOf(1);

export interface History {
  learners: number;
  questions: number;
  attempts: number;
  cards: number;
  reviews: number;
}

const filled = ["user_question_attempts", "sm2_review_cards", "review_logs", "user_progress"];

/** Their indexes are made after the rows, not row by row; those of keys stay. */
async function withoutIndexes(client: pg.Client, work: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = any ($1::regclass[]) and not indisunique`,
    [filled.map((table) => `study.${table}`)],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await work();
  for (const { definition } of rows) await client.query(definition);
}

/** What several cases of a run share. Filled without any trigger; everything is analysed afterwards. */
export async function fillHistory(client: pg.Client, scale: number): Promise<History> {
  const learners = Math.max(50, Math.round(10_000 * scale));
  const questions = Math.max(1_000, Math.round(50_000 * scale));
  const sessions = Math.max(100, Math.round(100_000 * scale));
  const every = Math.max(10, Math.round(100 * scale));
  const { rowCount } = await client.query("select from core.profiles where id = $1", [busiest]);
  if (rowCount === 0) await fill(client, { learners, questions, sessions, every });
  const { rows: [counted] } = await client.query<Record<string, string>>(
    `select (select count(*) from study.sm2_review_cards) as cards, (select count(*) from study.review_logs) as reviews`,
  );
  return {
    learners,
    questions,
    attempts: sessions * perSession,
    cards: Number(counted?.cards),
    reviews: Number(counted?.reviews),
  };
}

interface Size {
  learners: number;
  questions: number;
  sessions: number;
  /** The busiest learner has every so manieth session. */
  every: number;
}

async function fill(client: pg.Client, { learners, questions, sessions, every }: Size) {
  await client.query("set session_replication_role = replica");
  await client.query("set maintenance_work_mem = '512MB'");
  await client.query("set work_mem = '256MB'");
  // As if the project had run all the year.
  await client.query(
    `select private.ensure_month_partition('study', t, (current_date - make_interval(months => m))::date)
     from unnest('{performance_metrics, retention_analytics, study_sessions}'::text[]) as t, generate_series(1, 12) as m`,
  );
  await client.query(helpers);
  await client.query(people, [learners]);
  for (const text of bank) await client.query(text, [questions, topics]);
  await withoutIndexes(client, async () => {
    for (const text of practice) {
      const values = text.startsWith("insert into study.practice_sessions")
        ? []
        : [sessions, learners, every, questions];
      await client.query(text, values);
    }
    await client.query("analyze study.user_question_attempts");
    for (const text of [...memory, ...sums]) await client.query(text);
  });
  await client.query("drop table history_sessions");
  await client.query("set session_replication_role = origin");
  await client.query("reset work_mem");
  await client.query("vacuum analyze");
}
