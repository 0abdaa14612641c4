// Questions as Moodle GIFT. What GIFT has no place for stands in comments that Moodle reads as the id and tags of a question;
// the parts of an explanation stand under headings in the general feedback.

import { escapeGift, withFormat } from "./gift-escape.ts";
import { titleOf, writeExplanation } from "./text.ts";
import { hasKey, type QuestionItem, type QuestionOption } from "./types.ts";

/** Marks that Moodle knows, five places behind the point. */
const shareOf = (right: number): string => String(Math.round(1e7 / right) / 1e5);

const tag = (name: string, value: string | null | undefined): string =>
  value
    ? ` [tag:${name}:${
      value.replace(/[\\\]]/g, (letter) => `\\${letter}`).replaceAll("\n", "\\n")
    }]`
    : "";

function writeOption(option: QuestionOption, mark: string): string {
  const feedback = option.rationale ? `#${withFormat(option.rationale)}` : "";
  return `${mark}${withFormat(option.text)}${feedback}`;
}

function writeOptions(item: QuestionItem): string[] {
  if (item.question_type === "single_choice") {
    return item.options.map((option) => {
      // "~%50%x" is an option x of half the marks.
      const wrong = option.text.startsWith("%") ? "~%0%" : "~";
      return writeOption(option, option.is_correct ? "=" : wrong);
    });
  }
  const share = shareOf(item.options.filter(({ is_correct }) => is_correct).length);
  return item.options.map((o) => writeOption(o, o.is_correct ? `~%${share}%` : "~%-100%"));
}

const letterOf = (index: number): string => String.fromCharCode(65 + index);

function writeItem(item: QuestionItem): string {
  const comment = `//${item.id ? ` [id:${item.id}]` : ""}${tag("topic", item.topic)}${
    tag("subtopic", item.subtopic)
  }${tag("difficulty", item.difficulty)}`;
  const title = `::${escapeGift(titleOf(item.vignette))}::`;
  if (!hasKey(item)) {
    // GIFT has no question without its key: it becomes a text to read.
    const options = item.options.map(({ text }, i) => `${letterOf(i)}. ${text}`).join("\n");
    return `${comment}\n${title}[plain]${escapeGift(`${item.vignette}\n\n${options}`)}\n`;
  }
  const explanation = item.explanation ? writeExplanation(item.explanation) : "";
  return [
    comment,
    `${title}[plain]${escapeGift(item.vignette)}{`,
    ...writeOptions(item),
    ...(explanation === "" ? [] : [`####${withFormat(explanation)}`]),
    "}",
    "",
  ].join("\n");
}

export function writeGift(items: QuestionItem[]): string {
  const parts: string[] = [];
  let category: string | null = null;
  for (const item of items) {
    const next = item.topic ?? "";
    if (next !== category) {
      parts.push(`$CATEGORY: $course$/top/Lyceum${next === "" ? "" : `/${next}`}\n`);
      category = next;
    }
    parts.push(writeItem(item));
  }
  return parts.join("\n");
}
