// Tutoring sessions as a calendar: as text, and as another's parser (ical.js) reads it.
import { describe, expect, it } from "vitest";
import { writeBookings } from "../../../functions/calendar/ical/bookings.ts";
import { readSessions, session } from "./sessions.ts";

const write = (over: Parameters<typeof session>[0] = {}, role: "learner" | "tutor" = "learner") =>
  writeBookings({ role, bookings: [session(over)] });
const read = (...args: Parameters<typeof write>) => readSessions(write(...args))[0]!;
const linesOf = (calendar: string) => calendar.replaceAll("\r\n ", "").split("\r\n");

describe("a session", () => {
  it("is an event that a parser reads as it is", () => {
    expect(read()).toEqual({
      uid: "7e0f5f0c-2b1c-4b53-9c0e-3f1f6f6f0a01@bookings.lyceum",
      sequence: 0,
      status: "CONFIRMED",
      summary: "An hour of algebra – Tora Tutor",
      start: "2026-03-29T00:30:00.000Z",
      end: "2026-03-29T01:30:00.000Z",
      location: "https://meet.test/room;a=1,b=2?x=y",
      url: "https://meet.test/room;a=1,b=2?x=y",
      organizer: ["Tora Tutor", "urn:uuid:11111111-1111-4111-8111-111111111111"],
      attendees: [["Leo Learner", "urn:uuid:22222222-2222-4222-8222-222222222222"]],
      changed: "2026-03-02T09:10:11.000Z",
      alarms: ["-PT15M"],
    });
  });

  it("names the other one: to the tutor, the learner", () => {
    expect(read({}, "tutor").summary).toBe("An hour of algebra – Leo Learner");
  });

  it("is in UTC, so that no clock change moves it", () => {
    const text = write();
    expect(text).toContain("DTSTART:20260329T003000Z\r\nDTEND:20260329T013000Z");
    expect(text).not.toMatch(/TZID|VTIMEZONE/);
  });

  it("that was moved is the same event at another time, with a higher number", () => {
    const [before, after] = [
      read({ sequence: 3 }),
      read({ sequence: 4, starts_at: 1_800_000_000 }),
    ];
    expect(after.uid).toBe(before.uid);
    expect(after.sequence).toBeGreaterThan(before.sequence);
  });

  it("that was called off says so, and takes up nobody's time", () => {
    const off = read({ status: "cancelled", sequence: 5 });
    expect(off).toMatchObject({
      status: "CANCELLED",
      summary: "Cancelled: An hour of algebra – Tora Tutor",
      location: null,
      url: null,
      alarms: [],
    });
    expect(write({ status: "cancelled" })).toContain("TRANSP:TRANSPARENT");
  });

  it.each(["completed", "no_show"] as const)(
    "that is over (%s) took place, and rings no more",
    (status) => {
      expect(read({ status })).toMatchObject({ status: "CONFIRMED", alarms: [] });
    },
  );

  it("without a link has no place", () => {
    expect(read({ meeting_link: null })).toMatchObject({ location: null, url: null });
  });
});

describe("the calendar", () => {
  it("holds no e-mail address and no method, since it names who takes part", () => {
    const lines = linesOf(write());
    expect(lines.filter((line) => /mailto:|METHOD/i.test(line))).toEqual([]);
    expect(lines.filter((line) => line.includes("@"))).toEqual([
      "UID:7e0f5f0c-2b1c-4b53-9c0e-3f1f6f6f0a01@bookings.lyceum",
    ]);
  });

  it("is one when there is nothing in it", () => {
    const text = writeBookings({ role: "tutor", bookings: [] });
    expect(readSessions(text)).toEqual([]);
    expect(text).toContain("X-WR-CALNAME:Sessions that I give\r\n");
  });

  it("is the same bytes each time, folded at 75 octets", () => {
    const long = {
      title: "Ä".repeat(150),
      tutor: { id: session().tutor.id, name: "ß".repeat(90) },
    };
    expect(write(long)).toBe(write(long));
    for (const line of write(long).split("\r\n")) {
      expect(new TextEncoder().encode(line).byteLength).toBeLessThanOrEqual(75);
    }
    expect(read(long).summary).toBe(`${"Ä".repeat(150)} – ${"ß".repeat(90)}`);
    expect(read(long).organizer[0]).toBe("ß".repeat(90));
  });

  it.each([
    "A\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    'Q"uote;CN="x:y',
    "semi;colon, comma: back\\slash",
    "sep\u2028arator\u0085and\u0000null",
    '";X=1:mailto:a@b.test',
  ])("lets no text out of its place: %j", (nasty) => {
    const text = write({
      title: nasty,
      tutor: { id: session().tutor.id, name: nasty },
      learner: { id: session().learner.id, name: nasty },
      meeting_link: `https://meet.test/${nasty}`,
    });
    const events = readSessions(text);
    expect(events).toHaveLength(1);
    expect(events[0]?.organizer[1]).toBe("urn:uuid:11111111-1111-4111-8111-111111111111");
    expect(events[0]?.attendees[0]?.[1]).toBe("urn:uuid:22222222-2222-4222-8222-222222222222");
    const names = linesOf(text).map((line) => line.split(/[:;]/)[0]);
    expect(names.filter((name) => name === "BEGIN")).toHaveLength(3);
    expect(names.filter((name) => name === "END")).toHaveLength(3);
    expect(new Set(names).has("X")).toBe(false);
  });
});
