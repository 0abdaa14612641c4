// Browsers may call every function: no cookie is ever read, so any origin is safe by default.
// CORS_ALLOWED_ORIGINS (comma separated) narrows it.

const ALLOWED_HEADERS = [
  "authorization",
  "apikey",
  "content-type",
  "x-client-info",
  "x-request-id",
  "x-retry-count",
  "x-supabase-api-version",
  "idempotency-key",
  "traceparent",
  "tracestate",
  "baggage",
];
const EXPOSED_HEADERS = ["x-request-id", "retry-after"];

export const corsHeaders = (
  request: Request,
  methods: readonly string[],
  allowedOrigins: readonly string[] = ["*"],
): Record<string, string> => {
  const origin = request.headers.get("origin");
  const any = allowedOrigins.includes("*");
  const allowed = any ? "*" : origin !== null && allowedOrigins.includes(origin) ? origin : null;
  return {
    ...(allowed === null ? {} : { "access-control-allow-origin": allowed }),
    ...(any ? {} : { vary: "Origin" }),
    "access-control-allow-methods": [...methods, "OPTIONS"].join(", "),
    "access-control-allow-headers": ALLOWED_HEADERS.join(", "),
    "access-control-expose-headers": EXPOSED_HEADERS.join(", "),
  };
};

export const preflight = (headers: Record<string, string>): Response =>
  new Response(null, { status: 204, headers: { ...headers, "access-control-max-age": "86400" } });
