// One turn of the coach with the local provider: what is sent, in which order, and what is recorded.
import { describe, expect, it } from "vitest";
import { NOT_COVERED_TEXT } from "../../../functions/_shared/ai/types.ts";
import { fail, ok } from "../../../functions/_shared/http/index.ts";
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import { coach } from "../../../functions/coach/handler.ts";
import { allEvents, eventsOf, only, textOf } from "../../fixtures/sse.ts";
import { ask, ASKED, CONVERSATION, depsOf, fakeWorld, localAi, message, source } from "./fakes.ts";

const MITRAL = "The mitral valve has two leaflets. It lies between the left atrium and ventricle.";
const TRICUSPID = "The tricuspid valve has three leaflets. It is on the right side.";
const valves = () => [source(MITRAL), source(TRICUSPID, { page_number: 4, page_end: 5 })];

describe("an answer", () => {
  it("comes as question, passages, words with their citations, and the recorded end", async () => {
    const fake = fakeWorld({ chunks: valves() });
    const response = await ask(depsOf(fake));
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toContain("no-transform");
    const heard = await allEvents(response);
    expect(heard.map(({ id }) => id)).toEqual(heard.map((_one, at) => at + 1));
    const names = heard.map(({ event }) => event);
    expect(names.slice(0, 2)).toEqual(["question", "passages"]);
    expect(names.at(-1)).toBe("done");
    expect(only(heard, "delta").length).toBeGreaterThan(3);

    const [ending] = fake.endings;
    expect(ending).toMatchObject({ status: "completed", isCovered: true, errorCode: null });
    expect(textOf(heard)).toBe(ending?.content);
    expect(textOf(heard)).toContain("two leaflets");
    expect(ending?.claims.length).toBeGreaterThan(0);
    const [first] = ending?.claims ?? [];
    expect(MITRAL).toContain(first?.quote);
    expect(first?.chunk_id).toBe(fake.world.chunks[0]?.id);
    expect(only(heard, "done")[0]).toMatchObject({
      answer: { status: "completed", content: ending?.content },
      citations: ending?.claims,
      not_honoured: ["style"],
    });
    // Each citation is there before the words that bear its marker.
    const cited = heard.findIndex(({ event }) => event === "citation");
    const marked = heard.findIndex(({ event, data }) =>
      event === "delta" && String(data.text).includes("[1]")
    );
    expect(cited).toBeGreaterThan(1);
    expect(cited).toBeLessThan(marked);
    expect(heard[cited]?.data).toMatchObject({
      marker: 1,
      quote: first?.quote,
      title: "The heart",
      page_number: 3,
      source: "material",
    });
  });

  it("tells which passages were looked at, and nothing that stands in them", async () => {
    const fake = fakeWorld({ chunks: valves() });
    const [told] = only(await allEvents(await ask(depsOf(fake))), "passages");
    expect(told).toMatchObject({ searched_for: fake.world.question, is_within_topic: false });
    expect((told?.passages as unknown[]).length).toBe(2);
    expect(JSON.stringify(told?.passages)).not.toContain("leaflets");
  });

  it("says when the material does not say", async () => {
    const fake = fakeWorld({ chunks: valves(), question: "Which wine goes with xylophones?" });
    const heard = await allEvents(await ask(depsOf(fake)));
    expect(textOf(heard)).toBe(NOT_COVERED_TEXT);
    expect(only(heard, "citation")).toEqual([]);
    expect(fake.endings).toMatchObject([{ status: "completed", isCovered: false, claims: [] }]);
  });

  it("says so without any passage, too", async () => {
    const fake = fakeWorld();
    expect(textOf(await allEvents(await ask(depsOf(fake))))).toBe(NOT_COVERED_TEXT);
  });

  it("cites what others vouched for as documents", async () => {
    const documents = [source(MITRAL, { source: "qa", material_id: null })];
    const fake = fakeWorld({ documents });
    const heard = await allEvents(await ask(depsOf(fake)));
    expect(fake.endings[0]?.claims[0]).toEqual({
      marker: 1,
      document_id: documents[0]?.id,
      quote: expect.stringContaining("two leaflets"),
    });
    expect(only(heard, "citation")[0]).toMatchObject({
      source: "qa",
      chunk_id: null,
      document_id: documents[0]?.id,
    });
  });

  it("stays within the materials of its conversation", async () => {
    const chunks = [source(TRICUSPID)];
    const material_ids = [crypto.randomUUID()];
    const fake = fakeWorld({ chunks, documents: [source(MITRAL)], conversation: { material_ids } });
    const heard = await allEvents(await ask(depsOf(fake)));
    expect(fake.searches[0]?.materialIds).toEqual(material_ids);
    expect((only(heard, "passages")[0]?.passages as unknown[]).length).toBe(1);
  });

  it("looks beyond the topic only when there is nothing in it", async () => {
    const fake = fakeWorld({ chunks: valves(), conversation: { topic_id: "t" } });
    await allEvents(await ask(depsOf(fake)));
    expect(fake.searches.map(({ topicId }) => topicId)).toEqual(["t"]);
    const empty = fakeWorld({ conversation: { topic_id: "t" } });
    await allEvents(await ask(depsOf(empty)));
    expect(empty.searches.map(({ topicId }) => topicId)).toEqual(["t", null]);
  });

  it("is short where one thing is to be put right", async () => {
    const question = "Describe the valves and leaflets.";
    const text = `${MITRAL} ${TRICUSPID} The aortic valve has three leaflets shaped like moons.`;
    const count = async (conversation_type: "teaching" | "clarification") => {
      const fake = fakeWorld({
        chunks: [source(text)],
        question,
        conversation: { conversation_type },
      });
      const words = textOf(await allEvents(await ask(depsOf(fake))));
      return words.split(/[.!?](?: |$)/).filter((part) => /\w{3}/.test(part)).length;
    };
    expect(await count("clarification")).toBeLessThanOrEqual(2);
    expect(await count("teaching")).toBeGreaterThan(await count("clarification"));
  });
});

