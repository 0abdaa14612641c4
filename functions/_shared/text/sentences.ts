// Splits prose into sentences and keeps their offsets, so that a citation can point at the source.
// Headings, list items and paragraphs end a sentence too. Abbreviations, decimals, initials and
// ellipses do not.

export interface Sentence {
  text: string;
  start: number;
  end: number;
  /** Number of the paragraph (blank-line separated block) it stands in. */
  paragraph: number;
}

const ABBREVIATIONS = new Set(
  ("e.g i.e etc vs cf al approx ca fig figs eq eqs no nos vol pp p ch sec dr mr mrs ms prof st " +
    "jr sr inc ltd dept est min max temp resp incl excl jan feb mar apr jun jul aug sep sept oct nov dec")
    .split(" "),
);

const CLOSERS = /["'”’»)\]]/;
const OPENERS = /["'“‘«([]/;

const lastWord = (text: string, dot: number): string => {
  let start = dot;
  while (start > 0 && /[\p{L}.]/u.test(text[start - 1] ?? "")) start -= 1;
  return text.slice(start, dot);
};

const endsSentence = (text: string, at: number, next: number, limit: number): boolean => {
  if (next >= limit) return true;
  if (!/\s/.test(text[next] ?? "")) return false;
  let follow = next;
  while (follow < limit && /\s/.test(text[follow] ?? "")) follow += 1;
  if (follow >= limit) return true;
  while (follow < limit && OPENERS.test(text[follow] ?? "")) follow += 1;
  const first = text[follow] ?? "";
  if (text[at] !== ".") return !/\p{Ll}/u.test(first);
  if (text[at - 1] === ".") return /\p{Lu}/u.test(first);
  const word = lastWord(text, at);
  // A single capital is an initial ("J. Smith") unless the sentence ends with it ("vitamin K. It").
  if (/^\p{Lu}$/u.test(word)) {
    return /^(The|This|It|In|A|An|Its|They|These|When|If)\b/.test(text.slice(follow));
  }
  if (/^(\p{L}\.)+\p{L}$/u.test(word) || ABBREVIATIONS.has(word.toLowerCase())) {
    const strong = word.toLowerCase() === "etc" || word.toLowerCase() === "al";
    return strong && /\p{Lu}/u.test(first);
  }
  return !/\p{Ll}/u.test(first);
};

const pushSpan = (
  into: Sentence[],
  text: string,
  from: number,
  to: number,
  paragraph: number,
): void => {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start] ?? "")) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end -= 1;
  if (end > start) into.push({ text: text.slice(start, end), start, end, paragraph });
};

/** A line that begins a block of its own: list item, heading or table row. */
const BLOCK_LINE = /^[ \t]*(?:[-*•]\s|\d{1,3}[.)]\s|#{1,6}\s|\|)/;
const HEADING_LINE = /^[ \t]*#{1,6}\s/;

interface Block {
  start: number;
  end: number;
  paragraph: number;
}

const blocksOf = (text: string): Block[] => {
  const blocks: Block[] = [];
  let paragraph = 0;
  let open: Block | null = null;
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    if (line.trim() === "") {
      if (open) paragraph += 1;
      open = null;
    } else if (!open || BLOCK_LINE.test(line)) {
      open = { start, end, paragraph };
      blocks.push(open);
    } else {
      open.end = end;
    }
    if (HEADING_LINE.test(line)) open = null;
    if (newline < 0) break;
    start = newline + 1;
  }
  return blocks;
};

export const splitSentences = (text: string): Sentence[] => {
  const sentences: Sentence[] = [];
  for (const block of blocksOf(text)) {
    let from = block.start;
    const marker = /^[ \t]*(?:[-*•]|\d{1,3}[.)]|#{1,6})\s+/.exec(
      text.slice(block.start, block.end),
    );
    if (marker) from += marker[0].length;
    let start = from;
    for (let i = from; i < block.end; i += 1) {
      if (!/[.!?…]/.test(text[i] ?? "")) continue;
      let next = i + 1;
      while (next < block.end && CLOSERS.test(text[next] ?? "")) next += 1;
      if (!endsSentence(text, i, next, block.end)) continue;
      pushSpan(sentences, text, start, next, block.paragraph);
      start = next;
      i = next - 1;
    }
    pushSpan(sentences, text, start, block.end, block.paragraph);
  }
  return sentences;
};
