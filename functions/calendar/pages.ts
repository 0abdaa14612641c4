// What stands behind a link, as it is sent.

import { ok, type Result } from "../_shared/http/index.ts";
import { writeBookings } from "./ical/bookings.ts";
import { writeCalendar } from "./ical/feed.ts";
import { writePlan } from "./ical/plan.ts";
import type { LinkKind, Links, OpenLink } from "./links.ts";
import type { Content } from "./schema.ts";

export interface Page {
  text: string;
  headers: Record<string, string>;
}

/** Null: the link opens nothing. page null: nothing has changed since the version that was named. */
export type OpenedPage = { version: string; page: Page | null } | null;

const calendar = (text: string, fileName: string): Page => ({
  text,
  headers: {
    "content-type": "text/calendar; charset=utf-8",
    "content-disposition": `inline; filename="${fileName}"`,
  },
});

const timetablePage = (kind: LinkKind, content: Content): Page => {
  const { timetable, blocks, exceptions } = content;
  const { calendar_sequence: _, ...shown } = timetable;
  const page = kind === "calendar" ? calendar(writeCalendar(content), "timetable.ics") : {
    text: JSON.stringify({ timetable: shown, blocks, exceptions }),
    headers: { "content-type": "application/json; charset=utf-8" },
  };
  const changed = new Date(timetable.updated_at).toUTCString();
  return { ...page, headers: { ...page.headers, "last-modified": changed } };
};

/** The answer of the database, with its content written as a page. */
const paged = <T>(
  opened: Result<{ version: string; content: T | null } | null>,
  write: (content: T) => Page,
): Result<OpenedPage> => {
  if (!opened.ok) return opened;
  if (!opened.data) return ok(null);
  const { version, content } = opened.data;
  return ok({ version, page: content && write(content) });
};

export const openPage = async (
  links: Links,
  kind: LinkKind,
  link: OpenLink,
): Promise<Result<OpenedPage>> => {
  if (kind === "bookings") {
    const sessions = await links.openBookings(link);
    return paged(sessions, (content) => calendar(writeBookings(content), "sessions.ics"));
  }
  if (kind === "study") {
    const plan = await links.openPlan(link);
    return paged(plan, (content) => calendar(writePlan(content), "study-plan.ics"));
  }
  return paged(await links.open({ ...link, kind }), (content) => timetablePage(kind, content));
};
