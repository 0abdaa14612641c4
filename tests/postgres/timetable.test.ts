// Documents in a rush: one path is one document, a cancel meets the worker, the same file comes from many, people leave.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asUser, expectSound, rush, times } from "./native.ts";
import { type Lease, only, openReading, type Reading, type Sheet } from "./reading.ts";

let reading: Reading;

beforeAll(async () => {
  reading = await openReading("timetable");
});
afterAll(() => reading?.database.drop());

describe("handing in", () => {
  test("one path twenty times at once makes one document, one timetable, one job", async () => {
    const path = await reading.one("select tests.tt_upload($1) as value", [reading.owner]);
    const { done, refused } = await rush(
      times(20, () => () =>
        asUser(reading.database, reading.owner, async (tx) => {
          const [row] = await tx<{ it: { document: { id: string }; job: { id: string } } }[]>`
          select timetable.submit_document(${path}, 'plan.pdf') as it`;
          return `${row?.it.document.id} ${row?.it.job.id}`;
        })),
    );
    expect(refused).toEqual({});
    expect(new Set(done).size).toBe(1);
    const [counts] = await reading.database.sql`
      select count(*)::int as jobs, count(distinct j.timetable_id)::int as timetables,
        (select count(*)::int from ops.queue_items q where q.resource_id = any (array_agg(j.id))) as queued
      from timetable.processing_jobs j join timetable.documents d on d.id = j.document_id
      where d.path = ${path}`;
    expect(counts).toEqual({ jobs: 1, timetables: 1, queued: 1 });
  });

  test("trying again ten times at once begins one reading", async () => {
    const [document = ""] = await reading.submitted(1);
    await reading.cancel(document)();
    const { done, refused } = await rush(
      times(10, () => () =>
        asUser(reading.database, reading.owner, async (tx) => {
          await tx`select timetable.retry_processing(${document})`;
          return "begun";
        })),
    );
    expect(done).toEqual(["begun"]);
    expect(refused).toEqual({ "PT409 processing_active": 9 });
  });
});

describe("cancelling", () => {
  test("meets the worker of the same document without a deadlock, and one of the two wins", async () => {
    const documents = await reading.submitted(30);
    const leases = await Promise.all(documents.map((id) => reading.lease(id, "timetable.read")));
    const read = (held: Lease, index: number) => async () => {
      const { sql } = reading.database;
      const sha256 = index.toString(16).padStart(64, "e");
      await sql`select private.timetable_begin_reading(${held.id}, ${held.lease_token})`;
      await sql`select private.timetable_record_file(
        ${held.id}, ${held.lease_token}, ${sha256}, 'application/pdf', 2048, 1, null)`;
      await sql`select private.timetable_record_ocr(${held.id}, ${held.lease_token},
        jsonb_build_object('engine', 'race', 'pages', jsonb_build_array(tests.tt_page())))`;
      return "read";
    };
    const { refused } = await rush<string>(
      documents.flatMap((id, i) => [read(leases[i] as Lease, i), reading.cancel(id)]),
    );
    only(refused, /lease_lost/);
    expect(new Set(await reading.statesOf(documents))).toEqual(new Set(["cancelled none"]));
    const left = await reading.database.sql`
      select from ops.queue_items q join timetable.processing_jobs j on j.id = q.resource_id
      where j.document_id = any (${documents})`;
    expect(left, "no job of the queue is left").toHaveLength(0);
  });

  test("meets a claim: the reviewer has it, or it is cancelled", async () => {
    const documents = await reading.unsure(20);
    const tasks = await Promise.all(documents.map(reading.taskOf));
    const { refused } = await rush<unknown>(documents.flatMap((id, i) => [
      reading.cancel(id),
      reading.claim(reading.reviewer(i), tasks[i] ?? ""),
    ]));
    only(refused, /review_closed|review_in_progress/);
    for (const state of await reading.statesOf(documents)) {
      expect(["cancelled cancelled", "hitl_in_progress in_progress"]).toContain(state);
    }
  });
});

describe("the same file", () => {
  test("handed in by many at once is read, and nobody waits for another", async () => {
    const people = await Promise.all(times(10, (i) => reading.person(`same-${i}`)));
    const documents = (await Promise.all(people.map((id) => reading.submitted(1, id)))).flat();
    const { done, refused } = await rush(
      documents.map((id) => () =>
        reading.helped("tests.tt_read($1, tests.tt_blocks(), 'layout-same', repeat('5', 64))", [id])
      ),
    );
    expect(refused).toEqual({});
    expect(new Set(done)).toEqual(new Set(["hitl_pending"]));
    const [late = ""] = await reading.submitted(1);
    await reading.helped("tests.tt_read($1, tests.tt_blocks(), 'layout-same', repeat('5', 64))", [
      late,
    ]);
    expect(await reading.one("select (tests.tt_job($1)).is_cached as value", [late])).toBe(true);
  });
});

describe("deleting a person", () => {
  test("meets a verdict on his document, and a claim of the reviewer who leaves", async () => {
    const leavers = await Promise.all(times(10, (i) => reading.person(`leaver-${i}`)));
    const documents = (await Promise.all(leavers.map((id) => reading.unsure(1, id)))).flat();
    const leaving = await reading.person("leaving", "reviewer");
    const reviewer = reading.reviewer(2);
    const sheets: Sheet[] = [];
    for (const document of documents) {
      sheets.push(await reading.claim(reviewer, await reading.taskOf(document))());
    }
    await reading.unsure(5);
    const remove = (id: string) => async () => {
      await reading.database.sql`delete from auth.users where id = ${id}`;
    };
    const { refused } = await rush<unknown>([
      ...leavers.flatMap((id, i) => [reading.complete(reviewer, sheets[i] as Sheet), remove(id)]),
      ...times(5, () => reading.claim(leaving, null)),
      remove(leaving),
    ]);
    only(refused, /review_not_found|nothing_to_review|not_authenticated|role_required/);
    const left = await reading.database.sql`
      select from timetable.documents where id = any (${documents})`;
    expect(left).toHaveLength(0);
    await reading.database.sql`select private.timetable_expire_reviews()`;
  });
});

test("every invariant holds afterwards", () => expectSound(reading.database));
