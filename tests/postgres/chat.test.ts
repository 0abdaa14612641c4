// Chat in a rush: one room a pair, numbers without gaps, one message a client_id, nobody writes who is out, and a group
// keeps an admin.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  asUser,
  copyOf,
  type Database,
  expectSound,
  loadHelpers,
  rush,
  times,
  warmUp,
} from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "chat");
  await loadHelpers(database.sql);
  await database.sql`
    update core.settings set value = (
      select jsonb_object_agg(key, '{"usual": {"burst": 100000, "per_hour": 100000}, "new": {"burst": 100000, "per_hour": 100000}}'::jsonb)
      from jsonb_each(value)
    ) where key = 'social.limits'`;
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

async function people(count: number): Promise<string[]> {
  const rows = await database.sql<{ id: string }[]>`
    select tests.create_user('chat-' || gen_random_uuid() || '@race.test') as id
    from generate_series(1, ${count})`;
  return rows.map(({ id }) => id);
}

const call = (person: string, text: string, params: (string | string[] | null)[]) => () =>
  asUser(database, person, async (tx) => {
    const [row] = await tx.unsafe<{ value: string }[]>(`select ${text} as value`, params);
    return row?.value as string;
  });

const open = (admin: string, others: string[]) =>
  call(admin, "(social.create_room('Race', '', $1::uuid[])).id", [others])();
const send = (person: string, room: string, clientId: string | null = null) =>
  call(person, "(social.send_message($1, 'Hi', p_client_id => $2)).id", [room, clientId]);
const leave = (person: string, room: string) => call(person, "social.leave_room($1)", [room]);
const remove = (person: string, room: string, target: string) =>
  call(person, "social.remove_member($1, $2)", [room, target]);
const setRole = (person: string, room: string, target: string, role: string) =>
  call(person, "social.set_member_role($1, $2, $3)", [room, target, role]);

const roleCount = async (room: string, role: string): Promise<number> => {
  const rows = await database.sql`
    select from social.chat_room_participants where room_id = ${room} and role = ${role}`;
  return rows.length;
};

const expectDone = <T>({ done, refused }: { done: T[]; refused: object }, count: number): T[] => {
  expect(refused).toEqual({});
  expect(done).toHaveLength(count);
  return done;
};

test("two people who open their room twenty times at once have one", async () => {
  const [one = "", other = ""] = await people(2);
  const opened = await rush(
    times(
      20,
      (n) =>
        call(n % 2 === 0 ? one : other, "(social.direct_room($1)).id", [n % 2 === 0 ? other : one]),
    ),
  );
  expect(new Set(expectDone(opened, 20)).size).toBe(1);
  const members = await database.sql`
    select from social.chat_room_participants where room_id = ${opened.done[0] ?? ""}`;
  expect(members).toHaveLength(2);
});

test("eight people who write twenty-five messages each are numbered without gaps or doubles", async () => {
  const writers = await people(8);
  const room = await open(writers[0] ?? "", writers.slice(1));
  const sent = await rush(times(200, (n) => send(writers[n % 8] ?? "", room)));
  expect(new Set(expectDone(sent, 200)).size).toBe(200);
  const [row] = await database.sql`
    select count(*)::int as count, count(distinct seq)::int as numbers, max(seq)::int as last
    from social.chat_messages where room_id = ${room}`;
  expect(row).toEqual({ count: 201, numbers: 201, last: 201 });
});

test("a message sent ten times at once with one client_id is there once", async () => {
  const [writer = "", reader = ""] = await people(2);
  const room = await open(writer, [reader]);
  const clientId = randomUUID();
  const sent = await rush(times(10, () => send(writer, room, clientId)));
  expect(new Set(expectDone(sent, 10)).size).toBe(1);
});

test("whoever is removed while he writes has written before, and nothing after", async () => {
  for (let round = 0; round < 5; round++) {
    const [admin = "", writer = ""] = await people(2);
    const room = await open(admin, [writer]);
    const { done, refused } = await rush<string>([
      ...times(6, () => send(writer, room)),
      remove(admin, room, writer),
      ...times(6, () => send(writer, room)),
    ]);
    expect(Object.keys(refused).filter((why) => why !== "PT404 room_not_found")).toEqual([]);
    const [row] = await database.sql`
      select max(seq) filter (where message_type = 'text') as written,
        min(seq) filter (where data ->> 'event' = 'member_removed') as removed,
        count(*) filter (where message_type = 'text')::int as count
      from social.chat_messages where room_id = ${room}`;
    expect(row?.count).toBe(done.length - 1);
    expect(Number(row?.written ?? 0)).toBeLessThan(Number(row?.removed));
  }
});

describe("a group keeps an admin", () => {
  const twoAdmins = async (): Promise<[room: string, one: string, other: string]> => {
    const [one = "", other = "", member = ""] = await people(3);
    const room = await open(one, [other, member]);
    await setRole(one, room, other, "admin")();
    return [room, one, other];
  };

  test("when both leave at once", async () => {
    for (let round = 0; round < 5; round++) {
      const [room, one, other] = await twoAdmins();
      expectDone(await rush([leave(one, room), leave(other, room)]), 2);
      expect(await roleCount(room, "admin")).toBe(1);
    }
  });

  test("when both step down at once: the second may not", async () => {
    for (let round = 0; round < 5; round++) {
      const [room, one, other] = await twoAdmins();
      const { done, refused } = await rush([
        setRole(one, room, one, "member"),
        setRole(other, room, other, "member"),
      ]);
      expect([done.length, refused]).toEqual([1, { "PT409 last_room_admin": 1 }]);
      expect(await roleCount(room, "admin")).toBe(1);
    }
  });

  test("when they would demote and remove each other: nobody acts on his equal", async () => {
    const [room, one, other] = await twoAdmins();
    const { done, refused } = await rush([
      setRole(one, room, other, "member"),
      setRole(other, room, one, "member"),
      remove(one, room, other),
      remove(other, room, one),
    ]);
    expect([done, refused]).toEqual([[], { "PT403 room_role_required": 4 }]);
    expect(await roleCount(room, "admin")).toBe(2);
  });
});

test("accounts that end in the midst of it leave sound rooms, without a deadlock", async () => {
  const crowd = await people(10);
  const rooms = await Promise.all(times(4, (n) => open(crowd[n] ?? "", crowd)));
  const end = (person: string) => async () => {
    await database.sql`delete from auth.users where id = ${person}`;
    return person;
  };
  const { refused } = await rush<string>([
    ...times(60, (n) => send(crowd[n % 10] ?? "", rooms[n % 4] ?? "")),
    ...crowd.slice(0, 6).map(end),
    ...times(4, (n) => leave(crowd[6 + n % 4] ?? "", rooms[n] ?? "")),
    ...times(60, (n) => send(crowd[n % 10] ?? "", rooms[n % 4] ?? "")),
  ]);
  expect(
    Object.keys(refused).filter((why) => !/room_not_found|not_authenticated/.test(why)),
  ).toEqual([]);
  const left = await database.sql`
    select from social.chat_room_participants where user_id = any (${crowd.slice(0, 6)}::uuid[])`;
  expect(left).toHaveLength(0);
});
