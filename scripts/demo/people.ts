// The people of the story. Each has a client of his own, as in a browser of his own: nothing here knows
// more of the platform than its URL and the publishable key.
import { createClient } from "@supabase/supabase-js";
import { expectThat, Unmet } from "./steps.ts";
import { Inbox } from "./inbox.ts";

export const connect = (url: string, key: string) =>
  createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });

export type Client = ReturnType<typeof connect>;

export interface Person {
  id: string;
  name: string;
  email: string;
  client: Client;
  inbox: Inbox;
}

export interface Place {
  url: string;
  publishableKey: string;
}

export async function signUp(place: Place, name: string, email: string): Promise<Person> {
  const client = connect(place.url, place.publishableKey);
  const { data, error } = await client.auth.signUp({
    email,
    password: "a-long-passphrase-for-the-demo",
    options: { data: { full_name: name } },
  });
  if (error) throw new Unmet("a new account", `${error.status} ${error.message}`);
  expectThat("a session at once", data.user !== null && data.session !== null, data);
  return { id: data.user.id, name, email, client, inbox: new Inbox() };
}

export async function signIn(
  place: Place,
  account: { email: string; password: string; full_name: string },
): Promise<Person> {
  const client = connect(place.url, place.publishableKey);
  const { data, error } = await client.auth.signInWithPassword(account);
  if (error) throw new Unmet("a session", `${error.status} ${error.message}`);
  return {
    id: data.user.id,
    name: account.full_name,
    email: account.email,
    client,
    inbox: new Inbox(),
  };
}

export interface Refusal {
  status: number;
  code: string;
  hint: string;
}

/** Calls an RPC; whatever it answers in place of a result is what came instead. */
export async function call<T>(
  person: Person,
  schema: "core" | "qa" | "study",
  name: string,
  args: Record<string, unknown> = {},
): Promise<T> {
  const { data, error, status } = await person.client.schema(schema).rpc(name, args);
  if (error) {
    throw new Unmet(`${schema}.${name} to succeed`, `${status} ${error.message}: ${error.details}`);
  }
  return data as T;
}

/** Calls an RPC that must be refused, and returns how it was. */
export async function refused(
  person: Person,
  schema: "core" | "qa" | "study",
  name: string,
  args: Record<string, unknown> = {},
): Promise<Refusal> {
  const { data, error, status } = await person.client.schema(schema).rpc(name, args);
  if (!error) throw new Unmet(`${schema}.${name} to be refused`, JSON.stringify(data));
  return { status, code: error.message, hint: error.hint };
}

export async function leave(person: Person): Promise<void> {
  await person.client.removeAllChannels();
  person.client.realtime.disconnect();
}
