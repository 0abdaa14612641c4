// Realtime through supabase-js: who is let in, who is put out, presence, and lost connections.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { listen, moment, opened, room, say } from "../../setup/realtime.ts";
import { anonymous, clientFor, type Person, signUp, sql, stack, until } from "../../setup/stack.ts";

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
