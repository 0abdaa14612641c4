// The account of it all: ledger, audit, queue, and the promises that hold whatever happened.
import { randomUUID } from "node:crypto";
import { showLedger } from "./books.ts";
import { findViolations, invariantFiles } from "./invariants.ts";
import { call, refused } from "./people.ts";
import { detail } from "./print.ts";
import { untilIdle } from "./queue.ts";
import { expectEqual, expectThat, step } from "./steps.ts";
import type { Stage } from "./stage.ts";

interface Chain {
  is_valid: boolean;
  checked_links: number;
  checked_rows: number;
  reason: string | null;
}

export async function finalBooks({ student, admin }: Stage): Promise<void> {
  await showLedger(student, { credits_available: 0, credits_held: 0 });
  await step("the next question is refused: 402 insufficient_credits", async () => {
    const refusal = await refused(student, "qa", "submit_question", {
      p_content: "And how is the urine concentrated?",
      p_idempotency_key: randomUUID(),
    });
    expectEqual("the refusal", [refusal.status, refusal.code], [402, "insufficient_credits"]);
  });
  await step(
    "the chain of the audit is whole",
    async () => {
      const [chain] = await call<Chain[]>(admin, "core", "verify_audit_chain");
      expectThat("a valid chain", chain?.is_valid === true, chain);
      expectThat("audited rows", Number(chain.checked_rows) > 0, chain);
      return chain;
    },
    (chain) =>
      `${admin.name} verifies the audit: ${chain.checked_rows} rows in ${chain.checked_links} links, all whole`,
  );
  const health = await step(
    "the queue is empty, and no job has died",
    () => untilIdle(admin),
  );
  detail(
    health.filter((q) => q.completed_last_hour > 0)
      .map((q) => `${q.job_type} ${q.completed_last_hour}`).join(" · "),
  );
}

export async function invariantsHold({ stack }: Stage): Promise<void> {
  await step(
    "no invariant is violated",
    async () => {
      const violations = await findViolations((text) => stack.sql(text));
      expectEqual("violations", violations, []);
      return invariantFiles().length;
    },
    (count) => `the ${count} queries of sql/invariants return no row`,
  );
}
