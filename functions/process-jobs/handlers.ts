import type { SupabaseClient } from "@supabase/supabase-js";
import { type Ai, createAi, isAiError, mayRetry } from "../_shared/ai/index.ts";
import type { Database } from "../_shared/db/types.ts";
import { failed, type JobHandler, type JobHandlers } from "../_shared/jobs/types.ts";
import { recordAiCalls } from "../_shared/ai/record-calls.ts";
import { createPayments } from "../_shared/payments/index.ts";
import { createImageInspector } from "./files/inspect.ts";
import { createRemovalStore, removalHandlers } from "./files/removal.ts";
import { createResourceStore, resourceHandlers } from "./files/resources.ts";
import { generateCurriculum } from "./learning/generate.ts";
import { createLearningStore } from "./learning/store.ts";
import { marketHandlers } from "./market/handlers.ts";
import { createMarketStore } from "./market/store.ts";
import { privacyHandlers } from "./privacy/handlers.ts";
import { createPrivacyStore } from "./privacy/store.ts";
import { generateAnswer } from "./qa/generate.ts";
import { humanizeAnswer } from "./qa/humanize.ts";
import { databaseStages } from "./qa/stages.ts";
import { createQaStore } from "./qa/store.ts";
import { createFeedStore, feedHandlers } from "./social/feed.ts";
import { answerQuestion } from "./social/answer.ts";
import { createSocialStore } from "./social/store.ts";
import { studyHandlers } from "./study/handlers.ts";
import { timetableHandlers } from "./timetable/handlers.ts";

/** Which handler works on which job type. A module adds its line here and its row to ops.job_types. */
export function createHandlers(admin: SupabaseClient<Database>): JobHandlers {
  const store = createQaStore(admin);
  const images = createImageInspector(admin);
  return {
    "qa.generate": withAi(
      admin,
      (ai) => generateAnswer({ store, images, answers: ai.answers, embeddings: ai.embeddings }),
    ),
    "qa.humanize": withAi(admin, (ai) => humanizeAnswer({ store, answers: ai.answers })),
    ...databaseStages(store),
    "social.answer_question": withAi(
      admin,
      (ai) => answerQuestion({ store: createSocialStore(admin), ...ai }),
    ),
    "learning.generate": withAi(
      admin,
      (ai) => generateCurriculum({ store: createLearningStore(admin), ...ai }),
    ),
    ...privacyHandlers(createPrivacyStore(admin)),
    ...feedHandlers(createFeedStore(admin)),
    ...resourceHandlers(createResourceStore(admin)),
    ...removalHandlers(createRemovalStore(admin)),
    ...studyHandlers(admin, (handler) => withAi(admin, handler)),
    ...timetableHandlers(admin, recordAiCalls(admin)),
    ...marketHandlers({ store: createMarketStore(admin), payments: () => createPayments() }),
  };
}

/** The AI is made when a job needs it: a wrong setting fails these jobs, with its reason, and no others. */
function withAi(admin: SupabaseClient<Database>, handler: (ai: Ai) => JobHandler): JobHandler {
  return async (job, signal) => {
    try {
      return await handler(createAi({ recordCall: recordAiCalls(admin) }))(job, signal);
    } catch (error) {
      if (!isAiError(error)) throw error;
      return failed(`${error.code}: ${error.message}`, mayRetry(error), error.retryAfterSeconds);
    }
  };
}
