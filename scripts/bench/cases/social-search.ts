// Posts and questions among everything that can be found: with who may see what against without, against the rule as a
// policy on the table; and a misspelt word against ilike.
import type pg from "pg";
import { type Role, type Statement, transaction, withClients } from "../connect.ts";
import { pair, type Turns } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";
import { directly, unruled, wordsAt } from "./search.ts";
import { idsOf } from "./social.ts";

const kinds = ["post", "question"];

const ilike = `
  select d.id, d.title from core.search_documents as d
  where (d.title ilike '%' || $1 || '%' or d.body ilike '%' || $1 || '%') and d.kind = any ($2)
    and (d.visibility in ('public', 'authenticated') or d.owner_id = auth.uid())
  limit 20`;

/** As somebody types it in a hurry: one letter twice. */
const misspelt = (word: string): string => word.slice(0, 4) + word.slice(3);

export const socialSearchCase: BenchCase = {
  name: "social-search",
  about: "search in posts and questions against without RLS, a policy on the table, and ilike",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      const [me = ""] = await idsOf(one, [1]);
      const found: Comparison[] = [];
      const compare = async (
        what: string,
        words: string,
        other: { role: Role; label: string; text: string },
        target?: Target,
        turns: Partial<Turns> = {},
      ) => {
        const statement = (name: string, text: string): Statement => ({
          name,
          text,
          values: [words, kinds],
        });
        const ours = () =>
          transaction(
            one,
            me,
            "authenticated",
            statement("rpc", "select * from core.search($1, $2)"),
          );
        const theirs = () => transaction(two, me, other.role, statement(other.label, other.text));
        const { rows } = await ours();
        if (rows.length === 0) throw new Error(`${what}: nothing was found`);
        found.push({
          case: "social-search",
          what,
          ours: "RPC",
          against: other.label,
          ...await pair(ours, theirs, {
            rounds: bench.rounds,
            milliseconds: 600,
            least: 3,
            ...turns,
          }),
          target,
        });
      };

      const rare = await wordsAt(one, [3000], "post");
      for (
        const [what, words] of [
          ["posts: a frequent and a rare word", await wordsAt(one, [150, 2000], "post")],
          ["posts: one rare word", rare],
        ] as const
      ) {
        await compare(what, words, { role: "postgres", label: "without RLS", text: unruled }, {
          atMost: 1.3,
        });
        await compare(
          what,
          words,
          { role: "bench_reader", label: "a policy on the table", text: directly },
          words === rare ? { atMost: 0.01 } : undefined,
          { milliseconds: 0 },
        );
      }
      const { rows: [named] } = await one.query<{ name: string }>("select bench.name(11) as name");
      for (
        const [what, word] of [
          ["posts: a name, misspelt", named?.name ?? ""],
          ["posts: a word made of syllables that all share, misspelt", rare],
        ] as const
      ) {
        await compare(
          what,
          misspelt(word),
          { role: "postgres", label: "ilike, which finds nothing", text: ilike },
          undefined,
          { milliseconds: 0, least: 1 },
        );
      }
      return found;
    }),
};
