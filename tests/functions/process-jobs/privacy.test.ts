import { describe, expect, it } from "vitest";
import { privacyHandlers } from "../../../functions/process-jobs/privacy/handlers.ts";
import type { PrivacyStore, StoredObject } from "../../../functions/process-jobs/privacy/store.ts";
import { job } from "./fakes.ts";

const request = { request_id: crypto.randomUUID(), user_id: crypto.randomUUID() };
const signal = new AbortController().signal;

function fakeStore(objects: StoredObject[], fault?: string) {
  const said: string[] = [];
  const store: PrivacyStore = {
    rowsOf: () => Promise.resolve({ data: { "core.profiles": [{ id: request.user_id }] } }),
    objectsOf: () => Promise.resolve(objects),
    saveExport: (path, content) => {
      said.push(`save ${path} ${JSON.stringify(content).length > 20}`);
      return Promise.resolve();
    },
    remove: (gone) => {
      said.push(`remove ${gone.length}`);
      return Promise.resolve();
    },
    finishExport: () => {
      said.push("export finished");
      return Promise.resolve(undefined);
    },
    beginErasure: () => {
      said.push("erasure begun");
      return fault === "last_admin" ? Promise.reject(new Error(fault)) : Promise.resolve(undefined);
    },
    expireExport: (_id, path) => {
      said.push(`expire ${path}`);
      return Promise.resolve();
    },
    finishErasure: () => {
      said.push("erasure finished");
      return fault ? Promise.reject(new Error(fault)) : Promise.resolve(undefined);
    },
    giveUp: (_id, error) => {
      said.push(`gave up ${error}`);
      return Promise.resolve(undefined);
    },
  };
  return { handlers: privacyHandlers(store), said };
}

const run = (fake: ReturnType<typeof fakeStore>, type: string, over = {}) => {
  const handler = fake.handlers[type];
  if (!handler) throw new Error(`no handler for ${type}`);
  return handler(job({ job_type: type, payload: request, ...over }), signal);
};

describe("privacy jobs", () => {
  it("saves an export in the person's own folder before saying that it is there", async () => {
    const fake = fakeStore([]);
    expect((await run(fake, "privacy.export")).status).toBe("done");
    expect(fake.said).toEqual([
      `save ${request.user_id}/${request.request_id}.json true`,
      "export finished",
    ]);
  });

  it("removes the files before the account, for afterwards nobody knows whose they were", async () => {
    const fake = fakeStore([{ bucket_id: "avatars", name: `${request.user_id}/me.png` }]);
    expect((await run(fake, "privacy.erase")).status).toBe("done");
    expect(fake.said).toEqual(["erasure begun", "remove 1", "erasure finished"]);
  });

  it("tries again, and gives the request up with the last try", async () => {
    const first = fakeStore([], "user_objects_remain");
    expect(await run(first, "privacy.erase")).toMatchObject({ status: "failed", retry: true });
    expect(first.said).not.toContain("gave up user_objects_remain");
    const last = fakeStore([], "user_objects_remain");
    await run(last, "privacy.erase", { attempts: 3 });
    expect(last.said).toContain("gave up user_objects_remain");
  });

  it("touches no file of the last administrator, and gives the request up", async () => {
    const fake = fakeStore(
      [{ bucket_id: "avatars", name: `${request.user_id}/me.png` }],
      "last_admin",
    );
    expect(await run(fake, "privacy.erase")).toMatchObject({ status: "failed", retry: false });
    expect(fake.said).toEqual(["erasure begun", "gave up last_admin"]);
  });

  it("removes the file of an export when its time is up", async () => {
    const fake = fakeStore([]);
    expect((await run(fake, "privacy.expire")).status).toBe("done");
    expect(fake.said).toEqual([`expire ${request.user_id}/${request.request_id}.json`]);
  });

  it("drops what the person called off", async () => {
    const fake = fakeStore([], "privacy_request_cancelled");
    expect(await run(fake, "privacy.erase")).toEqual({
      status: "done",
      result: { cancelled: true },
    });
  });

  it("refuses a job without the ids that it needs", async () => {
    const fake = fakeStore([]);
    const outcome = await run(fake, "privacy.erase", { payload: { user_id: "me" } });
    expect(outcome).toEqual({
      status: "failed",
      error: "malformed_job",
      retry: false,
      retryAfterSeconds: undefined,
    });
    expect(fake.said).toEqual([]);
  });
});
