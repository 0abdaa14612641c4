// Realtime through supabase-js: broadcast from clients and from SQL, presence, and who may not.
import { randomUUID } from "node:crypto";
import type { RealtimeChannel, RealtimeChannelOptions } from "@supabase/supabase-js";
import { afterEach, describe, expect, test } from "vitest";
import {
  anonymous,
  type Client,
  clientFor,
  type Person,
  signUp,
  sql,
  stack,
  until,
} from "../../setup/stack.ts";

const opened: Client[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.removeAllChannels()));
});

interface Heard {
  event: string;
  payload: Record<string, unknown>;
  meta?: { id: string };
}

interface Listener {
  channel: RealtimeChannel;
  heard: Heard[];
  status: string;
  reason: string;
}

async function listen(
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

async function room(...members: [Person, speaks: boolean][]): Promise<string> {
  const name = randomUUID().slice(0, 8);
  for (const [{ id }, speaks] of members) {
    await sql("insert into platform_test.room_members values ($1, $2, $3)", [name, id, speaks]);
  }
  return name;
}

const say = (name: string, body: string) =>
  sql("insert into platform_test.messages (room, body) values ($1, $2)", [name, body]);
const moment = () => new Promise((resolve) => setTimeout(resolve, 250));

describe("broadcast from SQL", () => {
  test("reaches the members, in order, once each, with the row", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, false], [bob, false]);
    const listeners = [
      await listen(ada.client, `platform:${name}`),
      await listen(bob.client, `platform:${name}`),
    ];
    for (let index = 0; index < 20; index++) await say(name, `m${index}`);
    for (const { heard, status } of listeners) {
      expect(status).toBe("SUBSCRIBED");
      await until(() => heard.length >= 20, "20 messages");
      await moment();
      const bodies = heard.map(({ payload }) => (payload.record as { body: string }).body);
      expect(bodies).toEqual(Array.from({ length: 20 }, (_, index) => `m${index}`));
      expect(heard[0]).toMatchObject({
        event: "INSERT",
        payload: {
          operation: "INSERT",
          table: "messages",
          schema: "platform_test",
          old_record: null,
        },
        meta: { id: expect.any(String) },
      });
    }
  });

  test("loses nothing of 200 concurrent inserts", async () => {
    const ada = await signUp();
    const name = await room([ada, false]);
    const { heard } = await listen(ada.client, `platform:${name}`);
    await Promise.all(Array.from({ length: 200 }, (_, index) => say(name, `m${index}`)));
    await until(() => heard.length >= 200, "200 messages", 20_000);
    await moment();
    expect(new Set(heard.map(({ payload }) => (payload.record as { body: string }).body)).size)
      .toBe(200);
    expect(heard).toHaveLength(200);
  });

  test("does not come from a transaction that is rolled back", async () => {
    const ada = await signUp();
    const name = await room([ada, false]);
    const { heard } = await listen(ada.client, `platform:${name}`);
    await expect(sql(
      `with sent as (select realtime.send('{"n": 1}', 'lost', $1))
       select 1 / (select count(*) - 1 from sent)`,
      [`platform:${name}`],
    )).rejects.toThrow("division by zero");
    await sql(`select realtime.send('{"n": 2}', 'kept', $1)`, [`platform:${name}`]);
    await until(() => heard.length > 0, "the second message");
    expect(heard.map(({ event, payload }) => [event, payload.n])).toEqual([["kept", 2]]);
  });

  test("goes to a public channel only if it is sent as public", async () => {
    const topic = `open-${randomUUID()}`;
    const { heard } = await listen(anonymous(), topic, { private: false });
    await sql(`select realtime.send('{"n": 1}', 'private', $1, true)`, [topic]);
    await sql(`select realtime.send('{"n": 2}', 'public', $1, false)`, [topic]);
    await until(() => heard.length > 0, "the public message");
    await moment();
    expect(heard.map(({ event }) => event)).toEqual(["public"]);
  });

  test("a user cannot send it past the policies", async () => {
    const [ada, mallory] = [await signUp(), await signUp()];
    const name = await room([ada, true]);
    const { heard } = await listen(ada.client, `platform:${name}`);
    const asUser = (id: string) =>
      sql(
        `select realtime.send('{"n": 1}', 'forged', $1)
         from (select set_config('request.jwt.claims', $2, true), set_config('role', 'authenticated', true)) s`,
        [`platform:${name}`, JSON.stringify({ sub: id, role: "authenticated" })],
      );
    await asUser(mallory.id);
    await asUser(ada.id);
    await until(() => heard.length > 0, "the member's message");
    await moment();
    expect(heard).toHaveLength(1);
  });
});

