// What every example in docs/*.md finds in scope: see docs/README.md.
import assertStrict from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { readAccounts } from "../../scripts/stack/accounts.ts";
import {
  type Client,
  clientFor,
  service as serviceClient,
  signUp as newPerson,
  sql,
  stack,
  until as waitUntil,
} from "../setup/stack.ts";

export { createClient, sql };
export const { url, publishableKey, secretKey } = stack();
export const service = serviceClient();

/** Patient: other tests may keep the workers and experts of the same stack busy. */
export const until: typeof waitUntil = (check, what, timeoutMs = 30_000) =>
  waitUntil(check, what, timeoutMs);

let asserted = 0;
/** How often an example asserted something; reading it starts the count anew. */
export function takeAssertions(): number {
  const count = asserted;
  asserted = 0;
  return count;
}

const counted = <T extends object>(target: T): T =>
  new Proxy(target, {
    get: (object, name, receiver) => {
      const value: unknown = Reflect.get(object, name, receiver);
      return typeof value === "function" ? counted(value) : value;
    },
    apply: (method, self, args) => {
      asserted++;
      return Reflect.apply(method as unknown as (...args: unknown[]) => unknown, self, args);
    },
  });

export const assert = counted(assertStrict);

interface ExamplePerson {
  id: string;
  email: string;
  password: string;
  client: Client;
}

/** A new account. Its client reads `public` by default, as createClient does: name the schema. */
export const signUp = async (data: Record<string, unknown> = {}): Promise<ExamplePerson> =>
  await newPerson(data, "public");

async function signInAs(email: string, password: string): Promise<ExamplePerson | undefined> {
  const client = clientFor(undefined, "public");
  const { data } = await client.auth.signInWithPassword({ email, password });
  return data.user ? { id: data.user.id, email, password, client } : undefined;
}

/** The demo account that has this role. */
export async function signIn(role: string): Promise<ExamplePerson> {
  const account = readAccounts().find(({ roles }) => roles.includes(role));
  const person = account && await signInAs(account.email, account.password);
  if (!person) throw new Error(`No demo account with the role ${role} can sign in.`);
  return person;
}

/** The expert to whom the question is assigned: a demo account, or one that another test signed up. */
export async function signInReviewer(questionId: string): Promise<ExamplePerson> {
  const [row] = await sql<{ email: string }>(
    "select u.email from qa.questions q join auth.users u on u.id = q.assigned_expert_id where q.id = $1",
    [questionId],
  );
  if (!row) throw new Error("Nobody reviews this question.");
  const known = readAccounts().find(({ email }) => email === row.email);
  const person = await signInAs(row.email, known?.password ?? "correct-horse-battery");
  if (!person) throw new Error(`${row.email} reviews this question and cannot sign in.`);
  return person;
}
