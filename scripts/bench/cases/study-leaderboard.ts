// The board of a week with 100,000 learners on it: the first twenty, and somebody from the middle with those around, against
// the same with everybody ranked by a window; before and after the waiting changes are added up.
import assert from "node:assert/strict";
import type pg from "pg";
import { type Statement, transaction, withClients } from "../connect.ts";
import { pair } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";

const idOf = (no: number) => `b9000000-0000-4000-8000-${String(no).padStart(12, "0")}`;

async function fill(client: pg.Client, learners: number): Promise<void> {
  await client.query("set session_replication_role = replica");
  const id = "('b9000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid";
  await client.query(
    `insert into auth.users (id, aud, role, email)
     select ${id}, 'authenticated', 'authenticated', 'board-' || n || '@bench.test' from generate_series(1, $1) as n`,
    [learners],
  );
  await client.query(
    `insert into core.profiles (id, username) select ${id}, 'board_' || n from generate_series(1, $1) as n`,
    [learners],
  );
  await client.query(
    `insert into study.learner_settings (user_id, on_leaderboards) select ${id}, true from generate_series(1, $1) as n`,
    [learners],
  );
  await client.query("set session_replication_role = origin");
  // A week's experience falls off steeply; the triggers of the board count it.
  await client.query(
    `insert into study.leaderboard_entries (week_start, user_id, xp, reached_at)
     select private.study_week(now()), ${id}, 10 + floor(3000 * power(hashint4(n)::double precision / 4294967296 + 0.5, 3)), now() - n * interval '1 second'
     from generate_series(1, $1) as n`,
    [learners],
  );
  await client.query("analyze");
}

const board: Statement = {
  name: "board",
  text: "select rank::integer, user_id, xp from study.leaderboard(20, true)",
};

// The same rows: everybody is ranked, then the first and those around are taken.
const ranked = (who: string): Statement => ({
  name: "ranked",
  text: `with everybody as materialized (
       select row_number() over (order by e.xp desc, e.reached_at, e.user_id)::integer as rank, e.user_id, e.xp
       from study.leaderboard_entries as e where e.week_start = private.study_week(now()) and e.xp > 0
     ),
     mine as materialized (select m.rank from everybody as m where m.user_id = $1)
     select a.rank, a.user_id, a.xp, p.username from everybody as a
     join core.profiles as p on p.id = a.user_id
     where a.rank <= 20 or a.rank between (select m.rank - 3 from mine as m) and (select m.rank + 3 from mine as m)
     order by a.rank`,
  values: [who],
});

export const studyLeaderboardCase: BenchCase = {
  name: "study-leaderboard",
  about: "the board of a week with 100,000 learners: the first, oneself and those around",
  run: async (bench) =>
    await withClients(await bench.scratch(), 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      const learners = Math.max(1_000, Math.round(100_000 * bench.scale));
      await fill(one, learners);
      const middle = idOf(Math.round(learners / 2));
      const mine = () => transaction(one, middle, "authenticated", board);
      const other = () => transaction(two, middle, "postgres", ranked(middle));
      const same = async () => {
        const [ours, against] = await Promise.all([mine(), other()]);
        const plain = (rows: Record<string, unknown>[]) =>
          rows.map(({ rank, user_id, xp }) => ({ rank, user_id, xp }));
        assert.deepEqual(plain(ours.rows), plain(against.rows), "the same rows of the board");
      };
      const found: Comparison[] = [];
      const compare = async (what: string, atMost: number) => {
        await same();
        found.push({
          case: "study-leaderboard",
          what,
          ours: "RPC",
          against: "everybody ranked",
          ...await pair(mine, other, { rounds: bench.rounds, milliseconds: 1500, least: 5 }),
          target: { atMost },
        });
      };
      for (let folded = 1; folded > 0;) {
        const { rows: [row] } = await one.query<{ folded: number }>(
          "select private.study_fold_boards() as folded",
        );
        folded = row?.folded ?? 0;
      }
      await one.query("vacuum analyze private.leaderboard_changes, private.leaderboard_steps");
      await compare("somebody of the middle", 0.1);
      // What a busy ten seconds leave behind.
      await one.query(
        `update study.leaderboard_entries as e set xp = e.xp + 50
         where e.user_id = any (array(select i.user_id from study.leaderboard_entries as i order by i.user_id limit $1))`,
        [Math.round(learners / 20)],
      );
      await compare("with changes that wait", 0.2);
      return found;
    }),
};
