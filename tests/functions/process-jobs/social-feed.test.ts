// The job that writes a post into many feeds: portion after portion, under its lease.
import { describe, expect, it } from "vitest";
import {
  FeedError,
  feedHandlers,
  type FeedPortion,
} from "../../../functions/process-jobs/social/feed.ts";
import { job } from "./fakes.ts";

const post = "33333333-3333-4333-8333-333333333333";
const ourJob = job({ job_type: "social.fan_out_post", resource_id: post, payload: {} });

function run(portions: (FeedPortion | Error)[], signal = new AbortController().signal) {
  const asked: (string | null)[] = [];
  const handler = feedHandlers({
    fanOut: (_job, after) => {
      asked.push(after);
      const portion = portions[asked.length - 1] ?? new Error("asked too often");
      return portion instanceof Error ? Promise.reject(portion) : Promise.resolve(portion);
    },
  })["social.fan_out_post"];
  if (!handler) throw new Error("no handler");
  return { asked, outcome: handler(ourJob, signal) };
}

describe("a post for many followers", () => {
  it("is written until there is no next portion", async () => {
    const { asked, outcome } = run([
      { written: 1000, next: "2:b" },
      { written: 1000, next: "1:a" },
      { written: 0, next: null },
    ]);
    expect(await outcome).toEqual({ status: "done", result: { written: 2000 } });
    expect(asked).toEqual([null, "2:b", "1:a"]);
  });

  it("ends when the lease is lost, as the runner expects it", async () => {
    const lost = run([{ written: 1000, next: "2:b" }, new FeedError("lease_lost", "Taken.")]);
    await expect(lost.outcome).rejects.toMatchObject({ code: "lease_lost" });
    const stopped = run([], AbortSignal.abort(new Error("lease_lost")));
    await expect(stopped.outcome).rejects.toThrow("lease_lost");
    expect(stopped.asked).toEqual([]);
  });
});