describe("a follow-up", () => {
  const before = [
    message({ message_no: 1, content: "What is the mitral valve?" }),
    message({ message_no: 2, role: "assistant", content: "It is a valve [1]." }),
  ];

  it("is searched for with its subject", async () => {
    const fake = fakeWorld({ chunks: valves(), before, question: "How many leaflets has it?" });
    const heard = await allEvents(await ask(depsOf(fake)));
    expect(fake.searches[0]?.query).toBe("How many leaflets has mitral valve?");
    expect(textOf(heard)).toContain("two leaflets");
    expect(textOf(heard)).not.toContain("three leaflets");
  });

  it("that says itself what it is about is left alone", async () => {
    const question = "How many leaflets has the tricuspid valve?";
    const fake = fakeWorld({ chunks: valves(), before, question });
    await allEvents(await ask(depsOf(fake)));
    expect(fake.searches[0]?.query).toBe(question);
  });

  it("without a pronoun has it put before", async () => {
    const fake = fakeWorld({ chunks: valves(), before, question: "How many leaflets?" });
    await allEvents(await ask(depsOf(fake)));
    expect(fake.searches[0]?.query).toBe("How many leaflets?");
    const bare = fakeWorld({ chunks: valves(), before, question: "Why?" });
    await allEvents(await ask(depsOf(bare)));
    expect(bare.searches[0]?.query).toBe("About mitral valve. Why?");
  });

  it("goes back over questions without a subject", async () => {
    const more = [...before, message({ message_no: 3, content: "Why?" })];
    const fake = fakeWorld({ chunks: valves(), before: more, question: "And where is it?" });
    await allEvents(await ask(depsOf(fake)));
    expect(fake.searches[0]?.query).toBe("And where is mitral valve?");
  });
});

describe("a long conversation", () => {
  it("is summed up after the answer, but for the latest messages", async () => {
    const before = Array.from(
      { length: 16 },
      (_, at) =>
        at % 2 === 0
          ? message({ message_no: at + 1, content: `What is part ${at} of the heart?` })
          : message({ message_no: at + 1, role: "assistant", content: `Part ${at} beats. More.` }),
    );
    const fake = fakeWorld({ chunks: valves(), before });
    await allEvents(await ask(depsOf(fake)));
    await expect.poll(() => fake.summaries.length).toBe(1);
    expect(fake.summaries[0]?.upTo).toBe(12);
    expect(fake.summaries[0]?.text).toContain("Asked: What is part 0 of the heart?");
    expect(fake.summaries[0]?.text).toContain("Answered: Part 1 beats.");
    expect(fake.summaries[0]?.text).not.toContain("part 14");
  });

  it("is left alone while it is short", async () => {
    const fake = fakeWorld({ chunks: valves() });
    await allEvents(await ask(depsOf(fake)));
    expect(fake.summaries).toEqual([]);
  });
});

