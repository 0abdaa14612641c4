// What the case study-search asks, and how it counts what was found.
import assert from "node:assert/strict";
import type pg from "pg";
import { MODEL, type Question } from "./study-search-rows.ts";

export const BEST = 10;

/** The same ranking over materials that are given: nobody asks whose they are. */
export const unruled = `
  with by_words as materialized (
    select w.chunk_id, w.lexemes, row_number() over (order by w.score desc, w.chunk_id) as place
    from private.study_rank_words($1, 'english', $4, $5::bigint <= 4000, 100, false) as w
  ),
  by_vectors as materialized (
    select n.chunk_id, row_number() over (order by n.distance, n.chunk_id) as place
    from private.study_nearest_chunks($2, $3, $4, $5, 100) as n
  ),
  best as materialized (
    select coalesce(w.chunk_id, v.chunk_id) as chunk_id, w.lexemes,
      coalesce(1.0 / (60 + w.place), 0) + coalesce(0.1 / (60 + v.place), 0) as score
    from by_words as w full join by_vectors as v on v.chunk_id = w.chunk_id
    order by 3 desc, 1 limit ${BEST}
  )
  select c.id as chunk_id, m.title, c.content, ts_headline('english', c.content, (
    select coalesce(string_agg(quote_literal(l.lexeme), ' | '), '''.''')::tsquery from unnest(b.lexemes) as l (lexeme)
  ), 'StartSel=**, StopSel=**, MaxWords=40, MinWords=20, MaxFragments=2') as headline
  from best as b join study.material_chunks as c on c.id = b.chunk_id join study.materials as m on m.id = c.material_id
  order by b.score desc, b.chunk_id`;

/** What is left to a client: full text search in the passages that the policy lets through; vectors are closed. */
export const underPolicy = `
  select c.id as chunk_id, c.content
  from study.material_chunks as c,
    (select replace(plainto_tsquery('english', $1)::text, '&', '|')::tsquery as q) as x
  where to_tsvector('english', c.content) @@ x.q
  order by ts_rank_cd(to_tsvector('english', c.content), x.q) desc limit ${BEST}`;

export interface Reach {
  ids: string[];
  passages: string;
}

/** What somebody may read, asked once. */
export async function reachOf(client: pg.Client, user: string, own: boolean): Promise<Reach> {
  const { rows: [row] } = await client.query<Reach>(
    "select array_agg(id) as ids, sum(chunk_count) as passages from private.study_readable_materials($1, null, null, $2)",
    [user, own ? user : null],
  );
  return row as Reach;
}

export const idsOf = ({ rows }: pg.QueryResult): string[] =>
  rows.map(({ chunk_id }: { chunk_id: string }) => chunk_id);

/** How many of the ten nearest the product finds, over all questions. */
export async function recall(
  client: pg.Client,
  questions: Question[],
  { ids, passages }: Reach,
): Promise<number> {
  let found = 0;
  for (const { vector } of questions) {
    const exact = idsOf(
      await client.query({
        name: "exact",
        text:
          `select e.chunk_id from study.chunk_embeddings as e where e.model = $2 and e.material_id = any ($3)
        order by (e.embedding operator(extensions.<=>) $1::extensions.halfvec) + 0, e.chunk_id limit ${BEST}`,
        values: [vector, MODEL.model, ids],
      }),
    );
    const got = idsOf(
      await client.query({
        name: "nearest",
        text: `select chunk_id from private.study_nearest_chunks($1, $2, $3, $4, ${BEST})`,
        values: [vector, MODEL.model, ids, passages],
      }),
    );
    assert.equal(got.length, BEST, "as many as asked for");
    found += exact.filter((id) => got.includes(id)).length;
  }
  return found / (questions.length * BEST);
}

/** As if there were too many passages to compare them one by one. */
export async function withIndexFirst<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  const set = (value: string) =>
    client.query(
      `update core.settings set value = jsonb_set(value, '{compared_numbers}', $1::jsonb) where key = 'study.search'`,
      [value],
    );
  const { rows: [before] } = await client.query<{ n: string }>(
    "select private.study_search_number('compared_numbers')::text as n",
  );
  await set("0");
  try {
    return await work();
  } finally {
    await set(before?.n ?? "0");
  }
}
