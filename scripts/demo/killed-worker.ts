// A worker dies in the middle of a job, and the job does not die with it.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ask, judge, read, takeUp, watch } from "./asking.ts";
import { showSettlement } from "./books.ts";
import { connect } from "./people.ts";
import { detail, note } from "./print.ts";
import { expectEqual, expectThat, step, until, withTimeout } from "./steps.ts";
import type { Stage } from "./stage.ts";

const leaseSeconds = 3;

interface Begun {
  kind: "begun";
  worker: string;
  job: { id: string; lease_token: number };
}

interface Leased {
  status: string;
  leased_by: string | null;
  seconds_left: number;
}

export async function killedWorker(stage: Stage): Promise<void> {
  const { student, experts, stack, worker } = stage;
  note(
    `For this chapter the lease of a job is ${leaseSeconds} seconds (ops.job_types), and the platform's own worker pauses.`,
  );
  await worker.stop();
  await stack.sql("update ops.job_types set lease_seconds = $1 where job_type = 'qa.generate'", [
    leaseSeconds,
  ]);
  const question = await ask(student, "How does vasopressin make the collecting duct permeable?", {
    topic: "renal-system",
  });
  const child = fork(join(import.meta.dirname, "doomed-worker.ts"), {
    env: {
      PATH: process.env.PATH,
      LYCEUM_URL: stage.url,
      LYCEUM_SECRET_KEY: stage.stack.secretKey,
    },
  });
  try {
    const { job, worker: name } = await step(
      "a worker process takes the job up and sends heartbeats",
      async () => {
        const begun = await message<Begun>(child, "begun");
        await message(child, "heartbeat");
        return begun;
      },
      ({ worker: who }) => `a worker process takes the job up and sends heartbeats: ${who}`,
    );
    await watch(student, question, ["submitted", "processing"]);

    await step(`kill -9 ${child.pid}`, async () => {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      const [, signal] = await exit;
      expectEqual("ended by", signal, "SIGKILL");
    });
    await step(
      "the job is still leased to the dead worker",
      async () => {
        const leased = await leaseOf(stage, job.id);
        expectEqual("holder", [leased.status, leased.leased_by], ["processing", name]);
        return leased;
      },
      (leased) => `the job is still leased to the dead, for ${leased.seconds_left.toFixed(1)} s`,
    );
    await worker.start();
    note("The platform's own worker is back.");
    await watch(student, question, ["ai_generated", "humanized", "expert_review"]);
    await step("it was the second attempt at the same job", async () => {
      const [done] = await stack.sql<{ attempts: number; error_message: string }>(
        "select attempts, error_message from ops.queue_history where id = $1",
        [job.id],
      );
      expectEqual("attempts", done?.attempts, 2);
      expectThat("why", Boolean(done?.error_message?.includes(name)), done);
      detail(`${done?.error_message}`);
    });
    await step("whatever the dead worker would still send is refused: 409 lease_lost", async () => {
      const late = connect(stage.url, stack.secretKey);
      const { error, status } = await late.schema("core").rpc("complete_job", {
        p_job_id: job.id,
        p_lease_token: job.lease_token,
      });
      expectEqual("the refusal", [status, error?.message], [409, "lease_lost"]);
    });
  } finally {
    child.kill("SIGKILL");
    await stack.sql("update ops.job_types set lease_seconds = 180 where job_type = 'qa.generate'");
    await worker.start();
  }

  const [expert, sheet] = await takeUp(experts, question);
  await judge(expert, sheet, `${expert.name} approves it as it is`, { p_verdict: "approved" });
  await watch(student, question, ["approved", "delivered"]);
  await step("the answer is there, once", async () => {
    const answer = await read(student, question);
    expectThat("citations", answer.citations.length > 0, answer);
  });
  await showSettlement(student, question.id, "capture");
}

async function leaseOf(stage: Stage, jobId: string): Promise<Leased> {
  return await until("the job in the queue", async () => {
    const [row] = await stage.stack.sql<Leased>(
      `select status, leased_by, extract(epoch from lease_expires_at - clock_timestamp())::float8 as seconds_left
       from ops.queue_items where id = $1`,
      [jobId],
    );
    return row;
  }, 2000);
}

async function message<T extends { kind: string }>(
  child: ChildProcess,
  kind: T["kind"],
): Promise<T> {
  const waiting = new Promise<T>((resolve, reject) => {
    child.on("message", (said) => (said as T).kind === kind && resolve(said as T));
    child.once("exit", (code) => reject(new Error(`the worker ended with code ${code}`)));
  });
  return await withTimeout(waiting, 10_000, `the message ${kind}`);
}
