import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Json } from "../_shared/db/types.ts";
import { failFrom, ok } from "../_shared/http/index.ts";
import type { QuestionBank } from "./handler.ts";
import { exportedSchema, importedSchema } from "./schema.ts";

interface Problem {
  item: number;
  code: string;
  message: string;
}

/** What is wrong, out of the detail of import_invalid. */
function problemsOf(details: string | null): Problem[] {
  return importedSchema.shape.problems.parse(JSON.parse(details ?? "[]"));
}

/** Acts as its caller: what he may not read is not exported, what he imports is his. */
export const createQuestionBank = (client: SupabaseClient<Database>): QuestionBank => {
  const study = client.schema("study");
  return {
    async import(items, input, trial) {
      const { data, error } = await study.rpc("import_questions", {
        p_items: items as unknown as Json,
        p_visibility: input.visibility,
        p_submit: input.submit,
        p_dry_run: trial,
        ...(input.topic === undefined ? {} : { p_topic: input.topic }),
        ...(input.material_id === undefined ? {} : { p_material_id: input.material_id }),
      });
      if (error?.message === "import_invalid") {
        const problems = problemsOf(error.details);
        return ok({ imported: 0, question_ids: [], skipped: [], problems });
      }
      return error ? failFrom(error) : ok(importedSchema.parse(data));
    },
    async export(questionIds) {
      const { data, error } = await study.rpc("export_questions", { p_question_ids: questionIds });
      return error ? failFrom(error) : ok(exportedSchema.parse(data));
    },
  };
};
