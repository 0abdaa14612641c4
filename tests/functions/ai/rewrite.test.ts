import { describe, expect, it } from "vitest";
import { toPlainWords } from "../../../functions/_shared/ai/local/plain-words.ts";
import { createLocalAnswers } from "../../../functions/_shared/ai/local.ts";
import {
  AI_DISCLOSURE,
  rewriteFault,
  withDisclosure,
} from "../../../functions/_shared/ai/rewrite-check.ts";

const rewrite = (text: string) => createLocalAnswers().rewritePlainly({ text, citations: [] });

describe("plain words without a model", () => {
  it("replaces stiff wording and says what it replaced", async () => {
    const result = await rewrite(
      "In order to filter, approximately 20% is utilized subsequently [1].",
    );
    expect(result.text).toBe("To filter, about 20% is used then [1].");
    expect(result.changes).toEqual([
      "“in order to” → “to”",
      "“approximately” → “about”",
      "“utilized” → “used”",
      "“subsequently” → “then”",
    ]);
  });

  it("keeps capitals, and takes phrases out", () => {
    expect(toPlainWords("It is important to note that renin is an enzyme.").text).toBe(
      "Renin is an enzyme.",
    );
    expect(toPlainWords("Furthermore, it rises.").text).toBe("Also, it rises.");
  });

  it("leaves quotations alone", () => {
    const text = "He said “in order to live” and in order to.";
    expect(toPlainWords(text).text).toBe("He said “in order to live” and to.");
  });

  it("leaves a plain text as it is, with no changes", async () => {
    const text = "The kidney filters the blood [1].";
    expect(await rewrite(text)).toMatchObject({ text, changes: [] });
  });

  it("never trips over its own check", async () => {
    const text = withDisclosure(
      "Prior to 1628, in the absence of a microscope, it was not known that a large number of 3 capillaries exist [2].",
    );
    const result = await rewrite(text);
    expect(result.rejectedBecause).toBeUndefined();
    expect(result.text).toContain(AI_DISCLOSURE);
  });
});

describe("the check", () => {
  it.each([
    ["quotations", "He calls it “a pump” [1].", "He calls it a device that pumps [1]."],
    ["units written as numbers", "It has four chambers.", "It has several chambers."],
    ["decimals", "It lasts 0.8 seconds.", "It lasts 0.9 seconds."],
    ["repeated markers", "A [1] b [1].", "A b [1]."],
  ])("sees changed %s", (_name, before, after) => {
    expect(rewriteFault(before, after)).not.toBeNull();
  });

  it("lets wording change", () => {
    expect(
      rewriteFault("The ventricle ejects 70 mL [1].", "Each beat, 70 mL leave the ventricle [1]."),
    ).toBeNull();
  });

  it("the disclosure is put once", () => {
    expect(withDisclosure(withDisclosure("x"))).toBe(`x\n\n${AI_DISCLOSURE}`);
  });
});
