// Chat through supabase-js: rooms, unread messages, files, and an account that ends.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { type Person, service, sql } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { png } from "../qa/pictures.ts";
import { chat, member, type Message, newRoom, type Room, roomOf, roomsOf, send } from "./rooms.ts";

let ann: Person;
let ben: Person;
let cat: Person;
let stranger: Person;

beforeAll(async () => {
  [ann, ben, cat, stranger] = await Promise.all([member(), member(), member(), member()]) as [
    Person,
    Person,
    Person,
    Person,
  ];
});
afterAll(async () => {
  const broken = await findViolations((text) => sql(text));
  expect(broken.filter(({ file }) => file.startsWith("social_chat"))).toEqual([]);
});

const direct = (from: Person, to: Person) =>
  granted(chat(from).rpc("direct_room", { p_user_id: to.id })) as Promise<Room>;

describe("rooms", () => {
  test("two people have one, whoever opens it", async () => {
    const room = await direct(ann, ben);
    expect((await direct(ben, ann)).id).toBe(room.id);
    expect(room).toMatchObject({ type: "direct", members_count: 2, topic: `room:${room.id}:1` });
    await send(ann, room.id, "Hello Ben");
    expect(await roomOf(ben, room.id)).toMatchObject({
      other_id: ann.id,
      unread: 1,
      last_message_preview: "Hello Ben",
    });
  });

  test("are listed with what is unread, and reading makes it less", async () => {
    const room = await newRoom(ann, ben, cat);
    for (const text of ["one", "two", "three"]) await send(ann, room.id, text);
    expect(await roomOf(ben, room.id)).toMatchObject({ unread: 4, last_message_preview: "three" });
    expect(await roomOf(ann, room.id)).toMatchObject({ unread: 0, role: "admin" });
    const { data: read } = await chat(ben).rpc("mark_room_read", { p_room_id: room.id, p_seq: 2 });
    expect(read).toBe(2);
    expect((await roomOf(ben, room.id))?.unread).toBe(2);
    await chat(ben).rpc("mark_room_read", { p_room_id: room.id });
    expect((await roomOf(ben, room.id))?.unread).toBe(0);
    expect((await roomsOf(ben))[0]?.id).toBe(room.id);
  });

  test("are read from the table by number, page by page", async () => {
    const room = await newRoom(ann, ben);
    for (let n = 1; n <= 5; n++) await send(ann, room.id, `message ${n}`);
    const page = (before: number) =>
      granted(
        chat(ben).from("chat_messages").select("seq, content").eq("room_id", room.id)
          .lt("seq", before).order("seq", { ascending: false }).limit(2),
      ) as Promise<Message[]>;
    expect((await page(1000)).map(({ content }) => content)).toEqual(["message 5", "message 4"]);
    expect((await page(5)).map(({ content }) => content)).toEqual(["message 3", "message 2"]);
    const { data: nothing } = await chat(stranger).from("chat_messages").select("id")
      .eq("room_id", room.id);
    expect(nothing).toEqual([]);
  });

  test("are left, and the next leads", async () => {
    const room = await newRoom(ann, ben);
    expect((await chat(ann).rpc("leave_room", { p_room_id: room.id })).error).toBeNull();
    expect(await roomOf(ann, room.id)).toBeUndefined();
    expect(await roomOf(ben, room.id)).toMatchObject({ role: "admin", members_count: 1 });
    const refused = await chat(ann).rpc("send_message", { p_room_id: room.id, p_content: "x" });
    expect([refused.status, refused.error?.message]).toEqual([404, "room_not_found"]);
  });

  test("what was sent twice by a bad line is there once", async () => {
    const room = await newRoom(ann, ben);
    const p_client_id = randomUUID();
    const sent = await Promise.all([1, 2, 3].map(() => send(ann, room.id, "Hi", { p_client_id })));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect((await roomOf(ben, room.id))?.unread).toBe(2);
  });
});

describe("files", () => {
  const files = ({ client }: Person) => client.storage.from("chat-files");

  test("go to the members of the room, as long as the message stands", async () => {
    const room = await newRoom(ann, ben);
    const path = `${room.id}/${ann.id}/heart.png`;
    const { error } = await files(ann).upload(path, png(), { contentType: "image/png" });
    expect(error).toBeNull();
    expect((await files(ben).download(path)).error).not.toBeNull();
    const message = await send(ann, room.id, "", { p_type: "image", p_file_path: path });
    expect(message.data).toMatchObject({ path, name: "heart.png", mime_type: "image/png" });
    expect((await roomOf(ben, room.id))?.last_message_preview).toBe("heart.png");
    const { data: link } = await files(ben).createSignedUrl(path, 60);
    const answer = await fetch(link?.signedUrl ?? "");
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(png());
    expect((await files(stranger).download(path)).error).not.toBeNull();
    expect((await files(stranger).createSignedUrl(path, 60)).error).not.toBeNull();

    await granted(chat(ann).rpc("delete_message", { p_message_id: message.id }));
    expect((await files(ben).download(path)).error).not.toBeNull();
    expect((await files(ann).remove([path])).data).toHaveLength(1);
  });

  test("of other kinds, and into rooms of others, are refused", async () => {
    const room = await newRoom(ann, ben);
    const html = Buffer.from("<script>1</script>");
    const kind = await files(ann).upload(`${room.id}/${ann.id}/a.html`, html, {
      contentType: "text/html",
    });
    expect(kind.error).not.toBeNull();
    const foreign = await files(stranger).upload(`${room.id}/${stranger.id}/a.png`, png(), {
      contentType: "image/png",
    });
    expect(foreign.error).not.toBeNull();
    const { data } = await service("core").storage.from("chat-files").list(`${room.id}/${ann.id}`);
    expect(data).toEqual([]);
  });
});

describe("an account that ends", () => {
  test("leaves what was said, and its rooms to others", async () => {
    const gone = await member();
    const group = await newRoom(gone, ann);
    const room = await direct(gone, ann);
    await send(gone, room.id, "Goodbye");
    await sql("delete from auth.users where id = $1", [gone.id]);
    expect(await roomOf(ann, group.id)).toMatchObject({ role: "admin", members_count: 1 });
    expect(await roomOf(ann, room.id)).toMatchObject({
      other_id: null,
      last_message_preview: "Goodbye",
    });
    const { data } = await chat(ann).from("chat_messages").select("sender_id, content")
      .eq("room_id", room.id);
    expect(data).toEqual([{ sender_id: null, content: "Goodbye" }]);
    const answer = await chat(ann).rpc("send_message", { p_room_id: room.id, p_content: "?" });
    expect([answer.status, answer.error?.message]).toEqual([409, "person_unavailable"]);
  });
});
