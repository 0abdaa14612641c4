// Days of the week as people write them, and as OCR reads them.
import type { Day } from "./types.ts";

export const week: Day[] = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];
const workdays = week.slice(0, 5);

const names: Record<string, Day> = {};
for (const day of week) {
  const low = day.toLowerCase();
  for (let n = 3; n <= low.length; n++) names[low.slice(0, n)] = day;
  names[low + "s"] = day;
}
Object.assign(names, {
  tues: "Tuesday",
  weds: "Wednesday",
  thurs: "Thursday",
  thur: "Thursday",
  mo: "Monday",
  tu: "Tuesday",
  we: "Wednesday",
  th: "Thursday",
  fr: "Friday",
  sa: "Saturday",
  su: "Sunday",
});
/** Only where the neighbours are days too. */
const letters: Record<string, Day[]> = {
  m: ["Monday"],
  t: ["Tuesday", "Thursday"],
  w: ["Wednesday"],
  f: ["Friday"],
  s: ["Saturday", "Sunday"],
  r: ["Thursday"],
};
const every =
  /^(every\s?day|daily|all\s?days?|each\s?day|week\s?days?|all\s?week|mon(day)?s?\s?(-|–|—|to|through|thru)\s?fri(day)?s?)$/i;

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length]!;
};

/** One word as a day; slips of the OCR are forgiven in long words. */
export function dayOf(word: string): Day | null {
  const key = word.toLowerCase().replace(/[^a-z0-9]/g, "").replace(/0/g, "o").replace(/1/g, "i");
  if (names[key]) return names[key];
  if (key.length >= 6) {
    for (const day of week) {
      if (distance(key, day.toLowerCase()) <= (key.length >= 8 ? 2 : 1)) return day;
    }
  }
  return null;
}

/** The days that a text names and nothing else: "Monday, Tuesday & Thursday", "Mon–Wed", "Daily"; null otherwise. */
export function daysOf(text: string): Day[] | null {
  const plain = text.trim().replace(/[.:]+$/, "");
  if (plain === "") return null;
  if (every.test(plain)) return [...workdays];
  // Written downwards, a letter a line.
  const squeezed = plain.replace(/\s+/g, "");
  if (/^(\S\s)+\S$/.test(plain) && squeezed.length >= 3 && names[squeezed.toLowerCase()]) {
    return [names[squeezed.toLowerCase()]!];
  }
  const span = /^([a-z]+)\.?\s*(?:-|–|—|to|through|thru)\s*([a-z]+)\.?$/i.exec(plain);
  if (span) {
    const a = dayOf(span[1]!), b = dayOf(span[2]!);
    if (a && b && week.indexOf(a) < week.indexOf(b)) {
      return week.slice(week.indexOf(a), week.indexOf(b) + 1);
    }
  }
  const parts = plain.split(/\s*(?:,|;|\/|&|\+|\band\b|\s)\s*/i).filter((p) => p !== "");
  const days = parts.map(dayOf);
  if (days.length > 0 && days.every((d) => d !== null)) return [...new Set(days as Day[])];
  return null;
}

/** Days in a longer text, such as a heading. */
export function daysWithin(text: string): Day[] {
  const whole = daysOf(text);
  if (whole) return whole;
  const range = /\b([a-z]{3,9})\.?\s*(?:-|–|—|to|through|thru)\s*([a-z]{3,9})\b/i.exec(text);
  if (range) {
    const both = daysOf(range[0]);
    if (both) return both;
  }
  if (
    /\b(every\s?day|daily|weekdays)\b/i.test(text) &&
    !/daily (schedule|timetable|routine|plan)/i.test(text)
  ) return [...workdays];
  const found = text.split(/[^\p{L}]+/u).filter((w) => w.length >= 3).map((w) =>
    w.length >= 6 || /^(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)$/i.test(w)
      ? dayOf(w)
      : null
  );
  return [...new Set(found.filter((d): d is Day => d !== null))];
}

/** Single letters and pairs in a row of headings: M T W T F. */
export function daysInOrder(texts: string[]): (Day | null)[] {
  const out: (Day | null)[] = texts.map(() => null);
  let last = -1, hits = 0;
  texts.forEach((text, i) => {
    // One wide letter may be read as several: "WwW".
    const key = text.toLowerCase().replace(/[^a-z]/g, "").replace(/^(.)\1+$/, "$1");
    const options = names[key] ? [names[key]] : letters[key] ?? [];
    const next = options.find((d) => week.indexOf(d) > last);
    if (!next) return;
    out[i] = next;
    last = week.indexOf(next);
    hits++;
  });
  return hits >= 3 ? out : texts.map(() => null);
}
