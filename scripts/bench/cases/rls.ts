// Reads through the policies against the same statements of the owner, whom no policy concerns: each as a prepared
// statement in a whole transaction with the claims of a token. Both sides must return the same rows.
import type pg from "pg";
import { type Role, type Statement, transaction, withClients } from "../connect.ts";
import { pair } from "../measure.ts";
import type { Bench, BenchCase, Comparison, Target } from "../types.ts";

interface Person {
  user_id: string;
  client_id: string;
  question_id: string;
  questions: number;
}

export interface Read {
  what: string;
  as: { user_id: string };
  statement: Statement;
  /** The same for the owner, where it is not the same text. */
  owner?: Statement;
  target?: Target;
}

const underMillisecond: Target = { atMost: 1.25 };
const scan: Target = { atMost: 1.15 };

const reads = ({ typical, heavy, admin }: People): Read[] => [
  {
    what: "my questions, newest 20",
    as: typical,
    statement: {
      name: "list",
      text: `select id, status, content, priority, due_at, created_at from qa.questions
        where client_id = $1 order by created_at desc, id desc limit 20`,
      values: [typical.client_id],
    },
    target: underMillisecond,
  },
  {
    what: `my questions of ${heavy.questions}, newest 20`,
    as: heavy,
    statement: {
      name: "list",
      text: `select id, status, content, priority, due_at, created_at from qa.questions
        where client_id = $1 order by created_at desc, id desc limit 20`,
      values: [heavy.client_id],
    },
    target: underMillisecond,
  },
  {
    what: "my questions, the policy being the only filter",
    as: typical,
    statement: {
      name: "list-unfiltered",
      text: `select id, status, content, priority, due_at, created_at from qa.questions
        order by created_at desc, id desc limit 20`,
    },
    owner: {
      name: "list",
      text: `select id, status, content, priority, due_at, created_at from qa.questions
        where client_id = $1 order by created_at desc, id desc limit 20`,
      values: [typical.client_id],
    },
  },
  {
    what: "one question by its id",
    as: typical,
    statement: {
      name: "by-id",
      text: "select * from qa.questions where id = $1",
      values: [typical.question_id],
    },
    target: underMillisecond,
  },
  {
    what: "notifications, newest 20",
    as: heavy,
    statement: {
      name: "notifications",
      text: `select id, type, title, message, link, read_at, updated_at from core.notifications
        where user_id = $1 order by updated_at desc, id desc limit 20`,
      values: [heavy.user_id],
    },
    target: underMillisecond,
  },
  ...[typical, heavy].map((as) => ({
    what: `the answer to a question of one's ${as.questions}, with citations`,
    as,
    statement: {
      name: "answer",
      text: `select v.content, c.position, c.title, c.quote from qa.answers a
        join qa.answer_versions v on v.answer_id = a.id and v.stage = 'final'
        left join qa.answer_citations c on c.version_id = v.id
        where a.question_id = $1 order by c.position`,
      values: [as.question_id],
    },
    target: underMillisecond,
  })),
  {
    what: "all questions by status, for an administrator (scan)",
    as: admin,
    statement: {
      name: "summary",
      text: "select status, count(*) from qa.questions group by status order by status",
    },
    target: scan,
  },
];

interface People {
  typical: Person;
  heavy: Person;
  admin: Person;
}

export async function peopleOf(client: pg.Client): Promise<People> {
  // Person 1 has far more questions than others, person 2 is the administrator; a usual person has four or so.
  const find = async (condition: string): Promise<Person> => {
    const { rows } = await client.query<Person>(`
      select p.id as user_id, p.client_id, count(q.id)::integer as questions,
        (array_agg(q.id order by q.created_at) filter (where q.status in ('delivered', 'rated')))[1] as question_id
      from bench.people as p
      left join bench.asked as q on q.person = p.n
      where ${condition}
      group by p.n
      order by abs(count(q.id) - 4), p.n
      limit 1`);
    const [row] = rows;
    if (!row) throw new Error(`Nobody in the data fits: ${condition}`);
    return row;
  };
  return {
    typical: await find("p.n > 2 and p.n <= 2000"),
    heavy: await find("p.n = 1"),
    admin: await find("p.n = 2"),
  };
}

export async function measureRead(
  bench: Bench,
  name: string,
  [ours, owner]: [pg.Client, pg.Client],
  read: Read,
  role: Role = "authenticated",
): Promise<Comparison> {
  const { as, statement } = read;
  const bare = read.owner ?? statement;
  const mine = () => transaction(ours, as.user_id, role, statement);
  const theirs = () => transaction(owner, as.user_id, "postgres", bare);
  const [a, b] = [(await mine()).rows, (await theirs()).rows];
  if (a.length === 0 || JSON.stringify(a) !== JSON.stringify(b)) {
    throw new Error(`${read.what}: ${a.length} rows under RLS, ${b.length} without, or other ones`);
  }
  const { rounds } = bench;
  return {
    case: name,
    what: read.what,
    ours: "RLS",
    against: "owner",
    ...await pair(mine, theirs, { rounds, milliseconds: 600, least: 20 }),
    target: read.target,
  };
}

const readsCase: BenchCase = {
  name: "rls-reads",
  about: "reads under RLS against the owner's",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const [ours, owner] = clients as [pg.Client, pg.Client];
      const found: Comparison[] = [];
      for (const read of reads(await peopleOf(owner))) {
        found.push(await measureRead(bench, "rls-reads", [ours, owner], read));
      }
      return found;
    }),
};

const rpcCase: BenchCase = {
  name: "rls-rpc",
  about: "qa.track_question against the body behind it",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const [ours, owner] = clients as [pg.Client, pg.Client];
      const { typical, heavy } = await peopleOf(owner);
      const call = (text: string, as: Person) => ({ name: text, text, values: [as.question_id] });
      const found: Comparison[] = [];
      for (const as of [typical, heavy]) {
        found.push(
          await measureRead(bench, "rls-rpc", [ours, owner], {
            what: `track_question, one of ${as.questions}`,
            as,
            statement: call("select qa.track_question($1)", as),
            owner: call("select private.qa_track_question($1) as track_question", as),
            target: { atMost: 1.1 },
          }),
        );
      }
      return found.map((comparison) => ({ ...comparison, ours: "RPC", against: "its body" }));
    }),
};

export const rlsCases = [readsCase, rpcCase];
