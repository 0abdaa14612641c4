// A stack for one test file only, where the common one would be disturbed: functions that crash,
// data on disk, a stack that is stopped.
import { readFileSync } from "node:fs";
import { createClient } from "@supabase/supabase-js";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/stack.ts";
import type { Client } from "./stack.ts";

export async function ownStack(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({
    port: 0,
    data: "memory",
    seed: false,
    quiet: true,
    alsoExpose: ["platform_test"],
    ...options,
  });
  await stack.engine.exec(readFileSync("tests/fixtures/platform.sql", "utf8"));
  await stack.engine.connection.clearSchemaCache();
  return stack;
}

export const clientOf = (stack: Stack, key = stack.publishableKey): Client =>
  createClient(stack.url, key, {
    db: { schema: "platform_test" },
    auth: { persistSession: false, autoRefreshToken: false },
  }) as Client;

export async function personOf(
  stack: Stack,
  email: string,
): Promise<{ id: string; client: Client }> {
  const client = clientOf(stack);
  const { data, error } = await client.auth.signUp({ email, password: "correct-horse" });
  if (error || !data.user) throw error ?? new Error("no user");
  return { id: data.user.id, client };
}
