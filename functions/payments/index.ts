// POST /payments/checkout {booking_id}: where to pay for a booking. POST /payments/payout-account: where a tutor says to
// whom his earnings go. /payments/sandbox/…: the pages of the sandbox, for whoever has their address.

import { endpoint } from "../_shared/http/index.ts";
import { servePayments } from "./router.ts";

export default {
  fetch: endpoint(
    // Nobody signs in to the sandbox, as nobody does on a page of Stripe; the other paths ask for the user themselves.
    { name: "payments", auth: ["user", "none"], methods: ["GET", "POST"], subPaths: true },
    servePayments,
  ),
};