describe("broadcast from clients", () => {
  test("goes to the others, and to oneself only on request", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, true], [bob, true]);
    const a = await listen(ada.client, `platform:${name}`, { broadcast: { ack: true } });
    const b = await listen(bob.client, `platform:${name}`, {
      broadcast: { ack: true, self: true },
    });
    expect(await a.channel.send({ type: "broadcast", event: "typing", payload: { who: "ä" } }))
      .toBe("ok");
    expect(await b.channel.send({ type: "broadcast", event: "typing", payload: { who: "b" } }))
      .toBe("ok");
    await until(() => b.heard.length === 2 && a.heard.length === 1, "three deliveries");
    expect(a.heard.map(({ payload }) => payload.who)).toEqual(["b"]);
    expect(b.heard.map(({ payload }) => payload.who)).toEqual(["ä", "b"]);
  });

  test("carries bytes as bytes", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, true], [bob, false]);
    const a = await listen(ada.client, `platform:${name}`, { broadcast: { ack: true } });
    const b = await listen(bob.client, `platform:${name}`);
    const payload = Uint8Array.from([0, 1, 254, 255]).buffer;
    await a.channel.send({ type: "broadcast", event: "bytes", payload });
    await until(() => b.heard.length === 1, "the bytes");
    expect([...new Uint8Array(b.heard[0]?.payload as unknown as ArrayBuffer)]).toEqual([
      0,
      1,
      254,
      255,
    ]);
  });

  test("by a member who may only listen goes nowhere", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, false], [bob, true]);
    const a = await listen(ada.client, `platform:${name}`, { broadcast: { ack: true } });
    const b = await listen(bob.client, `platform:${name}`);
    expect(await a.channel.send({ type: "broadcast", event: "x", payload: {} })).toBe("error");
    await moment();
    expect(b.heard).toEqual([]);
  });

  test("works by HTTP too, under the same policies", async () => {
    const [ada, mallory] = [await signUp(), await signUp()];
    const name = await room([ada, true]);
    const { heard } = await listen(ada.client, `platform:${name}`);
    const send = async (client: Client) => {
      await client.realtime.setAuth();
      const channel = client.channel(`platform:${name}`, { config: { private: true } });
      return await channel.httpSend("by-http", { n: 1 });
    };
    const sender = clientFor();
    await sender.auth.signInWithPassword({ email: ada.email, password: ada.password });
    opened.push(sender);
    expect(await send(sender)).toEqual({ success: true });
    await expect(send(mallory.client)).rejects.toThrow("may not send");
    await until(() => heard.length > 0, "the message");
    await moment();
    expect(heard.map(({ event }) => event)).toEqual(["by-http"]);
  });
});

describe("strangers", () => {
  test("are refused a private channel, signed in or not", async () => {
    const [ada, mallory] = [await signUp(), await signUp()];
    const name = await room([ada, true]);
    for (const client of [mallory.client, anonymous()]) {
      const { status, reason } = await listen(client, `platform:${name}`);
      expect(status).toBe("CHANNEL_ERROR");
      expect(reason).toContain("Unauthorized");
    }
  });

  test("hear nothing on the public channel of the same name", async () => {
    const ada = await signUp();
    const name = await room([ada, true]);
    const { heard, status } = await listen(anonymous(), `platform:${name}`, { private: false });
    expect(status).toBe("SUBSCRIBED");
    await say(name, "secret");
    await moment();
    expect(heard).toEqual([]);
  });

  test("cannot connect without a key", async () => {
    const url = `${stack().url.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=wrong`;
    const outcome = await new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    });
    expect(outcome).toBe("refused");
  });

  test("with a forged token are refused", async () => {
    const ada = await signUp();
    const name = await room([ada, true]);
    const client = clientFor();
    await client.realtime.setAuth(`${ada.accessToken.slice(0, -4)}AAAA`);
    const { status, reason } = await listen(client, `platform:${name}`);
    expect(status).toBe("CHANNEL_ERROR");
    expect(reason).toContain("InvalidJWTToken");
  });
});

describe("members who lose access", () => {
  test("get nothing more from that moment, while the others do", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, true], [bob, true]);
    const a = await listen(ada.client, `platform:${name}`);
    const b = await listen(bob.client, `platform:${name}`);
    await say(name, "both");
    await until(() => a.heard.length === 1 && b.heard.length === 1, "the first message");
    await sql("delete from platform_test.room_members where room = $1 and user_id = $2", [
      name,
      bob.id,
    ]);
    await say(name, "one");
    void b.channel.send({ type: "broadcast", event: "still-here", payload: {} });
    await until(() => a.heard.length === 2, "the second message");
    await moment();
    expect(a.heard.map(({ event }) => event)).toEqual(["INSERT", "INSERT"]);
    expect(b.heard).toHaveLength(1);
    await until(() => b.status === "CLOSED", "the channel to be closed");
  });

  test("a new token keeps the channel; the token of another person ends it", async () => {
    const [ada, mallory] = [await signUp(), await signUp()];
    const name = await room([ada, true]);
    const a = await listen(ada.client, `platform:${name}`);
    const { data } = await ada.client.auth.refreshSession();
    await ada.client.realtime.setAuth(data.session?.access_token);
    await say(name, "after refresh");
    await until(() => a.heard.length === 1, "the message after the refresh");
    await ada.client.realtime.setAuth(mallory.accessToken);
    await until(() => a.status === "CLOSED", "the channel to be closed");
    await say(name, "after the change");
    await moment();
    expect(a.heard).toHaveLength(1);
  });
});

