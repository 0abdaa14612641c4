// The calendar as text, and as another's parser (ical.js) reads it.
import { describe, expect, it } from "vitest";
import { writeCalendar } from "../../../functions/calendar/ical/feed.ts";
import { block, content, exception, readCalendar } from "./timetables.ts";

const startsOf = (text: string) => readCalendar(text).map(({ start }) => start.slice(0, 16));
const unfold = (text: string) => text.replaceAll("\r\n ", "");
const linesOf = (text: string, name: string) =>
  unfold(text).split("\r\n").filter((line) => line.startsWith(name));

describe("time zones", () => {
  it.each([
    ["Europe/London", "2026-03-23", "2026-04-05", ["2026-03-23T09:00", "2026-03-30T08:00"]],
    ["America/New_York", "2026-10-26", "2026-11-08", ["2026-10-26T13:00", "2026-11-02T14:00"]],
    ["Australia/Lord_Howe", "2026-03-30", "2026-04-12", ["2026-03-29T22:00", "2026-04-05T22:30"]],
    ["Asia/Kathmandu", "2026-03-23", "2026-04-05", ["2026-03-23T03:15", "2026-03-30T03:15"]],
    ["UTC", "2026-03-23", "2026-04-05", ["2026-03-23T09:00", "2026-03-30T09:00"]],
  ])("%s: nine in the morning stays nine", (zone, starts_on, ends_on, expected) => {
    const text = writeCalendar(content(zone, [block(1, "09:00", "10:00")], { starts_on, ends_on }));
    expect(startsOf(text)).toEqual(expected);
    expect(text).toContain(`BEGIN:VTIMEZONE\r\nTZID:${zone}\r\n`);
    expect(linesOf(text, "DTSTART;TZID=")).toHaveLength(1);
    expect(linesOf(text, "RRULE:")).toHaveLength(1);
  });

  it("a zone has a part for each change of its clocks, and says by how much", () => {
    const text = writeCalendar(content("Australia/Lord_Howe", [block(1, "09:00", "10:00")]));
    expect(text).toContain(
      "BEGIN:STANDARD\r\nDTSTART:20260405T020000\r\nTZOFFSETFROM:+1100\r\nTZOFFSETTO:+1030\r\nEND:STANDARD",
    );
    expect(text).toContain(
      "BEGIN:DAYLIGHT\r\nDTSTART:20261004T020000\r\nTZOFFSETFROM:+1030\r\nTZOFFSETTO:+1100\r\nEND:DAYLIGHT",
    );
    const fixed = writeCalendar(content("Asia/Kathmandu", [block(1, "09:00", "10:00")]));
    expect(linesOf(fixed, "TZOFFSET")).toEqual(["TZOFFSETFROM:+0545", "TZOFFSETTO:+0545"]);
  });

  it("a night over the change is as long as it really is, whoever counts", () => {
    const text = writeCalendar(
      content("Europe/London", [block(6, "22:00", "07:00")], {
        starts_on: "2026-03-21",
        ends_on: "2026-04-05",
      }),
    );
    expect(readCalendar(text).map(({ start, end }) => [start.slice(0, 16), end?.slice(0, 16)]))
      .toEqual([
        ["2026-03-21T22:00", "2026-03-22T07:00"],
        ["2026-03-28T22:00", "2026-03-29T06:00"],
        ["2026-04-04T21:00", "2026-04-05T06:00"],
      ]);
    expect(text).toContain("DTSTART:20260328T220000Z\r\nDTEND:20260329T060000Z");
  });

  it("a time that never comes, or twice, is written as a moment", () => {
    const gap = content("America/New_York", [block(7, "02:30", "03:30")], {
      starts_on: "2026-03-01",
      ends_on: "2026-03-15",
    });
    expect(startsOf(writeCalendar(gap))).toEqual([
      "2026-03-01T07:30",
      "2026-03-08T07:30",
      "2026-03-15T06:30",
    ]);
    const twice = content("America/New_York", [block(7, "01:30", null)], {
      starts_on: "2026-11-01",
      ends_on: "2026-11-01",
    });
    expect(startsOf(writeCalendar(twice))).toEqual(["2026-11-01T05:30"]);
  });
});

