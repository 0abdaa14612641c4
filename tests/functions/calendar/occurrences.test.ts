// Whatever a timetable holds: what its calendar says to another's parser is what timetable.occurrences says.
// Random timetables, always the same ones, in zones with whole, half and no changes of the clock.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hash32 } from "../../../functions/_shared/text/hash.ts";
import { writeCalendar } from "../../../functions/calendar/ical/feed.ts";
import { contentSchema } from "../../../functions/calendar/schema.ts";
import type { EmbeddedEngine } from "../../../scripts/stack/engine-embedded.ts";
import { openTapDatabase } from "../../setup/tap.ts";
import { offsetsOf, type Read, readCalendar } from "./timetables.ts";

let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await openTapDatabase();
});
afterAll(async () => {
  await engine?.close();
});

const zones = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** Pairs of dates around a change of the clock, so that every term has one where its zone has. */
const terms: Record<string, [string, string][]> = {
  "Europe/London": [["2026-03-02", "2026-05-01"], ["2026-10-01", "2026-12-18"]],
  "America/New_York": [["2026-02-20", "2026-04-10"], ["2026-10-05", "2026-11-20"]],
  "Australia/Lord_Howe": [["2026-03-10", "2026-04-30"], ["2026-09-15", "2026-10-30"]],
  "Asia/Kathmandu": [["2026-01-05", "2026-03-01"], ["2026-12-01", "2027-02-01"]],
};

const chance = (seed: number) => {
  let turn = 0;
  const below = (limit: number) => hash32(`${++turn}`, seed) % limit;
  return {
    below,
    one: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    often: (percent: number) => below(100) < percent,
    /** Many in the hours in which clocks change. */
    time: () =>
      `${String(below(3) === 0 ? 1 + below(3) : below(24)).padStart(2, "0")}:${
        String(below(12) * 5).padStart(2, "0")
      }`,
  };
};

async function makeTimetable(
  seed: number,
): Promise<{ id: string; zone: string; term: [string, string] }> {
  const { one, often, below, time } = chance(seed);
  const zone = zones[seed % zones.length] as string;
  const term = one(terms[zone] ?? []);
  const cycle = often(50) ? 2 : 1;
  const [row] = await engine.query<{ id: string }>(
    `insert into timetable.timetables (user_id, name, starts_on, ends_on, cycle_weeks, week_start_date, time_zone)
     values ((select id from core.profiles limit 1), 'Plan', $1, $2, $3, $4, $5) returning id`,
    [...term, cycle, often(50) ? "2026-03-18" : null, zone],
  );
  const id = row?.id ?? "";
  for (let index = 0; index < 4 + below(12); index++) {
    const start = time();
    const end = often(75) ? time() : null;
    await engine.query(
      `insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time, week, notes)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        id,
        `Block ${index}`,
        often(40) ? "Sunday" : one(days),
        start,
        end === start ? null : end,
        cycle === 2 && often(60) ? one(["A", "B"]) : null,
        often(30) ? "Bring a pen; and paper, please" : "",
      ],
    );
  }
  // Exceptions fall on dates on which their block is; two for the same are refused, and one is enough.
  const happening = await engine.query<{ block: string; day: string }>(
    `select d.timeblock_id as block, d.on_date::text as day
     from timetable.timetables t cross join lateral private.timetable_dates(t, $2, $3) d
     where t.id = $1 order by d.on_date, d.name`,
    [id, ...term],
  );
  for (let index = 0; index < below(8); index++) {
    const { block, day } = one(happening);
    const { day: other } = one(happening);
    const start = time();
    const end = often(60) ? time() : null;
    const moved = often(60);
    await engine.query(
      `insert into timetable.timetable_exceptions (timetable_id, timeblock_id, kind, on_date, to_date, start_time, end_time, name)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      moved
        ? [
          id,
          block,
          "moved",
          day,
          other,
          start,
          end === start ? null : end,
          often(30) ? "Moved" : null,
        ]
        : [id, block, "cancelled", day, day, null, null, null],
    );
    if (often(40)) {
      await engine.query(
        `insert into timetable.timetable_exceptions (timetable_id, kind, on_date, to_date, start_time, end_time, name)
         values ($1, 'extra', $2, $2, $3, $4, 'Extra')`,
        [id, other, start, end === start ? null : end],
      );
    }
  }
  if (often(60)) {
    const { day } = one(happening);
    await engine.query(
      `insert into timetable.timetable_exceptions (timetable_id, kind, on_date, to_date) values ($1, 'no_school', $2::date, $2::date + $3::integer)`,
      [id, day, below(9)],
    );
  }
  return { id, zone, term };
}

/** What the database says, as the parser would. */
async function occurrences(id: string, [from, to]: [string, string]): Promise<Read[]> {
  const rows = await engine.query<
    { name: string; notes: string; start: string; end: string | null }
  >(
    `select m.name, m.notes, to_char(m.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') as start,
       case when m.ends_at > m.starts_at then to_char(m.ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') end as end
     from private.timetable_moments(array[$1::uuid], $2, $3) m`,
    [id, from, to],
  );
  return rows;
}

const inOrder = (items: Read[]): string[] =>
  items.map((item) => JSON.stringify(item, ["name", "notes", "start", "end"])).sort();

describe("the calendar of a random timetable", () => {
  test("says what the database says, for sixty of them", async () => {
    await engine.exec(`
      insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
      values (gen_random_uuid(), 'authenticated', 'authenticated', 'calendar@lyceum.test', '{}', '{}', now(), now());
    `);
    const counts = { all: 0, moved: 0, inUtc: 0, except: 0 };
    for (let seed = 0; seed < 60; seed++) {
      const { id, zone, term } = await makeTimetable(seed);
      const [row] = await engine.query<{ content: unknown }>(
        "select private.timetable_content(t) as content from timetable.timetables t where t.id = $1",
        [id],
      );
      const content = contentSchema.parse(row?.content);
      // The clocks of the database and of this runtime agree: two sources of the same law.
      const known = offsetsOf(zone, "2025-06-01T00:00:00Z", "2027-10-01T00:00:00Z");
      expect(
        content.offsets.filter(({ since }) => known.slice(1).some((one) => one.since === since))
          .length,
      )
        .toBeGreaterThanOrEqual(zone === "Asia/Kathmandu" ? 0 : 2);
      const text = writeCalendar(content);
      const expected = await occurrences(id, term);
      expect(inOrder(readCalendar(text)), `seed ${seed}, ${zone}`).toEqual(inOrder(expected));
      counts.all += expected.length;
      counts.moved += text.match(/^RECURRENCE-ID/gm)?.length ?? 0;
      counts.inUtc += text.match(/^DTSTART:2026\d{4}T\d{6}Z/gm)?.length ?? 0;
      counts.except += text.match(/^EXDATE/gm)?.length ?? 0;
    }
    // The comparison has met what it is about.
    expect(counts.all).toBeGreaterThan(2000);
    expect(Math.min(counts.moved, counts.inUtc, counts.except)).toBeGreaterThan(20);
  });
});
