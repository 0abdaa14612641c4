// Sessions with tutors as events. A chain of moves is one event: its UID stays, its SEQUENCE grows, and when it is called
// off it stays as CANCELLED, so that every program finds what it has and changes that.

import type { Bookings, Person, Session } from "../bookings-schema.ts";
import { wrapCalendar } from "./calendar.ts";
import { utcStamp } from "./clock.ts";
import { escapeText } from "./text.ts";

const NAMES = { learner: "My tutoring sessions", tutor: "Sessions that I give" } as const;

/** In a parameter nothing can be escaped: what would end it is replaced (RFC 5545, 3.2). */
const parameter = (text: string): string =>
  `"${text.replaceAll('"', "'").replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ")}"`;

/** Who it is without an e-mail address: a calendar user is any URI. */
const address = ({ id }: Person): string => `urn:uuid:${id}`;

/** A URI stands as it is, so it may hold nothing that ends a line. */
const uri = (text: string): string => text.replaceAll(/[\p{Cc}\s]/gu, "");

const alarm = (summary: string): string[] => [
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "TRIGGER:-PT15M",
  `DESCRIPTION:${escapeText(summary)}`,
  "END:VALARM",
];

const eventLines = (session: Session, role: Bookings["role"]): string[] => {
  const isOff = session.status === "cancelled";
  const other = role === "learner" ? session.tutor : session.learner;
  const summary = `${isOff ? "Cancelled: " : ""}${session.title} – ${other.name}`;
  const link = isOff || session.meeting_link === null ? null : uri(session.meeting_link);
  const changed = utcStamp(session.updated_at);
  return [
    "BEGIN:VEVENT",
    `UID:${session.chain_id}@bookings.lyceum`,
    `DTSTAMP:${changed}`,
    `CREATED:${utcStamp(session.created_at)}`,
    `LAST-MODIFIED:${changed}`,
    `SEQUENCE:${session.sequence}`,
    `STATUS:${isOff ? "CANCELLED" : "CONFIRMED"}`,
    `TRANSP:${isOff ? "TRANSPARENT" : "OPAQUE"}`,
    `DTSTART:${utcStamp(session.starts_at)}`,
    `DTEND:${utcStamp(session.ends_at)}`,
    `SUMMARY:${escapeText(summary)}`,
    ...(link === null ? [] : [
      `LOCATION:${escapeText(link)}`,
      `URL:${link}`,
      `DESCRIPTION:${escapeText(`Meeting: ${link}`)}`,
    ]),
    `ORGANIZER;CN=${parameter(session.tutor.name)}:${address(session.tutor)}`,
    `ATTENDEE;CN=${parameter(session.learner.name)};ROLE=REQ-PARTICIPANT;PARTSTAT=${
      isOff ? "DECLINED" : "ACCEPTED"
    }:${address(session.learner)}`,
    ...(session.status === "scheduled" ? alarm(summary) : []),
    "END:VEVENT",
  ];
};

export const writeBookings = ({ role, bookings }: Bookings): string =>
  wrapCalendar(
    { name: NAMES[role], product: "Bookings" },
    bookings.flatMap((session) => eventLines(session, role)),
  );
