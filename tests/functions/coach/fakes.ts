// The database of the coach, kept in memory, as strict as the real one: a citation stands in its passage, a marker has
// its citation, a writer who was overtaken writes no more.
import { createLocalEmbeddings } from "../../../functions/_shared/ai/embeddings-local.ts";
import type { Ai } from "../../../functions/_shared/ai/index.ts";
import {
  createLocalAnswers,
  createLocalChat,
  createLocalPlans,
} from "../../../functions/_shared/ai/local.ts";
import { markersIn } from "../../../functions/_shared/ai/markers.ts";
import type {
  CoachStore,
  Conversation,
  Ending,
  Message,
  Search,
  Source,
  Spent,
  Turn,
} from "../../../functions/_shared/coach/types.ts";
import { fail, ok } from "../../../functions/_shared/http/index.ts";
import { silentLogger } from "../../../functions/_shared/log.ts";
import { coach, type Deps } from "../../../functions/coach/handler.ts";

export const CONVERSATION = "6c0e0c3a-0000-4000-8000-000000000001";
export const ASKED = "6c0e0c3a-0000-4000-8000-00000000000a";

export const source = (text: string, over: Partial<Source> = {}): Source => ({
  id: crypto.randomUUID(),
  source: "material",
  title: "The heart",
  text,
  material_id: crypto.randomUUID(),
  heading_path: ["Valves"],
  page_number: 3,
  page_end: 3,
  ...over,
});

export const message = (over: Partial<Message> = {}): Message => ({
  id: crypto.randomUUID(),
  conversation_id: CONVERSATION,
  message_no: 1,
  role: "user",
  content: "",
  status: "completed",
  attempt_no: 1,
  error_code: null,
  ...over,
});

export interface World {
  chunks: Source[];
  documents: Source[];
  conversation: Partial<Conversation>;
  before: Message[];
  question: string;
  attempt: number;
  /** keep answers false from this call on. */
  stopsAt: number;
  /** What finish answers at first, instead of doing it. */
  refusal: string | null;
}

export const fakeWorld = (over: Partial<World> = {}) => {
  const world: World = {
    chunks: [],
    documents: [],
    conversation: {},
    before: [],
    question: "How many leaflets has the mitral valve?",
    attempt: 1,
    stopsAt: Infinity,
    refusal: null,
    ...over,
  };
  const no = world.before.length + 1;
  const turn: Turn = {
    question: message({ message_no: no, content: world.question }),
    answer: message({
      message_no: no + 1,
      role: "assistant",
      status: "streaming",
      attempt_no: world.attempt,
    }),
    is_new: true,
  };
  const searches: Search[] = [];
  const kept: (string | null)[] = [];
  const endings: Ending[] = [];
  const spent: (Spent & { busyMs: number; extra: boolean })[] = [];
  const summaries: { text: string; upTo: number }[] = [];
  const recorded = { answer: turn.answer, citations: [] as Ending["claims"] };

  const store: CoachStore = {
    conversation: () =>
      Promise.resolve({
        id: CONVERSATION,
        conversation_type: "teaching",
        topic_id: null,
        material_ids: [],
        summary: "",
        summarised_to: 0,
        ...world.conversation,
      }),
    messages: () => Promise.resolve(world.before),
    embeddingModel: () => Promise.resolve(createLocalEmbeddings().model),
    chunks: (search) => {
      searches.push(search);
      return Promise.resolve(world.chunks);
    },
    documents: () => Promise.resolve(world.documents),
    keep: (_answer, content) => {
      kept.push(content);
      return Promise.resolve(kept.length < world.stopsAt);
    },
    finish: (_answer, ending, cost, busyMs) => {
      if (world.refusal) {
        const refused = fail(422, world.refusal);
        world.refusal = null;
        return Promise.resolve(refused);
      }
      for (const { chunk_id, document_id, quote } of ending.claims) {
        const from = chunk_id ? world.chunks : world.documents;
        const text = from.find(({ id }) => id === (chunk_id ?? document_id))?.text;
        if (!text?.includes(quote)) return Promise.resolve(fail(422, "citation_not_in_source"));
      }
      const inText = [...new Set(markersIn(ending.content ?? ""))].sort().join();
      if (inText !== ending.claims.map(({ marker }) => marker).sort().join()) {
        return Promise.resolve(fail(422, "citation_required"));
      }
      endings.push(ending);
      spent.push({ ...cost, busyMs, extra: false });
      recorded.answer = {
        ...turn.answer,
        status: ending.status,
        content: ending.content ?? "",
        error_code: ending.errorCode,
        is_covered: ending.isCovered,
      };
      recorded.citations = ending.claims;
      return Promise.resolve(ok({ recorded: true, status: ending.status }));
    },
    countUsage: (cost, busyMs) => {
      spent.push({ ...cost, busyMs, extra: true });
      return Promise.resolve();
    },
    recorded: () => Promise.resolve(recorded),
    saveSummary: (_conversation, text, upTo) => {
      summaries.push({ text, upTo });
      return Promise.resolve();
    },
  };
  return { world, turn, store, searches, kept, endings, spent, summaries, recorded };
};

export type FakeWorld = ReturnType<typeof fakeWorld>;

export const localAi = (over: Partial<Ai> = {}): Ai => ({
  chat: createLocalChat(),
  answers: createLocalAnswers(),
  embeddings: createLocalEmbeddings(),
  plans: createLocalPlans(),
  ...over,
});

export const depsOf = (fake: FakeWorld, ai: Ai = localAi(), over: Partial<Deps> = {}): Deps => ({
  turns: {
    start: (id) => Promise.resolve(ok({ id })),
    ask: () => Promise.resolve(ok(fake.turn)),
    resume: () => Promise.resolve(ok({ ...fake.turn, is_new: true })),
  },
  store: fake.store,
  ai: () => ai,
  log: silentLogger,
  requestId: "request-1",
  tickMs: 5,
  ...over,
});

export const ask = async (deps: Deps): Promise<Response> => {
  const answer = await coach(deps)("", {
    conversation_id: CONVERSATION,
    client_id: ASKED,
    content: "?",
  });
  if (!(answer instanceof Response)) throw new Error(`refused: ${answer.ok || answer.code}`);
  return answer;
};
