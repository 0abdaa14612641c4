// An answer with all that follows from it (item statistics, progress, mastery, card, experience, achievements, streak, message) in
// a bank with a year of history: as study.answer_question, against the bare insert of an attempt's row.
import assert from "node:assert/strict";
import type pg from "pg";
import { slowCommits, type Statement, transaction, withClients } from "../connect.ts";
import { inTurns, pair, ratiosOf, type Side } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";
import {
  fillHistory,
  historyQuestionOf,
  historyTopicOf,
  historyVersionOf,
  learnerOf,
} from "./study-history-rows.ts";

const name = "study-attempts";
const clientsAtOnce = 8;
const perSession = 200;

/** Learners of the history who sit before a session each; nobody but the busiest answers much more than others. */
class Sitting {
  readonly userId: string;
  readonly #questions: number;
  #sessionId = "";
  #asked: string[] = [];
  #next = 0;
  /** Where in the bank the next session begins: no question comes twice. */
  #from: number;

  constructor(no: number, questions: number) {
    this.userId = learnerOf(no);
    this.#questions = questions;
    this.#from = no * 101;
  }

  async answer(client: pg.Client): Promise<void> {
    if (this.#next === this.#asked.length) await this.#begin(client);
    const question = this.#asked[this.#next++];
    const statement: Statement = {
      name: "answer",
      text: "select study.answer_question($1, $2, $3)",
      values: [this.#sessionId, question, [this.#next % 4]],
    };
    await transaction(client, this.userId, "authenticated", statement);
  }

  async #begin(client: pg.Client): Promise<void> {
    const count = Math.min(perSession, this.#questions);
    this.#asked = Array.from(
      { length: count },
      (_, index) => historyQuestionOf(1 + ((this.#from + index) % this.#questions)),
    );
    this.#from += count;
    this.#next = 0;
    const { rows: [row] } = await client.query<{ id: string }>(
      "select (private.study_begin_practice($1, 'tutor', 'chosen', null, null, null, $2, null, now())).id",
      [this.userId, this.#asked],
    );
    this.#sessionId = row?.id ?? "";
  }
}

/** The same people's rows with nothing behind them. */
class Rows {
  readonly userId: string;
  readonly #questions: number;
  #sessionId = "";
  #next = 0;

  constructor(no: number, questions: number) {
    this.userId = learnerOf(no);
    this.#questions = questions;
  }

  async insert(client: pg.Client): Promise<void> {
    if (this.#next % this.#questions === 0) await this.#begin(client);
    const no = 1 + (this.#next++ % this.#questions);
    await transaction(client, this.userId, "postgres", {
      name: "bare",
      text: `insert into study.user_question_attempts (
          user_id, question_id, version_id, session_id, topic_id, attempt_type, selected_indexes, is_correct, time_taken_ms, study_day
        ) values ($1, $2, $3, $4, $5, 'practice', '{1}', true, 20000, current_date)`,
      values: [
        this.userId,
        historyQuestionOf(no),
        historyVersionOf(no),
        this.#sessionId,
        historyTopicOf(1 + (no % 60)),
      ],
    });
  }

  async #begin(client: pg.Client): Promise<void> {
    const { rows: [row] } = await client.query<{ id: string }>(
      `insert into study.practice_sessions (user_id, session_type, status, completed_at)
       values ($1, 'tutor', 'completed', now()) returning id`,
      [this.userId],
    );
    this.#sessionId = row?.id ?? "";
  }
}

const answersEach = 10;
/** Everybody at once, each for a learner of his own. */
const crowd =
  (clients: pg.Client[], act: (index: number, client: pg.Client) => Promise<void>): Side => () =>
    Promise.all(clients.map(async (client, index) => {
      for (let turn = 0; turn < answersEach; turn++) await act(index, client);
    }));

/** What was answered is what is counted, of every learner who answered here. */
async function check(client: pg.Client, people: Sitting[]): Promise<void> {
  const { rows } = await client.query(
    `select l.user_id from study.learners as l
     where l.user_id = any ($1) and (
       l.xp <> (select coalesce(sum(x.amount), 0) from study.xp_transactions as x where x.user_id = l.user_id) + coalesce((
         select b.xp from bench_attempts.before as b where b.user_id = l.user_id
       ), 0)
       or l.questions_answered <> (
         select sum(p.total_attempts) from study.user_progress as p where p.user_id = l.user_id
       )
     )`,
    [people.map(({ userId }) => userId)],
  );
  assert.deepEqual(rows, [], "totals are sums");
}

export const studyAttemptsCase: BenchCase = {
  name,
  about: "an answer with all its consequences against the bare insert of its row",
  run: async (bench) => {
    const url = await bench.scratch();
    const history = await withClients(url, 1, async ([client]) => {
      assert(client);
      const filled = await fillHistory(client, bench.scale);
      // Its learners have experience without a ledger: what they had before is kept beside.
      await client.query(`
        create schema if not exists bench_attempts;
        create table if not exists bench_attempts.before as
          select l.user_id, l.xp - (select coalesce(sum(x.amount), 0) from study.xp_transactions as x where x.user_id = l.user_id) as xp
          from study.learners as l;
        update core.settings set value = '1000000' where key = 'study.max_open_sessions'`);
      return filled;
    });
    bench.say(`${history.attempts} attempts of ${history.learners} learners`);
    const first = 2;
    const count = Math.min(clientsAtOnce, history.learners - first);
    const sittings = Array.from(
      { length: count },
      (_, no) => new Sitting(first + no, history.questions),
    );
    const rows = Array.from(
      { length: count },
      (_, no) => new Rows(history.learners - no, history.questions),
    );
    const found: Comparison[] = [];
    await withClients(url, 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      let [a, b] = [0, 0];
      found.push({
        case: name,
        what: "one client",
        ours: "answer_question",
        against: "insert of an attempt",
        ...await pair(
          () => sittings[a++ % count]?.answer(one) ?? Promise.reject(new Error("nobody")),
          () => rows[b++ % count]?.insert(two) ?? Promise.reject(new Error("nobody")),
          { rounds: bench.rounds, milliseconds: 1500, least: 20 },
        ),
      });
    });
    await withClients(url, 2 * count, async (clients) => {
      const times = await inTurns(
        [
          crowd(
            clients.slice(0, count),
            async (index, client) => await sittings[index]?.answer(client),
          ),
          crowd(clients.slice(count), async (index, client) => await rows[index]?.insert(client)),
        ],
        { rounds: bench.rounds, milliseconds: 1500, least: 3 },
      );
      const [ours = [], against = []] = times.map((of) =>
        of.map((time) => count * answersEach * 1000 / time)
      );
      found.push({
        case: name,
        what: `${count} learners at once, commits taking 2 ms (per second)`,
        ours: "answer_question",
        against: "insert of an attempt",
        of: "rate",
        ratios: ratiosOf(ours, against),
        measured: { ours, against },
      });
      await check(clients[0] as pg.Client, sittings);
    }, slowCommits);
    return found;
  },
};
