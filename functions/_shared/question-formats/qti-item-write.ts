// A question as an item of QTI 2.1: one choiceInteraction; why an option is right or wrong is its inline feedback, what is
// explained comes as modal feedback, and what QTI has no place for are outcome variables with a default.

import { titleOf } from "./text.ts";
import { hasKey, type QuestionItem, type Reference } from "./types.ts";
import { escapeAttribute as attribute, escapeText } from "./xml.ts";

/** Our items are read back word for word; those of others as HTML is read. */
export const TOOL_NAME = "Lyceum";
export const QTI_NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1";

export const choiceId = (index: number): string => `option-${index + 1}`;

const inline = (text: string): string => escapeText(text).replaceAll("\n", "<br/>");
const paragraphs = (text: string): string =>
  text.split("\n\n").map((part) => `<p>${inline(part)}</p>`).join("");

function reference(entry: Reference): string {
  if (typeof entry === "string") return `<li>${inline(entry)}</li>`;
  const title = inline(entry.title);
  return entry.url === undefined
    ? `<li><cite>${title}</cite></li>`
    : `<li><a href="${attribute(entry.url)}">${title}</a></li>`;
}

const variable = (name: string, value: string | null | undefined): string =>
  value
    ? `  <outcomeDeclaration identifier="${name}" cardinality="single" baseType="string"><defaultValue><value>${
      escapeText(value)
    }</value></defaultValue></outcomeDeclaration>\n`
    : "";

const modal = (identifier: string, content: string): string =>
  content === ""
    ? ""
    : `  <modalFeedback outcomeIdentifier="SOLUTION" identifier="${identifier}" showHide="show">${content}</modalFeedback>\n`;

const SECTIONS = ["correct_explanation", "pathophysiology", "clinical_relevance"] as const;

function explanationOf(item: QuestionItem): { xml: string; shown: string[] } {
  const { explanation } = item;
  if (!explanation) return { xml: "", shown: [] };
  const said = SECTIONS.filter((name) => explanation[name] !== "");
  const list = explanation.references.map(reference).join("");
  const xml = said.map((name) => modal(name, paragraphs(explanation[name]))).join("") +
    modal("references", list === "" ? "" : `<ul>${list}</ul>`);
  return { xml, shown: [...said, ...(list === "" ? [] : ["references"])] };
}

function processing(shown: string[]): string {
  const solution = shown.map((name) => `<baseValue baseType="identifier">${name}</baseValue>`).join(
    "",
  );
  return `  <responseProcessing>
    <responseCondition>
      <responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match><setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>
      <responseElse><setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue></responseElse>
    </responseCondition>
    <setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>
${
    solution === ""
      ? ""
      : `    <setOutcomeValue identifier="SOLUTION"><multiple>${solution}</multiple></setOutcomeValue>\n`
  }  </responseProcessing>
`;
}

function choices(item: QuestionItem): string {
  return item.options.map(({ text, rationale }, i) => {
    const feedback = rationale
      ? `<feedbackInline outcomeIdentifier="FEEDBACK" identifier="${choiceId(i)}" showHide="show">${
        inline(rationale)
      }</feedbackInline>`
      : "";
    return `      <simpleChoice identifier="${choiceId(i)}">${
      inline(text)
    }${feedback}</simpleChoice>\n`;
  }).join("");
}

export function writeQtiItem(item: QuestionItem, identifier: string): string {
  const cardinality = item.question_type === "single_choice" ? "single" : "multiple";
  const right = item.options.flatMap(({ is_correct }, i) =>
    is_correct ? [`<value>${choiceId(i)}</value>`] : []
  );
  const { xml, shown } = explanationOf(item);
  const key = hasKey(item) ? `<correctResponse>${right.join("")}</correctResponse>` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>
<assessmentItem xmlns="${QTI_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${QTI_NAMESPACE} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd" identifier="${
    attribute(identifier)
  }" title="${
    attribute(titleOf(item.vignette))
  }" adaptive="false" timeDependent="false" toolName="${TOOL_NAME}" toolVersion="1">
  <responseDeclaration identifier="RESPONSE" cardinality="${cardinality}" baseType="identifier">${key}</responseDeclaration>
  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"><defaultValue><value>0</value></defaultValue></outcomeDeclaration>
  <outcomeDeclaration identifier="FEEDBACK" cardinality="${cardinality}" baseType="identifier"/>
  <outcomeDeclaration identifier="SOLUTION" cardinality="multiple" baseType="identifier"/>
${variable("TOPIC", item.topic)}${variable("SUBTOPIC", item.subtopic)}${
    variable("DIFFICULTY", item.difficulty)
  }  <itemBody>
    <div class="vignette">${paragraphs(item.vignette)}</div>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="${
    cardinality === "single" ? 1 : 0
  }">
${choices(item)}    </choiceInteraction>
  </itemBody>
${key === "" ? "" : processing(shown)}${xml}</assessmentItem>
`;
}
