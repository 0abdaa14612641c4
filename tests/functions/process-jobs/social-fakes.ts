// The database of an AI answer, kept in memory: what was sent and written, in order.
import type { Job } from "../../../functions/_shared/jobs/types.ts";
import type { FoundPassage } from "../../../functions/_shared/retrieval/rank.ts";
import { StageError } from "../../../functions/_shared/jobs/stage.ts";
import type {
  Begun,
  Recorded,
  SocialStore,
  WrittenAnswer,
} from "../../../functions/process-jobs/social/store.ts";
import { job, KIDNEY, PUMP } from "./fakes.ts";

export const answerJob = (over: Partial<Job> = {}): Job =>
  job({
    job_type: "social.answer_question",
    payload: { ai_answer_id: crypto.randomUUID() },
    max_attempts: 3,
    ...over,
  });

export interface Sent {
  index: number;
  text: string;
  at: number;
}

export function fakeSocialStore(
  options: {
    begun?: Begun;
    found?: FoundPassage[];
    recorded?: Recorded;
    /** The question goes away after so many pieces. */
    stopsAfter?: number;
    /** Somebody else takes the job over after so many pieces. */
    lostAfter?: number;
  } = {},
) {
  const sent: Sent[] = [];
  const recorded: WrittenAnswer[] = [];
  const failed: string[] = [];
  let underWay = 0;
  const store: SocialStore = {
    begin: () =>
      Promise.resolve(
        options.begun ?? {
          proceed: true,
          question_id: crypto.randomUUID(),
          title: "What is the cardiac output at rest?",
          content: "Of a grown person.",
        },
      ),
    passages: () => Promise.resolve(options.found ?? [KIDNEY, PUMP]),
    stream: async (_job, index, text) => {
      if (underWay++ > 0) throw new Error("two pieces at once");
      await new Promise((resolve) => setTimeout(resolve, 2));
      underWay -= 1;
      if (sent.length === options.lostAfter) throw new StageError("lease_lost", "taken over");
      if (sent.length === options.stopsAfter) return false;
      sent.push({ index, text, at: performance.now() });
      return true;
    },
    record: (_job, answer) => {
      recorded.push(answer);
      return Promise.resolve(options.recorded ?? { recorded: true, status: "completed" });
    },
    fail: (_job, code) => {
      failed.push(code);
      return Promise.resolve(true);
    },
  };
  return { store, sent, recorded, failed };
}

/** What a listener has who keeps the rule: the index 0 begins anew. */
export const heardBy = (sent: readonly Sent[]): string =>
  sent.reduce((text, piece) => piece.index === 0 ? piece.text : text + piece.text, "");
