// An item of QTI 2.1 or 2.2 with one choiceInteraction, as a question. Which options are right, the declared correct response
// says, or the mapping of points.

import { choiceResponse } from "./qti-response.ts";
import { exactText, readReferenceList, shownText } from "./qti-text.ts";
import { TOOL_NAME } from "./qti-item-write.ts";
import type { Explanation, Place, QuestionItem, Reading } from "./types.ts";
import {
  attributeOf,
  childrenNamed,
  elementsOf,
  findAll,
  parseXml,
  type XmlElement,
} from "./xml.ts";

const SECTIONS = ["correct_explanation", "pathophysiology", "clinical_relevance"] as const;

/** The only interaction of an item; a message when there is another, or none. */
function interactionOf(body: XmlElement | undefined): XmlElement | string {
  if (!body) return "The item has no body.";
  const interactions: XmlElement[] = [];
  const walk = (element: XmlElement) => {
    for (const child of elementsOf(element)) {
      if (child.name.endsWith("Interaction")) interactions.push(child);
      else walk(child);
    }
  };
  walk(body);
  const [first, second] = interactions;
  if (!first || first.name !== "choiceInteraction") {
    return "Only items with a choiceInteraction are taken.";
  }
  return second ? "Only items with one interaction are taken." : first;
}

interface Reader {
  read(element: XmlElement, without?: readonly string[]): string;
}

function explanationOf(root: XmlElement, isOurs: boolean, choices: string[], { read }: Reader) {
  const explanation: Explanation = {
    correct_explanation: "",
    pathophysiology: "",
    clinical_relevance: "",
    references: [],
  };
  const rationales = new Map<string, string>();
  for (const feedback of childrenNamed(root, "modalFeedback")) {
    const identifier = attributeOf(feedback, "identifier");
    const section = SECTIONS.find((name) => name === identifier);
    if (isOurs && identifier === "references") {
      explanation.references = readReferenceList(feedback);
    } else if (isOurs && section) {
      explanation[section] = read(feedback);
    } else if (choices.includes(identifier)) {
      rationales.set(identifier, read(feedback));
    } else {
      const parts = [explanation.correct_explanation, read(feedback)];
      explanation.correct_explanation = parts.filter((part) => part !== "").join("\n\n");
    }
  }
  return { explanation, rationales };
}

/** Variables of ours, by the words of their default. */
function variable(root: XmlElement, name: string): string {
  const declared = childrenNamed(root, "outcomeDeclaration").find((declaration) =>
    attributeOf(declaration, "identifier") === name &&
    attributeOf(declaration, "baseType") === "string"
  );
  const [value] = declared ? findAll(declared, ["value"]) : [];
  return value ? exactText(value) : "";
}

export function readQtiItem(xml: string, reading: Reading, file?: string): void {
  const at = (line: number): Place => file === undefined ? { line } : { line, file };
  const parsed = parseXml(xml);
  if (!parsed.ok) return reading.problem(at(parsed.line), "qti_malformed", parsed.message);
  const { root } = parsed;
  const place = at(root.line);
  if (root.name !== "assessmentItem") {
    return reading.problem(
      place,
      "qti_unsupported",
      "An item of QTI 2.1 is an assessmentItem; other versions and whole tests are not read.",
    );
  }
  const interaction = interactionOf(childrenNamed(root, "itemBody")[0]);
  if (typeof interaction === "string" || childrenNamed(root, "templateDeclaration").length > 0) {
    const message = typeof interaction === "string"
      ? interaction
      : "Items made from templates are not taken.";
    return reading.problem(place, "type_unsupported", message);
  }
  const isOurs = attributeOf(root, "toolName") === TOOL_NAME;
  let hasMedia = false;
  const reader: Reader = {
    read(element, without) {
      if (isOurs) return exactText(element, without);
      const shown = shownText(element, without);
      hasMedia ||= shown.hasMedia;
      return shown.text;
    },
  };
  const choices = childrenNamed(interaction, "simpleChoice");
  const identifiers = choices.map((choice) => attributeOf(choice, "identifier"));
  const { explanation, rationales } = explanationOf(root, isOurs, identifiers, reader);
  const { right, isMultiple, isWeighted } = choiceResponse(root, interaction);
  const body = childrenNamed(root, "itemBody")[0] ?? root;
  const [ours] = isOurs ? findAll(body, ["div"]) : [];
  const prompt = ours ? [] : childrenNamed(interaction, "prompt").map((p) => reader.read(p));
  const said = [reader.read(ours ?? body, ["choiceInteraction"]), ...prompt];
  const item: QuestionItem = {
    question_type: isMultiple ? "multiple_choice" : "single_choice",
    vignette: said.filter((part) => part !== "").join("\n\n"),
    options: choices.map((choice, i) => ({
      text: reader.read(choice, ["feedbackInline", "feedbackBlock"]),
      is_correct: right.has(identifiers[i] ?? ""),
      rationale: findAll(choice, ["feedbackInline", "feedbackBlock"]).map((f) => reader.read(f))
        .join("\n\n") || (rationales.get(identifiers[i] ?? "") ?? ""),
    })),
    explanation,
    subtopic: isOurs ? variable(root, "SUBTOPIC") : "",
  };
  if (isOurs) {
    const [topic, difficulty] = [variable(root, "TOPIC"), variable(root, "DIFFICULTY")];
    if (topic !== "") item.topic = topic;
    if (difficulty !== "") item.difficulty = difficulty;
  }
  if (hasMedia) reading.warn(place, "media_dropped", "Pictures and sounds are not taken over.");
  if (isWeighted) {
    reading.warn(
      place,
      "weight_ignored",
      "An answer is right or not: parts of a mark are not kept.",
    );
  }
  reading.add(item, place);
}
