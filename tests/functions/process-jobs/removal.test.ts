// The job that takes away files that nobody uses.
import { describe, expect, it } from "vitest";
import {
  removalHandlers,
  type RemovalStore,
  type StoredFile,
} from "../../../functions/process-jobs/files/removal.ts";
import type { JobHandler } from "../../../functions/_shared/jobs/types.ts";
import { job } from "./fakes.ts";

const file = (name: string): StoredFile => {
  const [bucket = "", path = ""] = name.split("/");
  return { bucket, path };
};

function fake(batches: string[][]) {
  const log: string[] = [];
  const left = [...batches];
  const store: RemovalStore = {
    begin: () => Promise.resolve((left.shift() ?? []).map(file)),
    remove: (bucket, paths) => Promise.resolve(void log.push(`remove ${bucket}: ${paths}`)),
    finish: (_job, bucket, paths) => {
      log.push(`forget ${bucket}: ${paths}`);
      return Promise.resolve(paths.length);
    },
  };
  const run = (signal = new AbortController().signal) =>
    (removalHandlers(store)["core.remove_files"] as JobHandler)(
      job({ job_type: "core.remove_files", payload: {} }),
      signal,
    );
  return { log, run };
}

describe("taking files away", () => {
  it("goes on until there are none, bucket by bucket, and forgets each after it is gone", async () => {
    const { log, run } = fake([["x/a", "y/b", "x/c"], ["y/d"]]);
    expect(await run()).toEqual({ status: "done", result: { removed: 4 } });
    expect(log).toEqual([
      "remove x: a,c",
      "forget x: a,c",
      "remove y: b",
      "forget y: b",
      "remove y: d",
      "forget y: d",
    ]);
  });

  it("does not go on for ever about a file that stays", async () => {
    const { log, run } = fake(Array(9).fill(["x/a"]));
    expect(await run()).toEqual({ status: "done", result: { removed: 1 } });
    expect(log).toEqual(["remove x: a", "forget x: a"]);
  });

  it("stops when the lease is lost", async () => {
    const { log, run } = fake([["x/a"]]);
    await expect(run(AbortSignal.abort(new Error("lease_lost")))).rejects.toThrow("lease_lost");
    expect(log).toEqual([]);
  });
});
