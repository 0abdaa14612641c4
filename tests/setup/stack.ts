// What end-to-end tests need of the running stack: clients of all kinds, people, and SQL.
import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { inject } from "vitest";
import type { ProvidedStack } from "./global.ts";

/** Tests read what they get and say what they expect: generated types would only repeat that. */
const untyped = (key: string, schema: string) =>
  createClient(stack().url, key, {
    db: { schema },
    auth: { persistSession: false, autoRefreshToken: false },
  });
export type Client = ReturnType<typeof untyped>;

export const stack = (): ProvidedStack => inject("stack");

/** A client with a session of its own, kept in memory. */
export function clientFor(key: string = stack().publishableKey, schema = "core"): Client {
  return untyped(key, schema);
}

export const anonymous = (schema?: string): Client => clientFor(stack().publishableKey, schema);

/** Acts with the secret key: passes over row-level security. */
export const service = (schema?: string): Client => clientFor(stack().secretKey, schema);

export interface Person {
  id: string;
  email: string;
  password: string;
  client: Client;
  accessToken: string;
}

let count = 0;

/** A new account, signed in. */
export async function signUp(
  data: Record<string, unknown> = {},
  schema?: string,
): Promise<Person> {
  const email = `person${++count}-${randomUUID().slice(0, 8)}@lyceum.test`;
  const password = "correct-horse-battery";
  const client = clientFor(undefined, schema);
  const { data: signed, error } = await client.auth.signUp({ email, password, options: { data } });
  if (error || !signed.user || !signed.session) throw error ?? new Error("sign-up gave no session");
  return { id: signed.user.id, email, password, client, accessToken: signed.session.access_token };
}

async function knock(body: { text: string; params?: unknown[]; script?: boolean }) {
  const { sqlDoor, sqlPassword } = stack();
  const response = await fetch(sqlDoor, {
    method: "POST",
    headers: { authorization: sqlPassword },
    body: JSON.stringify(body),
  });
  const answer = await response.json() as { rows: unknown[]; message?: string };
  if (!response.ok) throw Object.assign(new Error(answer.message), answer);
  return answer.rows;
}

/** Runs one statement as the superuser. */
export const sql = async <T = Record<string, unknown>>(text: string, params?: unknown[]) =>
  await knock({ text, params }) as T[];

/** Runs a script as the superuser; the Data API sees what it made. */
export const script = async (text: string) => void await knock({ text, script: true });

/** Waits until the check gives something, and returns that. */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
