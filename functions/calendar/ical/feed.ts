// The calendar as text. What is written depends on the timetable alone, so that the same version is the same bytes.

import type { Content } from "../schema.ts";
import { wrapCalendar } from "./calendar.ts";
import { localStamp, readerOf, utcStamp } from "./clock.ts";
import { type CalendarEvent, eventsOf } from "./events.ts";
import { escapeText } from "./text.ts";
import { zoneLines } from "./zone.ts";

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

export const writeCalendar = (content: Content): string => {
  const { timetable, offsets } = content;
  const zone = timetable.time_zone;
  const read = readerOf(offsets);
  const named = (name: string, minutes: number) => `${name};TZID=${zone}:${localStamp(minutes)}`;
  const utc = (name: string, seconds: number) => `${name}:${utcStamp(seconds)}`;
  const changed = utcStamp(Date.parse(timetable.updated_at) / 1000);

  const times = ({ span: { start, end }, inUtc }: CalendarEvent): string[] => {
    if (!inUtc) return [named("DTSTART", start), ...(end === null ? [] : [named("DTEND", end)])];
    const begin = read(start).at;
    // Where an hour is left out, nothing ends before it begins.
    const stop = end === null ? begin : Math.max(read(end).at, begin);
    return [utc("DTSTART", begin), ...(stop > begin ? [utc("DTEND", stop)] : [])];
  };

  const repeats = ({ repeats, span }: CalendarEvent): string[] => {
    if (!repeats || repeats.lastStart === span.start) return [];
    const day = DAYS[(Math.floor(span.start / 1440) + 3) % 7];
    const every = repeats.weeks === 2 ? ";INTERVAL=2" : "";
    return [
      `RRULE:FREQ=WEEKLY${every};BYDAY=${day};UNTIL=${utcStamp(read(repeats.lastStart).at)}`,
      ...repeats.except.map((start) => named("EXDATE", start)),
    ];
  };

  const eventLines = (event: CalendarEvent): string[] => [
    "BEGIN:VEVENT",
    `UID:${event.uid}@timetable.lyceum`,
    `DTSTAMP:${changed}`,
    `LAST-MODIFIED:${changed}`,
    `SEQUENCE:${timetable.calendar_sequence}`,
    ...(event.replaces === undefined ? [] : [named("RECURRENCE-ID", event.replaces)]),
    ...times(event),
    ...repeats(event),
    `SUMMARY:${escapeText(event.name)}`,
    ...(event.notes === "" ? [] : [`DESCRIPTION:${escapeText(event.notes)}`]),
    "END:VEVENT",
  ];

  return wrapCalendar(
    { name: timetable.name, product: "Timetable", method: "PUBLISH", zone },
    [...zoneLines(zone, offsets), ...eventsOf(content).flatMap(eventLines)],
  );
};
