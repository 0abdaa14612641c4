import { createAi } from "../../../functions/_shared/ai/index.ts";
import { envFrom } from "../../../functions/_shared/config.ts";
import type { Job } from "../../../functions/_shared/jobs/types.ts";
import type {
  FoundPassage,
  GeneratedAnswer,
  Generation,
  Humanization,
  HumanizedAnswer,
  QaStore,
} from "../../../functions/process-jobs/qa/store.ts";

export const job = (over: Partial<Job> = {}): Job => ({
  id: crypto.randomUUID(),
  job_type: "qa.generate",
  queue: "default",
  resource_id: null,
  attempts: 1,
  max_attempts: 3,
  payload: { question_id: crypto.randomUUID() },
  lease_token: 7,
  lease_expires_at: new Date(Date.now() + 60_000).toISOString(),
  ...over,
});

/** The local provider: real, deterministic, without a network. */
export const localAi = () => createAi({ env: envFrom({}) });

export const PUMP: FoundPassage = {
  id: "11111111-1111-4111-8111-111111111111",
  title: "The pump",
  body:
    "The heart is a muscular pump. At rest the left ventricle ejects about 70 millilitres of blood per beat, " +
    "which at 70 beats a minute gives a cardiac output of about five litres per minute.",
  locator: { page: 1 },
};
export const KIDNEY: FoundPassage = {
  id: "22222222-2222-4222-8222-222222222222",
  title: "The filter",
  body: "The kidney filters about 180 litres of plasma a day through the glomerular capillaries.",
  locator: { page: 16 },
};

/** What the database would do, kept in memory, with all that was written. */
export function fakeStore(
  options: {
    generation?: Partial<Generation>;
    humanization?: Humanization;
    found?: FoundPassage[];
  },
) {
  const written = {
    answers: [] as GeneratedAnswer[],
    humanized: [] as HumanizedAnswer[],
    rejected: [] as string[],
    queries: [] as string[],
  };
  const store: QaStore = {
    beginGeneration: () =>
      Promise.resolve({
        proceed: true,
        question_type: "text",
        content: "What is the cardiac output at rest?",
        topic_id: null,
        revision: 0,
        notes: null,
        images: [],
        ...options.generation,
      } as Generation),
    recordAnswer: (_job, answer) => {
      written.answers.push(answer);
      return Promise.resolve({});
    },
    rejectUnreadable: (_job, reason) => {
      written.rejected.push(reason);
      return Promise.resolve({});
    },
    beginHumanization: () => Promise.resolve(options.humanization ?? { proceed: false }),
    recordHumanized: (_job, answer) => {
      written.humanized.push(answer);
      return Promise.resolve({});
    },
    checkOriginality: () => Promise.resolve({}),
    assignExpert: () => Promise.resolve({}),
    deliverAnswer: () => Promise.resolve({}),
    retrieve: (query) => {
      written.queries.push(query);
      return Promise.resolve(options.found ?? [KIDNEY, PUMP]);
    },
  };
  return { store, written };
}