describe("presence", () => {
  test("shows each to the other, follows changes, and ends with the connection", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, true], [bob, true]);
    const join = async ({ client }: Person, key: string) => {
      opened.push(client);
      const channel = client.channel(`platform:${name}`, {
        config: { private: true, presence: { key } },
      });
      const leaves: string[] = [];
      channel.on("presence", { event: "sync" }, () => {});
      channel.on("presence", { event: "leave" }, ({ key }) => leaves.push(key));
      await new Promise<void>((resolve) => {
        channel.subscribe((status) => status === "SUBSCRIBED" && resolve());
      });
      return { channel, leaves };
    };
    const a = await join(ada, "ada");
    expect(await a.channel.track({ mood: "curious" })).toBe("ok");
    const b = await join(bob, "bob");
    await until(() => "ada" in b.channel.presenceState(), "bob to see ada");
    await b.channel.track({ mood: "tired" });
    await until(() => "bob" in a.channel.presenceState(), "ada to see bob");
    expect(a.channel.presenceState()).toMatchObject({
      ada: [{ mood: "curious" }],
      bob: [{ mood: "tired" }],
    });
    await b.channel.track({ mood: "awake" });
    await until(() => {
      const [state] = a.channel.presenceState<{ mood: string }>().bob ?? [];
      return state?.mood === "awake";
    }, "the change");
    expect(a.channel.presenceState().bob).toHaveLength(1);
    await bob.client.removeAllChannels();
    await until(() => !("bob" in a.channel.presenceState()), "bob to be gone");
    expect(a.leaves).toContain("bob");
    await a.channel.untrack();
    await until(() => Object.keys(a.channel.presenceState()).length === 0, "nobody to be left");
  });

  test("needs the right to speak", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, false], [bob, true]);
    const a = await listen(ada.client, `platform:${name}`, { presence: { enabled: true } });
    expect(await a.channel.track({ here: true })).toBe("error");
  });

  test("ends when the connection is lost without a word", async () => {
    const [ada, bob] = [await signUp(), await signUp()];
    const name = await room([ada, true], [bob, true]);
    const a = await listen(ada.client, `platform:${name}`, {
      presence: { key: "ada", enabled: true },
    });
    const b = await listen(bob.client, `platform:${name}`, {
      presence: { key: "bob", enabled: true },
    });
    a.channel.on("broadcast", { event: "x" }, () => {});
    await a.channel.track({});
    await b.channel.track({});
    await until(() => Object.keys(b.channel.presenceState()).length === 2, "both");
    await ada.client.realtime.disconnect();
    await until(() => Object.keys(b.channel.presenceState()).length === 1, "ada to be gone");
  });
});

describe("connections", () => {
  test("a lost one comes back by itself and listens again", async () => {
    const ada = await signUp();
    const name = await room([ada, true]);
    const a = await listen(ada.client, `platform:${name}`);
    // Closed below the client, as a network would.
    const socket = (ada.client.realtime as unknown as {
      socketAdapter: { getSocket(): { conn: WebSocket } };
    }).socketAdapter.getSocket().conn;
    socket.close(4000, "lost");
    await until(() => a.status === "CHANNEL_ERROR", "the loss to be noticed");
    await until(() => a.status === "SUBSCRIBED", "the channel to be back", 20_000);
    await say(name, "again");
    await until(() => a.heard.length === 1, "the message");
  });

  test("removeAllChannels ends all of them", async () => {
    const ada = await signUp();
    const name = await room([ada, true]);
    const a = await listen(ada.client, `platform:${name}`);
    expect(await ada.client.removeAllChannels()).toEqual(["ok"]);
    expect(ada.client.getChannels()).toEqual([]);
    await say(name, "nobody");
    await moment();
    expect(a.heard).toEqual([]);
    expect(a.status).toBe("CLOSED");
  });

  test("postgres_changes, which the stack does not have, are refused with a reason", async () => {
    const { client } = await signUp();
    opened.push(client);
    const channel = client.channel(`changes-${randomUUID()}`)
      .on("postgres_changes", { event: "*", schema: "core", table: "profiles" }, () => {});
    const reason = await new Promise<string>((resolve) => {
      channel.subscribe((status, error) => resolve(`${status} ${error?.message}`));
    });
    expect(reason).toMatch(/^CHANNEL_ERROR .*postgres_changes/);
  });
});
