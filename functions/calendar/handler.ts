import { fail, type Failure, type Result } from "../_shared/http/index.ts";
import type { LinkKind, Links } from "./links.ts";
import { openPage } from "./pages.ts";

/** Counted up when the same content is written otherwise: what calendars have kept is then fetched anew. */
const FORMAT = 1;
const PATH = /^\/(?:(bookings|study)\/)?([A-Za-z0-9_-]{43})\.(ics|json)$/;

/** One answer for unknown, revoked, malformed and of the other kind. */
const notFound = (): Failure =>
  fail(404, "link_not_found", {
    message: "This link opens nothing, or no longer.",
    hint: "Ask whoever gave it to you for a new one.",
  });

const kindOf = (folder: string | undefined, extension: string | undefined): LinkKind | null => {
  if (folder === "bookings" || folder === "study") return extension === "ics" ? folder : null;
  return extension === "ics" ? "calendar" : "view";
};

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

export const serveLink =
  (deps: { links: Links }) =>
  async (request: Request, path: string): Promise<Result<never> | Response> => {
    const [, folder, token, extension] = PATH.exec(path) ?? [];
    const kind = kindOf(folder, extension);
    if (!token || !kind) return notFound();
    const opened = await openPage(deps.links, kind, {
      token,
      client: clientOf(request),
      version: versionIn(request.headers.get("if-none-match"), kind),
    });
    if (!opened.ok) return opened;
    if (!opened.data) return notFound();
    const { version, page } = opened.data;
    const headers = {
      etag: tagOf(kind, version),
      // Whoever asks within five minutes may be told the same; nobody else keeps it.
      "cache-control": "private, max-age=300",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex, nofollow",
    };
    if (!page) return new Response(null, { status: 304, headers });
    return new Response(page.text, { headers: { ...headers, ...page.headers } });
  };
