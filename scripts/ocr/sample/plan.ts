// A made-up week of a made-up class: what a timetable says, before anybody draws it.
import type { Day } from "../../../functions/_shared/timetable/types.ts";
import type { Random } from "./random.ts";

export interface Period {
  start: number;
  end: number;
  /** Set where the whole class does the same every day: break, lunch. */
  routine: string | null;
}

export interface Lesson {
  day: Day;
  name: string;
  notes?: string;
  start: number;
  end: number | null;
  /** First and last period that it covers. */
  from: number;
  to: number;
  /** The cell says its own time, because the headings do not. */
  statesTime: boolean;
}

export interface Plan {
  school: string;
  title: string;
  days: Day[];
  periods: Period[];
  lessons: Lesson[];
}

export const weekdays: Day[] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

const subjects = [
  "Maths",
  "English",
  "Science",
  "History",
  "Geography",
  "Art",
  "Music",
  "PE",
  "Computing",
  "French",
  "Spanish",
  "RE",
  "PSHE",
  "Drama",
  "Design & Technology",
  "Guided Reading",
  "Handwriting",
  "Phonics",
  "Spelling",
  "Topic",
  "Library",
  "Assembly",
  "Swimming",
  "Forest School",
  "Biology",
  "Chemistry",
  "Physics",
  "German",
  "Latin",
  "Business Studies",
  "Citizenship",
  "Tutor Time",
  "Story",
  "Golden Time",
  "Choir",
  "Gymnastics",
  "Creative Writing",
  "Show and Tell",
  "World Studies",
  "Food Technology",
];
const notes = [
  "Room 12",
  "Miss Okafor",
  "bring kit",
  "Lab 3",
  "with Year 4",
  "Hall",
  "Group A",
  "laptops",
];
const schools = [
  "Oakfield Primary School",
  "St Brigid's Academy",
  "Riverside Middle School",
  "Hillcrest High",
];

/** Periods through a day, with a break and a lunch, on times that schools really use. */
function makePeriods(random: Random): Period[] {
  const periods: Period[] = [];
  let at = random.pick([8 * 60 + 30, 8 * 60 + 45, 8 * 60 + 50, 9 * 60]);
  const length = random.pick([30, 40, 45, 50, 60]);
  const morning = Math.max(2, Math.round(180 / length)),
    afternoon = Math.max(1, Math.round(120 / length));
  const breakAfter = Math.max(1, Math.floor(morning / 2));
  const add = (minutes: number, routine: string | null) => {
    periods.push({ start: at, end: at + minutes, routine });
    at += minutes;
  };
  if (random.chance(0.4)) {
    add(random.pick([10, 15, 20]), random.pick(["Registration", "Register", "Form Time"]));
  }
  for (let i = 0; i < morning; i++) {
    if (i === breakAfter) {
      add(random.pick([15, 20]), random.pick(["Break", "Recess", "Morning Break"]));
    }
    add(length, null);
  }
  add(random.pick([45, 50, 60]), random.pick(["Lunch", "Lunch Break"]));
  for (let i = 0; i < afternoon; i++) add(length, null);
  if (random.chance(0.3)) add(15, random.pick(["Story Time", "Home Time", "Dismissal"]));
  return periods;
}

export interface PlanOptions {
  days?: Day[];
  /** Share of lessons over two periods. */
  doubles?: number;
  /** Share of lessons whose cell states a time of its own. */
  ownTimes?: number;
  withNotes?: number;
}

export function makePlan(random: Random, options: PlanOptions = {}): Plan {
  const days = options.days ?? weekdays, periods = makePeriods(random);
  const names = random.shuffle(subjects).slice(0, 14);
  const lessons: Lesson[] = [];
  for (const day of days) {
    for (let i = 0; i < periods.length; i++) {
      const period = periods[i]!;
      if (period.routine !== null) {
        lessons.push({
          day,
          name: period.routine,
          start: period.start,
          end: period.end,
          from: i,
          to: i,
          statesTime: false,
        });
        continue;
      }
      const next = periods[i + 1];
      const to = next && next.routine === null && random.chance(options.doubles ?? 0.12)
        ? i + 1
        : i;
      const end = periods[to]!.end;
      const note = random.chance(options.withNotes ?? 0) ? random.pick(notes) : undefined;
      const shortens = random.chance(options.ownTimes ?? 0) && end - period.start >= 30;
      lessons.push({
        day,
        name: random.pick(names),
        ...(note ? { notes: note } : {}),
        start: shortens ? period.start + 5 : period.start,
        end: shortens ? end - 5 : end,
        from: i,
        to,
        statesTime: shortens,
      });
      i = to;
    }
  }
  return {
    school: random.pick(schools),
    title: `Class ${random.int(1, 6)}${random.pick(["A", "B", "EJ", "M"])}`,
    days,
    periods,
    lessons,
  };
}
