import { done, type JobHandler, type JobHandlers } from "../../_shared/jobs/types.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { QaStore } from "./store.ts";

const stage = (write: (job: Job) => Promise<unknown>): JobHandler => async (job) =>
  done((await write(job)) as Record<string, unknown>);

/** Stages that the database does alone: the worker only gives them their moment. */
export const databaseStages = (store: QaStore): JobHandlers => ({
  "qa.originality": stage(store.checkOriginality),
  "qa.assign": stage(store.assignExpert),
  "qa.deliver": stage(store.deliverAnswer),
});
