// What a secret link opens, for whoever has it: GET /calendar/<token>.ics is a calendar to subscribe to,
// GET /calendar/<token>.json the timetable to look at, GET /calendar/bookings/<token>.ics the calendar of somebody's
// tutoring sessions, GET /calendar/study/<token>.ics that of somebody's study plan. Without an account; the token is the key.

import { endpoint } from "../_shared/http/index.ts";
import { serveLink } from "./handler.ts";
import { linkStore } from "./links.ts";

export default {
  fetch: endpoint(
    { name: "calendar", auth: "none", methods: ["GET", "HEAD"], subPaths: true },
    // Passes over row-level security: whoever holds a link has no account. The database decides what it opens.
    ({ request, path, context }) =>
      serveLink({ links: linkStore(context.supabaseAdmin) })(request, path),
  ),
};
