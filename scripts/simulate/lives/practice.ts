// A session of questions, by the functions that clients call, in all modes; some questions are skipped, some sessions left.
import type postgres from "postgres";
import { about, chance } from "../chance.ts";
import type { Sitting } from "./reviews.ts";

const MODES = ["tutor", "tutor", "review", "timed", "test"] as const;
const SELECTIONS = ["mixed", "unseen", "wrong", "adaptive", "due"] as const;
const SKIPPED = 0.05;
const ABANDONED = 0.05;

/** Of each question's present version: which options are right, and how many there are. */
export type Keys = Map<string, { right: number[]; options: number }>;

export async function readKeys(sql: postgres.Sql): Promise<Keys> {
  const rows = await sql<{ id: string; right: number[]; options: number }[]>`
    select q.id, array_agg(k.option_index order by k.option_index) filter (where k.is_correct) as right, count(*)::integer as options
    from study.questions as q
    join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
    join study.question_keys as k on k.version_id = v.id
    where q.status = 'published'
    group by q.id`;
  return new Map(rows.map(({ id, right, options }) => [id, { right, options }]));
}

interface Next {
  id: string;
}

const openQuestion = (tx: postgres.TransactionSql, session: string) =>
  tx<Next[]>`
    select q.question_id as id from study.practice_session_questions as q
    where q.session_id = ${session} and q.status = 'pending' order by q.question_order limit 1`;

function answerOf(
  { seed, person, day }: Sitting,
  keys: Keys,
  question: string,
  no: number,
): number[] {
  const { right, options } = keys.get(question)!;
  // Learning shows: from a little better than guessing to nearly always right.
  const ability = 0.35 + 0.5 * Math.min(1, day / 200) +
    0.1 * (chance(seed, about.person, person.no, 3) - 0.5);
  if (chance(seed, about.question, person.no, day, no) < ability) return right;
  const wrong = Array.from({ length: options }, (_, i) => i).filter((i) => !right.includes(i));
  return [wrong[Math.floor(chance(seed, about.question, person.no, day, no, 1) * wrong.length)]!];
}

/** Null: no question fits such a session. */
async function start(
  tx: postgres.TransactionSql,
  sitting: Sitting,
  at: Date,
): Promise<string | null> {
  const { seed, person, day } = sitting;
  const pick = <T>(of: readonly T[], what: number): T =>
    of[Math.floor(chance(seed, about.question, person.no, day, what) * of.length)]!;
  const mode = pick(MODES, 100);
  const selection = mode === "review" ? "due" : pick(SELECTIONS, 101);
  const count = 3 + Math.floor(chance(seed, about.question, person.no, day, 102) * 6);
  try {
    return await tx.savepoint(async (inner) => {
      const [row] = await inner<{ id: string }[]>`
        select private.study_start_practice(
          ${mode}, ${selection}, null, null, ${count}, null, null, null, ${at}) ->> 'id' as id`;
      return row!.id;
    }) as string;
  } catch (error) {
    if ((error as Error).message === "no_questions") return null;
    throw error;
  }
}

export async function practise(
  tx: postgres.TransactionSql,
  sitting: Sitting,
  keys: Keys,
  from: Date,
): Promise<void> {
  const { seed, person, day, counts } = sitting;
  const session = await start(tx, sitting, from);
  if (session === null) return;
  let at = from.getTime();
  const leaves = chance(seed, about.question, person.no, day, 103) < ABANDONED;
  for (let no = 0;; no += 1) {
    const [next] = await openQuestion(tx, session);
    if (!next || leaves && no === 2) break;
    at += 4000 + Math.floor(30_000 * chance(seed, about.question, person.no, day, no, 2));
    if (chance(seed, about.question, person.no, day, no, 3) < SKIPPED) {
      await tx`select private.study_skip_question(${session}, ${next.id}, ${new Date(at)}) is null`;
      counts.skips! += 1;
    } else {
      const confidence = 1 + Math.floor(5 * chance(seed, about.question, person.no, day, no, 4));
      await tx`select private.study_answer_question(
        ${session}, ${next.id}, ${
        answerOf(sitting, keys, next.id, no)
      }, ${confidence}, null, ${new Date(at)}) is null`;
      counts.answers! += 1;
    }
  }
  at += 1000;
  if (leaves) await tx`select private.study_abandon_practice(${session}, ${new Date(at)}) is null`;
  else await tx`select private.study_finish_practice(${session}, ${new Date(at)}) is null`;
  counts[leaves ? "abandoned" : "sessions"]! += 1;
}
