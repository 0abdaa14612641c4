// A tutor, learners and their calls, for the tests of bookings on a native server.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asUser, copyOf, type Database, loadHelpers, times, warmUp } from "./native.ts";

const helpers = join(import.meta.dirname, "..", "db", "000_helpers_market.sql");

/** The id of the first row. */
export async function id(rows: PromiseLike<Record<string, unknown>[]>): Promise<string> {
  return String((await rows)[0]?.id);
}

export type Race = Awaited<ReturnType<typeof openRace>>;

/** A database with a tutor who is free all day, an offer with breaks around it, and no limits in the way. */
export async function openRace(name: string) {
  const database: Database = await copyOf("TEMPLATE", name);
  const { sql } = database;
  await loadHelpers(sql);
  await sql.unsafe(readFileSync(helpers, "utf8"));
  // Limits are tested elsewhere; here they would hide what happens to the slots.
  await sql`
    update core.settings set value = (
      select jsonb_object_agg(l.key, '{"burst": 1000, "per_hour": 1000}'::jsonb) from jsonb_each(value) as l
    )
    where key = 'market.booking_limits'`;
  await sql`
    update core.settings set value = '1000'
    where key in (
      'market.max_holds', 'market.max_unpaid', 'market.max_moves', 'market.max_upcoming', 'market.max_free_upcoming',
      'market.checkout_burst'
    )`;
  const tutor = await id(sql`select tests.tutor('tutor@race.test') as id`);
  const offer = await id(sql`select tests.offer(${tutor}, 5000, 60, 'moderate', 15) as id`);
  await warmUp(sql, 50);
  let people = 0;

  return {
    database,
    sql,
    tutor,
    offer,
    person: () => id(sql`select tests.create_user(${`p${people++}@race.test`}) as id`),
    crowd(count: number): Promise<string[]> {
      return Promise.all(times(count, () => this.person()));
    },
    /** A slot so many hours from now, held by this learner as the Data API would do it. */
    hold: (learner: string, hours: number, key: string, of = offer) =>
      asUser(
        database,
        learner,
        (tx) => id(tx`select id from market.hold_slot(${of}, tests.hour(${hours}), ${key})`),
      ),
    /** A booking that was paid for. */
    scheduled: (learner: string, hours: number, of = offer) =>
      id(sql`select tests.booking(${of}, ${learner}, tests.hour(${hours})) as id`),
  };
}
