// Questions from CSV with a header: commas, semicolons or tabs between the cells, whatever the header has.

import { CsvError, parse } from "csv-parse/sync";
import { columnsFor, MAX_OPTIONS, unprotectCell } from "./csv-columns.ts";
import { readReferences } from "./text.ts";
import { MAX_ITEMS, type QuestionItem, Reading, type ReadQuestions, typeOf } from "./types.ts";

interface Row {
  info: { lines: number };
  record: string[];
}

const KNOWN: ReadonlySet<string> = new Set(columnsFor(MAX_OPTIONS));
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["question", "vignette"],
  ["stem", "vignette"],
  ["type", "question_type"],
  ["answer", "correct"],
  ["key", "correct"],
  ["explanation", "correct_explanation"],
]);

const TYPES = ["", "single_choice", "multiple_choice"];

const columnOf = (cell: string): string => {
  const name = cell.trim().toLowerCase().replace(/[\s-]+/g, "_");
  const lettered = /^(option|rationale)_([a-j])$/.exec(name);
  if (lettered) return `${lettered[1]}_${(lettered[2] ?? "a").charCodeAt(0) - 96}`;
  return ALIASES.get(name) ?? name;
};

/** What stands most often between the cells of the first line. */
function delimiterOf(text: string): string {
  const header = text.slice(0, 10_000).split("\n", 1)[0]?.replace(/"[^"]*"/g, "") ?? "";
  const counts = [",", ";", "\t"].map((c) => [header.split(c).length, c] as const);
  return counts.reduce((best, next) => next[0] > best[0] ? next : best)[1];
}

/** "1;3", "1, 3", "A" or "a c": numbers of options, from 1. Null when it is nothing of the kind. */
function readCorrect(cell: string): number[] | null {
  const parts = cell.split(/[\s,;|]+/).filter((part) => part !== "");
  const numbers = parts.map((part) =>
    /^[a-j]$/i.test(part) ? part.toLowerCase().charCodeAt(0) - 96 : Number(part)
  );
  const isSound = numbers.every((n) => Number.isInteger(n) && n >= 1 && n <= MAX_OPTIONS);
  return isSound ? numbers : null;
}

function itemOf(cell: (column: string) => string, right: number[]): QuestionItem {
  const options = Array.from({ length: MAX_OPTIONS }, (_, i) => ({
    text: cell(`option_${i + 1}`),
    is_correct: right.includes(i + 1),
    rationale: cell(`rationale_${i + 1}`),
  })).filter(({ text }) => text.trim() !== "");
  const type = cell("question_type").trim().toLowerCase();
  const [topic, difficulty] = [cell("topic").trim(), cell("difficulty").trim().toLowerCase()];
  return {
    // Anything else than these two is refused before.
    question_type: type === "" ? typeOf(options) : type as QuestionItem["question_type"],
    vignette: cell("vignette"),
    options,
    explanation: {
      correct_explanation: cell("correct_explanation"),
      pathophysiology: cell("pathophysiology"),
      clinical_relevance: cell("clinical_relevance"),
      references: readReferences(cell("references")),
    },
    ...(topic === "" ? {} : { topic }),
    subtopic: cell("subtopic"),
    ...(difficulty === "" ? {} : { difficulty }),
  };
}

export function readCsv(text: string): ReadQuestions {
  const reading = new Reading();
  let rows: Row[];
  try {
    rows = parse(text, {
      bom: true,
      delimiter: delimiterOf(text.replace(/^\uFEFF/, "")),
      info: true,
      relax_column_count: true,
      // The header, and one more than may be, so that too many are noticed.
      to: MAX_ITEMS + 2,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error["lines"] === "number" ? error["lines"] : 1;
    reading.problem({ line }, "csv_malformed", "The quotes of this row do not match.");
    return reading;
  }
  const header = rows[0]?.record.map(columnOf) ?? [];
  const missing = ["vignette", "option_1", "option_2", "correct"].filter((c) =>
    !header.includes(c)
  );
  const twice = header.filter((name, i) => name !== "" && header.indexOf(name) !== i);
  if (missing.length > 0 || twice.length > 0) {
    reading.problem(
      { line: 1 },
      "csv_header_invalid",
      missing.length > 0
        ? `The first row names the columns; there is no ${missing.join(", ")}.`
        : `The column ${twice[0]} is there twice.`,
    );
    return reading;
  }
  for (const name of header.filter((name) => name !== "" && !KNOWN.has(name))) {
    reading.warn(
      { line: 1 },
      "column_ignored",
      `Nothing is read from the column ${name.slice(0, 50)}.`,
    );
  }
  let end = rows[0]?.info.lines ?? 1;
  for (const { record, info } of rows.slice(1)) {
    const place = { line: end + 1 };
    end = info.lines;
    if (record.every((cell) => cell.trim() === "")) continue;
    if (record.length > header.length) {
      reading.problem(
        place,
        "csv_row_too_long",
        "This row has more cells than the first has columns.",
      );
      continue;
    }
    const cells = new Map(header.map((name, i) => [name, unprotectCell(record[i] ?? "")]));
    const cell = (column: string): string => cells.get(column) ?? "";
    const right = readCorrect(cell("correct"));
    if (right?.some((no) => cell(`option_${no}`).trim() === "") ?? true) {
      reading.problem(
        place,
        "correct_invalid",
        'The column correct names options that are there: "2", "1;3" or "B".',
      );
    } else if (!TYPES.includes(cell("question_type").trim().toLowerCase())) {
      reading.problem(place, "type_unsupported", "A question is single_choice or multiple_choice.");
    } else {
      reading.add(itemOf(cell, right ?? []), place);
    }
  }
  return reading;
}
