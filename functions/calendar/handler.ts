import { fail, type Failure, type Result } from "../_shared/http/index.ts";
import { writeCalendar } from "./ical/feed.ts";
import type { LinkKind, Links } from "./links.ts";
import type { Content } from "./schema.ts";

/** Counted up when the same timetable is written otherwise: what calendars have kept is then fetched anew. */
const FORMAT = 1;
const PATH = /^\/([A-Za-z0-9_-]{43})\.(ics|json)$/;

/** One answer for unknown, revoked, malformed and of the other kind. */
const notFound = (): Failure =>
  fail(404, "link_not_found", {
    message: "This link opens nothing, or no longer.",
    hint: "Ask whoever gave it to you for a new one.",
  });

const tagOf = (kind: LinkKind, version: string) => `"${FORMAT}-${kind}-${version}"`;

/** The version that the caller says he has, of this kind and format. */
const versionIn = (ifNoneMatch: string | null, kind: LinkKind): string | null => {
  for (const tag of (ifNoneMatch ?? "").split(",")) {
    const found = /^(?:W\/)?"(\d+)-(\w+)-([\w-]{1,100})"$/.exec(tag.trim());
    if (found?.[1] === String(FORMAT) && found[2] === kind) return found[3] ?? null;
  }
  return null;
};

/** The first address is what the caller's proxy names. Whoever lies about it still has to guess 256 bits. */
const clientOf = (request: Request): string =>
  (request.headers.get("x-forwarded-for") ?? "").split(",")[0]?.trim().slice(0, 64) ?? "";

const pageOf = ({ timetable, blocks, exceptions }: Content): string => {
  const { calendar_sequence: _, ...shown } = timetable;
  return JSON.stringify({ timetable: shown, blocks, exceptions });
};

export const serveLink =
  (deps: { links: Links }) =>
  async (request: Request, path: string): Promise<Result<never> | Response> => {
    const [, token, extension] = PATH.exec(path) ?? [];
    if (!token) return notFound();
    const kind: LinkKind = extension === "ics" ? "calendar" : "view";
    const known = versionIn(request.headers.get("if-none-match"), kind);
    const opened = await deps.links.open({
      token,
      kind,
      client: clientOf(request),
      version: known,
    });
    if (!opened.ok) return opened;
    if (!opened.data) return notFound();
    const { version, content } = opened.data;
    const headers = {
      etag: tagOf(kind, version),
      // Whoever asks within five minutes may be told the same; nobody else keeps it.
      "cache-control": "private, max-age=300",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex, nofollow",
    };
    if (!content) return new Response(null, { status: 304, headers });
    return new Response(kind === "calendar" ? writeCalendar(content) : pageOf(content), {
      headers: {
        ...headers,
        "content-type": kind === "calendar"
          ? "text/calendar; charset=utf-8"
          : "application/json; charset=utf-8",
        ...(kind === "calendar"
          ? { "content-disposition": 'inline; filename="timetable.ics"' }
          : {}),
        "last-modified": new Date(content.timetable.updated_at).toUTCString(),
      },
    });
  };