describe("weeks and exceptions", () => {
  const term = { starts_on: "2026-01-07", ends_on: "2026-02-13" };

  it("A and B take turns, from the week that is named", () => {
    const blocks = [
      block(3, "09:00", "10:00", { week: "A", name: "A" }),
      block(1, "09:00", "10:00", { week: "B", name: "B" }),
    ];
    const cycle = { ...term, cycle_weeks: 2 as const };
    const text = writeCalendar(content("UTC", blocks, cycle));
    expect(linesOf(text, "RRULE:").every((line) => line.includes(";INTERVAL=2;"))).toBe(true);
    expect(readCalendar(text).map(({ name, start }) => `${name} ${start.slice(5, 10)}`)).toEqual([
      "A 01-07",
      "B 01-12",
      "A 01-21",
      "B 01-26",
      "A 02-04",
      "B 02-09",
    ]);
    const shifted = writeCalendar(
      content("UTC", blocks, { ...cycle, week_start_date: "2026-01-15" }),
    );
    expect(readCalendar(shifted)[0]).toMatchObject({
      name: "A",
      start: "2026-01-14T09:00:00.000Z",
    });
  });

  it("holidays, cancelled, moved and extra", () => {
    const maths = block(1, "09:00", "10:00", { notes: "Book" });
    const text = writeCalendar(content("Europe/London", [maths], {
      ...term,
      exceptions: [
        exception("no_school", "2026-01-17", { to_date: "2026-01-20" }),
        exception("cancelled", "2026-01-26", { timeblock_id: maths.id }),
        exception("moved", "2026-02-02", {
          timeblock_id: maths.id,
          to_date: "2026-02-03",
          start_time: "11:00",
          end_time: "11:30",
          name: "Maths test",
        }),
        exception("extra", "2026-01-18", { start_time: "10:00", name: "Fair" }),
      ],
    }));
    expect(readCalendar(text)).toEqual([
      {
        name: "Maths",
        notes: "Book",
        start: "2026-01-12T09:00:00.000Z",
        end: "2026-01-12T10:00:00.000Z",
      },
      { name: "Fair", notes: "", start: "2026-01-18T10:00:00.000Z", end: null },
      {
        name: "Maths test",
        notes: "Book",
        start: "2026-02-03T11:00:00.000Z",
        end: "2026-02-03T11:30:00.000Z",
      },
      {
        name: "Maths",
        notes: "Book",
        start: "2026-02-09T09:00:00.000Z",
        end: "2026-02-09T10:00:00.000Z",
      },
    ]);
    expect(linesOf(text, "RECURRENCE-ID")).toEqual([
      "RECURRENCE-ID;TZID=Europe/London:20260202T090000",
    ]);
    expect(linesOf(text, "EXDATE")).toEqual([
      "EXDATE;TZID=Europe/London:20260119T090000",
      "EXDATE;TZID=Europe/London:20260126T090000",
    ]);
  });

  it("what was moved as the only one of its kind stands alone", () => {
    const maths = block(1, "09:00", "10:00");
    const text = writeCalendar(content("UTC", [maths], {
      starts_on: "2026-01-12",
      ends_on: "2026-01-16",
      exceptions: [
        exception("moved", "2026-01-12", {
          timeblock_id: maths.id,
          to_date: "2026-01-13",
          start_time: "08:00",
          end_time: "09:00",
        }),
      ],
    }));
    expect(startsOf(text)).toEqual(["2026-01-13T08:00"]);
    expect(linesOf(text, "RECURRENCE-ID")).toEqual([]);
  });

  it("a timetable without a term, or with all its days off, is an empty calendar", () => {
    const none = content("UTC", [block(1, "09:00", "10:00")], { starts_on: null, ends_on: null });
    expect(readCalendar(writeCalendar(none))).toEqual([]);
    const off = content("UTC", [block(1, "09:00", "10:00")], {
      ...term,
      exceptions: [exception("no_school", "2026-01-01", { to_date: "2026-03-01" })],
    });
    expect(readCalendar(writeCalendar(off))).toEqual([]);
  });
});

describe("text", () => {
  const nasty = 'Maths; "sets", C:\\new\nEND:VEVENT\r\nBEGIN:VEVENT\u0007 – 数学 ' +
    "é".repeat(80) + " 👩🏽‍🏫".repeat(12);

  it("cannot break out of its line, and comes back as it was", () => {
    const text = writeCalendar(
      content("UTC", [block(1, "09:00", "10:00", { name: nasty, notes: nasty })], {
        name: nasty,
        ends_on: "2026-01-09",
      }),
    );
    const [event, ...others] = readCalendar(text);
    expect(others).toEqual([]);
    const kept = nasty.replaceAll("\r\n", "\n").replaceAll("\u0007", "");
    expect(event).toMatchObject({ name: kept, notes: kept });
    expect(text.match(/^BEGIN:VEVENT/gm)).toHaveLength(1);
  });

  it("cannot break out where a program ends lines at Unicode's separators", () => {
    const name = "Maths\u2028END:VEVENT\u0085BEGIN:VEVENT\u2029SUMMARY:Free";
    const text = writeCalendar(content("UTC", [block(1, "09:00", "10:00", { name })], { name }));
    expect(text).not.toMatch(/[\u0085\u2028\u2029]/);
    expect(linesOf(text, "SUMMARY:")).toEqual([
      "SUMMARY:Maths\\nEND:VEVENT\\nBEGIN:VEVENT\\nSUMMARY:Free",
    ]);
  });

  it("is folded at 75 octets, with whole characters and plain line ends", () => {
    const text = writeCalendar(content("UTC", [block(1, "09:00", "10:00", { name: nasty })]));
    expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
    for (const line of text.split("\r\n")) {
      expect(line).not.toMatch(/[\r\n]/);
      expect(new TextEncoder().encode(line).byteLength).toBeLessThanOrEqual(75);
      expect(line.isWellFormed()).toBe(true);
    }
  });

  it("is the same for the same version, with stable ids and a growing number", () => {
    const plan = content("UTC", [block(1, "09:00", "10:00")]);
    const text = writeCalendar(plan);
    expect(writeCalendar(plan)).toBe(text);
    expect(linesOf(text, "UID:")).toEqual([`UID:${plan.blocks[0]?.id}@timetable.lyceum`]);
    expect(linesOf(text, "SEQUENCE:")).toEqual(["SEQUENCE:7"]);
    expect(linesOf(text, "DTSTAMP:")).toEqual(["DTSTAMP:20260102T030405Z"]);
  });
});
