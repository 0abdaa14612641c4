// The worker: called on every enqueue and by a timer, with the secret key.
// Many may run at once; no job goes to two of them.

import { endpoint } from "../_shared/http/index.ts";
import { processJobs } from "./handler.ts";
import { inputSchema } from "./schema.ts";

export default {
  fetch: endpoint({ name: "process-jobs", auth: "secret", body: inputSchema }, processJobs),
};
