// What the audit costs: statements on ten thousand rows, commit and seal included, and many small transactions at once.
import type pg from "pg";
import { slowCommits, withClients } from "../connect.ts";
import { inTurns, pair, ratiosOf } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";

const tables = ["plain", "audited", "audited_with_values"];

/** Three tables like core.profiles; one audited as usual tables are, one that keeps the values of inserts too. */
async function makeTables(client: pg.Client): Promise<void> {
  await client.query("create schema if not exists bench_audit");
  for (const table of tables) {
    await client.query(`
      create table if not exists bench_audit.${table} (
        id uuid primary key default gen_random_uuid(),
        username text not null, full_name text, bio text, time_zone text not null default 'UTC',
        locale text not null default 'en', is_active boolean not null default true,
        settings jsonb not null default '{}', score integer not null default 0,
        created_at timestamptz not null default now(), updated_at timestamptz not null default now()
      )`);
  }
  await client.query("select private.audit_table('bench_audit.audited', '{bio}', false)");
  await client.query(
    "select private.audit_table('bench_audit.audited_with_values', '{bio}', true)",
  );
}

const insert = (table: string, rows: number) => `
  insert into bench_audit.${table} (username, full_name, bio, settings)
  select 'person_' || n, 'Person ' || n, repeat('Something about oneself. ', 4), '{"theme": "dark"}'
  from generate_series(1, ${rows}) as n`;
const update = (table: string, rows: number) => `
  update bench_audit.${table} set score = score + 1, locale = case locale when 'en' then 'de' else 'en' end
  where id in (select id from bench_audit.${table} order by id limit ${rows})`;

const bulk: BenchCase = {
  name: "audit-bulk",
  about: "10,000 rows in a statement, with and without audit",
  run: async (bench) =>
    await withClients(await bench.scratch(), 1, async (clients) => {
      const [client] = clients as [pg.Client];
      await makeTables(client);
      const rows = 10_000;
      const turns = { rounds: bench.rounds, milliseconds: 0, least: 3 };
      const side = (statement: typeof insert, table: string) => () =>
        client.query(statement(table, rows));
      const found: Comparison[] = [];
      const compare = async (what: string, of: typeof insert, table: string, target?: Target) => {
        found.push({
          case: "audit-bulk",
          what: `${what} of ${rows} rows`,
          ours: "audited",
          against: "not audited",
          ...await pair(side(of, table), side(of, "plain"), turns),
          target,
        });
        // Every statement finds tables of one size.
        if (of === insert) await client.query(`truncate bench_audit.plain, bench_audit.${table}`);
      };
      await compare("insert", insert, "audited", { atMost: 2 });
      await compare("insert, values kept,", insert, "audited_with_values");
      for (const table of ["plain", "audited"]) await client.query(insert(table, 2 * rows));
      await client.query("analyze");
      await compare("update", update, "audited", { atMost: 3.5 });
      return found;
    }),
};

const together: BenchCase = {
  name: "audit-together",
  about: "8 clients that each commit one audited row, commits taking 2 ms",
  run: async (bench) =>
    await withClients(await bench.scratch(), 8, async (clients) => {
      const [first] = clients as [pg.Client];
      await makeTables(first);
      const all = (table: string) => () =>
        Promise.all(clients.map(async (client) => {
          for (let turn = 0; turn < 25; turn++) await client.query(insert(table, 1));
        }));
      const [audited = [], plain = []] = await inTurns(
        [all("audited"), all("plain")],
        { rounds: bench.rounds, milliseconds: 500, least: 2 },
      );
      const rate = (times: number[]) => times.map((time) => 8 * 25 * 1000 / time);
      return [{
        case: "audit-together",
        what: "transactions of one row, 8 clients",
        ours: "audited",
        against: "not audited",
        of: "rate",
        ratios: ratiosOf(rate(audited), rate(plain)),
        measured: { ours: rate(audited), against: rate(plain) },
        note:
          "links of the chain follow each other in the order of commits, so commits with audit rows queue",
      }];
    }, slowCommits),
};

export const auditCases: BenchCase[] = [bulk, together];
