// Numbers with a unit, and counts of parts: what they could have been, and are not.

import type { Statement } from "./sentences.ts";

export interface Quantity {
  start: number;
  end: number;
  text: string;
  unit: string;
  values: number[];
  /** The text with other values in it. */
  write: (values: number[]) => string;
  statement: Statement;
}

const UNITS =
  "percent|%|years?|months?|weeks?|days?|hours?|minutes?|seconds?|milligrams?|mg|micrograms?|mcg|grams?|g|kilograms?|kg|" +
  "milliliters?|mL|ml|liters?|L|millimeters?|mm|centimeters?|cm|meters?|kilometers?|km|inch(?:es)?|feet|pounds?|ounces?|" +
  "mm ?Hg|mmol/L|mg/dL|beats per minute|calories|degrees|°C|°F|million|billion|Hz|volts?|watts?|joules?";
const NUMBER = "\\d{1,3}(?:,\\d{3})+|\\d+(?:\\.\\d+)?";
const AMOUNT = new RegExp(
  `(?<![\\d.,/$€£-])(${NUMBER})((?: ?(?:to|through|and|-|–) ?)(${NUMBER}))?([ -]?)(${UNITS})(?![\\p{L}\\d])(?! (?:a day|of age and|old woman|old man))`,
  "gu",
);
const RATIO =
  /\b1 in (?:every )?(\d{1,3}(?:,\d{3})+|\d+)\b(?! (?:\d|to |million|billion|thousand|out of))(?![,.]\d)/g;
const WORDS = [
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const PARTS = new RegExp(
  `\\b(?:has|have|contains?|consists? of|divided into|made up of|composed of|there are) (${
    WORDS.join("|")
  })(?= (?:[a-z-]+ )?[a-z]+s\\b)`,
  "g",
);

const valueOf = (text: string): number => Number(text.replaceAll(",", ""));
export const written = (value: number, like: string): string => {
  const decimals = /\.(\d+)/.exec(like)?.[1]?.length ?? 0;
  const text = value.toFixed(decimals);
  const isGrouped = like.includes(",") || value >= 10_000 ||
    (value >= 1_000 && Number(like) < 1_000);
  return isGrouped ? text.replace(/\B(?=(\d{3})+(?!\d))/g, ",") : text;
};
const unitName = (unit: string): string =>
  unit.toLowerCase().replace(/^%$/, "percent").replace(/(?<=[a-z]{3})s$/, "").replace(
    /^inche$/,
    "inch",
  );

export function quantitiesOf(statement: Statement): Quantity[] {
  const { text } = statement;
  const found: Quantity[] = [];
  for (const match of text.matchAll(AMOUNT)) {
    const [all, first = "", , second, gap = "", unit = ""] = match;
    const before = text.slice(Math.max(0, match.index - 20), match.index);
    // The end of a range whose beginning stands elsewhere; two numbers that are no range.
    if (
      /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty) (?:to|or|and|through) $/i
        .test(before)
    ) continue;
    if (/\d[\p{L} ]*(?:to|through|and|or|-|–) ?$/u.test(before)) continue;
    if (
      second !== undefined && match[2]?.includes("and") &&
      !/\bbetween (?:the )?(?:ages of )?$/i.test(before)
    ) continue;
    // "10to 12": it was not read well.
    if (/\d(?:to|through|and)|(?:to|through|and)\d/.test(all)) continue;
    const body = all.slice(0, all.length - gap.length - unit.length);
    found.push({
      start: match.index,
      end: match.index + body.length,
      text: body,
      unit: unitName(unit),
      values: second === undefined ? [valueOf(first)] : [valueOf(first), valueOf(second)],
      write: ([a = 0, b]) =>
        second === undefined || b === undefined
          ? written(a, first)
          : written(a, first) + body.slice(first.length, body.length - second.length) +
            written(b, second),
      statement,
    });
  }
  for (const match of text.matchAll(RATIO)) {
    const [all, last = ""] = match;
    found.push({
      start: match.index,
      end: match.index + all.length,
      text: all,
      unit: "1 in",
      values: [valueOf(last)],
      write: ([value = 0]) => all.slice(0, all.length - last.length) + written(value, last),
      statement,
    });
  }
  for (const match of text.matchAll(PARTS)) {
    const [all, word = ""] = match;
    const end = match.index + all.length;
    found.push({
      start: end - word.length,
      end,
      text: word,
      unit: "parts",
      values: [WORDS.indexOf(word) + 2],
      write: ([value = 0]) => WORDS[value - 2] ?? "",
      statement,
    });
  }
  return found.filter(({ values: [a = 0, b = Infinity] }) => a > 0 && a < b);
}

const STEPS = [2, 0.5, 3, 1.5, 0.25, 4, 5, 0.2, 10, 0.1];

const nice = (value: number, whole: boolean): number => {
  if (whole && value < 20) return Math.round(value);
  const size = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.round(value / size) * size).toPrecision(6));
};

/** Numbers of about the size, in the same form: first those that the material names, then others. */
export function otherNumbers(
  quantity: Quantity,
  all: readonly Quantity[],
): { text: string; from: Quantity | null }[] {
  const { values, unit, statement } = quantity;
  const [value = 0] = values;
  const taken = new Set(quantitiesOf(statement).map(({ text }) => text));
  const others: { text: string; from: Quantity | null }[] = [];
  const offer = (text: string, from: Quantity | null) => {
    if (
      text === "" || taken.has(text) ||
      new RegExp(`(?<![\\d.,])${text.replace(/[.]/g, "\\.")}(?![\\d.,]*\\d)`).test(statement.text)
    ) return;
    taken.add(text);
    others.push({ text, from });
  };
  for (const other of all) {
    const [theirs = 0] = other.values;
    const isLike = other.unit === unit && other.values.length === values.length &&
      other.statement !== statement &&
      theirs / value <= 12 && value / theirs <= 12 && Math.abs(theirs / value - 1) > 0.15 &&
      Number.isInteger(theirs) === Number.isInteger(value) &&
      (unit === "1 in" || unit !== "parts" || theirs <= 12);
    if (isLike) offer(quantity.write(other.values), other);
  }
  if (unit === "parts") {
    for (const step of [1, -1, 2, -2, 3]) offer(quantity.write([value + step]), null);
    return others;
  }
  const whole = values.every((each) => Number.isInteger(each));
  for (const step of STEPS) {
    const scaled = values.map((each) => nice(each * step, whole));
    const [low = 0, high = Infinity] = scaled;
    if (
      low <= 0 || low >= high || (unit === "percent" && Math.max(...scaled) >= 100) || low === value
    ) continue;
    offer(quantity.write(scaled), null);
  }
  return others;
}
