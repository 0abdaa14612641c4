import type { SupabaseClient } from "@supabase/supabase-js";
import type { Ai } from "../../_shared/ai/index.ts";
import type { Database } from "../../_shared/db/types.ts";
import type { JobHandler, JobHandlers } from "../../_shared/jobs/types.ts";
import { embedMissing } from "./embed.ts";
import { createFitStore } from "./fit-store.ts";
import { fitOwnWeights } from "./fit.ts";
import { ingestMaterial } from "./ingest.ts";
import { createQuestionStore } from "./question-store.ts";
import { generateQuestions } from "./questions.ts";
import { createStudyStore } from "./store.ts";

/** `withAi` makes the AI when a job needs it. */
export function studyHandlers(
  admin: SupabaseClient<Database>,
  withAi: (handler: (ai: Ai) => JobHandler) => JobHandler,
): JobHandlers {
  const store = createStudyStore(admin);
  return {
    "study.ingest": withAi(({ embeddings }) => ingestMaterial({ store, embeddings })),
    "study.generate_questions": withAi(({ chat }) =>
      generateQuestions({ store: createQuestionStore(admin), chat })
    ),
    "study.embed": withAi(({ embeddings }) => embedMissing({ store, embeddings })),
    "study.fit_weights": fitOwnWeights({ store: createFitStore(admin) }),
  };
}
