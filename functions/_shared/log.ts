// Structured logs: one JSON object a line. Secrets are masked by field name and by shape, because an
// error message of a vendor may well quote the key that it rejected.

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Record<string, unknown>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  with(fields: LogFields): Logger;
}

const SECRET_FIELD =
  /^(authorization|apikey|api[-_]?key|cookie|set-cookie|password|secret|token|access[-_]?token|refresh[-_]?token|secret[-_]?key|jwt)$/i;
const SECRET_SHAPES = [
  /\bsb_secret_[A-Za-z0-9_-]+/g,
  /\bsk-[A-Za-z0-9_-]{6,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
  /\bBearer\s+[A-Za-z0-9._~+/-]+=*/gi,
  /(postgres(?:ql)?:\/\/[^:\s/]+:)[^@\s]+(?=@)/g,
];
const MAX_TEXT = 4000;
const MAX_DEPTH = 6;

const maskText = (text: string): string => {
  const masked = SECRET_SHAPES.reduce(
    (value, shape) =>
      value.replace(shape, (_match, kept: unknown) => `${typeof kept === "string" ? kept : ""}***`),
    text,
  );
  return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}…` : masked;
};

/** A copy that is safe to log: no secrets, no endless text, no cycles. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === "string") return maskText(value);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (value instanceof Error) return describeError(value, depth + 1);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_FIELD.test(key) ? "***" : redact(item, depth + 1),
    ]),
  );
};

const describeError = (error: Error, depth: number): LogFields => ({
  name: error.name,
  message: maskText(error.message),
  ...("code" in error ? { code: redact(error.code, depth) } : {}),
  ...(error.stack ? { stack: maskText(error.stack) } : {}),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth) }),
});

type Write = (line: string, level: LogLevel) => void;

const writeToConsole: Write = (line, level) => {
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
};

export const createLogger = (
  base: LogFields = {},
  write: Write = writeToConsole,
  now: () => Date = () => new Date(),
): Logger => {
  const emit = (level: LogLevel) => (event: string, fields: LogFields = {}): void => {
    const safe = redact({ ...base, ...fields }) as LogFields;
    write(JSON.stringify({ time: now().toISOString(), level, event, ...safe }), level);
  };
  return {
    debug: emit("debug"),
    info: emit("info"),
    warn: emit("warn"),
    error: emit("error"),
    with: (fields) => createLogger({ ...base, ...fields }, write, now),
  };
};

/** For tests and for callers that do not care. */
export const silentLogger: Logger = createLogger({}, () => undefined);
