// A document from upload to blocks, by the worker that stands beside the stack; and what the callback takes from whom.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import sharp from "sharp";
import { listen } from "../../setup/realtime.ts";
import { rendered, shareRead } from "./documents.ts";
import { type QueueJob, type ReadingJob, type Server, startServer } from "./server.ts";

const OVER = ["completed", "hitl_pending", "failed", "cancelled"];

// Pages are read for real, on whatever machine this is.
describe("a rendered timetable", { timeout: 120_000 }, () => {
  let server: Server;
  let school: Awaited<ReturnType<typeof rendered>>;
  beforeAll(async () => {
    [server, school] = await Promise.all([startServer({ ocr: true }), rendered(7)]);
  });
  afterAll(() => server?.stop());

  const blocksOf = (job: ReadingJob) =>
    server.stack.sql<Parameters<typeof shareRead>[1][number]>(
      `select day_of_week, name, start_time::text, end_time::text from timetable.timeblocks
       where timetable_id = $1 order by position`,
      [job.timetable_id],
    );
  const stagesOf = (job: ReadingJob) => Object.keys(job.timings);

  test("goes through every stage, tells its owner how far it is, and becomes her timetable", async () => {
    const teacher = await server.teacher();
    const heard = await listen(teacher.client, `user:${teacher.id}`);
    const begun = await server.handIn(teacher, school.bytes);
    expect(begun.status).toBe("pending");
    const job = await server.reach(begun.id, OVER);
    expect(job).toMatchObject({ processing_tier: "tesseract", error_code: null, is_cached: false });
    expect(["completed", "hitl_pending"]).toContain(job.status);
    expect(stagesOf(job)).toEqual(
      expect.arrayContaining(["classifying", "preprocessing", "ocr", "structuring", "validating"]),
    );
    expect(shareRead(school.gold, await blocksOf(job))).toBeGreaterThanOrEqual(0.9);

    await expect.poll(() => heard.heard.map(({ payload }) => payload.status)).toContain(job.status);
    const told = heard.heard.filter(({ event }) => event === "timetable_progress")
      .map(({ payload }) => payload as { status: string; progress: number });
    expect(told.map(({ status }) => status)).toEqual(
      expect.arrayContaining(["classifying", "preprocessing", "ocr", "structuring"]),
    );
    const progress = told.map((step) => step.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));

    const { data: cells } = await teacher.client.from("extraction_cells").select("text, box");
    expect(cells?.length).toBeGreaterThan(school.gold.length / 2);
  });

  test("again, from somebody else: the pages are taken from the first reading, nothing is read twice", async () => {
    const other = await server.teacher();
    const begun = await server.handIn(other, school.bytes, "copy-of-the-same.png");
    const job = await server.reach(begun.id, OVER);
    expect(job.is_cached).toBe(true);
    expect(stagesOf(job)).not.toContain("ocr");
    expect(shareRead(school.gold, await blocksOf(job))).toBeGreaterThanOrEqual(0.9);
    const [{ calls } = { calls: -1 }] = await server.stack.sql<{ calls: number }>(
      "select count(*)::integer as calls from ops.ai_calls",
    );
    expect(calls).toBe(0);
  });

  test("with a threshold that it does not reach: a person is asked, with every block's place", async () => {
    await server.stack.sql(
      "update core.settings set value = '0.999' where key = 'timetable.accept_confidence'",
    );
    try {
      const begun = await server.handIn(await server.teacher(), (await rendered(8)).bytes);
      const job = await server.reach(begun.id, OVER);
      expect(job.status).toBe("hitl_pending");
      const [task] = await server.stack.sql<{ draft_data: { blocks: { box: unknown }[] } }>(
        "select draft_data from timetable.hitl_tasks where job_id = $1",
        [job.id],
      );
      expect(task?.draft_data.blocks.length).toBeGreaterThan(0);
      expect(task?.draft_data.blocks.every(({ box }) => box !== null)).toBe(true);
    } finally {
      await server.stack.sql(
        "update core.settings set value = '0.97' where key = 'timetable.accept_confidence'",
      );
    }
  });

  test("what a reviewer corrects is read right in the next document of the same school", async () => {
    const { stack } = server;
    const threshold = (value: number) =>
      stack.sql("update core.settings set value = $1 where key = 'timetable.accept_confidence'", [
        value,
      ]);
    type Sheet = { lease_token: number; blocks: { name: string; origin?: string }[] };
    await threshold(0.999);
    try {
      const { bytes } = await rendered(9);
      const first = await server.handIn(await server.teacher(), bytes);
      expect((await server.reach(first.id, OVER)).status).toBe("hitl_pending");
      const reviewer = await server.teacher();
      await stack.sql("insert into core.user_roles (user_id, role) values ($1, 'reviewer')", [
        reviewer.id,
      ]);
      const [task] = await stack.sql<{ id: string }>(
        "select id from timetable.hitl_tasks where job_id = $1",
        [first.id],
      );
      const claimed = await reviewer.client.rpc("claim_review", { p_task_id: task?.id });
      expect(claimed.error).toBeNull();
      const sheet = claimed.data as Sheet;
      const misread = sheet.blocks[0]?.name ?? "";
      const blocks = sheet.blocks.map((block) =>
        block.name === misread ? { ...block, name: "Rhetoric" } : block
      );
      const corrected = blocks.filter(({ name }) => name === "Rhetoric").length;
      expect(corrected).toBeGreaterThan(0);
      const done = await reviewer.client.rpc("complete_review", {
        p_task_id: task?.id,
        p_lease_token: sheet.lease_token,
        p_final: { blocks },
      });
      expect(done.error).toBeNull();
      expect(
        await stack.sql(
          "select field, read_text, corrected_text from timetable.layout_corrections",
        ),
      )
        .toEqual([{ field: "name", read_text: misread, corrected_text: "Rhetoric" }]);

      // The same page, saved again by another program: other bytes, so it is read anew.
      const again = await sharp(bytes).png({ compressionLevel: 2 }).toBuffer();
      const second = await server.handIn(await server.teacher(), again);
      const job = await server.reach(second.id, OVER);
      expect(job.is_cached).toBe(false);
      const names = (await stack.sql<{ name: string }>(
        `select b ->> 'name' as name from timetable.hitl_tasks as t, jsonb_array_elements(t.draft_data -> 'blocks') as b
         where t.job_id = $1
         union all select name from timetable.timeblocks where timetable_id = $2`,
        [job.id, job.timetable_id],
      )).map(({ name }) => name);
      expect(names).not.toContain(misread);
      expect(names.filter((name) => name === "Rhetoric").length).toBeGreaterThanOrEqual(corrected);
    } finally {
      await threshold(0.97);
    }
  });

  const broken = () => school.bytes.slice(0, Math.floor(school.bytes.length / 3));
  test.each<[string, () => Uint8Array, string]>([
    [
      "a page of HTML that calls itself .png",
      () => Buffer.from("<html>".repeat(99)),
      "document_type_unknown",
    ],
    ["a picture that breaks off", broken, "document_broken"],
  ])("%s is refused, and its owner is told why", async (_what, bytes, code) => {
    const teacher = await server.teacher();
    const begun = await server.handIn(teacher, bytes());
    const job = await server.reach(begun.id, OVER);
    expect(job).toMatchObject({ status: "failed", error_code: code });
    expect(job.error_message?.length).toBeGreaterThan(10);
    const { data } = await teacher.client.schema("core").from("notifications").select("type, data");
    expect(data).toMatchObject([{ type: "timetable_failed", data: { code } }]);
  });

  test("leaves no job behind, and no dead letter", async () => {
    const left = await server.stack.sql("select job_type, error_message from ops.dead_letters");
    expect(left).toEqual([]);
    expect(await server.stack.sql("select job_type from ops.queue_items")).toEqual([]);
  });
});

