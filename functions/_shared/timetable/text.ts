// Lines of a cell to a name and notes.
import type { Cell, TextLine } from "./types.ts";

export const cellText = (cell: Cell): string =>
  cell.lines.map((l) => l.text).join(" ").replace(/\s+/g, " ").trim();

/** Height of the letters as if every line had the same ones: "sea" is as large as "Pig". */
export function letterSize(line: TextLine): number {
  // A size that was read from the file is the letters' own.
  if (line.confidence === 1) return line.size;
  const tall = /[A-Z0-9bdfhklt()[\]/|&!?]/.test(line.text),
    deep = /[gjpqy,;()[\]/|Q]/.test(line.text);
  return line.size / ((tall ? 0.72 : 0.52) + (deep ? 0.21 : 0));
}

const folded = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
/** Words of a school day, for mending words that were broken over two lines. */
const common = (
  "english maths math mathematics reading writing handwriting spelling spellings phonics grammar literacy numeracy " +
  "science history geography music assembly registration register break lunch recess snack play playtime home story " +
  "storytime library computing comprehension guided french spanish german latin religious education physical pshe " +
  "drama dance swimming games tutor form period homework meeting planning dismissal celebration singing phse art " +
  "design technology biology chemistry physics business economics psychology sociology politics philosophy " +
  "statistics algebra geometry intervention breakfast prayer circle choir"
).split(" ");

/** A word that was read letter by letter: of as many letters as one of ours, and hardly another. */
export function mendWord(word: string): string {
  const low = word.toLowerCase();
  if (common.includes(low)) return word;
  const unlike = (other: string) => [...other].filter((letter, i) => letter !== low[i]).length;
  const most = low.length >= 5 ? 2 : low.length >= 4 ? 1 : 0;
  const close = common.filter((c) => c.length === low.length && unlike(c) <= most)
    .sort((a, b) => unlike(a) - unlike(b));
  const [first, second] = close;
  if (!first || (second && unlike(second) === unlike(first))) return word;
  return first.toUpperCase();
}

export function vocabulary(cells: Cell[]): Set<string> {
  const words = new Set(common);
  for (const cell of cells) {
    for (const line of cell.lines) {
      const parts = line.text.split(/\s+/);
      // Pieces at line ends may be halves; only what stands inside a line, or alone in a cell, is a whole word.
      parts.forEach((p, i) => {
        if (cell.lines.length === 1 || (i > 0 && i < parts.length - 1)) words.add(folded(p));
      });
    }
  }
  words.delete("");
  return words;
}

/** Joins lines, and words that were broken between them for want of room. */
export function joinLines(lines: string[], known: Set<string>): string {
  return lines.reduce((text, line) => {
    if (text === "") return line;
    const last = /(\p{L}+)-?$/u.exec(text)?.[1] ?? "", first = /^(\p{L}+)/u.exec(line)?.[1] ?? "";
    const whole = folded(last + first);
    const isBroken = last !== "" && first !== "" && /^\p{Ll}/u.test(first) &&
      !known.has(folded(first)) &&
      (known.has(whole) || (!known.has(folded(last)) && first.length <= 4));
    if (isBroken) return text.replace(/-$/, "") + line;
    return `${text} ${line}`;
  }, "").replace(/\s+/g, " ").trim();
}

export const trim = (text: string) =>
  text.replace(/^[\s\-–—:;,.|•*·▪=_~'"]+(?=\S)/, "").replace(/[\s\-–—:;,|•·▪=_~]+$/, "").trim();

/** What is in brackets, and what is written smaller under the name, are notes. */
export function nameAndNotes(
  lines: TextLine[],
  known: Set<string>,
): { name: string; notes: string; lines: TextLine[] } {
  const kept = lines.filter((l) => trim(l.text) !== "");
  if (kept.length === 0) return { name: "", notes: "", lines: [] };
  const largest = Math.max(...kept.filter((l) => /\p{L}{2}/u.test(l.text)).map(letterSize), 0);
  const small = (l: TextLine, i: number) => i > 0 && largest > 0 && letterSize(l) < 0.82 * largest;
  const cut = kept.findIndex(small);
  const head = cut > 0 ? kept.slice(0, cut) : kept, tail = cut > 0 ? kept.slice(cut) : [];
  let name = joinLines(head.map((l) => l.text), known),
    notes = joinLines(tail.map((l) => l.text), known);
  const bracket = /^(.*?\S)\s*[([]([^)\]]*)[)\]]?\s*$/.exec(name);
  if (bracket && kept.length > 1 && /[([]/.test(kept.slice(1).map((l) => l.text).join(" "))) {
    name = bracket[1]!;
    notes = `${bracket[2]} ${notes}`;
  }
  return {
    name: trim(name),
    notes: trim(notes.replace(/[()[\]]/g, " ").replace(/\s+/g, " ")),
    lines: head,
  };
}
