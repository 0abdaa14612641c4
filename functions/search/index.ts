// POST /search: passages of the material that the caller may read, by words and by meaning.

import { createAi } from "../_shared/ai/index.ts";
import { recordAiCalls } from "../_shared/ai/record-calls.ts";
import { envOfModel } from "../_shared/ai/registered.ts";
import { endpoint, failFrom, ok } from "../_shared/http/index.ts";
import { search } from "./handler.ts";
import { searchSchema } from "./schema.ts";

export default {
  fetch: endpoint(
    { name: "search", auth: "user", body: searchSchema },
    ({ request, context, body, log, userId }) => {
      const study = context.supabase.schema("study");
      // Passes over row-level security to count searches and record what a call cost; it reads nothing.
      const admin = context.supabaseAdmin;
      return search({
        index: {
          admit: async () => {
            const { data, error } = await admin.schema("study").rpc("take_search", {
              p_user_id: userId ?? "",
            });
            return error ? failFrom(error) : ok(data);
          },
          activeModel: async () => {
            const { data, error } = await study.from("embedding_models")
              .select("provider, model, dimensions").eq("status", "active").maybeSingle();
            if (error) throw new Error(error.message);
            return data;
          },
          find: async (wanted, vector) => {
            const { data, error } = await study.rpc("search_chunks", {
              p_query: wanted.query,
              p_query_embedding: vector?.embedding,
              p_model: vector?.model,
              p_material_ids: wanted.material_ids,
              p_topic_id: wanted.topic_id,
              p_owner_id: wanted.owner_id,
              p_limit: wanted.limit,
              p_explain: wanted.explain,
            });
            return error ? failFrom(error) : ok(data);
          },
        },
        embeddings: (model) =>
          createAi({ env: envOfModel(model), recordCall: recordAiCalls(admin) }).embeddings,
        warn: (message, details) => log.warn(message, details),
        signal: request.signal,
      })(body);
    },
  ),
};
