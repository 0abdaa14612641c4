// Items as other programs write them.
import { describe, expect, it } from "vitest";
import { readQtiItem } from "../../../functions/_shared/question-formats/qti-item-read.ts";
import { writeQtiItem } from "../../../functions/_shared/question-formats/qti-item-write.ts";
import { Reading } from "../../../functions/_shared/question-formats/types.ts";
import { plainItem } from "./samples.ts";

const read = (xml: string) => {
  const reading = new Reading();
  readQtiItem(xml, reading);
  return reading;
};
const NS =
  'xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" title="t" adaptive="false" timeDependent="false"';
const item = (declaration: string, body: string, more = "") =>
  `<?xml version="1.0"?>\n<assessmentItem ${NS} identifier="x">
  <responseDeclaration identifier="RESPONSE" ${declaration}</responseDeclaration>
  <itemBody>${body}</itemBody>${more}</assessmentItem>`;
const SINGLE =
  'cardinality="single" baseType="identifier"><correctResponse><value>B</value></correctResponse>';
const CHOICES =
  '<simpleChoice identifier="A">one</simpleChoice><simpleChoice identifier="B">two</simpleChoice>';
const interaction = (choices = CHOICES, prompt = "") =>
  `<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">${prompt}${choices}</choiceInteraction>`;

describe("an item of the specification", () => {
  // The first example of the QTI 2.1 implementation guide, "choice.xml", in its structure.
  const xml = item(
    'cardinality="single" baseType="identifier"><correctResponse><value>ChoiceA</value></correctResponse>',
    `
    <p>Look at the text in the picture.</p>
    <p>
      <img src="images/sign.png" alt="NEVER LEAVE LUGGAGE UNATTENDED"/>
    </p>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">
      <prompt>What does it <em>say</em>?</prompt>
      <simpleChoice identifier="ChoiceA">You must stay with your luggage
        at all times.<feedbackInline outcomeIdentifier="F" identifier="ChoiceA" showHide="show">Yes.</feedbackInline></simpleChoice>
      <simpleChoice identifier="ChoiceB">Do not let someone else look after your luggage.</simpleChoice>
    </choiceInteraction>`,
    '<modalFeedback outcomeIdentifier="F" identifier="ChoiceB" showHide="show">No.</modalFeedback><modalFeedback outcomeIdentifier="F" identifier="done" showHide="show"><p>It is a sign.</p></modalFeedback>',
  );
  it("is read as it is shown", () => {
    const { items, warnings, problems } = read(xml);
    expect(problems).toEqual([]);
    expect(items[0]?.item).toEqual({
      question_type: "single_choice",
      vignette:
        "Look at the text in the picture.\n\n[NEVER LEAVE LUGGAGE UNATTENDED]\n\nWhat does it say?",
      options: [
        {
          text: "You must stay with your luggage at all times.",
          is_correct: true,
          rationale: "Yes.",
        },
        {
          text: "Do not let someone else look after your luggage.",
          is_correct: false,
          rationale: "No.",
        },
      ],
      explanation: {
        correct_explanation: "It is a sign.",
        pathophysiology: "",
        clinical_relevance: "",
        references: [],
      },
      subtopic: "",
    });
    expect(warnings.map(({ code }) => code)).toEqual(["media_dropped"]);
  });
});

describe("the right ones", () => {
  const right = (declaration: string) =>
    read(item(declaration, `<p>q?</p>${interaction()}`)).items[0]?.item;
  it("are those of the correct response", () => {
    expect(right(SINGLE)?.options.map((o) => o.is_correct)).toEqual([false, true]);
  });
  it("or those that bring points", () => {
    const mapping = (entries: string, cardinality: string) =>
      `cardinality="${cardinality}" baseType="identifier"><mapping defaultValue="-1">${entries}</mapping>`;
    const entries =
      '<mapEntry mapKey="A" mappedValue="0.5"/><mapEntry mapKey="B" mappedValue="1"/>';
    expect(right(mapping(entries, "multiple"))).toMatchObject({
      question_type: "multiple_choice",
      options: [{ is_correct: true }, { is_correct: true }],
    });
    expect(right(mapping(entries, "single"))?.options.map((o) => o.is_correct)).toEqual([
      false,
      true,
    ]);
    expect(read(item(mapping(entries, "multiple"), `<p>q?</p>${interaction()}`)).warnings[0]?.code)
      .toBe("weight_ignored");
  });
  it("or none, for the database to refuse", () => {
    expect(right('cardinality="single" baseType="identifier">')?.options.some((o) => o.is_correct))
      .toBe(false);
  });
});

describe("what is refused", () => {
  it.each([
    ["<a", "qti_malformed"],
    ["", "qti_malformed"],
    ["no xml", "qti_malformed"],
    ["<a><b></a>", "qti_malformed"],
    ["<a/><b/>", "qti_malformed"],
    ["x<a/>", "qti_malformed"],
    ["<a>&x</a>", "qti_malformed"],
    ["<a>&nbsp;</a>", "qti_malformed"],
    ["<qti-assessment-item/>", "qti_unsupported"],
    ["<questestinterop/>", "qti_unsupported"],
    [`<assessmentItem ${NS} identifier="x"/>`, "type_unsupported"],
    [item(SINGLE, "<p>q?</p>"), "type_unsupported"],
    [
      item(SINGLE, '<p><textEntryInteraction responseIdentifier="RESPONSE"/></p>'),
      "type_unsupported",
    ],
    [item(SINGLE, `${interaction()}${interaction()}`), "type_unsupported"],
    [
      item(SINGLE, interaction(), '<templateDeclaration identifier="T" cardinality="single"/>'),
      "type_unsupported",
    ],
  ])("%j: %s", (xml, code) => {
    const { items, problems } = read(xml);
    expect([items.length, problems.length, problems[0]?.code]).toEqual([0, 1, code]);
  });

  it("names the line", () => {
    const lineOf = (xml: string) => read(xml).problems[0]?.line;
    expect(lineOf("<a>\n<b>\n</c>\n</a>")).toBe(4);
    expect(lineOf("<a>\n\n&nbsp;</a>")).toBe(3);
    expect(lineOf("<!-- a -->\n<a/>")).toBe(2);
  });
});

it("reads what is no markup as it stands", () => {
  const cdata = item(SINGLE, `<p><![CDATA[a && b < c]]> &#38; <!-- &no; --></p>${interaction()}`);
  expect(read(cdata).items[0]?.item.vignette).toBe("a && b < c &");
});

it("writes what QTI says: one response, its key, and processing that grades all or nothing", () => {
  const xml = writeQtiItem(plainItem({ topic: "heart" }), "question-1");
  for (
    const part of [
      '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"><correctResponse><value>option-1</value></correctResponse>',
      '<simpleChoice identifier="option-2">Two<feedbackInline outcomeIdentifier="FEEDBACK" identifier="option-2" showHide="show">Of a fish.</feedbackInline></simpleChoice>',
      '<match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>',
      '<a href="https://example.org/a">Web</a>',
      "<value>heart</value>",
    ]
  ) expect(xml).toContain(part);
});
