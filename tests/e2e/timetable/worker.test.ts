// OCR workers as processes: killed in mid-page, racing for one document, asked to stop, and reading pictures of questions.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../setup/stack.ts";
import { rendered, scannedPdf, shareRead, written } from "./documents.ts";
import { type Server, startServer } from "./server.ts";

const PDF = "application/pdf";
const READ = ["completed", "hitl_pending", "structuring", "validating", "failed"];

let server: Server;
let pages: Awaited<ReturnType<typeof rendered>>[];
let pdf: Uint8Array;
beforeAll(async () => {
  [server, pages] = await Promise.all([
    startServer(),
    Promise.all([21, 22, 23].map((seed) => rendered(seed))),
  ]);
  pdf = await scannedPdf(pages.map(({ bytes }) => bytes));
});
afterEach(() => server.endWorkers());
afterAll(() => server?.stop());

interface Leased {
  id: string;
  status: string;
  attempts: number;
  leased_by: string | null;
  lease_token: number | null;
  error_message: string | null;
}
const leaseOf = async (jobId: string): Promise<Leased | undefined> => {
  const [row] = await server.stack.sql<Leased>(
    `select id, status, attempts, leased_by, lease_token::integer, error_message
     from ops.queue_items where resource_id = $1 and job_type = 'timetable.read'`,
    [jobId],
  );
  return row;
};
const historyOf = async (jobId: string) => {
  const [row] = await server.stack.sql<{ attempts: number; error_message: string | null }>(
    `select attempts, error_message from ops.queue_history
     where resource_id = $1 and job_type = 'timetable.read'`,
    [jobId],
  );
  return row;
};
const pagesOf = (jobId: string) =>
  server.stack.sql<{ page: number; created_at: string }>(
    "select page, created_at from timetable.ocr_pages where job_id = $1 order by page",
    [jobId],
  );
const until1Page = (jobId: string) =>
  until(async () => (await pagesOf(jobId)).length >= 1, "the first page", 60_000);
/** As if the time of the lease had passed. */
const expire = (queueJobId: string | undefined) =>
  server.stack.sql(
    "update ops.queue_items set lease_expires_at = now() - interval '1 second' where id = $1",
    [queueJobId],
  );

// Pages are read for real, on whatever machine this is.
describe("a worker", { timeout: 120_000 }, () => {
  test("killed in mid-page is followed by another, which keeps what had arrived", async () => {
    const begun = await server.handIn(await server.teacher(), pdf, "three-pages.pdf", PDF);
    const doomed = server.worker();
    await until1Page(begun.id);
    const [first] = await pagesOf(begun.id);
    expect(await doomed.end("SIGKILL")).toEqual([null, "SIGKILL"]);

    const left = await leaseOf(begun.id);
    expect(left).toMatchObject({ status: "processing", attempts: 1 });
    expect(left?.leased_by).toContain(`:${doomed.pid}`);

    await expire(left?.id);
    server.worker();
    const job = await server.reach(begun.id, READ);
    expect(job.error_code).toBeNull();
    const read = await pagesOf(begun.id);
    expect(read.map(({ page }) => page)).toEqual([1, 2, 3]);
    // The page of the dead one was not written again.
    expect(read[0]).toEqual(first);
    expect(await historyOf(begun.id)).toMatchObject({
      attempts: 2,
      error_message: expect.stringContaining(`:${doomed.pid}`),
    });

    // Whatever the dead one would still send is too late, or known.
    const late = await server.deliver({
      jobId: left?.id,
      leaseToken: left?.lease_token,
      documentId: begun.document_id,
      error: { code: "document_broken", message: "From beyond." },
    });
    expect(late).toMatchObject({ status: 200, body: { status: "delivered" } });
    expect((await server.find(begun.id)).error_code).toBeNull();
  });

  test("is not asked a third time for what stopped two of them", async () => {
    const begun = await server.handIn(await server.teacher(), pages[0]!.bytes);
    for (const name of ["one", "two"]) {
      await server.stack.sql(
        "update ops.queue_items set run_at = now() where resource_id = $1",
        [begun.id],
      );
      await server.stack.sql(
        "select from ops.claim_jobs($1, 1, 'ocr', array['timetable.read'])",
        [name],
      );
      const held = await leaseOf(begun.id);
      expect(held?.leased_by).toBe(name);
      await expire(held?.id);
    }
    server.worker();
    expect((await server.reach(begun.id, ["failed"])).error_code).toBe("document_too_complex");
  });

  test("that was taken for dead, and lives, is refused while the other works", async () => {
    const begun = await server.handIn(await server.teacher(), pages[0]!.bytes);
    const old = await server.claim(begun.id);
    await expire(old.id);
    const heir = await server.claim(begun.id);
    expect(heir.lease_token).toBeGreaterThan(old.lease_token);
    const page = { number: 1, width: 9, height: 9, tables: [], lines: [], source: "ocr" };
    const delivery = (leaseToken: number) => ({
      jobId: old.id,
      leaseToken,
      documentId: begun.document_id,
      engine: "test",
      pages: [page],
      file: { sha256: "d".repeat(64), mimeType: "image/png", size: 9, pages: 1 },
    });
    expect(await server.deliver(delivery(old.lease_token))).toMatchObject({
      status: 409,
      body: { code: "lease_lost" },
    });
    expect((await server.deliver(delivery(heir.lease_token))).status).toBe(200);
  });

  test("asked to stop finishes its page, hands the rest back at once, and ends well", async () => {
    // Other bytes: nothing of it was read before.
    const other = await scannedPdf([pages[2]!, pages[0]!, pages[1]!].map(({ bytes }) => bytes));
    const begun = await server.handIn(await server.teacher(), other, "other.pdf", PDF);
    const stopped = server.worker();
    await until1Page(begun.id);
    expect(await stopped.end("SIGTERM")).toEqual([0, null]);
    const left = await leaseOf(begun.id);
    expect(left).toMatchObject({ status: "pending", error_message: "worker_stopped" });
    expect((await pagesOf(begun.id)).length).toBeLessThan(3);

    server.worker();
    const job = await server.reach(begun.id, READ);
    expect(job.error_code).toBeNull();
    expect(await pagesOf(begun.id)).toHaveLength(3);
  });

  test("beside another one: each document is read once, by one of them", async () => {
    const teacher = await server.teacher();
    const schools = await Promise.all([31, 32, 33].map((seed) => rendered(seed)));
    const workers = [server.worker(), server.worker()];
    await until(() => workers.every((w) => w.said().includes('"ready"')), "both workers");
    const begun = await Promise.all(schools.map(({ bytes }) => server.handIn(teacher, bytes)));
    for (const [index, { id }] of begun.entries()) {
      const job = await server.reach(id, ["completed", "hitl_pending", "failed"]);
      expect(job.error_code).toBeNull();
      expect(await historyOf(id)).toMatchObject({ attempts: 1, error_message: null });
      expect(await pagesOf(id)).toHaveLength(1);
      const blocks = await server.stack.sql<Parameters<typeof shareRead>[1][number]>(
        `select day_of_week, name, start_time::text, end_time::text from timetable.timeblocks
         where document_id = $1`,
        [job.document_id],
      );
      expect(shareRead(schools[index]!.gold, blocks)).toBeGreaterThan(0.8);
    }
    await Promise.all(workers.map((w) => w.end("SIGTERM")));
    // They say how many jobs they worked on: three together, none twice.
    const claimed = workers.flatMap((w) => [...w.said().matchAll(/"claimed":(\d+)/g)])
      .reduce((sum, [, count]) => sum + Number(count), 0);
    expect(claimed).toBe(3);
  });
});

