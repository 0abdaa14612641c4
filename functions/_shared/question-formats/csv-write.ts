// Questions as CSV (RFC 4180): one a row, an option a column. What the key is stands in "correct", by the numbers of the options.

import { stringify } from "csv-stringify/sync";
import { columnsFor, MAX_OPTIONS, protectCell } from "./csv-columns.ts";
import { writeReferences } from "./text.ts";
import { hasKey, type QuestionItem } from "./types.ts";

function rowOf(item: QuestionItem, options: number): string[] {
  const slots = Array.from({ length: options }, (_, i) => item.options[i]);
  const right = item.options.flatMap(({ is_correct }, i) => is_correct ? [String(i + 1)] : []);
  const { explanation } = item;
  return [
    item.id ?? "",
    item.topic ?? "",
    item.subtopic ?? "",
    item.difficulty ?? "",
    item.question_type,
    item.vignette,
    ...slots.map((option) => option?.text ?? ""),
    hasKey(item) ? right.join(";") : "",
    ...slots.map((option) => option?.rationale ?? ""),
    explanation?.correct_explanation ?? "",
    explanation?.pathophysiology ?? "",
    explanation?.clinical_relevance ?? "",
    writeReferences(explanation?.references ?? []),
  ].map(protectCell);
}

/** With the mark that spreadsheets need to take it for UTF-8. */
export function writeCsv(items: QuestionItem[]): string {
  const most = Math.max(2, ...items.map(({ options }) => options.length));
  const options = Math.min(most, MAX_OPTIONS);
  const rows = [columnsFor(options), ...items.map((item) => rowOf(item, options))];
  // Whatever some reader takes for the end of a cell or of a row.
  return stringify(rows, { bom: true, record_delimiter: "\r\n", quoted_match: /[\r\n\t;\u2028]/ });
}