describe("the callback, from any OCR service", () => {
  let server: Server;
  beforeAll(async () => {
    // No worker but the test itself.
    server = await startServer({ workers: 0 });
  });
  afterAll(() => server?.stop());

  const page = (number: number) => ({
    number,
    width: 800,
    height: 600,
    tables: [],
    lines: [],
    source: "ocr",
  });
  async function held(pages = 1) {
    const begun = await server.handIn(await server.teacher(), Buffer.from(randomUUID()));
    const job: QueueJob = await server.claim(begun.id);
    const lease = { jobId: job.id, leaseToken: job.lease_token, documentId: begun.document_id };
    const file = { sha256: "c".repeat(64), mimeType: "image/png", size: 36, pages };
    return {
      id: begun.id,
      lease,
      result: (...numbers: number[]) => ({
        ...lease,
        engine: "elsewhere 1",
        pages: numbers.map(page),
        file,
      }),
    };
  }
  const pagesOf = async (id: string) =>
    (await server.stack.sql<{ page: number }>(
      "select page from timetable.ocr_pages where job_id = $1 order by page",
      [id],
    )).map((row) => row.page);

  test("takes pages one by one, and the last hands the document on", async () => {
    const { id, result } = await held(2);
    expect(await server.deliver(result(2))).toMatchObject({
      status: 200,
      body: { proceed: true, stored: 1 },
    });
    expect((await server.find(id)).status).toBe("ocr");
    expect(await server.deliver(result(1))).toMatchObject({
      status: 200,
      body: { proceed: false, stored: 1 },
    });
    expect((await server.find(id)).status).toBe("structuring");
    expect(await pagesOf(id)).toEqual([1, 2]);
  });

  test("refuses what is unsigned, altered, old, or signed with another key; nothing is written", async () => {
    const { id, result } = await held();
    const body = JSON.stringify(result(1));
    const now = Math.floor(Date.now() / 1000);
    const attempts: [string, Record<string, string>, string][] = [
      [body, {}, "signature_missing"],
      [body.replace("800", "801"), server.sign(body), "signature_invalid"],
      [body, server.sign(body, now, "x".repeat(64)), "signature_invalid"],
      [
        body,
        { ...server.sign(body, now - 900), "x-lyceum-timestamp": `${now}` },
        "signature_invalid",
      ],
      [body, server.sign(body, now - 302), "signature_expired"],
      [body, server.sign(body, now + 400), "signature_expired"],
    ];
    for (const [sent, headers, code] of attempts) {
      expect(await server.post(sent, headers)).toMatchObject({ status: 401, body: { code } });
    }
    // Neither of our keys stands in for a signature.
    for (const key of [server.stack.publishableKey, server.stack.secretKey]) {
      expect((await server.post(body, { apikey: key })).body.code).toBe("signature_missing");
    }
    expect(await pagesOf(id)).toEqual([]);
    expect((await server.find(id)).status).toBe("classifying");
  });

  test("takes each delivery once: repeated it changes nothing, signed anew it is known", async () => {
    const { id, result } = await held(2);
    const first = JSON.stringify(result(1));
    const now = Math.floor(Date.now() / 1000);
    const sent = await Promise.all(
      Array.from({ length: 5 }, () => server.post(first, server.sign(first, now))),
    );
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(sent.filter(({ status }) => status === 409).map(({ body }) => body.code))
      .toEqual(Array(4).fill("callback_repeated"));
    const anew = await server.post(first, server.sign(first, now + 1));
    expect(anew).toMatchObject({ status: 200, body: { stored: 0 } });
    expect(await pagesOf(id)).toEqual([1]);

    const last = JSON.stringify(result(2));
    expect((await server.post(last, server.sign(last, now))).status).toBe(200);
    // The answer got lost on the way: the same again, under a new signature.
    const late = await server.post(last, server.sign(last, now + 1));
    expect(late).toMatchObject({ status: 200, body: { status: "delivered", stored: 0 } });
    expect(await server.stack.sql("select id from ops.queue_items where resource_id = $1", [id]))
      .toHaveLength(1);
  });

  test("spends no signature on what it could not write", async () => {
    const { id, lease, result } = await held();
    const body = JSON.stringify({ ...result(1), leaseToken: lease.leaseToken + 1_000_000 });
    const headers = server.sign(body);
    for (let i = 0; i < 2; i++) {
      expect(await server.post(body, headers)).toMatchObject({
        status: 409,
        body: { code: "lease_lost" },
      });
    }
    const spent = await server.stack.sql(
      "select signature from timetable.callback_nonces where signature = $1",
      [headers["x-lyceum-signature"]],
    );
    expect([spent, await pagesOf(id)]).toEqual([[], []]);
  });

  test("refuses a job that the sender does not hold: another's, an old lease, another document", async () => {
    const mine = await held(), theirs = await held();
    const stale = { ...mine.result(1), leaseToken: mine.lease.leaseToken - 1 };
    const mixed = { ...mine.result(1), jobId: theirs.lease.jobId };
    const foreign = { ...mine.result(1), documentId: theirs.lease.documentId };
    const unknown = { ...mine.result(1), jobId: randomUUID() };
    for (const sent of [stale, mixed, foreign, unknown]) {
      expect(await server.deliver(sent)).toMatchObject({
        status: 409,
        body: { code: "lease_lost" },
      });
    }
    const failure = { ...mine.lease, error: { code: "document_broken", message: "Broken." } };
    expect((await server.deliver({ ...failure, leaseToken: 1 })).status).toBe(409);
    expect((await server.find(mine.id)).status).toBe("classifying");
    expect(await pagesOf(theirs.id)).toEqual([]);
  });

  test("refuses what is no delivery, and what is too much", async () => {
    const { result } = await held();
    expect(await server.deliver({ ...result(1), pages: [] })).toMatchObject({
      status: 422,
      body: { code: "invalid_input" },
    });
    const garbage = "{".repeat(100);
    expect((await server.post(garbage, server.sign(garbage))).status).toBe(400);
    const huge = " ".repeat(20 * 1024 * 1024);
    expect(await server.post(huge, server.sign(huge))).toMatchObject({
      status: 413,
      body: { code: "payload_too_large" },
    });
    const get = await fetch(`${server.stack.url}/functions/v1/ocr-callback`);
    expect(get.status).toBe(405);
    await get.body?.cancel();
  });

  test("a failure ends the job, with the reason for its owner", async () => {
    const { id, lease } = await held();
    const error = { code: "document_encrypted", message: "It has a password." };
    expect((await server.deliver({ ...lease, error })).status).toBe(200);
    expect(await server.find(id)).toMatchObject({
      status: "failed",
      error_code: "document_encrypted",
      error_message: "It has a password.",
    });
  });

  test("its RPC is the service's alone", async () => {
    const { client } = await server.teacher();
    const { error } = await client.rpc("receive_delivery", { p_signature: "x", p_delivery: {} });
    expect(error).not.toBeNull();
  });
});
