// Learners before sessions of ten published questions, for the tests of practice on a native server.
import { asUser, copyOf, type Database, loadHelpers, type Sql, times, warmUp } from "./native.ts";

const newId = async (rows: PromiseLike<Record<string, unknown>[]>): Promise<string> =>
  String((await rows)[0]?.id);

/** The first option of each is right. */
async function publish(database: Database): Promise<string[]> {
  const { sql } = database;
  const author = await newId(sql`select tests.create_user('author@practice.test') as id`);
  const educator = await newId(
    sql`select tests.create_user('educator@practice.test', '{educator}') as id`,
  );
  const ids: string[] = [];
  for (const no of times(10, (index) => index)) {
    const content = {
      vignette: `Question ${no}?`,
      options: [{ text: "Right", is_correct: true }, { text: "Wrong" }, { text: "Neither" }],
    };
    ids.push(
      await asUser(database, author, (tx) =>
        newId(
          tx`select (study.create_question(${
            tx.json(content)
          }, 'race', p_visibility => 'authenticated')).id`,
        )),
    );
  }
  await asUser(
    database,
    author,
    (tx) => tx`select study.submit_question(id) from unnest(${ids}::uuid[]) as u (id)`,
  );
  await asUser(
    database,
    educator,
    (tx) =>
      tx`select study.decide_question(id, 1, 'publish') from unnest(${ids}::uuid[]) as u (id)`,
  );
  return ids;
}

export type Practice = Awaited<ReturnType<typeof openPractice>>;

export async function openPractice(name: string) {
  const database = await copyOf("TEMPLATE", name);
  const sql: Sql = database.sql;
  await loadHelpers(sql);
  // Limits are tested elsewhere.
  await sql`
    update core.settings set value = value || '{"practice": {"burst": 1000, "per_hour": 1000}}' where key = 'study.limits'`;
  await sql`insert into core.topics (slug, name) values ('race', 'Race')`;
  const questions = await publish(database);
  await warmUp(sql, 50);
  let people = 0;

  return {
    database,
    sql,
    questions,
    person: () => newId(sql`select tests.create_user(${`p${people++}@practice.test`}) as id`),
    start: (by: string, type: string, ids: string[], key: string | null = null) =>
      asUser(database, by, (tx) =>
        newId(tx`
          select study.start_practice(${type}, p_question_ids => ${ids}::uuid[], p_idempotency_key => ${key}) ->> 'id' as id`)),
    answer: (by: string, session: string, question: string, selected = 0) =>
      asUser(database, by, async (tx) => {
        const [row] = await tx`
          select study.answer_question(${session}, ${question}, ${[selected]}::int[]) as turn`;
        return row?.turn as { xp_earned: number };
      }),
    finish: (by: string, session: string) =>
      asUser(database, by, async (tx) => {
        const [row] = await tx`select study.finish_practice(${session})::text as result`;
        return String(row?.result);
      }),
    /** A learner's totals and what stands behind them. */
    async totals(of: string) {
      const [row] = await sql`
        select l.questions_answered::int as total,
          (select count(*)::int from study.user_question_attempts as a where a.user_id = l.user_id and not a.is_skipped) as attempts,
          l.xp::int as xp, (select coalesce(sum(x.amount), 0)::int from study.xp_transactions as x where x.user_id = l.user_id) as ledger,
          (select coalesce(sum(p.total_attempts), 0)::int from study.user_progress as p where p.user_id = l.user_id) as progress
        from study.learners as l where l.user_id = ${of}`;
      return row;
    },
  };
}
