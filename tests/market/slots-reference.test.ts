// Free slots of thousands of random tutors, offers and bookings, against a reference that looks at every minute.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { openTapDatabase } from "../setup/tap.ts";
import { generator, type Group, makeGroup, type Row } from "./random-cases.ts";
import { type Hours, type Offer, type Person, referenceSlots } from "./reference.ts";

const groups = Number(process.env.SLOTS_GROUPS ?? 60);
const firstSeed = Number(process.env.SLOTS_SEED ?? 1);
const tutors = 50;

let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await openTapDatabase();
});
afterAll(async () => {
  await engine?.close();
});

/** Rows as they are, without what would check who writes them; what overlaps another is left out. */
async function write(tables: Group["tables"]): Promise<void> {
  await engine.exec("set local session_replication_role = replica");
  for (const [table, rows] of Object.entries(tables)) {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].join(", ");
    if (rows.length === 0) continue;
    await engine.query(
      `insert into ${table} (${columns})
       select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb) on conflict do nothing`,
      [JSON.stringify(rows)],
    );
  }
}

const toMinutes = (time: string): number => {
  const [hours = NaN, minutes = NaN] = time.split(":").map(Number);
  return hours * 60 + minutes;
};

interface Slots extends Row {
  tutor_id: string;
  starts: number[];
}

/** The slots of each tutor of a group, in order. */
async function free(group: Group, from: string, to: string): Promise<Map<string, number[]>> {
  const rows = await engine.query<Slots>(
    `select tutor_id, array_agg(extract(epoch from starts_at)::float8 * 1000 order by starts_at) as starts
     from private.market_free_slots($1, $2, $3, null, $4, null, $5) group by tutor_id`,
    [group.tables["market.tutors"]?.map(({ id }) => id), from, to, group.learner, group.now],
  );
  return new Map(rows.map(({ tutor_id, starts }) => [tutor_id, starts.map(Number)]));
}

interface Stored extends Row {
  person: { id: string; zone: string; per_day: number | null };
  offer: Offer;
  weekly: { weekday: number; start: string; end: string }[];
  special: { date: string; start: string | null; end: string | null }[];
  away: { from: number; to: number }[];
  busy: Person["busy"];
}

/** What is in the database, for the reference. */
async function read(
  { now, learner }: Group,
): Promise<{ id: string; person: Person; offer: Offer }[]> {
  const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;
  const rows = await engine.query<Stored>(
    `select
      jsonb_build_object('id', t.id, 'zone', e.time_zone, 'per_day', t.max_bookings_per_day) as person,
      jsonb_build_object('length', o.duration_minutes, 'step', o.slot_step_minutes, 'before', o.buffer_before_minutes,
        'after', o.buffer_after_minutes, 'notice', o.minimum_notice_minutes, 'windowDays', o.booking_window_days) as offer,
      (select coalesce(jsonb_agg(jsonb_build_object('weekday', weekday, 'start', start_time, 'end', end_time)), '[]')
        from market.expert_availability where tutor_id = t.id) as weekly,
      (select coalesce(jsonb_agg(jsonb_build_object('date', on_date, 'start', start_time, 'end', end_time)), '[]')
        from market.availability_overrides where tutor_id = t.id) as special,
      (select coalesce(jsonb_agg(jsonb_build_object('from', ${ms("starts_at")}, 'to', ${
      ms("ends_at")
    })), '[]')
        from market.out_of_office where tutor_id = t.id) as away,
      (select coalesce(jsonb_agg(jsonb_build_object('isTutors', tutor_id = t.id, 'starts', ${
      ms("starts_at")
    },
          'from', ${ms("blocked_from")}, 'to', ${ms("blocked_to")})), '[]')
        from market.bookings
        where (t.id in (tutor_id, learner_id) or $1::uuid in (tutor_id, learner_id))
          and (status in ('scheduled', 'completed') or status = 'hold' and hold_expires_at > $2)) as busy
    from market.tutors t join core.experts e on e.id = t.id join market.offers o on o.tutor_id = t.id`,
    [learner, now],
  );
  return rows.map(({ person, offer, weekly, special, away, busy }) => {
    const hours = ({ start, end }: { start: string | null; end: string | null }): Hours[] =>
      start === null || end === null ? [] : [{ start: toMinutes(start), end: toMinutes(end) }];
    const collect = <K, T extends { start: string | null; end: string | null }>(
      rows: T[],
      key: (row: T) => K,
    ): Map<K, Hours[]> =>
      new Map([...Map.groupBy(rows, key)].map(([of, some]) => [of, some.flatMap(hours)]));
    return {
      id: person.id,
      offer,
      person: {
        zone: person.zone,
        perDay: person.per_day,
        weekly: collect(weekly, ({ weekday }) => weekday),
        special: collect(special, ({ date }) => date),
        away,
        busy,
      },
    };
  });
}

const shown = (moments: number[] = []): string[] => moments.map((ms) => new Date(ms).toISOString());

describe("free slots", () => {
  const seen = { cases: 0, empty: 0, slots: 0 };

  test(
    `of ${groups * tutors} random tutors are those of the reference`,
    { timeout: 300_000 },
    async () => {
      for (let seed = firstSeed; seed < firstSeed + groups; seed++) {
        const group = makeGroup(seed, tutors);
        await engine.exec("begin");
        try {
          await write(group.tables);
          const found = await free(group, group.from, group.to);
          const question = {
            from: Date.parse(group.from),
            to: Date.parse(group.to),
            now: Date.parse(group.now),
          };
          const stored = await read(group);
          expect(stored.length).toBe(tutors);
          for (const { id, person, offer } of stored) {
            const expected = referenceSlots(person, offer, question);
            const about = () =>
              JSON.stringify({ seed, id, zone: person.zone, offer, ...group, tables: undefined });
            expect(shown(found.get(id)), about()).toEqual(shown(expected));
            seen.cases++;
            seen.slots += expected.length;
            if (expected.length === 0) seen.empty++;
          }

          // What is asked of a part is that part of the whole.
          const random = generator(seed);
          const [low = 0, high = 0] = [random(), random()].sort()
            .map((share) => question.from + Math.floor(share * (question.to - question.from)));
          const part = await free(group, new Date(low).toISOString(), new Date(high).toISOString());
          for (const { id } of stored) {
            const inside = (found.get(id) ?? []).filter((moment) => low <= moment && moment < high);
            expect(shown(part.get(id)), `part of ${id}, seed ${seed}`).toEqual(shown(inside));
          }
        } finally {
          await engine.exec("rollback");
        }
      }
    },
  );

  test("were there to be compared", () => {
    expect(seen.cases).toBe(groups * tutors);
    expect(seen.slots / seen.cases).toBeGreaterThan(5);
    expect(seen.empty / seen.cases).toBeLessThan(0.5);
  });
});
