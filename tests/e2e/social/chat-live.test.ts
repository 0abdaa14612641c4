// Chat on real sockets: what members hear, who types and who is there, and that whoever is out hears nothing more.
import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { listen, moment } from "../../setup/realtime.ts";
import { anonymous, type Person, sql, stack, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { chat, hears, joined, member, newRoom, roomOf, send, typingOf } from "./rooms.ts";

let ann: Person;
let ben: Person;
let stranger: Person;

beforeAll(async () => {
  [ann, ben, stranger] = await Promise.all([member(), member(), member()]) as [
    Person,
    Person,
    Person,
  ];
});

describe("a member", () => {
  test("hears messages, edits, deletions and how far others have read", async () => {
    const room = await newRoom(ann, ben);
    const b = await joined(ben, room.topic);
    const message = await send(ann, room.id, "Hello", { p_client_id: "device-1" });
    // That the room was opened may still be on its way to whoever joins at once.
    expect(await hears(b, "message", ({ seq }) => seq === message.seq)).toMatchObject({
      id: message.id,
      seq: 2,
      sender_id: ann.id,
      content: "Hello",
      client_id: "device-1",
    });
    const p_message_id = message.id;
    await granted(chat(ann).rpc("edit_message", { p_message_id, p_content: "Hello Ben" }));
    expect(await hears(b, "message_edited")).toMatchObject({
      id: message.id,
      content: "Hello Ben",
    });
    await granted(chat(ann).rpc("delete_message", { p_message_id }));
    expect(await hears(b, "message_deleted")).toMatchObject({ id: message.id, content: "" });
    const a = await joined(ann, room.topic);
    await granted(chat(ben).rpc("mark_room_read", { p_room_id: room.id }));
    expect(await hears(a, "room_read")).toMatchObject({ user_id: ben.id, last_read_seq: 2 });
  });

  test("hears of members, roles and names", async () => {
    const room = await newRoom(ann, ben);
    const b = await joined(ben, room.topic);
    const p_room_id = room.id;
    await granted(chat(ann).rpc("add_members", { p_room_id, p_user_ids: [stranger.id] }));
    // The opening of the room tells of those who were there from the first.
    expect(
      await hears(b, "member_joined", (news) => isDeepStrictEqual(news["user_ids"], [stranger.id])),
    )
      .toMatchObject({ user_ids: [stranger.id] });
    await chat(ann).rpc("set_member_role", { p_room_id, p_user_id: ben.id, p_role: "moderator" });
    expect(await hears(b, "member_role")).toMatchObject({ user_id: ben.id, role: "moderator" });
    await granted(chat(ben).rpc("update_room", { p_room_id, p_name: "Better name" }));
    expect(await hears(b, "room_updated")).toMatchObject({ name: "Better name" });
  });

  test("hears of new messages on his own channel without joining the room", async () => {
    const room = await newRoom(ann, ben);
    const inbox = await joined(ben, `user:${ben.id}`);
    const message = await send(ann, room.id, "Are you there?");
    expect(await hears(inbox, "room_activity", ({ seq }) => seq === message.seq)).toMatchObject({
      room_id: room.id,
      topic: room.topic,
      preview: "Are you there?",
    });
    expect((await roomOf(ben, room.id))?.unread).toBe(message.seq);
  });

  test("sees who is there and who is typing", async () => {
    const room = await newRoom(ann, ben);
    const there = (person: Person) =>
      joined(person, room.topic, { presence: { key: person.id, enabled: true } });
    const [a, b] = [await there(ann), await there(ben)];
    expect(await a.channel.track({})).toBe("ok");
    await until(() => ann.id in b.channel.presenceState(), "ann to be there");
    const config = { broadcast: { ack: true } };
    const typing = typingOf(room.topic);
    const [fromAnn, toBen] = [await joined(ann, typing, config), await joined(ben, typing, config)];
    const sent = await fromAnn.channel.send({
      type: "broadcast",
      event: "typing",
      payload: { user_id: ann.id },
    });
    expect(sent).toBe("ok");
    expect(await hears(toBen, "typing")).toMatchObject({ user_id: ann.id });
  });
});

describe("nobody", () => {
  test("who is no member joins the channel, as a stranger or without an account", async () => {
    const room = await newRoom(ann, ben);
    for (const client of [stranger.client, anonymous()]) {
      for (const topic of [room.topic, typingOf(room.topic), `room:${room.id}`, "room:x:1"]) {
        expect((await listen(client, topic)).status, topic).toBe("CHANNEL_ERROR");
      }
    }
    await send(ann, room.id, "Still here");
    expect((await roomOf(ben, room.id))?.unread).toBe(2);
  });

  test("forges a message: neither on the socket nor over HTTP, nor from where one types", async () => {
    const room = await newRoom(ann, ben);
    const a = await joined(ann, room.topic);
    const b = await joined(ben, room.topic, { broadcast: { ack: true } });
    const forged = { type: "broadcast" as const, event: "message", payload: { content: "forged" } };
    expect(await b.channel.send(forged)).toBe("error");
    const answer = await fetch(`${stack().url}/realtime/v1/api/broadcast`, {
      method: "POST",
      headers: {
        apikey: stack().publishableKey,
        authorization: `Bearer ${ben.accessToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        messages: [{ topic: room.topic, event: "message", payload: forged.payload, private: true }],
      }),
    });
    await answer.arrayBuffer();
    const typing = await joined(ben, typingOf(room.topic));
    await typing.channel.send(forged);
    await send(ben, room.id, "Real");
    await hears(a, "message", ({ content }) => content === "Real");
    await moment();
    // On a slow machine the opening of the room is heard as well.
    expect(a.heard.map(({ payload }) => payload.content)).not.toContain("forged");
  });
});

describe("whoever is removed, with the socket open", () => {
  test("hears nothing from that moment; the others are told where it goes on", async () => {
    const room = await newRoom(ann, ben, stranger);
    const [out, left] = [await joined(ben, room.topic), await joined(stranger, room.topic)];
    const [outInbox, inbox] = [
      await joined(ben, `user:${ben.id}`),
      await joined(stranger, `user:${stranger.id}`),
    ];
    await send(ann, room.id, "For all");
    await hears(out, "message");
    await hears(left, "message");

    const gone = { p_room_id: room.id, p_user_id: ben.id };
    expect((await chat(ann).rpc("remove_member", gone)).error).toBeNull();
    await hears(outInbox, "room_left", ({ room_id }) => room_id === room.id);
    const moved = await hears(inbox, "room_moved", ({ room_id }) => room_id === room.id);
    expect(moved.topic).toBe(`room:${room.id}:2`);
    const on = await joined(stranger, moved.topic as string);
    await send(ann, room.id, "Among us");
    await hears(on, "message", ({ content }) => content === "Among us");
    await moment();
    // The opening of the room may still have come; after that message nothing did.
    expect(out.heard.at(-1)).toMatchObject({ event: "message", payload: { content: "For all" } });
    expect(
      outInbox.heard.filter(({ event, payload }) =>
        event === "room_activity" && payload.preview === "Among us"
      ),
    ).toEqual([]);
    for (const topic of [typingOf(room.topic), moved.topic, typingOf(moved.topic as string)]) {
      const { status } = await listen(ben.client, topic as string);
      expect(status, topic as string).toBe("CHANNEL_ERROR");
    }
    // What was said while the channel moved is in the table.
    const { data } = await chat(stranger).from("chat_messages").select("content, data")
      .eq("room_id", room.id).gt("seq", 2).order("seq");
    expect(data).toMatchObject([{ data: { event: "member_removed", user_id: ben.id } }, {
      content: "Among us",
    }]);
  });
});

describe("whoever is suspended", () => {
  test("listens and reads, and neither writes, types nor appears", async () => {
    const off = await member();
    const room = await newRoom(ann, off);
    await sql("update core.profiles set is_active = false where id = $1", [off.id]);
    const { topic = "" } = await roomOf(off, room.id) ?? {};
    const silent = await joined(off, topic, { presence: { key: "off", enabled: true } });
    const typing = await joined(off, typingOf(topic), { broadcast: { ack: true } });
    await send(ann, room.id, "Can you hear me?");
    await hears(silent, "message");
    expect(await silent.channel.track({})).toBe("error");
    expect(await typing.channel.send({ type: "broadcast", event: "typing", payload: {} }))
      .toBe("error");
    const answer = await chat(off).rpc("send_message", { p_room_id: room.id, p_content: "Yes" });
    expect([answer.status, answer.error?.message]).toEqual([403, "account_inactive"]);
  });
});
