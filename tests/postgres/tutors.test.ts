// Tutors under concurrency: a search shows what is there, whatever was written at once; limits and currencies hold.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  asUser,
  copyOf,
  type Database,
  expectSound,
  loadHelpers,
  rush,
  times,
  warmUp,
} from "./native.ts";

let database: Database;
let people = 0;

beforeAll(async () => {
  database = await copyOf("EMPTY", "tutors");
  await loadHelpers(database.sql);
  // Limits over time are tested elsewhere; here they would hide what meets what.
  await database.sql`
    update core.settings set value = (
      select jsonb_object_agg(key, '{"burst": 10000, "per_hour": 10000}'::jsonb) from jsonb_object_keys(value) as key
    ) where key = 'market.writing_limits'`;
  await database.sql`
    insert into core.topics (slug, name) select 'race-topic-' || n, 'Topic ' || n from generate_series(1, 5) as n`;
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  try {
    await expectSound(database);
  } finally {
    await database?.drop();
  }
});

async function expert(): Promise<string> {
  const [row] = await database.sql<{ id: string }[]>`
    select tests.create_user(${`tutor-${++people}@race.test`}, '{expert}') as id`;
  const id = row?.id ?? "";
  await database.sql`
    insert into core.expert_topics (expert_id, topic_id)
    select ${id}, id from core.topics where slug::text like 'race-topic-%'`;
  return id;
}
async function tutor(): Promise<string> {
  const id = await expert();
  await asUser(database, id, (tx) => tx`select market.become_tutor()`);
  return id;
}
const offer = (who: string, price: number) =>
  asUser(
    database,
    who,
    (tx) =>
      tx`insert into market.offers (title, duration_minutes, price_minor) values ('An hour', 60, ${price})`,
  );
const owner = (text: string, values: (string | number)[]) => () =>
  database.sql.unsafe(text, values) as Promise<unknown>;

describe("one tutor, many writers", () => {
  test("becomes one once", async () => {
    const id = await expert();
    const { done, refused } = await rush(
      times(20, () => () => asUser(database, id, (tx) => tx`select market.become_tutor()`)),
    );
    expect([done.length, refused]).toEqual([20, {}]);
  });

  test("the card is made of what is there in the end", async () => {
    const id = await tutor();
    await offer(id, 1000);
    const { refused } = await rush([
      ...times(10, (n) => () => offer(id, 1000 - n * 10)),
      ...times(10, (n) => () =>
        asUser(
          database,
          id,
          (tx) =>
            tx`update core.experts set headline = ${`Headline ${n}`}, languages = ${[
              "en",
              n % 2 ? "de" : "fr",
            ]} where id = ${id}`,
        )),
      ...times(
        10,
        (n) => () =>
          asUser(
            database,
            id,
            (tx) =>
              tx`update market.tutors set about = ${`About ${n}`}, accepts_bookings = ${
                n % 3 > 0
              } where id = ${id}`,
          ),
      ),
      ...times(
        10,
        (n) => owner("update core.profiles set full_name = $2 where id = $1", [id, `Name ${n}`]),
      ),
      ...times(
        10,
        (n) =>
          owner("update core.topics set name = $2 where slug::text = $1", [
            `race-topic-${n % 5 + 1}`,
            `Topic ${n}`,
          ]),
      ),
      ...times(
        10,
        () =>
          owner(
            "update market.tutors set rating_sum = rating_sum + 4, rating_count = rating_count + 1 where id = $1",
            [id],
          ),
      ),
    ].sort(() => Math.random() - 0.5));
    expect(refused).toEqual({});
    const [row] = await database.sql<{ price: string }[]>`
      select min(price_minor) as price from market.offers where tutor_id = ${id}`;
    expect(row?.price).toBe("910");
    const [broken] = await database.sql<{ n: number }[]>`
      select count(*)::int as n from private.market_cards_made as m
      full join market.tutor_cards as c on c.tutor_id = m.tutor_id
      where to_jsonb(m) is distinct from to_jsonb(c)`;
    expect(broken?.n).toBe(0);
    // No ratings stand behind these: the promise that counts them is to hold at the end.
    await database.sql`update market.tutors set rating_sum = 0, rating_count = 0 where id = ${id}`;
  });

  test("has as many offers as are allowed, and no more", async () => {
    const id = await tutor();
    await database.sql`update core.settings set value = '5' where key = 'market.max_offers'`;
    const { done, refused } = await rush(times(30, () => () => offer(id, 1000)));
    expect([done.length, refused]).toEqual([5, { "PT409 offer_limit_reached": 25 }]);
    await database.sql`update core.settings set value = '50' where key = 'market.max_offers'`;
  });

  test("changes his currency, or has offers in the old one: never both", async () => {
    for (let round = 0; round < 10; round++) {
      const id = await tutor();
      await rush([
        () => offer(id, 1000),
        () =>
          asUser(
            database,
            id,
            (tx) => tx`update core.experts set currency = 'USD' where id = ${id}`,
          ),
        () => offer(id, 2000),
      ].sort(() => Math.random() - 0.5));
      const currencies = await database.sql`
        select distinct o.currency = e.currency as same from market.offers as o join core.experts as e on e.id = o.tutor_id
        where o.tutor_id = ${id}`;
      expect(currencies.map(({ same }) => same as boolean)).not.toContain(false);
    }
  });

  test("weeks written at once: one of them stands", async () => {
    const id = await tutor();
    const week = (hours: number) =>
      JSON.stringify(times(hours, (n) => ({
        weekday: 1,
        start: `${String(n).padStart(2, "0")}:00`,
        end: `${String(n + 1).padStart(2, "0")}:00`,
      })));
    const { refused } = await rush(
      times(
        20,
        (n) => () =>
          asUser(
            database,
            id,
            (tx) => tx`select market.set_availability(${week(n + 1)}::text::jsonb)`,
          ),
      ),
    );
    expect(refused).toEqual({});
    const [row] = await database.sql<{ whole: boolean }[]>`
      select count(*) = extract(hour from max(end_time)) as whole from market.expert_availability where tutor_id = ${id}`;
    expect(row?.whole).toBe(true);
  });
});

describe("many tutors at once", () => {
  test("another prior, renamed topics and suspended experts meet without a deadlock", async () => {
    const ids = await Promise.all(times(12, tutor));
    for (const id of ids) await offer(id, 1000);
    const { refused } = await rush([
      ...times(
        4,
        (n) =>
          owner(
            "update core.settings set value = jsonb_build_object('ratings', $1::int, 'mean', 4) where key = 'market.rating_prior'",
            [n + 5],
          ),
      ),
      ...times(
        10,
        (n) =>
          owner("update core.topics set name = $2 where slug::text = $1", [
            `race-topic-${n % 5 + 1}`,
            `Other ${n}`,
          ]),
      ),
      ...ids.map((id) => () => offer(id, 2000)),
      ...ids.slice(6).map((id) =>
        owner("update core.experts set verification_status = 'suspended' where id = $1", [id])
      ),
      ...ids.map((id, n) =>
        owner("update core.profiles set full_name = $2 where id = $1", [id, `N ${n}`])
      ),
    ].sort(() => Math.random() - 0.5));
    expect(refused).toEqual({});
    const [row] = await database.sql<{ listed: number; cards: number }[]>`
      select (select count(*)::int from market.tutors where is_listed and id = any (${ids})) as listed,
        (select count(*)::int from market.tutor_cards where tutor_id = any (${ids})) as cards`;
    expect(row).toEqual({ listed: 6, cards: 6 });
  });
});
