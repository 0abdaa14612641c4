// The columns of our CSV, and how cells are kept from being taken for formulas.

export const MAX_OPTIONS = 10;

export const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}_${i + 1}`);

export const columnsFor = (options: number): string[] => [
  "id",
  "topic",
  "subtopic",
  "difficulty",
  "question_type",
  "vignette",
  ...numbered("option", options),
  "correct",
  ...numbered("rationale", options),
  "correct_explanation",
  "pathophysiology",
  "clinical_relevance",
  "references",
];

/** What a spreadsheet would run: it gets an apostrophe in front, which spreadsheets do not show. */
const FORMULA = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

export const protectCell = (text: string): string => FORMULA.test(text) ? `'${text}` : text;
export const unprotectCell = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
