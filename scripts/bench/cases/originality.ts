// The check of one answer against a hundred times as much material: it looks up its own hashes, so it must not grow with
// the corpus.
import type pg from "pg";
import { connect } from "../connect.ts";
import { inTurns, ratiosOf } from "../measure.ts";
import type { BenchCase } from "../types.ts";

/** An answer of two hundred words, thirty of which stand in a passage that every corpus has. */
async function answerOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ text: string }>(`
    select (select string_agg(body, ' ') from (select body from bench.texts where n in (7, 11, 13)) as t)
      || ' ' || array_to_string((string_to_array(d.body, ' '))[1:30], ' ') as text
    from core.search_documents as d
    where d.kind = 'passage' order by (d.locator ->> 'page')::integer limit 1`);
  return rows[0]?.text ?? "";
}

export const originalityCase: BenchCase = {
  name: "originality",
  about: "the check of an answer, by the size of the corpus",
  run: async (bench) => {
    const corpora = await bench.corpora();
    const clients: pg.Client[] = [];
    try {
      for (const { url } of corpora) clients.push(await connect(url));
      const sides = await Promise.all(clients.map(async (client) => {
        const text = "select * from private.qa_originality($1, null, null)";
        const statement = { name: "check", text, values: [await answerOf(client)] };
        const { rows } = await client.query<{ similarity_score: string }>(statement);
        if (!(Number(rows[0]?.similarity_score) > 0)) {
          throw new Error("The check finds no overlap.");
        }
        return () => client.query(statement);
      }));
      const times = await inTurns(sides, { rounds: bench.rounds, milliseconds: 800, least: 10 });
      const [smallest = []] = times;
      const [{ passages: few = 0 } = {}] = corpora;
      return corpora.slice(1).map(({ passages }, index) => ({
        case: "originality",
        what: `${passages / few} times the passages`,
        ours: `${passages} passages`,
        against: `${few} passages`,
        of: "time",
        ratios: ratiosOf(times[index + 1] ?? [], smallest),
        measured: { ours: times[index + 1] ?? [], against: smallest },
        target: { atMost: index === 0 ? 1.5 : 2 },
      }));
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  },
};
