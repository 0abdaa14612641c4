// How often the local provider is right, on questions it can and cannot answer.

import { describe, expect, it } from "vitest";
import { createLocalAnswers } from "../../../functions/_shared/ai/local.ts";
import * as heart from "../../fixtures/ai/heart-and-kidney.ts";
import * as plates from "../../fixtures/ai/plate-tectonics.ts";

const answers = createLocalAnswers();

interface Figures {
  rightAnswers: number;
  rightSilence: number;
  wrongAnswers: string[];
  confidence: { covered: number[]; uncovered: number[] };
}

const measure = async ({ PASSAGES, COVERED, UNCOVERED }: typeof heart): Promise<Figures> => {
  const figures: Figures = {
    rightAnswers: 0,
    rightSilence: 0,
    wrongAnswers: [],
    confidence: { covered: [], uncovered: [] },
  };
  for (const { question, passages, says } of COVERED) {
    const answer = await answers.answerFromPassages({ question, passages: PASSAGES });
    const cites = answer.citations.some((citation) => passages.includes(citation.passageId));
    if (answer.covered && cites && says.test(answer.text)) figures.rightAnswers += 1;
    else if (answer.covered) figures.wrongAnswers.push(question);
    if (answer.covered) figures.confidence.covered.push(answer.confidence);
  }
  for (const question of UNCOVERED) {
    const answer = await answers.answerFromPassages({ question, passages: PASSAGES });
    if (answer.covered) figures.wrongAnswers.push(question);
    else figures.rightSilence += 1;
    figures.confidence.uncovered.push(answer.confidence);
  }
  return figures;
};

const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the subject it was tuned on", () => {
  it("answers at least 34 of 36 questions from the right passage and keeps silent on 31 of 32", async () => {
    const figures = await measure(heart);
    expect(heart.COVERED).toHaveLength(36);
    expect(heart.UNCOVERED).toHaveLength(32);
    expect(figures.rightAnswers).toBeGreaterThanOrEqual(34);
    expect(figures.rightSilence).toBeGreaterThanOrEqual(31);
    expect(mean(figures.confidence.covered)).toBeGreaterThan(0.6);
    expect(Math.max(...figures.confidence.uncovered)).toBeLessThanOrEqual(0.25);
  });
});

describe("a subject it was not tuned on", () => {
  it("answers at least 18 of 24 and is wrong at most twice among 48", async () => {
    const figures = await measure(plates);
    expect(plates.COVERED).toHaveLength(24);
    expect(plates.UNCOVERED).toHaveLength(24);
    expect(figures.rightAnswers).toBeGreaterThanOrEqual(18);
    expect(figures.rightSilence).toBeGreaterThanOrEqual(23);
    expect(figures.wrongAnswers.length).toBeLessThanOrEqual(2);
  });
});
