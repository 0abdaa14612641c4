// Learners for the race tests of learning: people, curricula, and what they do at once.
import { asUser, copyOf, type Database, loadHelpers, times, warmUp } from "./native.ts";

type Values = (string | number)[];

export interface Following {
  database: Database;
  one: <T = string>(text: string, params?: Values) => Promise<T>;
  person: () => Promise<string>;
  people: (count: number) => Promise<string[]>;
  /** Runs one statement as this person, and returns its `value`. */
  act: (who: string, text: string, params?: Values) => () => Promise<string>;
  make: (who: string, count: number) => Promise<string>;
  sessionsOf: (curriculum: string) => Promise<string[]>;
}

export async function openFollowing(name: string): Promise<Following> {
  const database = await copyOf("TEMPLATE", name);
  const { sql } = database;
  await loadHelpers(sql);
  await sql`
    update core.settings set value = (
      select jsonb_object_agg(key, '{"burst": 10000, "per_hour": 10000}'::jsonb) from jsonb_object_keys(value) as key
    ) where key = 'learning.limits'`;
  await warmUp(sql, 40);
  const one = async <T = string>(text: string, params: Values = []): Promise<T> => {
    const [row] = await sql.unsafe<{ value: T }[]>(text, params);
    return row?.value as T;
  };
  const person = () =>
    one("select tests.create_user('learn-' || gen_random_uuid() || '@race.test') as value");
  const act: Following["act"] = (who, text, params = []) => () =>
    asUser(database, who, async (tx) => {
      const [row] = await tx.unsafe<{ value: string }[]>(text, params);
      return row?.value ?? "";
    });
  return {
    database,
    one,
    person,
    people: (count) => Promise.all(times(count, person)),
    act,
    make: (who, count) =>
      act(
        who,
        `select (learning.create_curriculum('Race', 'S', 30, p_sessions => (
          select jsonb_agg(jsonb_build_object('title', 's' || n)) from generate_series(1, $1::int) as n))).id as value`,
        [count],
      )(),
    sessionsOf: async (curriculum) =>
      (await sql<{ id: string }[]>`
        select id from learning.sessions where curriculum_id = ${curriculum} order by session_number`)
        .map(({ id }) => id),
  };
}
