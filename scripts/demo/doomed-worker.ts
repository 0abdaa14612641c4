// A worker in a process of its own. It takes up one job, keeps its lease, and never gets done: the story
// kills it. Like any worker it knows the URL and the secret key, and nothing else.
import { connect } from "./people.ts";

const { LYCEUM_URL = "", LYCEUM_SECRET_KEY = "" } = process.env;
const service = connect(LYCEUM_URL, LYCEUM_SECRET_KEY);
const name = `doomed-${process.pid}`;

// Whoever started it is gone: nobody could end it any more.
process.on("disconnect", () => process.exit(0));

interface Job {
  id: string;
  lease_token: number;
  resource_id: string;
  attempts: number;
}

async function claim(): Promise<Job> {
  for (;;) {
    const { data } = await service.schema("core").rpc("claim_jobs", {
      p_worker: name,
      p_limit: 1,
      p_job_types: ["qa.generate"],
    }).throwOnError();
    const [job] = data as Job[];
    if (job) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const job = await claim();
const lease = { p_job_id: job.id, p_lease_token: job.lease_token };
await service.schema("qa").rpc("begin_generation", { p_question_id: job.resource_id, ...lease })
  .throwOnError();
process.send?.({ kind: "begun", worker: name, job });

setInterval(async () => {
  await service.schema("core").rpc("heartbeat_job", lease).throwOnError();
  process.send?.({ kind: "heartbeat" });
}, 500);
