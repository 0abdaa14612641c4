// Chat rooms of tests, and what their members do and hear.
import { listen, type Listener } from "../../setup/realtime.ts";
import { type Person, signUp, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";

export interface Room {
  id: string;
  topic: string;
  name: string;
  last_seq: number;
  members_count: number;
}

export interface Message {
  id: string;
  room_id: string;
  seq: number;
  sender_id: string | null;
  content: string;
  message_type: string;
  data: Record<string, unknown>;
  deleted_at: string | null;
  created_at: string;
}

export interface ListedRoom extends Room {
  unread: number;
  other_id: string | null;
  last_message_preview: string | null;
  role: string;
}

export const chat = ({ client }: Person) => client.schema("social");

/** An account of last year: new ones may open few rooms. */
export async function member(): Promise<Person> {
  const person = await signUp();
  await sql("update core.profiles set created_at = now() - interval '1 year' where id = $1", [
    person.id,
  ]);
  return person;
}

export async function newRoom(admin: Person, ...members: Person[]): Promise<Room> {
  return await granted(
    chat(admin).rpc("create_room", {
      p_name: "Room of a test",
      p_member_ids: members.map(({ id }) => id),
    }),
  );
}

export async function send(
  person: Person,
  room: string,
  content: string,
  more: Record<string, unknown> = {},
): Promise<Message> {
  return await granted(
    chat(person).rpc("send_message", { p_room_id: room, p_content: content, ...more }),
  );
}

export async function roomsOf(person: Person): Promise<ListedRoom[]> {
  return await granted(chat(person).rpc("my_rooms")) as ListedRoom[];
}

export async function roomOf(person: Person, id: string): Promise<ListedRoom | undefined> {
  return (await roomsOf(person)).find((room) => room.id === id);
}

export const typingOf = (topic: string): string => topic.replace(/^room:/, "typing:");

/** Waits for an event on a channel, and gives its payload. */
export const hears = async (
  listener: Listener,
  event: string,
  fits: (payload: Record<string, unknown>) => boolean = () => true,
): Promise<Record<string, unknown>> =>
  await until(
    () => listener.heard.find((heard) => heard.event === event && fits(heard.payload))?.payload,
    `the event ${event}`,
  );

export async function joined(
  person: Person,
  topic: string,
  config: Parameters<typeof listen>[2] = {},
): Promise<Listener> {
  const listener = await listen(person.client, topic, config);
  if (listener.status !== "SUBSCRIBED") throw new Error(`${topic}: ${listener.reason}`);
  return listener;
}
