// What every calendar has around its events.

import { escapeText, writeLines } from "./text.ts";

export interface CalendarHead {
  name: string;
  product: string;
  /** PUBLISH allows no attendees (RFC 5546, 3.2.1): a calendar with them has no method. */
  method?: "PUBLISH";
  /** Without one, all times are in UTC. */
  zone?: string;
}

export const wrapCalendar = (
  { name, product, method, zone }: CalendarHead,
  lines: readonly string[],
): string =>
  writeLines([
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    `PRODID:-//Lyceum//${product}//EN`,
    "CALSCALE:GREGORIAN",
    ...(method ? [`METHOD:${method}`] : []),
    `NAME:${escapeText(name)}`,
    `X-WR-CALNAME:${escapeText(name)}`,
    ...(zone ? [`X-WR-TIMEZONE:${zone}`] : []),
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    "X-PUBLISHED-TTL:PT6H",
    ...lines,
    "END:VCALENDAR",
  ]);
