// The search as people have it, against the same query without any rule, and against the rule as a policy on the table.
import type pg from "pg";
import { type Role, type Statement, transaction, withClients } from "../connect.ts";
import { pair, type Turns } from "../measure.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";
import { peopleOf } from "./rls.ts";

// What private.search does for words, without who may see what. Of all kinds, or of these.
export const unruled = `
  with queries as (
    select l.language, websearch_to_tsquery(private.search_config(l.language), $1) as q
    from (select 'english' as language union select 'simple') as l
  ),
  hits as (
    select d.id, (round((ts_rank_cd(d.tsv, s.q, 32) * d.weight)::numeric, 6))::real as score, s.language, s.q
    from queries as s
    join core.search_documents as d on d.tsv @@ s.q and d.language = s.language
      and ($2::text[] is null or d.kind = any ($2))
  ),
  page as (select * from hits order by score desc, id desc limit 20)
  select d.id, d.title,
    ts_headline(private.search_config(p.language), d.body, p.q, 'StartSel=**, StopSel=**, MaxWords=40, MinWords=20') as snippet
  from page as p
  join core.search_documents as d on d.id = p.id
  order by p.score desc, p.id desc`;

export const directly = `
  select d.id, d.title from core.search_documents as d
  where d.tsv @@ websearch_to_tsquery('english', $1) and d.language = 'english'
    and ($2::text[] is null or d.kind = any ($2))
  order by ts_rank_cd(d.tsv, websearch_to_tsquery('english', $1), 32) desc, d.id desc limit 20`;

const anyWord = `
  select d.id, d.title, d.body from core.search_documents as d
  where d.tsv @@ (select string_agg(quote_literal(u.lexeme), ' | ')::tsquery
    from unnest(to_tsvector('english', $1)) as u) and d.kind = 'passage'
  order by ts_rank_cd(d.tsv, (select string_agg(quote_literal(u.lexeme), ' | ')::tsquery
    from unnest(to_tsvector('english', $1)) as u), 32) desc limit 20`;

/**
 * Words of about these places in the vocabulary, all from one passage, or document of another kind: a search for them finds something at every scale,
 * and does not go on to look for misspellings.
 */
export async function wordsAt(
  client: pg.Client,
  ranks: number[],
  kind = "passage",
): Promise<string> {
  const { rows } = await client.query<{ words: string }>(
    `select string_agg(distinct near.word, ' ') as words
    from (
      select d.body from bench.words as w
      cross join lateral (
        select d.body from core.search_documents as d
        where d.kind = $3 and d.visibility = 'public' and d.tsv @@ to_tsquery('english', w.word)
        order by d.locator -> 'page', d.entity_id limit 1
      ) as d
      where w.rank <= $1
      order by w.rank desc limit 1
    ) as passage
    cross join unnest($2::integer[]) as wanted (rank)
    cross join lateral (
      select w.word from bench.words as w
      where w.rank > 120 and w.word = any (string_to_array(passage.body, ' '))
      order by abs(w.rank - wanted.rank) limit 1
    ) as near`,
    [Math.min(...ranks.filter((rank) => rank > 120)), ranks, kind],
  );
  const words = rows[0]?.words;
  if (!words) throw new Error(`No ${kind} has the word number ${ranks[0]}.`);
  return words;
}

export const searchCase: BenchCase = {
  name: "search",
  about: "search and retrieval under RLS against without, and against a policy on the table",
  run: async (bench) =>
    await withClients(await bench.data(), 2, async (clients) => {
      const [one, two] = clients as [pg.Client, pg.Client];
      const { typical } = await peopleOf(one);
      const found: Comparison[] = [];
      const as = (client: pg.Client, role: Role, statement: Statement) => () =>
        transaction(client, typical.user_id, role, statement);
      const compare = async (
        what: string,
        mine: Statement,
        other: { role: Role; label: string; statement: Statement },
        options: { role?: Role; target?: Target; turns?: Partial<Turns> } = {},
      ) => {
        const ours = as(one, options.role ?? "authenticated", mine);
        const { rows } = await ours();
        if (rows.length === 0) throw new Error(`${what}: nothing was found`);
        found.push({
          case: "search",
          what,
          ours: "RPC",
          against: other.label,
          ...await pair(ours, as(two, other.role, other.statement), {
            rounds: bench.rounds,
            milliseconds: 600,
            least: 3,
            ...options.turns,
          }),
          target: options.target,
        });
      };

      const kinds: [string, number[]][] = [
        ["a frequent and a rare word", [150, 2000]],
        ["one rare word", [3000]],
        ["two frequent words", [130, 160]],
      ];
      for (const [what, ranks] of kinds) {
        const values = [await wordsAt(one, ranks), null];
        const rpc = { name: "search", text: "select * from core.search($1, $2)", values };
        await compare(what, rpc, {
          role: "postgres",
          label: "without RLS",
          statement: { name: "unruled", text: unruled, values },
        }, { target: { atMost: 1.3 } });
        await compare(what, rpc, {
          role: "bench_reader",
          label: "a policy on the table",
          statement: { name: "directly", text: directly, values },
        }, {
          target: ranks.length === 1 ? { atMost: 0.01 } : undefined,
          turns: { milliseconds: 0 },
        });
      }

      const words = await wordsAt(one, [30, 400, 900, 1500, 2500, 4000, 7000, 9000]);
      await compare(
        "retrieve_passages, a question of eight words",
        {
          name: "retrieve",
          text:
            "select * from core.retrieve_passages($1, p_kinds => '{passage}', p_for_user => $2)",
          values: [words, typical.user_id],
        },
        {
          role: "postgres",
          label: "any of the words, by ts_rank_cd",
          statement: { name: "any-word", text: anyWord, values: [words] },
        },
        { role: "service_role" },
      );
      return found;
    }),
};
