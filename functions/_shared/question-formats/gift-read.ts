// Questions from Moodle GIFT: multiple choice with one or several right answers, true or false, missing words. What we have
// no kind of question for is named with its line.

import { type GiftBlock, giftBlocks } from "./gift-blocks.ts";
import { choicesOf } from "./gift-choices.ts";
import { type Format, hideEscapes, readFormat, showEscapes } from "./gift-escape.ts";
import { htmlToText, looksLikeHtml } from "./html.ts";
import { readExplanation, trimText } from "./text.ts";
import { MAX_ITEMS, type QuestionItem, Reading, type ReadQuestions } from "./types.ts";

/** "{…}" of a question: where it stands, and what is around it. */
interface Parts {
  question: string;
  answers: string;
  feedback: string;
}

function partsOf(text: string): Parts | null {
  const [start, end] = [text.indexOf("{"), text.indexOf("}")];
  if (start < 0 || end < start) return null;
  const inside = text.slice(start + 1, end);
  // A missing word, unless only the end of the sentence follows.
  const rest = text.slice(end + 1);
  const question = `${text.slice(0, start)}${trimText(rest) === "" ? "" : "_____"}${rest}`;
  const separator = inside.lastIndexOf("####");
  return separator < 0 ? { question, answers: inside, feedback: "" } : {
    question,
    answers: inside.slice(0, separator),
    feedback: inside.slice(separator + 4),
  };
}

/** Reads a text in its format; `media` hears of pictures that are lost. */
export type ReadText = (text: string) => string;

function textReader(otherwise: Format, media: () => void): ReadText {
  return (raw) => {
    const { format, text } = readFormat(trimText(raw), otherwise);
    const shown = trimText(showEscapes(text));
    if (format !== "html" && !(format === "moodle" && looksLikeHtml(shown))) return shown;
    const plain = htmlToText(shown);
    if (plain.hasMedia) media();
    return plain.text;
  };
}

function readBlock(block: GiftBlock, reading: Reading): void {
  const place = { line: block.line };
  const hidden = hideEscapes(block.text);
  if (hidden.startsWith("$CATEGORY:")) return;
  // The name is for lists; what it says, the question says too.
  const nameEnd = hidden.startsWith("::") ? hidden.indexOf("::", 2) : -1;
  const text = nameEnd < 0 ? hidden : hidden.slice(nameEnd + 2);
  const parts = partsOf(text);
  if (!parts) {
    const isText = !text.includes("{") && !text.includes("}");
    reading.problem(
      place,
      isText ? "type_unsupported" : "gift_malformed",
      isText
        ? "This is a text without answers, or a question whose key was left out."
        : "The braces { } around the answers do not match.",
    );
    return;
  }
  let hasMedia = false;
  const { format } = readFormat(trimText(parts.question), "moodle");
  const read = textReader(format, () => {
    hasMedia = true;
  });
  const choices = choicesOf(trimText(parts.answers), read);
  if (!choices.ok) {
    reading.problem(place, choices.code, choices.message);
    return;
  }
  if (choices.isWeighted) {
    reading.warn(
      place,
      "weight_ignored",
      "An answer is right or not: parts of a mark are not kept.",
    );
  }
  const item: QuestionItem = {
    question_type: choices.type,
    vignette: read(parts.question),
    options: choices.options,
    explanation: readExplanation(read(parts.feedback)),
    subtopic: block.tags.get("subtopic") ?? "",
  };
  const [topic, difficulty] = [block.tags.get("topic"), block.tags.get("difficulty")];
  if (topic) item.topic = topic;
  if (difficulty) item.difficulty = difficulty;
  if (hasMedia) {
    reading.warn(place, "media_dropped", "Pictures and sounds are not taken over.");
  }
  reading.add(item, place);
}

export function readGift(text: string): ReadQuestions {
  const reading = new Reading();
  for (const block of giftBlocks(text)) {
    // One more than may be, so that too many are noticed: a long file holds a million of them.
    if (reading.items.length > MAX_ITEMS) break;
    readBlock(block, reading);
  }
  return reading;
}
