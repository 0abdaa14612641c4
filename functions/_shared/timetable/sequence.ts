// Times in the order of the day. Each row by itself may be misread or may not say whether it is morning; together they
// can only be one sequence. Of all readings of each row the most likely walk through them is chosen (dynamic programming).
import { findTimes, type TimeSpan, withoutTimes } from "./times.ts";

export interface Reading {
  start: number;
  end: number | null;
  /** How far the reading is from what was written: 0 as written. */
  cost: number;
}

/** What an OCR engine makes of digits, most often. */
const slips: [RegExp, string][] = [
  [/[NMH]/g, "11"],
  [/n(?!o)/g, "11"],
  [/[OCQD@©]/g, "0"],
  [/[Il|!\]]/g, "1"],
  [/[S$]/g, "5"],
  [/[B&]/g, "8"],
  [/Z/g, "2"],
  [/[gq]/g, "9"],
  [/[b]/g, "6"],
  [/A/g, "4"],
];
/** One change each, of what engines and printers do to digits, with its cost. */
function changes(t: string): [string, number][] {
  const out: [string, number][] = [];
  const mended = slips.reduce((text, [from, to]) => text.replace(from, to), t);
  if (mended !== t) out.push([mended, 1]);
  // ":35" lost its hour, "310" its colon, "1:35" the first of two ones; "1:08" was 1:05.
  for (const m of t.matchAll(/(^|[\s\-–—])([:.]\d{2})/g)) {
    for (const hour of ["10", "11", "12"]) {
      const at = m.index + m[1]!.length;
      out.push([t.slice(0, at) + hour + t.slice(at), 1.5]);
    }
  }
  for (const m of t.matchAll(/(?<![\d:.])(\d{1,2})([0-5]\d)(?![\d:.])/g)) {
    out.push([t.slice(0, m.index + m[1]!.length) + ":" + t.slice(m.index + m[1]!.length), 1]);
  }
  for (const m of t.matchAll(/(?<![\d:.])([0-2])([:.]\d{2})/g)) {
    out.push([`${t.slice(0, m.index)}1${t.slice(m.index)}`, 1.2]);
  }
  for (const m of t.matchAll(/[:.]\d([1-46-9])(?!\d)/g)) {
    for (const d of "50") out.push([t.slice(0, m.index + 2) + d + t.slice(m.index + 3), 1.2]);
  }
  // "9. 9.15am" lost its dash.
  for (const m of t.matchAll(/(?<![\d:.])(\d{1,2}(?:[:.]\d{2})?)[:.]?\s+(?=\d{1,2}[:.]\d{2})/g)) {
    out.push([`${t.slice(0, m.index)}${m[1]} - ${t.slice(m.index + m[0].length)}`, 1]);
  }
  // "11:5" lost its last digit.
  for (const m of t.matchAll(/(?<=\d)[:.][0-5](?!\d)/g)) {
    for (const d of "05") out.push([t.slice(0, m.index + 2) + d + t.slice(m.index + 2), 1.2]);
  }
  return out;
}

function spellings(text: string): Map<string, number> {
  const costs = new Map([[text, 0]]);
  let edge = [text];
  for (let round = 0; round < 3; round++) {
    const next: string[] = [];
    for (const t of edge) {
      for (const [changed, cost] of changes(t)) {
        const total = costs.get(t)! + cost;
        if (total > 4.5 || (costs.get(changed) ?? Infinity) <= total) continue;
        costs.set(changed, total);
        next.push(changed);
      }
    }
    edge = next;
  }
  return costs;
}

export function readings(text: string): Reading[] {
  const found = new Map<string, Reading>();
  for (const [t, cost] of spellings(text)) {
    const spans = findTimes(t);
    const first = spans[0];
    if (!first) continue;
    const pair: Pick<TimeSpan, "start" | "end"> =
      first.end === null && spans[1] && spans[1].end === null
        ? { start: first.start, end: spans[1].start }
        : first;
    const used = spans.filter((_, i) => i === 0 || (first.end === null && i === 1));
    // A row's number may stand before its time; what else is left over was part of a time.
    const rest = withoutTimes(t, used).replace(/^\s*\d{1,2}\b(?![:.]\d)/, "");
    const litter = /\d|[:;]/.test(rest) ? 2 : /[-–—]\s*$/.test(rest) ? 0.5 : 0;
    const shifts = (c: { minutes: number; isCertain: boolean }) =>
      c.isCertain ? [c.minutes] : [c.minutes, c.minutes + 720].filter((m) => m < 1440);
    for (const start of shifts(pair.start)) {
      for (
        const end of pair.end ? shifts(pair.end) : [null]
      ) {
        if (end !== null && (end <= start || end - start > 600)) continue;
        // School hours are likelier than nights.
        const odd = (start < 390 ? 3 : 0) + (start >= 1140 ? 2 : 0) +
          (end !== null && end - start > 240 ? 1 : 0) + (start % 5 ? 0.6 : 0) +
          (end !== null && end % 5 ? 0.6 : 0);
        const reading = { start, end, cost: cost + odd + litter + (pair.end === null ? 0.3 : 0) };
        const k = `${start}-${end}`;
        if (!found.has(k) || found.get(k)!.cost > reading.cost) found.set(k, reading);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.cost - b.cost).slice(0, 24);
}

function step(before: Reading, now: Reading): number {
  if (now.start < before.start) return 8;
  const end = before.end ?? before.start;
  if (before.end !== null && now.start < end) return 2;
  return now.start === end ? 0 : now.start - end <= 20 ? 0.2 : now.start - end <= 90 ? 0.5 : 1.2;
}

/** The likeliest reading of each text, given that they stand in the order of the day; null where there is none. */
export function inOrder(texts: string[]): (Reading | null)[] {
  const all = texts.map(readings), said = all.filter((o) => o.length > 0);
  // Among ranges a single time is more likely a range that was misread.
  const whole = said.filter((o) => o[0]!.end !== null).length >= 0.6 * said.length;
  const options = all.map((o) =>
    o.map((r) => whole && r.end === null ? { ...r, cost: r.cost + 0.9 } : r)
  );
  const rows = options.flatMap((o, i) => o.length ? [i] : []);
  const best: { total: number; from: number }[][] = [];
  rows.forEach((row, k) => {
    best[k] = options[row]!.map((now) => {
      if (k === 0) return { total: now.cost, from: -1 };
      let choice = { total: Infinity, from: -1 };
      options[rows[k - 1]!]!.forEach((before, j) => {
        const total = best[k - 1]![j]!.total + step(before, now) + now.cost;
        if (total < choice.total) choice = { total, from: j };
      });
      return choice;
    });
  });
  const out: (Reading | null)[] = texts.map(() => null);
  if (rows.length === 0) return out;
  let at = best.at(-1)!.reduce((b, c, i, all) => c.total < all[b]!.total ? i : b, 0);
  for (let k = rows.length - 1; k >= 0; k--) {
    out[rows[k]!] = options[rows[k]!]![at]!;
    at = best[k]![at]!.from;
  }
  return out;
}
