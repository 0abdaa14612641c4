// Questions to write and read again: made by chance from a seed, out of everything that a format has a meaning for.
import type { QuestionItem } from "../../../functions/_shared/question-formats/index.ts";

/** Mulberry32: the same numbers from the same seed, everywhere. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PIECES = [
  "heart",
  "valve",
  "β-blocker",
  "10 mg/kg",
  "x < y and z > w",
  "a = b",
  "50 %",
  "%50%",
  "%-100%",
  "~",
  "=",
  "#",
  "####",
  "{",
  "}",
  "{=yes ~no}",
  ":",
  "::",
  "::title::",
  "\\",
  "\\n",
  "\\\\",
  "\\~",
  "\\:",
  "//",
  "// comment",
  "[html]",
  "[plain]",
  "[markdown]",
  "[tag:topic:x]",
  "[id:1]",
  "]",
  "[",
  "$CATEGORY: x",
  "->",
  "TRUE",
  "T",
  "_____",
  ",",
  ";",
  "\t",
  '"',
  '""',
  "'",
  "''",
  "=1+1",
  "+1",
  "-1",
  "@x",
  "'=1",
  "&amp;",
  "&lt;",
  "&",
  "&#65;",
  "<",
  ">",
  "]]>",
  "<!",
  "<b>",
  "</p>",
  "<br/>",
  "日本語",
  "😀",
  "e\u0301",
  "\u202f",
  "\u00a0",
  "\u3000",
  "ﬁ",
  "\uFFFD",
  "Pathophysiology:",
  "Clinical relevance:",
  "References:",
  "\\Pathophysiology:",
  "- item",
  "  indented",
  "[a](b)",
  "[a](https://x.org/y)",
  "\\[a](b)",
  "1;2",
  "A",
  "null",
  "undefined",
  "__proto__",
  "|",
  "`code`",
  "*bold*",
  "\u2028",
  "\uFEFFx",
];
const GLUE = [" ", "", "\n", "\n\n", "\n\n\n", " \n"];

export function sampler(seed: number) {
  const next = random(seed);
  const upTo = (most: number): number => Math.floor(next() * (most + 1));
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length - 1)] as T;
  /** Trimmed as the database trims it. */
  const trim = (text: string): string =>
    text.replace(/^[ \t\n\u00a0\u200b\uFEFF]+|[ \t\n\u00a0\u200b\uFEFF]+$/g, "");
  const text = (least: number, most: number): string => {
    const count = least + upTo(most - least);
    const parts = Array.from({ length: count }, () => pick(PIECES) + pick(GLUE));
    const made = trim(parts.join(""));
    // Spaces of other scripts alone are no text to the database.
    return made.trim() === "" && least > 0 ? `word ${upTo(99)}` : made;
  };
  const line = (least: number, most: number): string =>
    text(least, most).replaceAll(/\s*\n\s*/g, " ");
  const item = (): QuestionItem => {
    const count = 2 + upTo(8);
    const isMultiple = next() < 0.4;
    const right = new Set<number>();
    const wanted = isMultiple ? 1 + upTo(count - 2) : 1;
    while (right.size < wanted) right.add(upTo(count - 1));
    return {
      id: crypto.randomUUID(),
      question_type: isMultiple ? "multiple_choice" : "single_choice",
      vignette: text(1, 12),
      options: Array.from({ length: count }, (_, i) => ({
        text: text(1, 4),
        is_correct: right.has(i),
        rationale: text(0, 4),
      })),
      explanation: {
        correct_explanation: text(0, 8),
        pathophysiology: text(0, 6),
        clinical_relevance: text(0, 4),
        references: Array.from({ length: upTo(3) }, () => {
          const kind = next();
          if (kind < 0.4) return text(1, 3);
          const title = text(1, 2);
          return kind < 0.7
            ? { title }
            : { title, url: `https://example.org/${upTo(99)}?a=1&b=(2)` };
        }),
      },
      ...(next() < 0.5 ? { topic: `topic-${upTo(9)}` } : {}),
      subtopic: next() < 0.5 ? line(0, 3) : "",
      difficulty: pick(["easy", "medium", "hard", "nbme"]),
    };
  };
  return { item, items: (n: number) => Array.from({ length: n }, item), upTo, pick, text };
}

export const plainItem = (over: Partial<QuestionItem> = {}): QuestionItem => ({
  question_type: "single_choice",
  vignette: "How many chambers has the heart?",
  options: [
    { text: "Four", is_correct: true, rationale: "Two of each." },
    { text: "Two", is_correct: false, rationale: "Of a fish." },
    { text: "Three", is_correct: false, rationale: "" },
  ],
  explanation: {
    correct_explanation: "Two atria, two ventricles.",
    pathophysiology: "",
    clinical_relevance: "",
    references: ["Gray", { title: "Web", url: "https://example.org/a" }],
  },
  subtopic: "",
  difficulty: "easy",
  ...over,
});

/** What is read again: no id, which only names it. */
export const withoutId = ({ id: _, ...rest }: QuestionItem): QuestionItem => rest;
