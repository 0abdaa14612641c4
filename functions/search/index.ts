// POST /search: passages of the material that the caller may read, by words and by meaning.

import { createAi } from "../_shared/ai/index.ts";
import { recordAiCalls } from "../_shared/ai/record-calls.ts";
import { endpoint, failFrom, ok } from "../_shared/http/index.ts";
import { search } from "./handler.ts";
import { searchSchema } from "./schema.ts";

export default {
  fetch: endpoint(
    { name: "search", auth: "user", body: searchSchema },
    ({ request, context, body, log, userId }) => {
      const study = context.supabase.schema("study");
      return search({
        index: {
          activeModel: async () => {
            const { data, error } = await study.from("embedding_models").select("model")
              .eq("status", "active").maybeSingle();
            if (error) throw new Error(error.message);
            return data?.model ?? null;
          },
          find: async (wanted, vector) => {
            // Each search costs an embedding: so many a minute, and no more.
            const limited = await context.supabaseAdmin.schema("study").rpc("take_search", {
              p_user_id: userId ?? "",
            });
            if (limited.error) return failFrom(limited.error);
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
        // Passes over row-level security to record what a call cost; it reads nothing.
        embeddings: () => createAi({ recordCall: recordAiCalls(context.supabaseAdmin) }).embeddings,
        warn: (message, details) => log.warn(message, details),
        signal: request.signal,
      })(body);
    },
  ),
};
