// What a question must be, whoever made it.
import { describe, expect, it } from "vitest";
import type { Option } from "../../../functions/_shared/questions/types.ts";
import { faultOf } from "../../../functions/_shared/questions/validate.ts";
import { CHAPTERS, good } from "./material.ts";

const [LIVER] = CHAPTERS;
if (!LIVER) throw new Error("no passage");

const options = (...texts: string[]): { options: Option[] } => ({
  options: texts.map((text) => ({
    text: text.replace("*", ""),
    is_correct: text.startsWith("*"),
    rationale: "Because.",
  })),
});

describe("a question", () => {
  it("that is right passes", () => expect(faultOf(good(), LIVER)).toBeNull());

  const faults: [string, ReturnType<typeof good>["content"] | object, string][] = [
    ["three options", options("*The liver", "The kidney", "The bladder"), "options_count"],
    ["six options", options("*The liver", "b", "c", "d", "e", "f"), "options_count"],
    ["an empty option", options("*The liver", "b", "c", " "), "options_count"],
    ["no right answer", options("The liver", "b", "c", "d"), "key_invalid"],
    ["two right answers", options("*The liver", "*b", "c", "d"), "key_invalid"],
    [
      "equal options but for article and case",
      options("*The liver", "A kidney", "the Kidney.", "d"),
      "options_equal",
    ],
    [
      "equal options but for the ending",
      options("*The liver", "Kidney", "kidneys", "d"),
      "options_equal",
    ],
    ["all of the above", options("*The liver", "b", "c", "All of the above"), "options_catch_all"],
    ["none of these", options("*The liver", "b", "c", "None of these"), "options_catch_all"],
    ["both a and b", options("*The liver", "b", "c", "Both A and B"), "options_catch_all"],
    [
      "a right one far longer than the others",
      options(
        "*The liver, which is inflamed by a virus, alcohol or toxic drugs",
        "Kidney",
        "Bladder",
        "Brain",
      ),
      "options_uneven",
    ],
    [
      "an answer in the vignette",
      { vignette: "Which organ, if not the liver, has hepatitis?" },
      "answer_given_away",
    ],
    ["no vignette", { vignette: "Which?" }, "vignette_invalid"],
    ["no explanation", { explanation: { correct_explanation: "" } }, "explanation_missing"],
    [
      "an answer that the quote does not say",
      options("*The pancreas", "b", "c", "d"),
      "answer_not_supported",
    ],
    [
      "markup",
      { vignette: "Which organ <img src=x onerror=alert(1)> is inflamed?" },
      "text_not_plain",
    ],
  ];
  it.each(faults)("with %s is refused", (_what, over, fault) => {
    expect(faultOf(good(over), LIVER)).toBe(fault);
  });

  it("without a rationale is refused", () => {
    const question = good();
    const [first] = question.content.options;
    if (first) first.rationale = " ";
    expect(faultOf(question, LIVER)).toBe("rationale_missing");
  });

  it("whose quote is made up is refused", () => {
    const quote = "Hepatitis is inflammation of the liver caused by moonlight.";
    expect(faultOf({ ...good(), quote }, LIVER)).toBe("quote_not_found");
  });

  it("may have in its vignette what all options have in common", () => {
    const artery = { ...LIVER, content: "The coronary artery feeds the heart muscle with blood." };
    const content = {
      vignette: "Which artery feeds the heart muscle with blood?",
      ...options("*Coronary artery", "Renal artery", "Femoral artery", "Carotid artery"),
    };
    expect(faultOf({ ...good(content), quote: artery.content }, artery)).toBeNull();
  });
});
