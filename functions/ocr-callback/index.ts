// Where OCR services deliver what they read: our worker (scripts/ocr/worker.ts), or any other that knows the secret.

import { runtimeEnv } from "../_shared/config.ts";
import { endpoint } from "../_shared/http/index.ts";
import { MAX_DELIVERY_BYTES } from "../_shared/ocr/delivery.ts";
import { readSecrets, receiveDelivery } from "./handler.ts";
import { createDeliveryStore } from "./store.ts";

export default {
  fetch: endpoint(
    { name: "ocr-callback", auth: "none", maxBodyBytes: MAX_DELIVERY_BYTES },
    ({ request, rawBody, context, log }) =>
      receiveDelivery({ headers: request.headers, rawBody }, {
        secrets: readSecrets(runtimeEnv),
        // The sender is no user: the signature and the lease stand for it, and the RPCs belong to the service role.
        store: createDeliveryStore(context.supabaseAdmin),
        log,
      }),
  ),
};
