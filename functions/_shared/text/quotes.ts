// Where a quotation really stands in a text. White space, kind of quotation mark or dash, and letter
// case at the first letter may differ; no word may.

export interface Span {
  start: number;
  end: number;
}

interface Folded {
  text: string;
  /** Offset in the original of each folded character. */
  offsets: number[];
}

const SAME: Record<string, string> = {
  "‘": "'",
  "’": "'",
  "′": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‐": "-",
  "‑": "-",
  "–": "-",
  "—": "-",
  "−": "-",
  "\u00ad": "",
  "\u200b": "",
  "\ufeff": "",
};

const fold = (text: string): Folded => {
  let folded = "";
  const offsets: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const raw = text[i] ?? "";
    const mapped = /\s/.test(raw) ? " " : SAME[raw] ?? raw;
    if (mapped === "" || (mapped === " " && (folded === "" || folded.endsWith(" ")))) continue;
    folded += mapped;
    offsets.push(i);
  }
  return { text: folded, offsets };
};

const WORD = /[\p{L}\p{N}]/u;

const isWholeWords = (text: string, start: number, end: number): boolean => {
  const splitsStart = WORD.test(text[start - 1] ?? "") && WORD.test(text[start] ?? "");
  const splitsEnd = WORD.test(text[end - 1] ?? "") && WORD.test(text[end] ?? "");
  return !splitsStart && !splitsEnd;
};

/** The span of `quote` in `text`, or null when it is not there word for word. */
export const findQuote = (text: string, quote: string): Span | null => {
  const haystack = fold(text);
  const needle = fold(quote.normalize("NFC").trim()).text.trim().replace(/^["']+|["']+$/g, "");
  if (!WORD.test(needle)) return null;
  const first = needle[0] ?? "";
  const variants = [
    needle,
    first.toLowerCase() + needle.slice(1),
    first.toUpperCase() + needle.slice(1),
  ];
  for (const variant of new Set(variants)) {
    for (let at = haystack.text.indexOf(variant); at >= 0;) {
      const last = at + variant.length;
      if (isWholeWords(haystack.text, at, last)) {
        const start = haystack.offsets[at] ?? 0;
        const end = (haystack.offsets[last - 1] ?? 0) + 1;
        return { start, end };
      }
      at = haystack.text.indexOf(variant, at + 1);
    }
  }
  return null;
};
