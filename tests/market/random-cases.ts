// Tutors, offers and bookings at random, around moments at which clocks are changed: written into the database as rows,
// and read back from it for the reference, so that both judge the same.

/** Numbers from 0 to below 1, the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Zones, each with days around which something happens to its clock. */
export const changes: [zone: string, ...days: string[]][] = [
  ["Europe/London", "2026-03-29", "2026-10-25"],
  ["America/New_York", "2026-03-08", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-04-05", "2026-10-04"],
  ["Asia/Kathmandu", "2026-03-29", "2026-11-01"],
  // 30 December 2011 never came; and a change at three in the morning.
  ["Pacific/Apia", "2011-12-30", "2021-04-04"],
  // Midnight left out, and an hour before midnight twice.
  ["America/Sao_Paulo", "2018-11-04", "2019-02-17"],
  // Midnight left out, and midnight twice.
  ["America/Havana", "2026-03-08", "2026-11-01"],
  // Two hours at once.
  ["Antarctica/Troll", "2026-03-29", "2026-10-25"],
  // Half an hour for good.
  ["Asia/Pyongyang", "2018-05-05"],
  // At 0:01, back into the day before.
  ["America/St_Johns", "2010-03-14", "2010-11-07"],
  ["UTC", "2026-03-29"],
];

export interface Row {
  [column: string]: unknown;
}

export interface Group {
  now: string;
  from: string;
  to: string;
  learner: string | null;
  tables: Record<string, Row[]>;
}

const day = 86_400_000;
const statuses = ["hold", "hold", "scheduled", "scheduled", "completed", "cancelled", "expired"];

export function makeGroup(seed: number, tutors: number): Group {
  const random = generator(seed);
  const whole = (low: number, high: number): number =>
    low + Math.floor(random() * (high - low + 1));
  const one = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T;
  const maybe = (chance: number): boolean => random() < chance;
  const uuid = (kind: number, n: number): string =>
    `${kind.toString(16).padStart(8, "0")}-0000-4000-8000-${
      (seed * 1000 + n).toString(16).padStart(12, "0")
    }`;
  const clock = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const hours = (): { start_time: string; end_time: string } => {
    const grain = one([1, 5, 15, 30, 60]);
    const start = maybe(0.25) ? 0 : Math.min(whole(0, 1435 / grain) * grain, 1435);
    const end = maybe(0.3)
      ? 1440
      : Math.min(1440, start + grain * whole(1, Math.ceil(900 / grain)));
    return { start_time: clock(start), end_time: clock(end) };
  };
  const moment = (low: number, high: number): number => {
    const grain = one([1, 1000, 60_000, 900_000]);
    return Math.floor((low + random() * (high - low)) / grain) * grain;
  };
  const stamp = (value: number): string => new Date(value).toISOString();

  // Everybody of a group is asked about at one time: those whose clocks are changed then, and some whose are not.
  const [, ...days] = one(changes);
  const change = Date.parse(`${one(days)}T00:00:00Z`);
  const near = changes.filter(([, ...of]) =>
    of.some((d) => Math.abs(Date.parse(d) - change) < 5 * day)
  );
  const from = moment(change - 3 * day, change + day);
  const to = from + moment(day / 4, 4 * day);
  const now = maybe(0.2) ? moment(from, to) : moment(from - 9 * day, from);
  const learner = maybe(0.6) ? uuid(9, 0) : null;

  const tables: Group["tables"] = {
    "core.profiles": [{ id: uuid(9, 0), username: `ref_l_${seed}`, is_active: true }],
    "core.experts": [],
    "market.tutors": [],
    "market.offers": [],
    "market.expert_availability": [],
    "market.availability_overrides": [],
    "market.out_of_office": [],
    "market.bookings": [],
  };
  const add = (table: string, row: Row): void => void tables[table]?.push(row);

  for (let n = 1; n <= tutors; n++) {
    const id = uuid(1, n);
    add("core.profiles", { id, username: `ref_${seed}_${n}`, is_active: true });
    const time_zone = maybe(0.85) ? one(near)[0] : one(changes)[0];
    add("core.experts", { id, verification_status: "verified", is_available: true, time_zone });
    const max_bookings_per_day = maybe(0.3) ? whole(1, 2) : null;
    add("market.tutors", { id, accepts_bookings: true, max_bookings_per_day });
    add("market.offers", {
      id: uuid(2, n),
      duration_minutes: one([5, 20, 30, 30, 45, 60, 60, 90, 120, 480]),
      slot_step_minutes: one([5, 7, 15, 20, 30, 45, 60, 90, 480]),
      buffer_before_minutes: one([0, 0, 5, 15, 60, 240]),
      buffer_after_minutes: one([0, 0, 5, 10, 30, 240]),
      minimum_notice_minutes: one([0, 0, 0, 30, 120, 1440, 4321]),
      booking_window_days: one([1, 3, 7, 14, 30, 60, 365]),
      tutor_id: id,
      title: "T",
      price_minor: 0,
      currency: "EUR",
    });

    // Some are there all day and night, so that a stretch goes on for weeks.
    const isAlways = maybe(0.12);
    for (let weekday = 1; weekday <= 7; weekday++) {
      const count = isAlways ? 1 : one([0, 1, 2, 2, 3]);
      for (let k = 0; k < count; k++) {
        const times = isAlways ? { start_time: "00:00", end_time: "24:00" } : hours();
        add("market.expert_availability", { tutor_id: id, weekday, ...times });
      }
    }
    for (let k = whole(0, 4); k > 0; k--) {
      const on_date = stamp(moment(change - 9 * day, change + 5 * day)).slice(0, 10);
      const times = maybe(0.3) ? { start_time: null, end_time: null } : hours();
      add("market.availability_overrides", { tutor_id: id, on_date, ...times });
    }
    for (let k = one([0, 0, 1, 2]); k > 0; k--) {
      const starts = moment(from - 9 * day, to);
      const ends_at = stamp(starts + Math.max(1, moment(0, 2 * day)));
      add("market.out_of_office", { tutor_id: id, starts_at: stamp(starts), ends_at });
    }
    for (let k = one([0, 1, 3, 6]); k > 0; k--) {
      const starts = moment(from - day, to + day);
      const ends = starts + whole(1, 480) * 60_000;
      // Most are the tutor's, with somebody; some his own lessons; few the learner's, with him or elsewhere, or as a tutor.
      const [tutor_id, learner_id] = maybe(0.9)
        ? one([[id, uuid(8, k)], [id, uuid(8, k)], [uuid(8, k), id]])
        : one([
          [id, uuid(9, 0)],
          [uuid(8, k), uuid(9, 0)],
          [uuid(9, 0), uuid(8, k)],
        ]);
      const status = one(statuses);
      const booking = uuid(3, n * 10 + k);
      add("market.bookings", {
        id: booking,
        chain_id: booking,
        tutor_id,
        tutor_tombstone: tutor_id,
        learner_id,
        learner_tombstone: learner_id,
        title: "B",
        starts_at: stamp(starts),
        ends_at: stamp(ends),
        blocked_from: stamp(starts - one([0, 0, 10, 240]) * 60_000),
        blocked_to: stamp(ends + one([0, 0, 10, 240]) * 60_000),
        status,
        hold_expires_at: status === "hold" ? stamp(now + one([-60_000, 0, 1, 60_000])) : null,
        completed_at: status === "completed" ? stamp(ends) : null,
        ...(status === "cancelled" ? { cancelled_at: stamp(now), cancelled_by: "tutor" } : {}),
        price_minor: 0,
        currency: "EUR",
        commission_rate_bp: 0,
        commission_minor: 0,
        cancellation_policy: "strict",
        refund_steps: [],
        payment_status: "free",
        idempotency_key: `reference ${booking}`,
      });
    }
  }
  return { now: stamp(now), from: stamp(from), to: stamp(to), learner, tables };
}
