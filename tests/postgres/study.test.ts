// Material in a rush: an answer that cites it while its passages are swapped, sharing with a group that one leaves, two uploads
// of one file, a new version while the old one is taken in. Nothing waits for each other in a circle, nothing is half there.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  asUser,
  copyOf,
  type Database,
  expectSound,
  loadHelpers,
  rush,
  times,
  warmUp,
} from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "study");
  await loadHelpers(database.sql);
  await database.sql`
    update core.settings
    set value = (
      select jsonb_object_agg(l.key, '{"burst": 100000, "per_hour": 100000}'::jsonb) from jsonb_object_keys(value) as l (key)
    )
    where key = 'study.limits'`;
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

const serve = (text: string, params: unknown[] = []) => async (): Promise<unknown> => {
  const [row] = await database.sql.unsafe<{ value: unknown }[]>(
    `select ${text} as value`,
    params as string[],
  );
  return row?.value;
};
const call = (who: string, text: string, params: unknown[]) => () =>
  asUser(database, who, async (tx) => {
    const [row] = await tx.unsafe<{ value: unknown }[]>(
      `select ${text} as value`,
      params as string[],
    );
    return row?.value;
  });
const person = () =>
  serve("tests.create_user('study-' || gen_random_uuid() || '@race.test')")() as Promise<string>;
const upload = (who: string) =>
  serve("tests.st_upload($1::uuid, gen_random_uuid() || '.txt')", [who])() as Promise<string>;
const create = (who: string, path: string) =>
  call(who, "(study.create_material($1)).id::text", [path]);

const PARAGRAPHS = times(12, (n) => `The valve number ${n} has its leaflets.`);
const ingest = async (material: string, paragraphs: string[]): Promise<void> => {
  await database.sql.begin(async (tx) => {
    await tx`select tests.st_ingest(${material}, ${paragraphs})`;
  });
};

interface Lease {
  job_id: string;
  token: string;
}
/** Everything of a version but the swap. */
const prepare = async (material: string, paragraphs: string[]): Promise<Lease> => {
  const [lease] = await database.sql<
    Lease[]
  >`select job_id, token from tests.st_lease(${material})`;
  if (!lease) throw new Error("no lease");
  const by = [lease.job_id, lease.token];
  await serve("study.begin_ingest($1, $2)", by)();
  const pages = "study.put_material_pages($1, $2, '[{\"part_no\": 0}]', 10, $3, 1)";
  await serve(pages, [...by, randomUUID().replaceAll("-", "").repeat(2)])();
  await database.sql`
    select study.put_material_chunks(
      ${lease.job_id}, ${lease.token}, '{"language": "english", "is_last": true}', tests.st_chunks(${paragraphs})
    )`;
  return lease;
};

test("an answer is recorded while the passages that it cites are swapped", async () => {
  for (let round = 0; round < 6; round++) {
    const who = await person();
    const material = await create(who, await upload(who))() as string;
    await ingest(material, PARAGRAPHS);
    const chunks = await database.sql<{ id: string; content: string }[]>`
      select id, content from study.material_chunks where material_id = ${material} order by chunk_no`;
    // The other way round than the swap comes by them.
    const claims = chunks.toReversed().slice(0, 9).map(({ id, content }, i) => ({
      marker: i + 1,
      chunk_id: id,
      quote: content,
    }));
    const text = claims.map(({ marker }) => `Said. [${marker}]`).join(" ");
    const answers = await Promise.all(times(3, async () => {
      const conversation = randomUUID();
      await call(who, "(study.start_conversation($1)).id", [conversation])();
      const ask = "study.ask_coach($1, 'What?', $2) #>> '{answer,id}'";
      return await call(who, ask, [conversation, randomUUID()])() as string;
    }));
    await call(who, "(study.replace_material_file($1, $2)).id", [material, await upload(who)])();
    const lease = await prepare(material, PARAGRAPHS.map((text) => `${text} Not any more.`));
    const swap = serve("study.finish_ingest($1, $2)", [lease.job_id, lease.token]);
    const { done, refused } = await rush<unknown>([
      ...answers.map((id) => async () => {
        const [row] = await database.sql`
          select study.finish_answer(${id}, 1, 'completed', ${text}, ${
          database.sql.json(claims)
        }, true) as value`;
        return row?.value as unknown;
      }),
      swap,
    ]);
    expect(Object.keys(refused).filter((why) => why !== "PT422 citation_not_in_source")).toEqual(
      [],
    );
    expect(done).toContainEqual(expect.objectContaining({ added: 12, removed: 12 }));
    await database
      .sql`update study.chat_messages set status = 'failed', error_code = 'left_behind' where status = 'streaming'`;
    await serve("core.complete_job($1, $2)", [lease.job_id, lease.token])();
  }
});

