// Free slots the slow and obvious way: every minute is looked at, with the clock that Intl shows for it. It knows nothing of
// offsets, stretches of the database, or intervals.

export interface Hours {
  start: number;
  end: number;
}

export interface Busy {
  isTutors: boolean;
  starts: number;
  from: number;
  to: number;
}

/** All moments are milliseconds, all hours minutes of a day. */
export interface Person {
  zone: string;
  perDay: number | null;
  /** By ISO weekday. */
  weekly: Map<number, Hours[]>;
  /** By date; an empty list is a day off. */
  special: Map<string, Hours[]>;
  away: { from: number; to: number }[];
  /** What stands in the way, of the tutor and of the learner. */
  busy: Busy[];
}

export interface Offer {
  length: number;
  step: number;
  before: number;
  after: number;
  notice: number;
  windowDays: number;
}

export interface Question {
  from: number;
  to: number;
  now: number;
}

const minute = 60_000;
const longest = 8 * 1440;

interface Clock {
  date: string;
  weekday: number;
  minute: number;
}

interface Zone {
  format: Intl.DateTimeFormat;
  shown: Map<number, Clock>;
}

const zones = new Map<string, Zone>();

function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const zone = { format, shown: new Map<number, Clock>() };
  zones.set(name, zone);
  return zone;
}

/** What the clock of a zone shows. */
export function clockAt(name: string, moment: number): Clock {
  const { format, shown } = zoneOf(name);
  const known = shown.get(moment);
  if (known) return known;
  const [date = "", time = ""] = format.format(moment).split(", ");
  const [hours = NaN, minutes = NaN] = time.split(":").map(Number);
  const clock = {
    date,
    weekday: new Date(`${date}T00:00:00Z`).getUTCDay() || 7,
    minute: hours * 60 + minutes,
  };
  shown.set(moment, clock);
  return clock;
}

/** Whether all of the minute that begins then is the tutor's to give. */
function isOpen(person: Person, moment: number): boolean {
  const clock = clockAt(person.zone, moment);
  const hours = person.special.get(clock.date) ?? person.weekly.get(clock.weekday) ?? [];
  return hours.some(({ start, end }) => start <= clock.minute && clock.minute < end) &&
    !person.away.some(({ from, to }) => from < moment + minute && moment < to);
}

export function referenceSlots(person: Person, offer: Offer, question: Question): number[] {
  const first = Math.floor(question.from / minute) - longest - 1440 * 2;
  const count = Math.ceil(question.to / minute) + 480 - first;
  const at = (index: number): number => (first + index) * minute;

  const open: boolean[] = [];
  // For how many minutes it has been open before, without a break.
  const openFor: number[] = [];
  const beginningOf = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    open.push(isOpen(person, at(index)));
    openFor.push(index > 0 && open[index - 1] ? (openFor[index - 1] ?? 0) + 1 : 0);
    const { date } = clockAt(person.zone, at(index));
    if (!beginningOf.has(date)) beginningOf.set(date, index);
  }

  const booked = new Map<string, number>();
  for (const { isTutors, starts } of person.busy) {
    if (!isTutors) continue;
    const { date } = clockAt(person.zone, starts);
    booked.set(date, (booked.get(date) ?? 0) + 1);
  }

  const slots: number[] = [];
  for (let index = 0; index + offer.length <= count; index++) {
    const starts = at(index);
    const ends = starts + offer.length * minute;
    if (starts < question.from || starts >= question.to) continue;
    if (starts < question.now + offer.notice * minute) continue;
    if (starts >= question.now + offer.windowDays * 24 * 60 * minute) continue;
    if (open.slice(index, index + offer.length).includes(false)) continue;
    const before = openFor[index] ?? 0;
    const { date } = clockAt(person.zone, starts);
    const since = before < longest ? before : index - (beginningOf.get(date) ?? NaN);
    if (since % offer.step !== 0) continue;
    const blockedFrom = starts - offer.before * minute;
    const blockedTo = ends + offer.after * minute;
    if (person.busy.some(({ from, to }) => from < blockedTo && blockedFrom < to)) continue;
    if (person.perDay !== null && (booked.get(date) ?? 0) >= person.perDay) continue;
    slots.push(starts);
  }
  return slots;
}
