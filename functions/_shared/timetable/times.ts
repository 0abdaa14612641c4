// Times of day as people write them: "9 – 9.30", "1-1.15pm", "8:35", "0900", "10am to 11", "from 14h30".

export interface Clock {
  /** Minutes since midnight as written: 1.15 is 75 until somebody knows whether it is afternoon. */
  minutes: number;
  /** Written with am, pm, or an hour above 12 (or 00:xx). */
  isCertain: boolean;
}

export interface TimeSpan {
  start: Clock;
  end: Clock | null;
  from: number;
  to: number;
}

const clock = String
  .raw`(?<![\d.:])(\d{1,2})(?:\s?([:.h])\s?(\d{2})|(\d{2})(?=\s?(?:hrs?|hours|h)?\b))?\s?(a\.?\s?m\b\.?|p\.?\s?m\b\.?|noon\b|hrs?\b)?(?![\d])`;
const dash = String.raw`\s*(?:[-–—‒−~_=]|—-|to|until|till|bis|à|>|→)+\s*[-–—]?\s*`;
const range = new RegExp(`${clock}${dash}${clock}`, "giu");
const single = new RegExp(clock, "giu");

interface Written {
  hour: number;
  minute: number;
  hasMinutes: boolean;
  half: "am" | "pm" | null;
  is24: boolean;
}

function written(groups: (string | undefined)[], packed: boolean): Written | null {
  const [h, sep, m, glued, suffix] = groups;
  if (h === undefined) return null;
  let hour = Number(h), minute = m !== undefined ? Number(m) : 0;
  let hasMinutes = m !== undefined;
  if (!sep && glued !== undefined) {
    if (!packed) return null;
    minute = Number(glued);
    hasMinutes = true;
  }
  if (hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return null;
  if (hour === 24) hour = 0;
  const low = suffix?.toLowerCase().replace(/[^a-z]/g, "") ?? "";
  const half = low.startsWith("a")
    ? "am"
    : low.startsWith("p")
    ? "pm"
    : low === "noon"
    ? "pm"
    : null;
  const is24 = hour > 12 || (h.length === 2 && h.startsWith("0") && hasMinutes) || hour === 0;
  if (half && hour > 12) return { hour, minute, hasMinutes, half: null, is24: true };
  return { hour, minute, hasMinutes, half, is24 };
}

const toClock = (w: Written): Clock => {
  const hour = w.half === "pm" && w.hour < 12
    ? w.hour + 12
    : w.half === "am" && w.hour === 12
    ? 0
    : w.hour;
  return {
    minutes: hour * 60 + w.minute,
    isCertain: w.half !== null || w.hour > 12 || w.hour === 0,
  };
};

/** Every time or range of times in a text, in order. */
export function findTimes(text: string): TimeSpan[] {
  const found: TimeSpan[] = [];
  const taken = (from: number, to: number) => found.some((f) => from < f.to && to > f.from);
  for (const match of text.matchAll(range)) {
    const a = written(match.slice(1, 6), true), b = written(match.slice(6, 11), true);
    if (!a || !b) continue;
    // "2-3" alone may be a score or a page: one of the two says that it is a time, or the whole text is nothing else.
    const bare = !a.hasMinutes && !b.hasMinutes && !a.half && !b.half;
    if (bare && text.replace(match[0], "").replace(/[^\p{L}\p{N}]/gu, "") !== "") continue;
    if (b.half && !a.half && !a.is24) {
      // "1-1.15pm": both; "11-1pm": only the second.
      const same = toClock({ ...a, half: b.half });
      const end = toClock(b);
      a.half = same.minutes < end.minutes ? b.half : b.half === "pm" ? "am" : a.half;
    }
    found.push({
      start: toClock(a),
      end: toClock(b),
      from: match.index,
      to: match.index + match[0].length,
    });
  }
  for (const match of text.matchAll(single)) {
    const from = match.index, to = from + match[0].trimEnd().length;
    if (taken(from, to)) continue;
    const w = written(match.slice(1, 6), /\b(hrs?|hours)\b/i.test(match[0]));
    if (!w || (!w.hasMinutes && !w.half)) continue;
    found.push({ start: toClock(w), end: null, from, to });
  }
  return found.sort((a, b) => a.from - b.from);
}

export const withoutTimes = (text: string, spans: TimeSpan[]): string =>
  [...spans].reverse().reduce((t, s) => t.slice(0, s.from) + " " + t.slice(s.to), text).replace(
    /\s+/g,
    " ",
  ).trim();

/** Hours of a school day: 7 to 12 in the morning, 1 to 6 in the afternoon. */
export const schoolHours = (c: Clock): number =>
  c.isCertain || c.minutes >= 7 * 60 ? c.minutes : c.minutes + 720;

/** A span on the 24-hour clock. `after`: what came before it, when the order is known to be that of the day. */
export function settle(
  span: { start: Clock; end: Clock | null },
  after?: number,
): { start: number; end: number | null } {
  let start = schoolHours(span.start);
  if (
    after !== undefined && !span.start.isCertain && start + 720 < 1440 && start < after - 60 &&
    start + 720 - after < 360
  ) start += 720;
  if (span.end === null) return { start, end: null };
  let end = span.end.minutes;
  if (!span.end.isCertain) {
    end = schoolHours(span.end);
    if (end <= start && end + 720 > start && end + 720 < 1440) end += 720;
    else if (end - start > 720 && end - 720 > start) end -= 720;
  }
  return { start, end };
}

export const hhmm = (minutes: number): string =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${
    String(minutes % 60).padStart(2, "0")
  }`;
