// What of a request is HTTP: the same select through supabase-js and the stack, and as SQL under the same claims.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import type pg from "pg";
import { loadKeys } from "../../stack/keys.ts";
import { startStack } from "../../stack/stack.ts";
import { signToken } from "../../stack/tokens.ts";
import { transaction, withClients } from "../connect.ts";
import { inTurns, pair, ratiosOf } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";
import { peopleOf } from "./rls.ts";

const together = 8;
const columns = "id,status,content,priority,due_at,created_at";

export const httpCase: BenchCase = {
  name: "http",
  about: "a list through supabase-js and the stack against the SQL itself",
  run: async (bench) => {
    const databaseUrl = await bench.data();
    const folder = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
    const stack = await startStack({
      port: 0,
      data: folder,
      databaseUrl,
      seed: false,
      workers: 0,
      quiet: true,
    });
    try {
      return await withClients(databaseUrl, together, async (clients) => {
        const [client] = clients as [pg.Client];
        const { typical } = await peopleOf(client);
        const token = signToken({
          sub: typical.user_id,
          role: "authenticated",
          aud: "authenticated",
          exp: Math.floor(Date.now() / 1000) + 3600,
        }, loadKeys(join(folder, "keys.json")).jwtSecret);
        const supabase = createClient(stack.url, stack.publishableKey, {
          accessToken: () => Promise.resolve(token),
        });
        const request = async () => {
          const { data, error } = await supabase.schema("qa").from("questions").select(columns)
            .eq("client_id", typical.client_id).order("created_at", { ascending: false }).limit(20);
          if (error) throw new Error(error.message);
          return data;
        };
        const query = (on: pg.Client) => async () => {
          const { rows } = await transaction(on, typical.user_id, "authenticated", {
            name: "list",
            text: `select ${columns} from qa.questions where client_id = $1
              order by created_at desc limit 20`,
            values: [typical.client_id],
          });
          return rows;
        };
        const [over, direct] = [await request(), await query(client)()];
        if (over.length === 0 || over.length !== direct.length) {
          throw new Error(`${over.length} rows over HTTP, ${direct.length} by SQL`);
        }
        const turns = { rounds: bench.rounds, milliseconds: 800, least: 20 };
        const label = { case: "http", ours: "supabase-js and stack", against: "SQL" };
        const one: Comparison = {
          ...label,
          what: "my questions, one after the other",
          ...await pair(request, query(client), turns),
        };
        // Forty requests at once; of the statements as many, in turn on each of the eight connections.
        const requests = () => Promise.all(Array.from({ length: 5 * together }, request));
        const statements = () =>
          Promise.all(clients.map(async (on) => {
            for (let turn = 0; turn < 5; turn++) await query(on)();
          }));
        const [http = [], sql = []] = await inTurns([requests, statements], { ...turns, least: 5 });
        const rate = (times: number[]) => times.map((time) => 5 * together * 1000 / time);
        return [one, {
          ...label,
          what: `the same, ${5 * together} at once`,
          of: "rate",
          ratios: ratiosOf(rate(http), rate(sql)),
          measured: { ours: rate(http), against: rate(sql) },
        }];
      });
    } finally {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