describe("pictures in questions", () => {
  const isEnabled = async () => {
    const [row] = await server.stack.sql<{ is_enabled: boolean }>(
      "select is_enabled from ops.job_types where job_type = 'ocr.read_image'",
    );
    return row?.is_enabled;
  };

  test("are read while a worker is there; its calls switch the job type on, its silence off", async () => {
    expect(await isEnabled()).toBe(false);
    const worker = server.worker("ocr.read_image");
    await until(isEnabled, "the call of the worker");

    const { id, client } = await server.teacher();
    const path = `${id}/${randomUUID()}.png`;
    const picture = await written(["What does the left ventricle", "pump in one minute?"]);
    const stored = await client.storage.from("question-images").upload(path, picture, {
      contentType: "image/png",
    });
    expect(stored.error).toBeNull();
    const asked = await client.schema("qa").rpc("submit_question", {
      p_content: "",
      p_idempotency_key: randomUUID(),
      p_image_paths: [path],
    });
    expect(asked.error).toBeNull();
    const question = asked.data as { id: string };
    const read = await until(
      async () => {
        const [image] = await server.stack.sql<{ extracted_text: string | null; sure: number }>(
          `select extracted_text, extracted_confidence::float8 as sure
         from qa.question_images where question_id = $1`,
          [question.id],
        );
        return image?.extracted_text != null && image;
      },
      "the text of the picture",
      20_000,
    );
    expect(read.extracted_text).toBe("What does the left ventricle\npump in one minute?");
    expect(read.sure).toBeGreaterThan(0.8);
    await worker.end("SIGTERM");

    // A worker that called just now is not retired; one that fell silent is.
    await server.stack.sql("select ops.retire_silent_workers()");
    expect(await isEnabled()).toBe(true);
    await server.stack.sql(
      "update ops.worker_calls set called_at = now() - interval '3 minutes'",
    );
    await server.stack.sql("select ops.retire_silent_workers()");
    expect(await isEnabled()).toBe(false);
  });

  test("only the service may call in", async () => {
    const { client } = await server.teacher();
    const call = { p_worker: "me", p_job_types: ["ocr.read_image"] };
    expect((await client.schema("core").rpc("call_in", call)).error).not.toBeNull();
    expect(await isEnabled()).toBe(false);
    const nameless = await server.service.schema("core").rpc("call_in", { ...call, p_worker: "" });
    expect(nameless.error?.message).toBe("worker_required");
  });

  test("a type that is off by hand stays off, whoever calls", async () => {
    await server.stack.sql(
      "update ops.job_types set is_enabled = false where job_type = 'timetable.read'",
    );
    const call = { p_worker: "me", p_job_types: ["timetable.read"] };
    expect((await server.service.schema("core").rpc("call_in", call)).error).toBeNull();
    const [row] = await server.stack.sql<{ is_enabled: boolean }>(
      "select is_enabled from ops.job_types where job_type = 'timetable.read'",
    );
    expect(row?.is_enabled).toBe(false);
  });
});
