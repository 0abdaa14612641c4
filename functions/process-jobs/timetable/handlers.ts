import type { SupabaseClient } from "@supabase/supabase-js";
import { createAi } from "../../_shared/ai/index.ts";
import { AiError } from "../../_shared/ai/errors.ts";
import type { RecordCall } from "../../_shared/ai/record.ts";
import { ConfigError, type Env, readChoice, runtimeEnv } from "../../_shared/config.ts";
import type { Database } from "../../_shared/db/types.ts";
import type { JobHandlers } from "../../_shared/jobs/types.ts";
import { createCloudOcr } from "../../_shared/ocr/index.ts";
import { structure } from "../../_shared/timetable/index.ts";
import { createTimetableStore } from "./store.ts";
import { structureTimetable } from "./structure.ts";
import type { Reader } from "./tiers.ts";

const SWITCH = ["off", "on"] as const;

/** Off unless AI_TIMETABLE says on: a document then leaves the house. */
export function createReader(env: Env, recordCall: RecordCall): Reader | null {
  try {
    if (readChoice(env, "AI_TIMETABLE", SWITCH, "off") === "off") return null;
    const canSee = readChoice(env, "AI_TIMETABLE_VISION", SWITCH, "off") === "on";
    const { chat } = createAi({ env, recordCall });
    if (chat.provider === "local") {
      throw new ConfigError(
        "AI_TIMETABLE",
        "AI_TIMETABLE is on, but AI_PROVIDER is local, which reads no timetables.",
      );
    }
    return { chat, canSee };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new AiError("not_configured", error.message, { cause: error });
  }
}

export const timetableHandlers = (
  admin: SupabaseClient<Database>,
  recordCall: RecordCall,
  env: Env = runtimeEnv,
): JobHandlers => ({
  "timetable.structure": structureTimetable({
    store: createTimetableStore(admin),
    recordCall,
    structure,
    cloud: () => createCloudOcr(env),
    reader: () => createReader(env, recordCall),
  }),
});
