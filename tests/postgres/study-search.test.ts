// The counts of words while materials come, change and go at the same moment, and are added up; and a model that takes over
// while passages come in.
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyOf, type Database, expectSound, loadHelpers, rush, warmUp } from "./native.ts";

const MATERIALS = 12;
let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "study_search");
  await loadHelpers(database.sql);
  await warmUp(database.sql, 20);
  await database.sql`
    insert into study.materials (user_id, title, file_name, file_type, file_size, bucket_id, path, language, processing_status, ready_revision)
    select tests.create_user('reader-' || n || '@study.test'), 'Material ' || n, 'm.txt', 'text', 1, 'materials', 'm/' || n, 'english', 'completed', 1
    from generate_series(1, ${MATERIALS}) as n`;
  await database.sql`
    insert into study.embedding_models (model, provider, dimensions, status, activated_at)
    values ('old', 'test', 8, 'active', now()), ('new', 'test', 8, 'building', null)`;
});
// Among the promises: sql/invariants/study_terms.sql.
afterAll(async () => {
  await expectSound(database);
  await database?.drop();
});

const pause = () => database.sql`select pg_sleep(${Math.random() * 0.01})`;

/** Five passages of a material, all new ones, and a vector of each by the model that is in use at that moment. */
const replace = (material: number, round: number) => async () => {
  await pause();
  await database.sql.begin(async (tx) => {
    const [row] = await tx<{ id: string }[]>`
      select id from study.materials where path = ${`m/${material}`} for no key update`;
    if (!row) return;
    await tx`select 1 from study.embedding_models where status = 'active' for share`;
    await tx`delete from study.material_chunks where material_id = ${row.id}`;
    await tx`
      with added as (
        insert into study.material_chunks (material_id, user_id, chunk_no, content, char_start, char_end, content_hash, language, revision)
        select m.id, m.user_id, i - 1, c.text, 0, length(c.text), md5(c.text) || md5(c.text), 'english', 1
        from study.materials as m, generate_series(1, 5) as i,
          lateral (select format('shared words and word%s of round%s', ${material}::integer * i, ${round}::integer) as text) as c
        where m.id = ${row.id}
        returning id, material_id, content_hash
      )
      insert into study.chunk_embeddings (chunk_id, model, material_id, content_hash, embedding)
      select a.id, e.model, a.material_id, a.content_hash, '[1,0,0,0,0,0,0,1]'
      from added as a join study.embedding_models as e on e.status = 'active'`;
    await tx`select pg_sleep(${Math.random() * 0.02})`;
    await tx`update study.materials set chunk_count = 5 where id = ${row.id}`;
  });
};
const rename = (material: number, round: number) => async () => {
  await pause();
  await database
    .sql`update study.materials set title = ${`Title ${round} words`} where path = ${`m/${material}`}`;
};
const fold = (limit: number) => async () => {
  await pause();
  await database.sql`select private.fold_study_terms(${limit}::integer)`;
};

test("stay exact, whoever writes and adds up when", async () => {
  for (let round = 0; round < 4; round++) {
    const { refused } = await rush(
      Array.from({ length: MATERIALS }, (_, i) => [
        replace(i + 1, round),
        rename(i + 1, round),
        fold(i % 2 ? 100_000 : 7),
      ]).flat(),
    );
    expect(refused).toEqual({});
    await expectSound(database);
  }
  await database.sql`delete from study.materials where path = 'm/1'`;
  await database.sql`select private.fold_study_terms()`;
  await expectSound(database);
  const [left] = await database.sql<{ chunks: number }[]>`
    select chunks::integer from study.terms where lexeme = 'share'`;
  expect(left?.chunks).toBe((MATERIALS - 1) * 5);
});

test("no passage lacks a vector of the model that takes over", async () => {
  await database.sql`select private.study_tend_embeddings()`;
  const jobs = await database.sql<{ id: string; lease_token: string }[]>`
    select id, lease_token from core.claim_jobs('test', 10, 'default', '{study.embed}') where payload ->> 'model' = 'new'`;
  const [job] = jobs;
  if (!job) throw new Error("no job makes vectors");
  /** As a worker: what is missing is asked for, and brought some time later. */
  const embedMissing = async () => {
    await pause();
    const [missing] = await database.sql<{ chunks: unknown }[]>`
      select study.next_missing_vectors(${job.id}, ${job.lease_token}, 40) -> 'chunks' as chunks`;
    await pause();
    await database.sql`
      select study.put_missing_vectors(${job.id}, ${job.lease_token}, 'new', (
        select coalesce(jsonb_agg(c || '{"embedding": "[0,1,0,0,0,0,0,1]"}'), '[]') from jsonb_array_elements(${
      database.sql.json(missing?.chunks as never)
    }) as c
      ))`;
  };
  const lacking = async (): Promise<number | undefined> => {
    // What is in use, and what lacks it, as one moment shows them.
    const [row] = await database.sql<{ n: number }[]>`
      select count(*)::integer as n from study.material_chunks as c
      join study.embedding_models as m on m.status = 'active' and m.model = 'new'
      where not exists (select from study.chunk_embeddings as e where e.chunk_id = c.id and e.model = m.model)`;
    return row?.n;
  };
  const tend = async () => {
    await pause();
    await database.sql`select private.study_tend_embeddings()`;
    expect(await lacking()).toBe(0);
  };
  const { refused } = await rush([
    ...Array.from({ length: MATERIALS }, (_, i) => replace(i + 1, 9)),
    ...Array.from({ length: 12 }, () => embedMissing),
    ...Array.from({ length: 6 }, () => tend),
  ]);
  expect(refused).toEqual({});
  for (let more = 0; more < 3; more++) await embedMissing();
  await tend();
  const models = await database
    .sql`select model, status from study.embedding_models order by model`;
  expect([...models]).toEqual([{ model: "new", status: "active" }, {
    model: "old",
    status: "retired",
  }]);
});
