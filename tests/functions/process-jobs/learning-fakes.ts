// The database of a generation, kept in memory: what was reported and written, in order.
import { StageError } from "../../../functions/_shared/jobs/stage.ts";
import type { Job } from "../../../functions/_shared/jobs/types.ts";
import type {
  Begun,
  Finished,
  FinishedPlan,
  GenerationRequest,
  LearningStore,
  MaterialPassage,
} from "../../../functions/process-jobs/learning/store.ts";
import { PASSAGES } from "../../fixtures/ai/heart-and-kidney.ts";
import { job } from "./fakes.ts";

export const generationJob = (over: Partial<Job> = {}): Job =>
  job({
    job_type: "learning.generate",
    payload: { request_id: crypto.randomUUID() },
    max_attempts: 3,
    ...over,
  });

export const material: MaterialPassage[] = PASSAGES.map(({ id, title = "", text }) => ({
  id,
  title,
  body: text,
  locator: {},
  entity_id: id,
  chunk_no: 0,
  is_of_topic: false,
}));

export const request = (over: Partial<GenerationRequest> = {}): GenerationRequest => ({
  subject: "The heart",
  topic: null,
  goals: "",
  background: "",
  skill_level: "beginner",
  language: "en",
  total_sessions: 6,
  session_duration: 45,
  ...over,
});

export function fakeLearningStore(
  options: {
    request?: Partial<GenerationRequest>;
    begun?: Begun;
    found?: MaterialPassage[];
    finished?: Finished;
    /** Cancelled after so many reports. */
    stopsAfter?: number;
    lostAfter?: number;
  } = {},
) {
  const reported: number[] = [];
  const plans: FinishedPlan[] = [];
  const failed: [string, string][] = [];
  const store: LearningStore = {
    begin: () =>
      Promise.resolve(options.begun ?? { proceed: true, request: request(options.request) }),
    passages: () => Promise.resolve(options.found ?? material),
    report: (_job, progress) => {
      if (reported.length === options.lostAfter) {
        return Promise.reject(new StageError("lease_lost", "taken over"));
      }
      if (reported.length === options.stopsAfter) return Promise.resolve(false);
      reported.push(progress);
      return Promise.resolve(true);
    },
    finish: (_job, plan) => {
      plans.push(plan);
      return Promise.resolve(
        options.finished ?? { recorded: true, status: "completed", curriculum_id: "c" },
      );
    },
    fail: (_job, code, message) => {
      failed.push([code, message]);
      return Promise.resolve(true);
    },
  };
  return { store, reported, plans, failed };
}
