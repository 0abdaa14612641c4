// A learner whose material is the judged set: one file a document.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@supabase/supabase-js";
import type { Stack } from "../stack/stack.ts";
import type { JudgedDocument } from "./judged.ts";

const AT_ONCE = 4;
const PATIENCE_MS = 30 * 60_000;
/** As many passages as one search gives: they hold ten documents, unless a few hold nearly all of them. */
const PASSAGES = 100;

export async function createLibrary(stack: Stack) {
  const client = createClient(stack.url, stack.publishableKey, {
    db: { schema: "study" },
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.auth.signUp({
    email: `${randomUUID()}@lyceum.test`,
    password: "correct-horse-battery",
  });
  if (error || !data.user) throw error ?? new Error("sign-up gave no user");
  const userId = data.user.id;
  // One person hands in what a library has: his limits are lifted, here and nowhere else.
  await stack.sql(`update core.settings set value = '1000000' where key = 'study.max_materials'`);
  await stack.sql(
    `update core.settings set value = (
       select jsonb_object_agg(k, '{"burst": 1000000, "per_hour": 1000000}'::jsonb) from jsonb_object_keys(value) as k
     ) where key = 'study.limits'`,
  );
  const documentsOf = new Map<string, string[]>();

  async function handIn({ id, title, text }: JudgedDocument): Promise<void> {
    const path = `${userId}/${randomUUID()}/document.txt`;
    const stored = await client.storage.from("materials").upload(
      path,
      Buffer.from(text.trim() === "" ? title : text),
      { contentType: "text/plain" },
    );
    if (stored.error) throw new Error(`${id}: ${stored.error.message}`);
    const made = await client.rpc("create_material", {
      p_path: path,
      p_title: title.slice(0, 300),
      p_language: "english",
    });
    if (made.error) throw new Error(`${id}: ${made.error.message}`);
    documentsOf.set((made.data as { id: string }).id, [id]);
  }

  const countOpen = async (): Promise<number> => {
    const [row] = await stack.sql<{ n: number }>(
      `select count(*)::integer as n from study.materials where processing_status not in ('completed', 'failed')`,
    );
    return row?.n ?? 0;
  };

  return {
    async takeIn(documents: JudgedDocument[], onProgress: (done: number) => void): Promise<void> {
      const waiting = [...documents];
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await handIn(next);
      }));
      const end = Date.now() + PATIENCE_MS;
      let told = 0;
      for (;;) {
        const done = documents.length - await countOpen();
        if (done === documents.length) break;
        if (Date.now() > end) {
          throw new Error(`${documents.length - done} documents were not taken in`);
        }
        if (done - told >= 250) onProgress(told = done);
        await sleep(500);
      }
      const failed = await stack.sql<
        { id: string; title: string; error: string; same: string | null }
      >(
        `select m.id, m.title, m.processing_error as error, j.result ->> 'duplicate_of' as same
         from study.materials as m join study.material_processing_jobs as j on j.material_id = m.id
         where m.processing_status = 'failed'`,
      );
      for (const { id, title, error, same } of failed) {
        // The same text twice is one material: whoever finds it has found both.
        const first = documentsOf.get(same ?? "");
        if (error !== "material_duplicate" || !first) throw new Error(`${title}: ${error}`);
        first.push(...documentsOf.get(id) ?? []);
      }
      // What a task does each minute: misspelt words are looked up among those that were added up.
      await stack.sql("select private.fold_study_terms()");
    },

    /** The best documents, each by its best passage. */
    async search(query: string, limit: number): Promise<string[]> {
      const { data: answer, error: refused } = await client.functions.invoke("search", {
        body: { query, limit: PASSAGES },
      });
      if (refused) throw refused;
      const found = (answer as { results: { material_id: string }[] }).results
        .flatMap(({ material_id }) => documentsOf.get(material_id) ?? []);
      return [...new Set(found)].slice(0, limit);
    },
  };
}
