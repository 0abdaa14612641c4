// Jobs over the API: leases, retries, death, and an administrator who runs a dead job again.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { service, sql, until } from "../../setup/stack.ts";
import { listen } from "../core/inbox.ts";
import { expectRefusal, granted, newAdmin, newStudent, type Person } from "../core/people.ts";

interface Job {
  id: string;
  lease_token: number;
  attempts: number;
}

const queue = `tests-${randomUUID()}`;
const jobType = `tests.fragile_${randomUUID().slice(0, 8)}`;
const core = service("core");
let admin: Person;
let student: Person;

const enqueue = (payload: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  granted(core.rpc("enqueue_job", { p_job_type: jobType, p_payload: payload, ...more }));
const claimAll = async (worker = "tests") =>
  await granted(core.rpc("claim_jobs", { p_worker: worker, p_queue: queue })) as Job[];
const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });
const fail = (job: Job) =>
  core.rpc("fail_job", { ...lease(job), p_error: "the lamp is broken", p_retry_after_seconds: 0 });
const healthOf = async (type: string) => {
  const rows = await granted(admin.client.schema("core").rpc("queue_health")) as {
    job_type: string;
    dead_open: number;
    due: number;
    last_error: string | null;
  }[];
  return rows.find((row) => row.job_type === type);
};

beforeAll(async () => {
  [admin, student] = [await newAdmin(), await newStudent()];
  await sql(
    "insert into ops.job_types (job_type, queue, max_attempts, lease_seconds) values ($1, $2, 2, 30)",
    [jobType, queue],
  );
});

describe("a job that fails for good", () => {
  test("dies after its attempts, is told of, and is run again once by an administrator", async () => {
    const hears = await listen(admin);
    const id = await enqueue({ lamp: 1 });
    const [first] = await claimAll();
    expect(first).toMatchObject({ id, attempts: 1 });
    expect(await granted(fail(first!))).toBe("retrying");
    const [second] = await claimAll();
    expect(second).toMatchObject({ id, attempts: 2 });
    expect(await granted(fail(second!))).toBe("dead");
    expectRefusal(await fail(second!), 409, "lease_lost");
    await hears.next("notification", (n) => n.type === "job_died" && n.data?.job_id === id);
    await hears.close();
    expect(await healthOf(jobType)).toMatchObject({
      dead_open: 1,
      last_error: "the lamp is broken",
    });

    const rerun = (by: Person) =>
      by.client.schema("core").rpc("rerun_job", { p_dead_letter_id: id });
    expectRefusal(await rerun(student), 403, "role_required");
    const newId = await granted(rerun(admin));
    expectRefusal(await rerun(admin), 409, "already_rerun");
    expect(await healthOf(jobType)).toMatchObject({ dead_open: 0, due: 1 });

    const [third] = await claimAll();
    expect(third).toMatchObject({ id: newId, attempts: 1 });
    const { error } = await core.rpc("complete_job", { ...lease(third!), p_result: { lit: true } });
    expect(error).toBeNull();
    expect(await claimAll()).toEqual([]);
  });
});

describe("leases", () => {
  test("no job goes to two workers that claim at the same time", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => enqueue({ n })));
    const claims = await Promise.all(["a", "b", "c", "d"].map((worker) => claimAll(worker)));
    const ids = claims.flat().map((job) => job.id);
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
    await Promise.all(claims.flat().map((job) => core.rpc("complete_job", lease(job))));
  });

  test("whose lease was taken over can neither go on nor complete", async () => {
    await enqueue();
    const [stalled] = await claimAll("stalled");
    await sql(
      "update ops.queue_items set lease_expires_at = now() - interval '1 s' where id = $1",
      [
        stalled!.id,
      ],
    );
    // Another worker's claim may be releasing it at this moment; then it is there a moment later.
    const [taken] = await until(async () => {
      const claimed = await claimAll("quick");
      return claimed.length > 0 && claimed;
    }, "the job to be free again");
    expect(taken?.id).toBe(stalled?.id);
    expectRefusal(await core.rpc("heartbeat_job", lease(stalled!)), 409, "lease_lost");
    expectRefusal(await core.rpc("complete_job", lease(stalled!)), 409, "lease_lost");
    expect((await core.rpc("complete_job", lease(taken!))).error).toBeNull();
  });

  test("a live job with the same key is the same job", async () => {
    const key = { p_dedupe_key: randomUUID() };
    const id = await enqueue({}, key);
    expect(await enqueue({}, key)).toBe(id);
    const [job] = await claimAll();
    await core.rpc("complete_job", lease(job!));
    expect(await enqueue({}, key)).not.toBe(id);
    expect((await admin.client.schema("core").rpc("cancel_job", { p_job_id: id })).status).toBe(
      404,
    );
  });

  test("an administrator cancels a job; its holder finds out", async () => {
    await sql("delete from ops.queue_items where queue = $1", [queue]);
    const id = await enqueue();
    const [job] = await claimAll();
    expectRefusal(
      await student.client.schema("core").rpc("cancel_job", { p_job_id: id }),
      403,
      "role_required",
    );
    const { error } = await admin.client.schema("core").rpc("cancel_job", { p_job_id: id });
    expect(error).toBeNull();
    expectRefusal(await core.rpc("complete_job", lease(job!)), 409, "lease_lost");
    expectRefusal(
      await admin.client.schema("core").rpc("cancel_job", { p_job_id: id }),
      404,
      "job_not_found",
    );
  });
});

describe("the platform's own worker", () => {
  test("buries what it cannot read, at once and with the reason", async () => {
    const id = await granted(
      core.rpc("enqueue_job", { p_job_type: "privacy.export", p_payload: { request_id: "none" } }),
    );
    const dead = await until(async () => {
      const [row] = await sql<{ error_message: string; attempts: number }>(
        "select error_message, attempts from ops.dead_letters where id = $1",
        [id],
      );
      return row;
    }, "the dead letter");
    expect(dead).toEqual({ error_message: "malformed_job", attempts: 1 });
  });

  test("does not answer without the secret key", async () => {
    for (const client of [student.client, (await newStudent()).client]) {
      const { error, response } = await client.functions.invoke("process-jobs", { body: {} });
      expect(error).not.toBeNull();
      expect([401, 403]).toContain(response?.status);
    }
  });
});
