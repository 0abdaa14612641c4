// What the races over documents share: a database with an owner and four reviewers, and each act as one function.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { asUser, copyOf, type Database, loadHelpers, times, warmUp } from "./native.ts";

export interface Sheet {
  task_id: string;
  lease_token: number;
  blocks: Record<string, unknown>[];
}

export interface Lease {
  id: string;
  lease_token: string;
}

export type Reading = Awaited<ReturnType<typeof openReading>>;

const helpers = join(import.meta.dirname, "..", "db", "000_helpers_timetable.sql");

/** Refusals that the race may bring; any other fails the test. */
export const only = (refused: Record<string, number>, allowed: RegExp): void =>
  expect(Object.keys(refused).filter((why) => !allowed.test(why))).toEqual([]);

async function prepare(database: Database): Promise<void> {
  await loadHelpers(database.sql);
  await database.sql.unsafe(readFileSync(helpers, "utf8"));
  await database.sql`
    update core.settings set value = '1000'
    where key in ('timetable.submit_burst', 'timetable.max_held_reviews')`;
  await database.sql`
    update core.settings set value = value || '{"timetable": {"burst": 1000, "per_hour": 60}}'
    where key = 'timetable.limits'`;
}

export async function openReading(name: string) {
  const database = await copyOf("TEMPLATE", name);
  const { sql } = database;
  await prepare(database);

  async function one<T = string>(text: string, params: (string | number)[] = []): Promise<T> {
    const [row] = await sql.unsafe<{ value: T }[]>(text, params);
    return row?.value as T;
  }
  /** A helper comes back as the owner of the database, which it may only within its transaction. */
  const helped = (text: string, params: (string | number)[] = []): Promise<string> =>
    sql.begin(async (tx) => {
      const [row] = await tx.unsafe<{ value: string }[]>(`select ${text} as value`, params);
      return row?.value ?? "";
    }) as Promise<string>;
  const person = (who: string, role = "student") =>
    one("select tests.create_user($1 || gen_random_uuid() || '@race.test', array[$2]) as value", [
      who,
      role,
    ]);

  const owner = await person("owner");
  const reviewers = await Promise.all(times(4, (i) => person(`reviewer-${i}`, "reviewer")));
  await warmUp(sql, 40);

  const submitted = (count: number, user = owner): Promise<string[]> =>
    Promise.all(times(count, () => helped("tests.tt_submit($1)", [user])));
  /** Documents that wait for a person. */
  const unsure = async (count: number, user = owner): Promise<string[]> => {
    const documents = await submitted(count, user);
    for (const document of documents) await helped("tests.tt_read($1)", [document]);
    return documents;
  };

  return {
    database,
    owner,
    reviewers,
    one,
    helped,
    person,
    submitted,
    unsure,
    reviewer: (index: number): string => reviewers[index % reviewers.length] ?? "",
    taskOf: (document: string) => one("select (tests.tt_task($1)).id as value", [document]),
    statesOf: async (documents: string[]): Promise<string[]> => {
      const rows = await sql<{ state: string }[]>`
        select j.status || ' ' || coalesce(t.status, 'none') as state
        from timetable.processing_jobs j left join timetable.hitl_tasks t on t.job_id = j.id
        where j.document_id = any (${documents})`;
      return rows.map(({ state }) => state);
    },
    claim: (reviewer: string, task: string | null) => () =>
      asUser(database, reviewer, async (tx) => {
        const [row] = await tx<{ sheet: Sheet }[]>`
          select timetable.claim_review(${task}) as sheet`;
        return row?.sheet as Sheet;
      }),
    complete: (reviewer: string, sheet: Sheet) => () =>
      asUser(database, reviewer, async (tx) => {
        const [row] = await tx<{ verdict: { job_status: string } }[]>`
          select timetable.complete_review(
            ${sheet.task_id}, ${sheet.lease_token}, ${JSON.stringify(sheet.blocks)}::text::jsonb
          ) as verdict`;
        return row?.verdict.job_status;
      }),
    cancel: (document: string) => () =>
      asUser(database, owner, async (tx) => {
        await tx`
          select timetable.cancel_processing(j.id)
          from timetable.processing_jobs j where j.document_id = ${document}`;
        return "cancelled";
      }),
    lease: async (document: string, type: string): Promise<Lease> => {
      const [row] = await sql<Lease[]>`
        select id, lease_token from tests.tt_lease(${document}, ${type})`;
      return row as Lease;
    },
  };
}
