// Questions without a model: what is asked, what is not, and that each can be answered from its sentence alone.
import { describe, expect, it } from "vitest";
import { makeCloze, readMaterial } from "../../../functions/_shared/questions/cloze/index.ts";
import { standsAlone } from "../../../functions/_shared/questions/cloze/sentences.ts";
import { otherNumbers, quantitiesOf } from "../../../functions/_shared/questions/cloze/numbers.ts";
import { tokenize } from "../../../functions/_shared/text/tokens.ts";
import { statementsOf } from "../../../functions/_shared/questions/cloze/sentences.ts";
import { faultOf } from "../../../functions/_shared/questions/validate.ts";
import { CHAPTERS, passage } from "./material.ts";

const material = readMaterial(CHAPTERS);
const { questions } = makeCloze(material, CHAPTERS, "medium", 3);
const asked = questions.map(({ content }) => ({
  vignette: content.vignette,
  answer: content.options.find(({ is_correct }) => is_correct)?.text,
  others: content.options.filter(({ is_correct }) => !is_correct).map(({ text }) => text),
}));
const about = (words: string) => asked.find(({ vignette }) => vignette.includes(words));

describe("cloze questions", () => {
  it("ask for what a sentence defines, among things of its kind", () => {
    expect(about("inflammation of the lining of the stomach")).toMatchObject({
      answer: "Gastritis",
    });
    for (const other of about("inflammation of the lining of the stomach")?.others ?? []) {
      expect(other).toMatch(/itis$/);
    }
  });

  it("ask for genes among genes of the material", () => {
    const item = about("that change the beta chain of hemoglobin");
    expect(item?.answer).toBe("HBB");
    expect(["CFTR", "FBN1", "PKD1"]).toEqual(expect.arrayContaining(item?.others ?? []));
  });

  it("ask for numbers among numbers of their form", () => {
    const item = about("glomerular filtration rate");
    expect(item?.answer).toBe("120");
    for (const other of item?.others ?? []) expect(other).toMatch(/^\d+$/);
  });

  it("are such that nothing is wrong with them, and rest on their passage word for word", () => {
    expect(questions.length).toBeGreaterThan(6);
    for (const question of questions) {
      const source = CHAPTERS.find(({ chunk_id }) => chunk_id === question.chunk_id);
      expect(source && faultOf(question, source)).toBeNull();
      expect(question.content.explanation.correct_explanation.length).toBeGreaterThan(20);
      const right = question.content.options.find(({ is_correct }) => is_correct);
      expect(right?.rationale).toContain("The text says");
    }
  });

  it("offer nothing that stands in the sentence", () => {
    for (const { vignette, others } of asked) {
      for (const other of others) expect(vignette.toLowerCase()).not.toContain(other.toLowerCase());
    }
  });

  it("are the same each time", () => {
    expect(makeCloze(readMaterial(CHAPTERS), CHAPTERS, "medium", 3).questions).toEqual(questions);
  });

  it("are none where there is nothing to tell apart", () => {
    const alone = [
      passage("Hepatitis is inflammation of the liver caused by a virus, alcohol or toxic drugs."),
    ];
    expect(makeCloze(readMaterial(alone), alone, "easy").questions).toEqual([]);
  });

  it("do not offer what is true of the sentence, too", () => {
    const chapters = [
      "Simvastatin is in a class of medications called HMG-CoA reductase inhibitors.",
      "Lovastatin is in a class of medications called HMG-CoA reductase inhibitors.",
      "Atenolol is in a class of medications called selective beta blockers.",
      "Omeprazole is in a class of medications called proton pump inhibitors.",
      "Erythromycin is in a class of medications called macrolide antibiotics.",
    ].map((text, i) => passage(text, { chunk_id: `drug-${i}`, chunk_no: i }));
    const made = makeCloze(readMaterial(chapters), chapters, "easy").questions;
    expect(made.length).toBeGreaterThan(2);
    for (const { content: { options } } of made) {
      const texts = options.map(({ text }) => text);
      expect(texts.includes("Simvastatin") && texts.includes("Lovastatin")).toBe(false);
    }
  });
});

describe("a sentence stands by itself", () => {
  const judged = (text: string) => standsAlone(text, tokenize(text));
  it.each([
    "Gluten is a protein found in wheat, barley, and rye that harms the small bowel.",
    "In the United States, about 1 in 5,000 individuals have complete heart block.",
  ])("%s", (text) => expect(judged(text)).toBe(true));
  it.each([
    [
      "it points back",
      "This condition is caused by mutations in several genes of the immune system.",
    ],
    ["a pronoun", "It is caused by mutations in several genes of the immune system of the body."],
    [
      "the disease: which?",
      "Mutations of several genes cause the disorder in most families that were studied.",
    ],
    ["a link", "However, mutations in several genes can cause inflammation of the large bowel."],
    ["advice", "Avoid head positions that trigger vertigo, and sleep with two pillows or more."],
    ["you", "Mutations in several genes can make you ill when you are older than sixty."],
    ["a question", "Which mutations in several genes cause inflammation of the large bowel?"],
    ["a list", "Complications include: - Arthritis in several joints - Liver disease - Effusion."],
    [
      "half a bracket",
      "Mutations in several genes (of the immune system cause inflammation of the bowel.",
    ],
    [
      "a heading in front",
      "PREVENTING MALARIA Malaria is a serious disease that spreads by mosquitoes.",
    ],
    [
      "two in one",
      "Infants thrive best at 98.6F. Many children develop high fevers with infections.",
    ],
    ["nothing", "Short."],
  ])("not with %s", (_why, text) => expect(judged(text)).toBe(false));
});

describe("numbers", () => {
  const quantity = (text: string) => quantitiesOf(statementsOf([passage(text)])[0] ?? fail());
  const fail = (): never => {
    throw new Error("no statement");
  };
  it.each([
    ["The heart beats 60 to 100 times and fills for 5 seconds in all.", ["5 second"]],
    ["Fever lasts 2 to 4 weeks in adults.", ["2 to 4 week"]],
    ["About 1 in 5,000 newborns has it.", ["1 in 5,000 1 in"]],
    ["The heart has four chambers and two sides.", ["four parts"]],
    ["Call 555-1234 or take room 12.", []],
    ["Between 55 and 75 years.", ["55 and 75 year"]],
    ["Under 55 and 75 years.", []],
  ])("%s", (text, expected) => {
    expect(quantity(text).map((q) => `${q.text} ${q.unit}`)).toEqual(expected);
  });
  it("are replaced by others of their form", () => {
    const [range] = quantity("Fever lasts 2 to 4 weeks in adults.");
    if (!range) fail();
    for (const { text } of range ? otherNumbers(range, []) : []) {
      expect(text).toMatch(/^\d+ to \d+$/);
    }
    const [share] = quantity("It affects 60 percent of all adults.");
    for (const { text } of share ? otherNumbers(share, []) : []) {
      expect(Number(text)).toBeLessThan(100);
    }
  });
});
