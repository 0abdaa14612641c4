// Answers handed on while a model writes them: no marker of an invented citation goes out, and all pieces together are
// the answer.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalAnswers } from "../../../functions/_shared/ai/local.ts";
import { createOpenAiChat } from "../../../functions/_shared/ai/openai.ts";
import { PartialJson } from "../../../functions/_shared/ai/partial-json.ts";
import { createPromptedAnswers } from "../../../functions/_shared/ai/prompted-answers.ts";
import { type AnswerModel, NOT_COVERED_TEXT } from "../../../functions/_shared/ai/types.ts";
import {
  DONE,
  events,
  type FakeOpenAi,
  finished,
  json,
  type Reply,
  startFakeOpenAi,
  usageChunk,
  word,
} from "../../fixtures/ai/openai-server.ts";

let server: FakeOpenAi;
let answers: AnswerModel;
beforeAll(async () => {
  server = await startFakeOpenAi();
  answers = createPromptedAnswers(createOpenAiChat({
    apiKey: "sk-test-123456",
    baseUrl: server.url,
    model: "gpt-4o-mini",
    prices: {},
    timeoutMs: 1500,
    deadlineMs: 4000,
    maxAttempts: 1,
    baseDelayMs: 5,
  }));
});
afterAll(() => server.close());

const RENIN = "The kidney releases renin when blood pressure falls.";
const passages = [{ id: "p-renin", text: `Renin is an enzyme. ${RENIN}` }];
const honest = { passage: 1, quote: RENIN };
const invented = { passage: 1, quote: "The liver makes renin in the night." };

const pieces = (text: string, size: number): string[] =>
  text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
const streamed = (text: string, size = 3): Reply =>
  events([...pieces(text, size).map(word), finished(), usageChunk, DONE]);

const ask = async (...replies: Reply[]) => {
  server.script(...replies);
  const heard: string[][] = [[]];
  const known: [words: number, quotes: string[]][] = [];
  const answer = await answers.answerFromPassages({
    question: "When is renin released?",
    passages,
    onDelta: (text) => heard.at(-1)?.push(text),
    onRestart: () => heard.push([]),
    onCitations: (citations) =>
      known.push([heard.at(-1)?.length ?? 0, citations.map(({ quote }) => quote)]),
  });
  return {
    answer,
    known,
    heard: heard.map((part) => part.join("")),
    count: heard.at(-1)?.length ?? 0,
  };
};
const output = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    covered: true,
    confidence: 0.8,
    citations: [honest],
    answer: "It is released when pressure falls [1].",
    ...over,
  });

