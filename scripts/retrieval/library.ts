// A learner whose material is the judged set: one file a document.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@supabase/supabase-js";
import type { Stack } from "../stack/stack.ts";
import type { JudgedDocument } from "./judged.ts";

const AT_ONCE = 4;
/** So long nothing may happen at all. */
const PATIENCE_MS = 5 * 60_000;
/** So many passages hold ten documents, unless one document holds nearly all of them. */
const PASSAGES = 60;

export interface Found {
  /** The best documents, each by its best passage. */
  documents: string[];
  mode: string;
}

/** Texts that come again get line ends behind them: of two equal files of one person the second is not taken in. */
export function filesOf(documents: JudgedDocument[]): (JudgedDocument & { file: string })[] {
  const seen = new Map<string, number>();
  return documents.map((document) => {
    const text = document.text.trim() === "" ? document.title : document.text;
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    return { ...document, file: text + "\n".repeat(times) };
  });
}

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
  const documentOf = new Map<string, string>();

  async function handIn({ id, title, file }: JudgedDocument & { file: string }): Promise<void> {
    const path = `${userId}/${randomUUID()}/document.txt`;
    const stored = await client.storage.from("materials")
      .upload(path, Buffer.from(file), { contentType: "text/plain" });
    if (stored.error) throw new Error(`${id}: ${stored.error.message}`);
    const made = await client.rpc("create_material", {
      p_path: path,
      p_title: title.slice(0, 300),
      p_language: "english",
    });
    if (made.error) throw new Error(`${id}: ${made.error.message} ${made.error.details}`);
    documentOf.set((made.data as { id: string }).id, id);
  }

  /** How many the workers are through with; the first that could not be taken in ends it. */
  async function countDone(): Promise<number> {
    const [row] = await stack.sql<{ done: number; reason: string | null }>(
      `select count(*) filter (where processing_status in ('completed', 'failed'))::integer as done,
         min(id::text || ': ' || processing_error) as reason
       from study.materials`,
    );
    if (!row?.reason) return row?.done ?? 0;
    const [id = "", code] = row.reason.split(": ");
    throw new Error(`${documentOf.get(id) ?? id} was not taken in: ${code}`);
  }

  return {
    /** Hands all in and waits for the workers, which begin with the first. */
    async takeIn(documents: JudgedDocument[], onProgress: (done: number) => void): Promise<void> {
      const waiting = filesOf(documents);
      const handingIn = Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await handIn(next);
      }));
      const watching = (async () => {
        let [told, last, since] = [0, -1, Date.now()];
        for (;;) {
          const done = await countDone();
          if (done !== last) [last, since] = [done, Date.now()];
          if (done - told >= 200) onProgress(told = done);
          if (done === documents.length) return;
          if (Date.now() - since > PATIENCE_MS) {
            throw new Error(`Only ${done} of ${documents.length} documents were taken in.`);
          }
          await sleep(500);
        }
      })();
      await Promise.all([handingIn, watching]);
    },

    async search(query: string, limit: number): Promise<Found> {
      const { data: answer, error: refused } = await client.functions.invoke("search", {
        body: { query, limit: PASSAGES },
      });
      if (refused) throw refused;
      const { results, mode } = answer as { results: { material_id: string }[]; mode: string };
      const found = results.flatMap(({ material_id }) => documentOf.get(material_id) ?? []);
      return { documents: [...new Set(found)].slice(0, limit), mode };
    },
  };
}
