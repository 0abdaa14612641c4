// The coach: POST /coach with a question, POST /coach/resume with an answer that was stopped. Answers stream as
// server-sent events, each citation verified before it goes out.

import { z } from "zod";
import { createAi } from "../_shared/ai/index.ts";
import { recordAiCalls } from "../_shared/ai/record-calls.ts";
import { endpoint, fail } from "../_shared/http/index.ts";
import { coach } from "./handler.ts";
import { callerTurns, coachStore } from "./store.ts";

export default {
  fetch: endpoint(
    { name: "coach", auth: "user", body: z.unknown(), subPaths: true },
    ({ context, path, body, userId, log, requestId }) => {
      if (userId === null) {
        return Promise.resolve(fail(401, "not_authenticated", { message: "Sign in first." }));
      }
      const { supabase, supabaseAdmin } = context;
      return coach({
        turns: callerTurns(supabase),
        // The service writes answers and counts what they cost; what is answered from, it does not read.
        store: coachStore(supabase, supabaseAdmin, userId),
        ai: () => createAi({ recordCall: recordAiCalls(supabaseAdmin) }),
        log,
        requestId,
      })(path, body);
    },
  ),
};