describe("what is refused", () => {
  const refuse = async (path: string, body: unknown, over = {}) => {
    const answer = await coach(depsOf(fakeWorld(), localAi(), over))(path, body);
    if (answer instanceof Response || answer.ok) throw new Error("not refused");
    return answer;
  };

  it("is so before a stream begins", async () => {
    const content = "?";
    expect(await refuse("/other", {})).toMatchObject({ status: 404, code: "not_found" });
    const both = { conversation_id: CONVERSATION, start: {}, client_id: ASKED, content };
    expect(await refuse("", both)).toMatchObject({ status: 422, code: "invalid_input" });
    expect(await refuse("", { client_id: ASKED, content })).toMatchObject({
      code: "invalid_input",
    });
    const body = { conversation_id: CONVERSATION, client_id: ASKED, content };
    expect(await refuse("", { ...body, user_id: ASKED })).toMatchObject({ code: "invalid_input" });
    expect(await refuse("/resume", { answer_id: "1" })).toMatchObject({ code: "invalid_input" });
    const turns = {
      ...depsOf(fakeWorld()).turns,
      ask: () => Promise.resolve(fail(429, "coach_limit_reached")),
    };
    expect(await refuse("", body, { turns })).toMatchObject({ code: "coach_limit_reached" });
    const ai = () => {
      throw new AiError("not_configured", "OPENAI_API_KEY is not set.");
    };
    const unset = await refuse("", body, { ai });
    expect(unset).toMatchObject({ status: 503, code: "ai_unavailable" });
    expect(JSON.stringify(unset)).not.toContain("OPENAI");
  });

  it("is not the same question sent twice: the second hears what became of the first", async () => {
    const fake = fakeWorld({ chunks: valves() });
    const first = textOf(await allEvents(await ask(depsOf(fake))));
    const again = depsOf(fake);
    again.turns.ask = () =>
      Promise.resolve(ok({ ...fake.turn, answer: fake.recorded.answer, is_new: false }));
    const heard = await allEvents(await ask(again));
    expect(textOf(heard)).toBe(first);
    expect(fake.endings.length).toBe(1);
    again.turns.ask = () => Promise.resolve(ok({ ...fake.turn, is_new: false }));
    const body = { conversation_id: CONVERSATION, client_id: ASKED, content: "?" };
    expect(await coach(again)("", body)).toMatchObject({ status: 409, code: "answer_in_progress" });
  });
});

describe("a stream", () => {
  it("stays open by comments", async () => {
    const fake = fakeWorld({ chunks: valves() });
    const slow = depsOf(fake, localAi(), { heartbeatMs: 5 });
    const { messages } = fake.store;
    fake.store.messages = async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return await messages(...args);
    };
    expect(await (await ask(slow)).text()).toMatch(/\n: \n\n/);
  });

  it("that nobody reads any more is stopped, and what was shown stays", async () => {
    const fake = fakeWorld({ chunks: valves() });
    let wait: () => void = () => undefined;
    const answers = localAi().answers;
    const hanging = localAi({
      answers: {
        ...answers,
        answerFromPassages: async (request) => {
          request.onDelta?.("The mitral valve ");
          await new Promise<void>((resolve) => (wait = resolve));
          request.onDelta?.("is not heard any more.");
          return await answers.answerFromPassages({ ...request, onDelta: undefined });
        },
      },
    });
    const response = await ask(depsOf(fake, hanging));
    for await (const { event } of eventsOf(response)) if (event === "delta") break;
    await expect.poll(() => fake.endings.length).toBe(1);
    wait();
    expect(fake.endings[0]).toMatchObject({
      status: "stopped",
      content: "The mitral valve ",
      claims: [],
      errorCode: null,
    });
    // Leaving before the end is no way of asking for free.
    expect(fake.spent[0]?.usage.inputTokens).toBeGreaterThan(100);
  });
});
