// Who may listen to and speak on a private channel: whoever the policies on realtime.messages let
// read and insert rows of its topic, as on hosted Supabase.
//
// The question is put to the database with rows made for it, in a transaction that is always rolled
// back. Hosted Realtime asks when a client joins or brings a new token. Here it is asked before each
// delivery as well, so that whoever loses access gets nothing more from that moment.
import type { Engine, Session } from "../engine.ts";
import type { Claims } from "../tokens.ts";

export type Extension = "broadcast" | "presence";

export interface Permissions {
  read: Record<Extension, boolean>;
  write: Record<Extension, boolean>;
}

export interface Question {
  claims: Claims;
  /** What the asker wants to send now, if anything: asking costs an insert. */
  writes: Extension[];
}

const rolledBack = Symbol("rolled back");
const nobody = (): Permissions => ({
  read: { broadcast: false, presence: false },
  write: { broadcast: false, presence: false },
});

/** The answers to all questions about one topic, in their order, from one moment. */
export async function askPermissions(
  engine: Engine,
  topic: string,
  questions: Question[],
): Promise<Permissions[]> {
  let answers: Permissions[] = [];
  try {
    await engine.transaction(async (session) => {
      const probes = await session.query<{ id: string; extension: Extension }>(
        `insert into realtime.messages (topic, extension)
         select $1, unnest(array['broadcast', 'presence'])
         returning id, extension`,
        [topic],
      );
      answers = [];
      for (const question of questions) answers.push(await ask(session, topic, probes, question));
      throw rolledBack;
    });
  } catch (error) {
    if (error !== rolledBack) throw error;
  }
  return answers;
}

async function ask(
  session: Session,
  topic: string,
  probes: { id: string; extension: Extension }[],
  { claims, writes }: Question,
): Promise<Permissions> {
  const permissions = nobody();
  if (isExpired(claims)) return permissions;
  await session.exec("savepoint question");
  await session.query(
    `select set_config('realtime.topic', $1, true), set_config('request.jwt.claims', $2, true),
       set_config('role', $3, true)`,
    [topic, JSON.stringify(claims), claims.role ?? "anon"],
  );
  for (const { extension, id } of probes) {
    const text = "select 1 from realtime.messages where id = $1";
    permissions.read[extension] = (await attempt(session, text, [id]))?.length === 1;
  }
  for (const extension of writes) {
    const text = "insert into realtime.messages (topic, extension) values ($1, $2)";
    permissions.write[extension] = await attempt(session, text, [topic, extension]) !== undefined;
  }
  // Takes back the role and the claims together with the rows.
  await session.exec("rollback to savepoint question");
  return permissions;
}

export const isExpired = ({ exp }: Claims): boolean =>
  typeof exp === "number" && exp * 1000 <= Date.now();

/** A refusal, or a policy that fails, means no; it must not end the transaction. */
async function attempt(
  session: Session,
  text: string,
  params: unknown[],
): Promise<unknown[] | undefined> {
  await session.exec("savepoint attempt");
  try {
    const rows = await session.query(text, params);
    await session.exec("release savepoint attempt");
    return rows;
  } catch {
    await session.exec("rollback to savepoint attempt");
    return undefined;
  }
}