describe("a streamed answer", () => {
  it("goes out word by word, and whole", async () => {
    const { answer, heard, count } = await ask(streamed(output()));
    expect(answer).toMatchObject({
      covered: true,
      text: "It is released when pressure falls [1].",
    });
    expect(heard).toEqual([answer.text]);
    expect(count).toBeGreaterThan(3);
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.body.stream).toBe(true);
    expect(answer.usage.outputTokens).toBe(200);
  });

  it.each([1, 2, 5, 17, 1000])("is the same in pieces of %i characters", async (size) => {
    const text = 'Pressure "falls" \\ 5 µl → 😀 [2] and\nso on [1][1]. x < y';
    const { answer, heard } = await ask(
      streamed(output({ answer: text, citations: [invented, honest] }), size),
    );
    expect(heard).toEqual([answer.text]);
    expect(answer.text).toContain("😀 [1]");
  });

  it("never shows the marker of an invented citation", async () => {
    const { answer, heard } = await ask(streamed(output({
      citations: [invented, honest],
      answer: "The liver makes it [1]. It is released when pressure falls [2]. Or not [3].",
    })));
    expect(answer.droppedCitations).toBe(1);
    expect(heard).toEqual(["The liver makes it. It is released when pressure falls [1]. Or not."]);
  });

  it("tells its citations before its first word, and none that is invented", async () => {
    const { known } = await ask(streamed(output({ citations: [invented, honest] })));
    expect(known[0]).toEqual([0, [RENIN]]);
    expect(known.at(-1)?.[1]).toEqual([RENIN]);
    const none = await ask(streamed(output({ citations: [invented] })));
    expect(none.known).toEqual([[0, []]]);
  });

  it("whose citations are all invented is not heard at all", async () => {
    const { heard, count } = await ask(streamed(output({ citations: [invented] })));
    expect(heard).toEqual([NOT_COVERED_TEXT]);
    expect(count).toBe(1);
  });

  it("that is none says so, whatever else the model writes", async () => {
    const { heard } = await ask(streamed(output({ covered: false, answer: "But I know it." })));
    expect(heard).toEqual([NOT_COVERED_TEXT]);
  });

  it("waits for its citations when the model writes them last", async () => {
    const { citations, ...rest } = JSON.parse(output()) as Record<string, unknown>;
    const { answer, heard, count } = await ask(streamed(JSON.stringify({ ...rest, citations })));
    expect(heard).toEqual([answer.text]);
    expect(count).toBe(1);
  });

  it("gets its unplaced citation at the end", async () => {
    const { heard } = await ask(streamed(output({ answer: "When pressure falls." })));
    expect(heard).toEqual(["When pressure falls. [1]"]);
  });

  it("shows no markup", async () => {
    const { heard } = await ask(streamed(output({ answer: "It is <b>so</b> [1], javascript:x." })));
    expect(heard).toEqual(["It is ‹b>so‹/b> [1], javascript∶x."]);
  });

  it("that breaks into nonsense is asked for anew, and begun anew", async () => {
    const spoilt = output().replace('[1]."}', "");
    const { answer, heard } = await ask(
      streamed(spoilt),
      json({ covered: true, confidence: 1, citations: [honest], answer: "Anew [1]." }),
    );
    expect(answer.text).toBe("Anew [1].");
    expect(heard).toEqual([expect.stringMatching(/^It is released/), "Anew [1]."]);
    expect(answer.usage.outputTokens).toBe(400);
  });

  it("that is cut off fails, for the job to try again", async () => {
    server.script(events(pieces(output(), 3).slice(0, -3).map(word), "break"));
    await expect(
      answers.answerFromPassages({ question: "When?", passages, onDelta: () => undefined }),
    ).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("without passages costs nothing and says so", async () => {
    server.script();
    const heard: string[] = [];
    await answers.answerFromPassages({
      question: "?",
      passages: [],
      onDelta: (t) => heard.push(t),
    });
    expect(heard).toEqual([NOT_COVERED_TEXT]);
    expect(server.received).toEqual([]);
  });

  it("of the local provider comes in words", async () => {
    const heard: string[] = [];
    const answer = await createLocalAnswers().answerFromPassages({
      question: "When does the kidney release renin?",
      passages,
      onDelta: (text) => heard.push(text),
    });
    expect(answer.covered).toBe(true);
    expect(heard.length).toBeGreaterThan(5);
    expect(heard.join("")).toBe(answer.text);
  });
});

describe("half of a JSON object", () => {
  const whole = '{"a": [{"answer": "no", "b": "}\\""}], "answer" : "x\\u00e9\\\\\\" y", "c": 1}';

  it("gives the head and the text as far as it is there", () => {
    const read = (raw: string) => new PartialJson("answer").read(raw);
    expect(read(whole)).toEqual({ head: { a: [{ answer: "no", b: '}"' }] }, text: 'xé\\" y' });
    const texts = Array.from({ length: whole.length }, (_, at) => read(whole.slice(0, at))?.text);
    const known = texts.filter((text) => text !== undefined);
    expect(known[0]).toBe("");
    expect(known.at(-1)).toBe('xé\\" y');
    known.forEach((text, at) => expect(text.startsWith(known[at - 1] ?? "")).toBe(true));
  });

  it("is null when there is none", () => {
    for (const raw of ["", "Sorry", "[1", '{"answer": 5, "x": 1}', '{"b": {"answer": "x"}}']) {
      expect(new PartialJson("answer").read(raw)).toBeNull();
    }
  });
});
