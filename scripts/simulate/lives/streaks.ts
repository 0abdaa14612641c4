// Streaks found anew from nothing but the moments at which something was done and the zones one was in: the rule is written here a
// second time, with the calendar of JavaScript.
import type postgres from "postgres";
import type { Check } from "./sums.ts";

/** Where a person was from when on. */
export type Stays = Map<string, { from: number; zone: string }[]>;

const FREEZE_EVERY = 7;
const MOST_FREEZES = 2;
const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The number of the date that a clock shows, a day beginning some hours past midnight. */
export function dateOf(at: number, zone: string, startHour: number): number {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
  });
  formats.set(zone, format);
  const part = Object.fromEntries(
    format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  const date = Date.UTC(part.year!, part.month! - 1, part.day!) / DAY;
  return part.hour! < startHour ? date - 1 : date;
}

interface State {
  last: number;
  /** When something was done last. */
  lastAt: number;
  lastZone: string;
  streak: number;
  longest: number;
  freezes: number;
  /** Each day of the calendar: how long the streak was, and whether it only was bridged. */
  days: Map<number, { length: number; isFrozen: boolean }>;
}

function step(state: State, at: number, zone: string, startHour: number): void {
  const { last, lastAt, lastZone } = state;
  state.lastAt = at;
  const today = dateOf(at, zone, startHour);
  if (state.days.size === 0) {
    Object.assign(state, { last: today, lastZone: zone, streak: 1, longest: 1 });
    state.days.set(today, { length: 1, isFrozen: false });
    return;
  }
  if (Math.min(today, dateOf(at, lastZone, startHour)) <= last) return;
  // The dates that the present clock shows between what was done last and now.
  const sinceLast = today - Math.max(last, dateOf(lastAt, zone, startHour));
  const missed = Math.max(0, sinceLast - 1);
  const isKept = missed <= state.freezes;
  if (isKept) {
    for (let day = last + 1; day < today; day += 1) {
      state.days.set(day, { length: state.streak, isFrozen: true });
    }
    state.freezes -= missed;
  }
  state.streak = isKept ? state.streak + 1 : 1;
  state.longest = Math.max(state.longest, state.streak);
  if (state.streak % FREEZE_EVERY === 0) state.freezes = Math.min(MOST_FREEZES, state.freezes + 1);
  state.days.set(today, { length: state.streak, isFrozen: false });
  Object.assign(state, { last: today, lastZone: zone });
}

interface Learner {
  user_id: string;
  start_hour: number;
  current_streak: number;
  longest_streak: number;
  streak_freezes: number;
  moments: number[];
  days: { date: number; length: number; isFrozen: boolean }[];
}

const readLearners = (sql: postgres.Sql) =>
  sql<Learner[]>`
    select l.user_id, coalesce(s.day_start_hour, 0)::integer as start_hour, l.current_streak, l.longest_streak, l.streak_freezes,
      array(
        select extract(epoch from m.at)::double precision * 1000 from (
          -- What was taken back was done all the same.
          select r.reviewed_at from study.review_logs as r where r.user_id = l.user_id and r.attempt_id is null
          union all
          select a.answered_at from study.user_question_attempts as a where a.user_id = l.user_id and not a.is_skipped
        ) as m (at) order by m.at
      ) as moments,
      (
        select json_agg(json_build_object('date', d.streak_date - date '1970-01-01', 'length', d.streak_length, 'isFrozen', d.is_frozen))
        from study.user_streaks as d where d.user_id = l.user_id
      ) as days
    from study.learners as l left join study.learner_settings as s on s.user_id = l.user_id`;

export async function checkStreaks(sql: postgres.Sql, stays: Stays): Promise<Check[]> {
  const people: Check = {
    name: "streaks, the longest ones and freezes follow from what was done when",
    compared: 0,
    wrong: 0,
  };
  const days: Check = { name: "each day of a streak does", compared: 0, wrong: 0 };
  for (const learner of await readLearners(sql)) {
    const state: State = {
      last: 0,
      lastAt: 0,
      lastZone: "",
      streak: 0,
      longest: 0,
      freezes: 0,
      days: new Map(),
    };
    const own = stays.get(learner.user_id)!;
    for (const at of learner.moments) {
      const stay = own.findLast(({ from }) => from <= at) ?? own[0]!;
      step(state, at, stay.zone, learner.start_hour);
    }
    people.compared += 1;
    const isSame = learner.current_streak === state.streak &&
      learner.longest_streak === state.longest &&
      learner.streak_freezes === state.freezes;
    if (!isSame) people.wrong += 1;
    const theirs = learner.days ?? [];
    days.compared += state.days.size;
    days.wrong += Math.abs(state.days.size - theirs.length);
    for (const { date, length, isFrozen } of theirs) {
      const day = state.days.get(date);
      if (day?.length !== length || day.isFrozen !== isFrozen) days.wrong += 1;
    }
  }
  return [people, days];
}
