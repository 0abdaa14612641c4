// Words that were cut at the end of a line. Whether the hyphen belongs to the word is asked of the rest of
// the document: "blood-" + "pressure" stays, "circu-" + "lation" becomes one word.

import type { PdfPage } from "./types.ts";

const WORD = /\p{L}+(?:-\p{L}+)*/gu;

export function vocabularyOf(pages: PdfPage[]): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  for (const { lines } of pages) {
    for (const { text } of lines) {
      for (const [word] of text.toLowerCase().matchAll(WORD)) {
        words.set(word, (words.get(word) ?? 0) + 1);
      }
    }
  }
  return words;
}

/** What the last line becomes, and what stands between it and the next. */
export function joinLines(
  before: string,
  next: string,
  vocabulary: ReadonlyMap<string, number>,
): [before: string, between: "" | " "] {
  const cut = /(\p{L}+(?:-\p{L}+)*)[-‐]$/u.exec(before.slice(-80));
  const begins = /^\p{L}+(?:-\p{L}+)*/u.exec(next.slice(0, 80));
  if (!cut || !begins) return [before, /\d[-‐–/]$/.test(before) && /^\d/.test(next) ? "" : " "];
  const [head = "", tail] = [cut[1], begins[0]];
  const seen = (word: string) => vocabulary.get(word.toLowerCase()) ?? 0;
  const [whole, hyphened] = [seen(head + tail), seen(`${head}-${tail}`)];
  // "Non-" + "European": nobody cuts a word before a capital.
  const keeps = hyphened > whole || (!/^\p{Ll}/u.test(tail) && whole === 0);
  return [keeps ? before : before.slice(0, -1), ""];
}
