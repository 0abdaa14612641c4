// A rush on slots: eight clients that all want the same one, every five milliseconds another, commits taking 2 ms; against
// eight clients that each want one of their own. As plain inserts under the exclusion constraints, and as market.hold_slot.
import { performance } from "node:perf_hooks";
import type pg from "pg";
import { slowCommits, type Statement, withClients } from "../connect.ts";
import { inTurns, ratiosOf, type Side } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";
import { hold, insert, learnersOfOne, makeMarket, slotsOfOne } from "./market-booking-rows.ts";

const clientsAtOnce = 8;
const attemptsEach = 25;
const attemptsATurn = clientsAtOnce * attemptsEach;
const changesEvery = 5;

interface People {
  offers: string[];
  learners: string[][];
}

/** Attempts of one kind; each kind has two tutors of its own. */
class Attempts {
  readonly #clients: pg.Client[];
  readonly #people: People;
  readonly #statement: typeof hold;
  readonly #first: number;
  #next = 0;
  #count = 0;
  /** Which slots somebody has wanted, and how many bookings were made. */
  readonly wanted = new Set<number>();
  made = 0;

  constructor(clients: pg.Client[], people: People, statement: typeof hold, first: number) {
    [this.#clients, this.#people, this.#statement, this.#first] = [
      clients,
      people,
      statement,
      first,
    ];
  }

  rush(): Side {
    return async () => {
      const started = performance.now();
      const base = this.#next;
      const at = () => base + Math.floor((performance.now() - started) / changesEvery);
      await this.#turn(at);
      this.#next = at() + 1;
    };
  }

  unique(): Side {
    return () => this.#turn(() => this.#next++);
  }

  async #turn(choose: () => number): Promise<void> {
    await Promise.all(this.#clients.map(async (client) => {
      for (let attempt = 0; attempt < attemptsEach; attempt++) {
        const number = choose();
        this.wanted.add(number);
        if (await this.#attempt(client, number)) this.made++;
      }
    }));
  }

  async #attempt(client: pg.Client, number: number): Promise<boolean> {
    const tutor = this.#first + Math.floor(number / slotsOfOne);
    const count = this.#count++;
    const learner = this.#people.learners[tutor]?.[count % learnersOfOne] ?? "";
    const offer = this.#people.offers[tutor] ?? "";
    const statement: Statement = this.#statement(
      offer,
      learner,
      number % slotsOfOne,
      `bench:${this.#first}:${count}`,
    );
    try {
      return (await client.query(statement)).rowCount === 1;
    } catch (error) {
      // Refused, as it should be; a deadlock or anything else ends the run.
      if ((error as pg.DatabaseError).message === "slot_taken") return false;
      throw error;
    }
  }
}

async function peopleOf(client: pg.Client): Promise<People> {
  const { rows: offers } = await client.query<{ id: string }>(
    "select offer_id as id from bench_booking.tutors order by n",
  );
  const { rows: learners } = await client.query<{ ids: string[] }>(
    "select array_agg(id::text order by k) as ids from bench_booking.learners group by tutor order by tutor",
  );
  return { offers: offers.map(({ id }) => id), learners: learners.map(({ ids }) => ids) };
}

/** Every slot that was wanted is one booking; no two bookings overlap; nobody waited in a circle. */
async function check(client: pg.Client, all: Attempts[], deadlocks: number): Promise<void> {
  for (const { wanted, made } of all) {
    if (wanted.size !== made) throw new Error(`${made} bookings of ${wanted.size} slots`);
  }
  const { rows } = await client.query(
    `select from market.bookings as a join market.bookings as b
    on b.tutor_tombstone = a.tutor_tombstone and b.id > a.id
      and tstzrange(a.blocked_from, a.blocked_to) && tstzrange(b.blocked_from, b.blocked_to)`,
  );
  if (rows.length > 0) throw new Error(`${rows.length} bookings overlap`);
  const now = await deadlocksOf(client);
  if (now !== deadlocks) throw new Error(`${now - deadlocks} deadlocks`);
}

async function deadlocksOf(client: pg.Client): Promise<number> {
  const { rows: [row] } = await client.query<{ count: string }>(
    "select deadlocks as count from pg_stat_database where datname = current_database()",
  );
  return Number(row?.count);
}

const name = "market-booking";

export const bookingCase: BenchCase = {
  name,
  about: "8 clients that book the same slot, another every 5 ms, commits taking 2 ms",
  run: async (bench) =>
    await withClients(await bench.scratch(), 2 * clientsAtOnce, async (clients) => {
      const [client] = clients as [pg.Client];
      await makeMarket(client);
      const people = await peopleOf(client);
      const deadlocks = await deadlocksOf(client);
      const owners = clients.slice(0, clientsAtOnce);
      const users = clients.slice(clientsAtOnce);
      for (const user of users) await user.query("set role authenticated");
      const all = [
        new Attempts(owners, people, insert, 0),
        new Attempts(owners, people, insert, 2),
        new Attempts(users, people, hold, 4),
        new Attempts(users, people, hold, 6),
      ] as [Attempts, Attempts, Attempts, Attempts];
      const times = await inTurns(
        [all[0].rush(), all[1].unique(), all[2].rush(), all[3].unique()],
        { rounds: bench.rounds, milliseconds: 0, least: 3 },
      );
      await check(client, all, deadlocks);
      const [insertRush = [], inserts = [], holdRush = [], holds = []] = times.map((of) =>
        of.map((time) => attemptsATurn * 1000 / time)
      );
      const compare = (
        what: string,
        [ours, mine]: [string, number[]],
        [against, theirs]: [string, number[]],
        target?: Target,
      ): Comparison => ({
        case: name,
        what,
        ours,
        against,
        of: "rate",
        ratios: ratiosOf(mine, theirs),
        measured: { ours: mine, against: theirs },
        target,
      });
      return [
        compare("attempts", ["insert, one slot", insertRush], ["insert, own slots", inserts], {
          atLeast: 0.85,
        }),
        compare("attempts", ["hold_slot, one slot", holdRush], ["hold_slot, own slots", holds], {
          atLeast: 0.85,
        }),
        compare("bookings", ["hold_slot, own slots", holds], ["insert, own slots", inserts]),
      ];
    }, slowCommits),
};
