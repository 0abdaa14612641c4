// Listening to channels, for the tests of Realtime. The rooms are those of tests/fixtures/platform.sql.
import { randomUUID } from "node:crypto";
import type { RealtimeChannel, RealtimeChannelOptions } from "@supabase/supabase-js";
import { afterEach } from "vitest";
import { type Client, type Person, sql, until } from "./stack.ts";

/** Clients whose channels are removed after each test. */
export const opened: Client[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.removeAllChannels()));
});

export interface Heard {
  event: string;
  payload: Record<string, unknown>;
  meta?: { id: string };
}

export interface Listener {
  channel: RealtimeChannel;
  heard: Heard[];
  status: string;
  reason: string;
}

export async function listen(
  client: Client,
  topic: string,
  config: RealtimeChannelOptions["config"] = {},
): Promise<Listener> {
  opened.push(client);
  const listener: Listener = { channel: undefined as never, heard: [], status: "", reason: "" };
  listener.channel = client.channel(topic, { config: { private: true, ...config } });
  listener.channel.on(
    "broadcast",
    { event: "*" },
    (message) => listener.heard.push(message as unknown as Heard),
  );
  listener.channel.subscribe((status, error) => {
    listener.status = status;
    listener.reason = error?.message ?? "";
  });
  await until(() => listener.status !== "", `an answer from ${topic}`);
  return listener;
}

export async function room(...members: [Person, speaks: boolean][]): Promise<string> {
  const name = randomUUID().slice(0, 8);
  for (const [{ id }, speaks] of members) {
    await sql("insert into platform_test.room_members values ($1, $2, $3)", [name, id, speaks]);
  }
  return name;
}

export const say = (name: string, body: string) =>
  sql("insert into platform_test.messages (room, body) values ($1, $2)", [name, body]);
/** Long enough for what must not come to have come. */
export const moment = () => new Promise((resolve) => setTimeout(resolve, 250));
