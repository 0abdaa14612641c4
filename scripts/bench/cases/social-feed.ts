// The feed at any depth, for people who follow much, little, celebrities or topics: against its own first page, against the
// design's offsets, and against 5 ms.
import type pg from "pg";
import { withClients } from "../connect.ts";
import { inTurns, ratiosOf } from "../measure.ts";
import type { Bench, BenchCase, Comparison, Target } from "../types.ts";
import { type Call, idsOf, inCircles, percentiles } from "./social.ts";
import {
  candidates,
  designPage,
  feedPage,
  type Profile,
  profiles,
  walk,
} from "./social-feed-pages.ts";

interface Calls {
  first: Call[];
  deep: Call[];
  found: Call[];
  offset: Call[];
  page: number;
}

async function callsOf(client: pg.Client, profile: Profile): Promise<Calls> {
  const { rows } = await client.query<{ n: number }>(
    "select n from bench.follow_profiles where profile = $1",
    [profile.name],
  );
  const calls: Calls = { first: [], deep: [], found: [], offset: [], page: Infinity };
  for (const userId of await idsOf(client, rows.map(({ n }) => n))) {
    const { page, offset, cursor } = await walk(client, userId, profile);
    calls.page = Math.min(calls.page, page);
    calls.first.push({ userId, statement: feedPage(null) });
    calls.deep.push({ userId, statement: feedPage(cursor) });
    calls.found.push({ userId, statement: candidates(userId, cursor) });
    calls.offset.push({ userId, statement: designPage(profile, userId, offset) });
  }
  return calls;
}

async function measureProfile(
  { rounds }: Bench,
  [ours, other]: [pg.Client, pg.Client],
  profile: Profile,
): Promise<Comparison[]> {
  const { first, deep, found, offset, page } = await callsOf(ours, profile);
  const as = "authenticated";
  const sides = [
    inCircles(ours, as, first),
    inCircles(ours, as, deep),
    inCircles(ours, "postgres", found),
    inCircles(other, "postgres", offset),
  ];
  const [one = [], far = [], bare = [], theirs = []] = await inTurns(sides, {
    rounds,
    milliseconds: 800,
    least: 8,
  });
  const slowest = await percentiles(inCircles(ours, as, [...first, ...deep]), 0.95, {
    rounds,
    calls: 100,
  });
  const compare = (
    what: string,
    [label, mine]: [string, number[]],
    [against, other]: [string, number[]],
    target?: Target,
  ): Comparison => ({
    case: "social-feed",
    what: `${profile.about}: ${what}`,
    ours: label,
    against,
    of: "time",
    ratios: ratiosOf(mine, other),
    measured: { ours: mine, against: other },
    target,
  });
  const pages = compare("19 of 20 pages", ["p95", slowest], ["5 ms", slowest.map(() => 5)], {
    atMost: 1,
  });
  // Who has only a page or so has no depth: there is nothing that an offset would skip.
  if (page < 20) return [pages, compare("page 1", ["feed", one], ["the design's", theirs])];
  return [
    pages,
    compare(`page ${page}`, ["deep", far], ["page 1", one], { atMost: 1.2 }),
    compare(`page ${page}`, ["feed", far], ["offset", theirs], { atMost: 1 / 40 }),
    compare(`page ${page}`, ["which posts", bare], ["offset", theirs]),
  ];
}

export const feedCase: BenchCase = {
  name: "social-feed",
  about: "the feed at any depth against page 1, against offsets, and against 5 ms",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const found: Comparison[] = [];
      for (const profile of profiles) {
        found.push(...await measureProfile(bench, clients as [pg.Client, pg.Client], profile));
      }
      return found;
    }),
};
