// Chat: the rooms of somebody who is in many, with what is unread; the last messages of a big room; and what a stranger
// costs who asks for them.
import type pg from "pg";
import { type Role, type Statement, transaction, withClients } from "../connect.ts";
import { pair, type Turns } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";
import { measureRead } from "./rls.ts";
import { idsOf } from "./social.ts";
import { bareRooms, designMessages, designRooms, lastMessages } from "./social-chat-queries.ts";

interface Rooms {
  big: string;
  small: string;
  stranger: string;
}

/** A big and a small room of person 1, and somebody who is in neither. */
async function roomsOf(client: pg.Client): Promise<Rooms> {
  const { rows: [found] } = await client.query<Rooms>(`
    select big.id as big, small.id as small, (
      select p.id from bench.people as p
      where not exists (
        select from bench.members as m where m.person = p.n and m.room in (big.n, small.n)
      ) and exists (select from bench.members as m where m.person = p.n)
      order by p.n limit 1
    ) as stranger
    from bench.rooms as big, bench.rooms as small
    where big.n = 1 and small.n = 11`);
  if (!found?.stranger) throw new Error("Everybody is in every room.");
  return found;
}

interface Side {
  label: string;
  role: Role;
  statement: Statement;
}

/** Both sides as the same person; what they return must be the same in these columns. */
async function compareAs(
  [ours, other]: [pg.Client, pg.Client],
  userId: string,
  about: { case: string; what: string; target?: Target; columns: string[]; turns: Turns },
  mine: Side,
  theirs: Side,
): Promise<Comparison> {
  const read = (client: pg.Client, side: Side) => () =>
    transaction(client, userId, side.role, side.statement);
  const picked = async (client: pg.Client, side: Side) =>
    JSON.stringify(
      (await read(client, side)()).rows.map((row: Record<string, unknown>) =>
        about.columns.map((column) => row[column])
      ),
    );
  if (about.columns.length > 0 && await picked(ours, mine) !== await picked(other, theirs)) {
    throw new Error(`${about.what}: ${mine.label} and ${theirs.label} differ`);
  }
  return {
    case: about.case,
    what: about.what,
    ours: mine.label,
    against: theirs.label,
    ...await pair(read(ours, mine), read(other, theirs), about.turns),
    target: about.target,
  };
}

export const roomsCase: BenchCase = {
  name: "social-rooms",
  about: "my rooms with what is unread, against the same without RLS and against counting messages",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const both = clients as [pg.Client, pg.Client];
      const [me = ""] = await idsOf(both[0], [1]);
      const { rows: [{ rooms } = { rooms: 0 }] } = await both[0].query<{ rooms: number }>(
        "select count(*)::integer as rooms from social.chat_room_participants where user_id = $1",
        [me],
      );
      const turns = { rounds: bench.rounds, milliseconds: 600, least: 5 };
      const found: Comparison[] = [];
      for (const limit of rooms > 50 ? [50, 500] : [500]) {
        const what = limit < rooms ? `the newest ${limit} of ${rooms} rooms` : `all ${rooms} rooms`;
        const side = (label: string, role: Role, text: string, values: unknown[]): Side => ({
          label,
          role,
          statement: { name: label, text, values },
        });
        const mine = side("my_rooms", "authenticated", "select * from social.my_rooms($1)", [
          limit,
        ]);
        const compare = (target: Target, columns: string[], theirs: Side) =>
          compareAs(both, me, { case: "social-rooms", what, target, columns, turns }, mine, theirs);
        found.push(
          await compare(
            { atMost: 1.6 },
            ["id", "unread", "last_sender_username"],
            side("without RLS", "postgres", bareRooms, [me, limit]),
          ),
          await compare(
            { atMost: 0.01 },
            ["id", "unread"],
            side("counting messages", "postgres", designRooms, [me, limit]),
          ),
        );
      }
      return found;
    }),
};

export const messagesCase: BenchCase = {
  name: "social-messages",
  about: "the last 50 messages of a room, for a member and for a stranger",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const both = clients as [pg.Client, pg.Client];
      const { big, small, stranger } = await roomsOf(both[1]);
      const [me = ""] = await idsOf(both[1], [1]);
      const found: Comparison[] = [];
      for (const [size, room] of [["big", big], ["small", small]] as const) {
        found.push({
          ...await measureRead(bench, "social-messages", both, {
            what: `the last 50 of a ${size} room`,
            as: { user_id: me },
            statement: { name: "last", text: lastMessages, values: [room] },
            target: { atMost: 1.25 },
          }),
        });
      }
      const about = {
        case: "social-messages",
        what: "the same of a stranger, who gets nothing",
        columns: [],
        turns: { rounds: bench.rounds, milliseconds: 600, least: 20 },
      };
      const probe: Side = {
        label: "RLS",
        role: "authenticated",
        statement: { name: "last", text: lastMessages, values: [big] },
      };
      const { rowCount } = await transaction(both[0], stranger, probe.role, probe.statement);
      if (rowCount !== 0) throw new Error(`A stranger reads ${rowCount} messages.`);
      found.push(
        await compareAs(both, stranger, { ...about, target: { atMost: 1.5 } }, probe, {
          label: "owner, who gets 50",
          role: "postgres",
          statement: probe.statement,
        }),
        await compareAs(both, stranger, { ...about, target: { atMost: 0.05 } }, probe, {
          label: "a policy that looks for each message",
          role: "bench_reader",
          statement: { name: "design-last", text: designMessages, values: [big] },
        }),
      );
      return found;
    }),
};

export const chatCases = [roomsCase, messagesCase];
