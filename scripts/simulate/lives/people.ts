// People who live through the tables: accounts, zones, wishes, and cards of their own to learn.
import type postgres from "postgres";
import { about, chance } from "../chance.ts";

export interface Person {
  no: number;
  id: string;
  zone: string;
  /** Hours by which UTC is behind the clock they began with: when their evening is. */
  offset: number;
}

export const CARDS_OF_EACH = 150;
export const START = Date.UTC(2025, 0, 6);
const DAY = 86_400_000;

/** East, west, half hours, beyond the date line, and some that change their clocks on other days than most. */
export const ZONES: readonly (readonly [zone: string, offset: number])[] = [
  ["Europe/Berlin", 1],
  ["America/New_York", -5],
  ["Asia/Tokyo", 9],
  ["Asia/Kolkata", 5.5],
  ["Pacific/Auckland", 13],
  ["Pacific/Kiritimati", 14],
  ["Pacific/Pago_Pago", -11],
  ["America/Sao_Paulo", -3],
  ["Australia/Lord_Howe", 11],
  ["UTC", 0],
];

const idOf = (kind: number, no: number, own = 0): string =>
  `${kind}0000000-0000-4000-8${String(own).padStart(3, "0")}-${String(no).padStart(12, "0")}`;
export const cardOf = (no: number, own: number): string => idOf(8, no, own);

/** When a person sits down on a day: in the evening of where he began, give or take hours. */
export const sitsDownAt = (seed: number, { no, offset }: Person, day: number): Date =>
  new Date(
    START + day * DAY + (19 - offset + 5 * (chance(seed, about.day, no, day, 1) - 0.5)) * DAY / 24,
  );

/** One transaction of a person: functions of the database see who acts. The clock is an argument. */
export async function asPerson<T>(
  sql: postgres.Sql,
  id: string,
  work: (tx: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return await sql.begin(async (tx) => {
    const claims = JSON.stringify({ sub: id, role: "authenticated" });
    await tx`select set_config('request.jwt.claims', ${claims}, true)`;
    return await work(tx);
  }) as T;
}

async function create(sql: postgres.Sql, seed: number, no: number): Promise<Person> {
  const id = idOf(7, no);
  const [zone, offset] = ZONES[no % ZONES.length]!;
  await sql`
    insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    values (${id}, 'authenticated', 'authenticated', ${`learner${no}@simulation.test`}, now(), '{}', '{}', now(), now())`;
  await sql`update core.profiles set time_zone = ${zone} where id = ${id}`;
  await sql`
    insert into study.learner_settings (user_id, scheduler, day_start_hour, cards_from, on_leaderboards, new_cards_per_day, easy_weekdays)
    values (
      ${id}, ${no % 2 === 0 ? "fsrs" : "sm2"}, ${[0, 0, 4][no % 3]!}, ${
    no % 4 === 0 ? "all" : "wrong"
  }, ${no % 3 > 0},
      ${1 + Math.floor(3 * chance(seed, about.person, no))}, ${no % 5 === 0 ? [7] : []}
    )`;
  await sql`
    insert into study.sm2_review_cards (id, user_id, source, front, back, scheduler, due_at, due_on, created_at)
    select c.id::uuid, ${id}, 'note', 'Question ' || c.no, 'Answer ' || c.no, ${
    no % 2 === 0 ? "fsrs" : "sm2"
  },
      ${new Date(START)}, ${new Date(START)}, ${new Date(
    START,
  )}::timestamptz + c.no * interval '1 second'
    from unnest(${
    Array.from({ length: CARDS_OF_EACH }, (_, own) => cardOf(no, own))
  }::text[]) with ordinality as c (id, no)`;
  return { no, id, zone, offset };
}

export async function createPeople(
  sql: postgres.Sql,
  seed: number,
  count: number,
): Promise<Person[]> {
  // Limits count by the clock of the server, on which a year passes within minutes.
  await sql`
    update core.settings set value = (
      select jsonb_object_agg(key, '{"burst": 1000000, "per_hour": 1000000}'::jsonb) from jsonb_each(value)
    ) where key = 'study.limits'`;
  const people: Person[] = [];
  while (people.length < count) people.push(await create(sql, seed, people.length));
  return people;
}
