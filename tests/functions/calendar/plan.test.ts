// A study plan as a calendar: as text, and as another's parser (ical.js) reads it.
import { describe, expect, it } from "vitest";
import { writePlan } from "../../../functions/calendar/ical/plan.ts";
import { planBlock } from "./plans.ts";
import { readSessions } from "./sessions.ts";

const write = (over: Parameters<typeof planBlock>[0] = {}) =>
  writePlan({ blocks: [planBlock(over)] });
const read = (over: Parameters<typeof planBlock>[0] = {}) => readSessions(write(over))[0]!;
const linesOf = (calendar: string) => calendar.replaceAll("\r\n ", "").split("\r\n");

describe("a block", () => {
  it("that was accepted is an event that takes up time and rings", () => {
    expect(read()).toEqual({
      uid: "7e0f5f0c-2b1c-4b53-9c0e-3f1f6f6f0b02@plan.lyceum",
      sequence: 3,
      status: "CONFIRMED",
      summary: "Practise: Cardiology",
      start: "2026-03-29T00:30:00.000Z",
      end: "2026-03-29T01:30:00.000Z",
      location: null,
      url: null,
      organizer: ["", ""],
      attendees: [],
      changed: "2026-03-02T09:10:11.000Z",
      alarms: ["-PT5M"],
    });
    expect(linesOf(write())).toContain("TRANSP:OPAQUE");
    expect(linesOf(write())).toContain("DESCRIPTION:20 questions\\nPath: Exam in May");
  });

  it("that is suggested is tentative, takes up nobody's time, and does not ring", () => {
    expect(read({ status: "suggested" })).toMatchObject({
      status: "TENTATIVE",
      summary: "Suggested: Practise: Cardiology",
      alarms: [],
    });
    expect(linesOf(write({ status: "suggested" }))).toContain("TRANSP:TRANSPARENT");
  });

  it("that is done took place, and rings no more", () => {
    expect(read({ status: "done" })).toMatchObject({ status: "CONFIRMED", alarms: [] });
  });

  it.each(
    [
      [{ kind: "review", topic: null, path: null, planned_count: 1 }, "Review cards", "1 card"],
      [{ kind: "practice", topic: null, path: null, planned_count: 2 }, "Practise", "2 questions"],
      [{ kind: "practice", path: null, planned_count: 1 }, "Practise: Cardiology", "1 question"],
    ] as const,
  )("says what is to be done: %j", (over, summary, description) => {
    expect(read(over).summary).toBe(summary);
    expect(linesOf(write(over))).toContain(`DESCRIPTION:${description}`);
  });

  it("is in UTC, so that no clock change moves it", () => {
    const text = write();
    expect(text).toContain("DTSTART:20260329T003000Z\r\nDTEND:20260329T013000Z");
    expect(text).not.toMatch(/TZID|VTIMEZONE/);
  });
});

describe("the calendar", () => {
  it("is one when there is nothing in it", () => {
    const text = writePlan({ blocks: [] });
    expect(readSessions(text)).toEqual([]);
    expect(text).toContain("X-WR-CALNAME:My study plan\r\n");
    expect(text).toContain("METHOD:PUBLISH\r\n");
  });

  it("is the same bytes each time, folded at 75 octets", () => {
    const long = { topic: "Ä".repeat(150), path: "ß".repeat(200) };
    expect(write(long)).toBe(write(long));
    for (const line of write(long).split("\r\n")) {
      expect(new TextEncoder().encode(line).byteLength).toBeLessThanOrEqual(75);
    }
    expect(read(long).summary).toBe(`Practise: ${"Ä".repeat(150)}`);
  });

  it.each([
    "A\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "semi;colon, comma: back\\slash",
    "sep\u2028arator\u0085and\u0000null",
    '";X=1:mailto:a@b.test',
  ])("lets no text out of its place: %j", (nasty) => {
    const text = write({ topic: nasty, path: nasty });
    expect(readSessions(text)).toHaveLength(1);
    const names = linesOf(text).map((line) => line.split(/[:;]/)[0]);
    expect(names.filter((name) => name === "BEGIN")).toHaveLength(3);
    expect(names.filter((name) => name === "END")).toHaveLength(3);
    expect(new Set(names).has("X")).toBe(false);
  });
});
