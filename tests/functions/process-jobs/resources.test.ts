// The job of shared files: looking into one.
import { describe, expect, it } from "vitest";
import {
  type Finding,
  type Inspection,
  resourceHandlers,
  type ResourceStore,
} from "../../../functions/process-jobs/files/resources.ts";
import type { Job, JobHandler } from "../../../functions/_shared/jobs/types.ts";
import { pdf } from "../../fixtures/office.ts";
import { job } from "./fakes.ts";

const inspection: Inspection = {
  proceed: true,
  bucket: "resources",
  path: "ann/heart.pdf",
  file_type: "application/pdf",
  object_version: "v1",
};
const inspectJob = job({ job_type: "social.inspect_resource", payload: { resource_id: "r" } });

/** The database and Storage, in memory, with all that was written. */
function fake(options: {
  inspection?: Inspection;
  bytes?: Uint8Array | null | Error;
} = {}) {
  const log: string[] = [];
  const findings: Finding[] = [];
  let inMemory = 0;
  const store: ResourceStore = {
    begin: () => Promise.resolve(options.inspection ?? inspection),
    download: async (bucket, path) => {
      log.push(`download ${bucket}/${path}, ${++inMemory} at once`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inMemory -= 1;
      const { bytes = pdf() } = options;
      if (bytes instanceof Error) throw bytes;
      return bytes;
    },
    record: (_job, _id, finding) => {
      findings.push(finding);
      return Promise.resolve(finding.verdict.ok ? "ready" : "rejected");
    },
  };
  const handlers = resourceHandlers(store);
  const run = (work: Job, signal = new AbortController().signal) =>
    (handlers[work.job_type] as JobHandler)(work, signal);
  return { log, findings, run };
}

describe("looking into a file", () => {
  it("records what it is, with hash, size and which upload it was", async () => {
    const { findings, run } = fake();
    expect(await run(inspectJob)).toEqual({ status: "done", result: { status: "ready" } });
    expect(findings).toEqual([{
      version: "v1",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      size: pdf().length,
      verdict: { ok: true, mime: "application/pdf" },
    }]);
  });

  it("refuses what is something else, and what is gone", async () => {
    const html = fake({ bytes: new TextEncoder().encode("<html></html>") });
    expect(await html.run(inspectJob)).toEqual({
      status: "done",
      result: { status: "rejected" },
    });
    expect(html.findings[0]?.verdict).toEqual({
      ok: false,
      mime: "text/html",
      reason: "the file is text/html",
    });
    const gone = fake({ bytes: null });
    await gone.run(inspectJob);
    expect(gone.findings[0]).toMatchObject({ size: 0, verdict: { reason: "the file is gone" } });
  });

  it("does nothing twice, and judges nothing that it could not read", async () => {
    const decided = fake({ inspection: { proceed: false } });
    expect(await decided.run(inspectJob)).toEqual({ status: "done", result: { skipped: true } });
    const broken = fake({ bytes: new Error("storage: timeout") });
    await expect(broken.run(inspectJob)).rejects.toThrow("storage: timeout");
    expect([...decided.findings, ...broken.findings]).toEqual([]);
    expect(await fake().run(job({ job_type: "social.inspect_resource", payload: {} }))).toEqual({
      status: "failed",
      error: "malformed_job",
      retry: false,
    });
  });

  it("has one file in memory at a time, also after one that failed", async () => {
    const { log, run } = fake();
    const broken = fake({ bytes: new Error("storage: timeout") }).run(inspectJob);
    await Promise.allSettled([broken, run(inspectJob), run(inspectJob), run(inspectJob)]);
    expect(log).toEqual(Array(3).fill("download resources/ann/heart.pdf, 1 at once"));
  });

  it("stops when the lease is lost", async () => {
    const { log, run } = fake();
    await expect(run(inspectJob, AbortSignal.abort(new Error("lease_lost")))).rejects.toThrow(
      "lease_lost",
    );
    expect(log).toEqual([]);
  });
});
