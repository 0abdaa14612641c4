// Realtime through supabase-js: broadcast from SQL, from clients and by HTTP.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { listen, moment, opened, room, say } from "../../setup/realtime.ts";
import { anonymous, type Client, clientFor, signUp, sql, stack, until } from "../../setup/stack.ts";

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

  test("refuses by HTTP what is no list of messages", async () => {
    const bodies = [
      "{}",
      "null",
      "5",
      '{"messages":5}',
      '{"messages":[null]}',
      '{"messages":[{}]}',
      "{",
    ];
    for (const body of bodies) {
      const answer = await fetch(`${stack().url}/realtime/v1/api/broadcast`, {
        method: "POST",
        headers: { apikey: stack().publishableKey, "Content-Type": "application/json" },
        body,
      });
      expect(`${body}: ${answer.status}`).toBe(`${body}: 422`);
    }
  });
});
