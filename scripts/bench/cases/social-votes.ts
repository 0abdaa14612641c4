// Votes of eight clients at once, commits taking 2 ms: through social.vote, as the design counts them (its trigger updates
// the post), and not counted at all; and as plain inserts that are counted as social.vote counts. First all on one post, then
// each on another.
import type pg from "pg";
import { slowCommits, type Statement, withClients } from "../connect.ts";
import { inTurns, ratiosOf, type Side } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";
import { makeVoting, type Voting } from "./social-votes-tables.ts";

const clientsAtOnce = 8;
const votesEach = 25;
const votesATurn = clientsAtOnce * votesEach;

// Tables of schema bench_votes, except the first.
const variants = ["ours", "votes", "uncounted", "counted"] as const;
type Variant = typeof variants[number];

// One round trip each, on connections that are signed in: the claims first, then the vote.
const claims = "select set_config('request.jwt.claims', $1, false)";
const statementOf = (variant: Variant, voter: string, post: string): Statement => ({
  name: variant,
  text: variant === "ours"
    ? `select social.vote('post', $2, 'upvote') from (${claims} offset 0) as c`
    : `with c as materialized (${claims})
      insert into bench_votes.${variant} (user_id, votable_type, votable_id, vote_type)
      select (c.set_config::jsonb ->> 'sub')::uuid, 'post', $2, 'upvote' from c`,
  values: [JSON.stringify({ sub: voter, role: "authenticated" }), post],
});

class Votes {
  readonly clients: pg.Client[];
  readonly voting: Voting;
  /** How many votes of social.posts each post got. */
  readonly given = new Map<string, number>();
  #used: Record<Variant, number> = { ours: 0, votes: 0, uncounted: 0, counted: 0 };

  constructor(clients: pg.Client[], voting: Voting) {
    this.clients = clients;
    this.voting = voting;
  }

  /** Everybody on the same post, which nobody has voted on before. */
  hot(variant: Variant): Side {
    return () => this.#turn(variant, true);
  }

  spread(variant: Variant): Side {
    return () => this.#turn(variant, false);
  }

  async #turn(variant: Variant, isOne: boolean): Promise<void> {
    const { voters, posts } = this.voting;
    const used = this.#used[variant];
    this.#used[variant] += isOne ? 1 : votesATurn;
    // Nobody votes on a post twice, also when all of them have had their turn.
    const first = used * 37 + Math.floor(used / posts.length) * 211;
    const votes = Array.from({ length: votesATurn }, (_, index) => ({
      voter: voters[(first + index) % voters.length] as string,
      post: posts[(used + (isOne ? 0 : index)) % posts.length] as string,
    }));
    await Promise.all(this.clients.map(async (client, lane) => {
      for (let vote = lane; vote < votesATurn; vote += clientsAtOnce) {
        const { voter, post } = votes[vote] as typeof votes[number];
        await client.query(statementOf(variant, voter, post));
      }
    }));
    if (variant === "votes" || variant === "uncounted") return;
    for (const { post } of votes) this.given.set(post, (this.given.get(post) ?? 0) + 1);
  }
}

/** What readers are told is exact at once, and so are the columns when all that waits has been added. */
async function checkTotals(client: pg.Client, given: Map<string, number>): Promise<void> {
  const wrong = async (how: string, value: string) => {
    const { rows } = await client.query<{ id: string }>(
      `select p.id from social.posts as p
      join unnest($1::uuid[], $2::integer[]) as g (id, votes) on g.id = p.id
      where ${value} <> g.votes`,
      [[...given.keys()], [...given.values()]],
    );
    if (rows.length > 0) throw new Error(`${how}: ${rows.length} of ${given.size} posts are wrong`);
  };
  await wrong(
    "Column and what waits",
    `p.likes_count + (select coalesce(sum(d.delta), 0) from social.counter_deltas as d
      where d.kind = 'post' and d.entity_id = p.id and d.counter = 'likes_count')`,
  );
  await client.query("select private.social_fold_counters()");
  await wrong("Column after the fold", "p.likes_count");
}

const votesCase = (
  name: string,
  about: string,
  what: string,
  of: (votes: Votes, variant: Variant) => Side,
  targets: { design: Target; uncounted?: Target },
): BenchCase => ({
  name,
  about,
  run: async (bench) =>
    await withClients(await bench.scratch(), clientsAtOnce, async (clients) => {
      const [client] = clients as [pg.Client];
      const votes = new Votes(clients, await makeVoting(client));
      for (const voter of clients) await voter.query("set role authenticated");
      const times = await inTurns(
        variants.map((variant) => of(votes, variant)),
        { rounds: bench.rounds, milliseconds: 0, least: 3 },
      );
      await client.query("reset role");
      await checkTotals(client, votes.given);
      const [ours = [], design = [], uncounted = [], counted = []] = times.map((of) =>
        of.map((time) => votesATurn * 1000 / time)
      );
      const compare = (
        [label, mine]: [string, number[]],
        [against, theirs]: [string, number[]],
        target?: Target,
      ): Comparison => ({
        case: name,
        what,
        ours: label,
        against,
        of: "rate",
        ratios: ratiosOf(mine, theirs),
        measured: { ours: mine, against: theirs },
        target,
      });
      const bare: [string, number[]] = ["insert", uncounted];
      return [
        compare(["social.vote", ours], ["insert, design's trigger", design], targets.design),
        compare(["social.vote", ours], bare, targets.uncounted),
        // Only the counting: what social.vote does besides (limits, blocks, telling the author) is left out of both.
        compare(["insert, counted", counted], ["insert, design's trigger", design], targets.design),
        compare(["insert, counted", counted], bare, targets.uncounted),
      ];
    }, slowCommits),
});

export const votesCases: BenchCase[] = [
  votesCase(
    "social-votes-hot",
    "8 clients that vote on one post, commits taking 2 ms",
    "8 clients, one post",
    (votes, variant) => votes.hot(variant),
    { design: { atLeast: 6 }, uncounted: { atLeast: 0.9 } },
  ),
  votesCase(
    "social-votes-spread",
    "8 clients that each vote on another post, commits taking 2 ms",
    "8 clients, a post each",
    (votes, variant) => votes.spread(variant),
    { design: { atLeast: 3 } },
  ),
];
