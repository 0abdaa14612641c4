// Finding tutors among 20,000: market.search_tutors against everything joined when somebody asks, page 40 against the
// first, and one search for free time against asking each tutor on the page alone.
import assert from "node:assert/strict";
import type pg from "pg";
import { type Statement, transaction, withClients } from "../connect.ts";
import { pair } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";
import { fillSearch, joined, tutorCount } from "./market-search-rows.ts";

interface Wanted {
  topic?: string;
  proficiency?: number;
  languages?: string[];
  price?: number;
  word?: string;
}
interface Page {
  tutors: { id: string; next_free: { offer_id: string } | null }[];
  cursor: string | null;
}

const values = ({ topic, proficiency = 1, languages, price, word }: Wanted) =>
  [topic ?? null, proficiency, languages ?? null, price ?? null, word ?? null] as unknown[];

const search = (wanted: Wanted, cursor: string | null = null): Statement => ({
  name: "search",
  text: `select market.search_tutors(
    p_topic => $1, p_min_proficiency => $2, p_languages => $3, p_max_price_minor => $4, p_query => $5,
    p_currency => 'EUR', p_cursor => $6) as page`,
  values: [...values(wanted), cursor],
});
const free = (from: Date, to: Date): Statement => ({
  name: "search free",
  text: "select market.search_tutors(p_free_from => $1, p_free_to => $2, p_limit => 20) as page",
  values: [from, to],
});
const slots = (id: string, offer: string, from: Date, to: Date): Statement => ({
  name: "slots of one",
  text: "select starts_at from market.free_slots($1, $2, $3, $4)",
  values: [id, offer, from, to],
});

export const marketSearchCase: BenchCase = {
  name: "market-search",
  about: `finding tutors among ${tutorCount} against joining when somebody asks`,
  run: async (bench) =>
    await withClients(await bench.scratch(), 1, async (clients) => {
      const [client] = clients as [pg.Client];
      const seeker = await fillSearch(client);
      // One person searches here as often as a whole town.
      await client.query(
        `update core.settings set value = jsonb_set(value, '{free_search}', '{"burst": 1000000, "per_hour": 1}')
        where key = 'market.writing_limits'`,
      );
      const ask = async (statement: Statement): Promise<Page> =>
        (await transaction(client, seeker, "authenticated", statement)).rows[0].page;
      const { rows: [word] } = await client.query("select md5('headline 77') as word");

      const found: Comparison[] = [];
      const compare = async (what: string, wanted: Wanted, target: Target) => {
        const ours = () => ask(search(wanted));
        const theirs = () =>
          transaction(client, seeker, "postgres", {
            name: "joined",
            text: joined,
            values: values(wanted),
          });
        const ids = (await theirs()).rows.map(({ id }: { id: string }) => id);
        assert.ok(ids.length > 0, `${what}: nothing was found`);
        assert.deepEqual((await ours()).tutors.map(({ id }) => id), ids, what);
        found.push({
          case: "market-search",
          what,
          ours: "RPC",
          against: "joined when asked, without RLS",
          ...await pair(ours, theirs, { rounds: bench.rounds, milliseconds: 600, least: 3 }),
          target,
        });
      };
      await compare("the best of all", {}, { atMost: 0.1 });
      await compare("a frequent topic", { topic: "search-topic-0" }, { atMost: 0.1 });
      await compare("a rare topic", { topic: "search-topic-391", proficiency: 2 }, { atMost: 0.5 });
      await compare(
        "topic, level, language and price",
        { topic: "search-topic-3", proficiency: 3, languages: ["de"], price: 3000 },
        { atMost: 0.1 },
      );
      await compare("a word", { word: word.word }, { atMost: 0.1 });

      let page = await ask(search({}));
      for (let no = 2; no < 40; no++) page = await ask(search({}, page.cursor));
      const { cursor } = page;
      found.push({
        case: "market-search",
        what: "page 40",
        ours: "page 40",
        against: "page 1",
        ...await pair(() => ask(search({}, cursor)), () => ask(search({})), {
          rounds: bench.rounds,
          milliseconds: 600,
        }),
        target: { atMost: 1.3 },
      });

      const from = new Date(Date.now() + 86_400_000);
      const to = new Date(from.getTime() + 2 * 86_400_000);
      const { tutors } = await ask(free(from, to));
      assert.equal(tutors.length, 20);
      const each = async () => {
        for (const { id, next_free } of tutors) {
          const { rows } = await transaction(
            client,
            seeker,
            "authenticated",
            slots(id, next_free?.offer_id ?? "", from, to),
          );
          assert.ok(rows.length > 0);
        }
      };
      found.push({
        case: "market-search",
        what: "20 who are free on two days, with their next slot",
        ours: "one search",
        against: "a call for each of the 20 found",
        ...await pair(() => ask(free(from, to)), each, { rounds: bench.rounds, least: 3 }),
        target: { atMost: 1 },
      });
      return found;
    }),
};