test("who leaves a group takes along what he shares at that moment", async () => {
  for (let round = 0; round < 10; round++) {
    const [owner, member] = [await person(), await person()];
    const group = await call(owner, "(study.create_group('Valves')).id", [])() as string;
    await call(owner, "(study.invite_to_group($1, $2)).role", [group, member])();
    await call(member, "(study.join_group($1)).role", [group])();
    const material = await create(member, await upload(member))() as string;
    const { refused } = await rush<unknown>([
      call(member, "(study.share_material($1, p_group_id => $2)).id", [material, group]),
      call(member, "(study.leave_group($1)).role", [group]),
    ]);
    expect(Object.keys(refused).filter((why) => why !== "PT404 group_not_found")).toEqual([]);
    const shares = await database
      .sql`select from study.material_shares where material_id = ${material}`;
    expect(shares).toHaveLength(0);
  }
});

test("one file is one material, and a file is of one material", async () => {
  const who = await person();
  const [path, other] = [await upload(who), await upload(who)];
  const made = await rush(times(8, () => create(who, path)));
  expect(made.refused).toEqual({});
  expect(new Set(made.done).size).toBe(1);
  const material = await create(who, other)() as string;
  const wanted = await upload(who);
  const both = await rush<unknown>([
    call(who, "(study.replace_material_file($1, $2)).id", [material, wanted]),
    call(who, "(study.replace_material_file($1, $2)).id", [made.done[0], wanted]),
    create(who, wanted),
  ]);
  expect(Object.keys(both.refused).filter((why) => why !== "PT409 material_file_in_use")).toEqual(
    [],
  );
});

test("replaced, deleted and taken in at once, nothing is half there", async () => {
  for (let round = 0; round < 8; round++) {
    const who = await person();
    const material = await create(who, await upload(who))() as string;
    await ingest(material, PARAGRAPHS);
    await call(who, "(study.replace_material_file($1, $2)).id", [material, await upload(who)])();
    const lease = await prepare(material, ["Something else."]);
    const next = await upload(who);
    const { refused } = await rush<unknown>([
      serve("study.finish_ingest($1, $2)", [lease.job_id, lease.token]),
      serve("study.put_material_pages($1, $2, '[]', 20)", [lease.job_id, lease.token]),
      call(who, "(study.replace_material_file($1, $2)).id", [material, next]),
      call(who, "(study.share_material($1, $2)).id", [material, await person()]),
      ...round % 2 === 0 ? [call(who, "study.delete_material($1)", [material])] : [],
      serve("private.study_tend_materials()"),
    ]);
    const expected = ["PT409 lease_lost", "PT404 material_not_found"];
    expect(Object.keys(refused).filter((why) => !expected.includes(why))).toEqual([]);
  }
});

test("of two equal files that are read at the same moment one is taken in", async () => {
  for (let round = 0; round < 6; round++) {
    const who = await person();
    const materials = [
      await create(who, await upload(who))(),
      await create(who, await upload(who))(),
    ];
    const leases = await database.sql<Lease[]>`
      select id as job_id, lease_token as token from core.claim_jobs('test', 20, 'default', '{study.ingest}')
      where resource_id = any (${materials as string[]})`;
    await Promise.all(
      leases.map(({ job_id, token }) => serve("study.begin_ingest($1, $2)", [job_id, token])()),
    );
    const sha256 = randomUUID().replaceAll("-", "").repeat(2);
    const pages = "study.put_material_pages($1, $2, '[{\"part_no\": 0}]', 10, $3, 1)";
    const { refused } = await rush(
      leases.map(({ job_id, token }) => serve(pages, [job_id, token, sha256])),
    );
    expect(refused).toEqual({});
    const rows = await database.sql`
      select processing_status as status, processing_error as error from study.materials where user_id = ${who} order by 1`;
    expect(rows).toEqual([{ status: "failed", error: "material_duplicate" }, {
      status: "parsing",
      error: null,
    }]);
  }
});
