// Tutoring sessions for the tests of the calendar, and a calendar of them read by another's parser.
import ICAL from "ical.js";
import type { Session } from "../../../functions/calendar/bookings-schema.ts";

const at = (text: string): number => Date.parse(text) / 1000;

export const session = (over: Partial<Session> = {}): Session => ({
  chain_id: "7e0f5f0c-2b1c-4b53-9c0e-3f1f6f6f0a01",
  title: "An hour of algebra",
  status: "scheduled",
  sequence: 0,
  starts_at: at("2026-03-29T00:30:00Z"),
  ends_at: at("2026-03-29T01:30:00Z"),
  created_at: at("2026-03-01T08:00:00Z"),
  updated_at: at("2026-03-02T09:10:11Z"),
  meeting_link: "https://meet.test/room;a=1,b=2?x=y",
  tutor: { id: "11111111-1111-4111-8111-111111111111", name: "Tora Tutor" },
  learner: { id: "22222222-2222-4222-8222-222222222222", name: "Leo Learner" },
  ...over,
});

export interface ReadSession {
  uid: string;
  sequence: number;
  status: string;
  summary: string;
  start: string;
  end: string;
  location: string | null;
  url: string | null;
  organizer: string[];
  attendees: string[][];
  changed: string;
  alarms: string[];
}

const iso = (time: ICAL.Time) => new Date(time.toUnixTime() * 1000).toISOString();
const text = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

/** Every event, in order, as ical.js reads it. */
export function readSessions(calendar: string): ReadSession[] {
  const root = new ICAL.Component(ICAL.parse(calendar) as unknown[]);
  const time = (component: ICAL.Component, name: string) =>
    iso(component.getFirstPropertyValue(name) as unknown as ICAL.Time);
  const person = (property: ICAL.Property | null) => [
    text(property?.getFirstParameter("cn")) ?? "",
    text(property?.getFirstValue()) ?? "",
  ];
  return root.getAllSubcomponents("vevent").map((event) => ({
    uid: text(event.getFirstPropertyValue("uid")) ?? "",
    sequence: Number(event.getFirstPropertyValue("sequence")),
    status: text(event.getFirstPropertyValue("status")) ?? "",
    summary: text(event.getFirstPropertyValue("summary")) ?? "",
    start: time(event, "dtstart"),
    end: time(event, "dtend"),
    location: text(event.getFirstPropertyValue("location")),
    url: text(event.getFirstPropertyValue("url")),
    organizer: person(event.getFirstProperty("organizer")),
    attendees: event.getAllProperties("attendee").map(person),
    changed: time(event, "last-modified"),
    alarms: event.getAllSubcomponents("valarm").map((alarm) =>
      text(alarm.getFirstPropertyValue("trigger")) ?? ""
    ),
  }));
}
