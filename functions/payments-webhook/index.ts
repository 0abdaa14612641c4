// Where the provider of payments tells what happened: POST, signed.

import { endpoint } from "../_shared/http/index.ts";
import { paymentFailure } from "../_shared/payments/failure.ts";
import { createPayments } from "../_shared/payments/index.ts";
import { record } from "../_shared/payments/record.ts";
import { receiveEvent } from "./handler.ts";

const MAX_EVENT_BYTES = 256 * 1024;

export default {
  fetch: endpoint(
    { name: "payments-webhook", auth: "none", maxBodyBytes: MAX_EVENT_BYTES },
    async ({ request, rawBody, context, log }) => {
      try {
        return await receiveEvent({ headers: request.headers, rawBody }, {
          payments: createPayments(),
          // The provider is no user: its signature stands for it, and the RPC belongs to the service role.
          record: (event) => record(context.supabaseAdmin, event),
          log,
        });
      } catch (error) {
        return paymentFailure(error, log);
      }
    },
  ),
};
