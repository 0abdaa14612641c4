import { describe, expect, test } from "vitest";
import { structure } from "../../functions/_shared/timetable/index.ts";
import type { Page } from "../../functions/_shared/timetable/types.ts";
import { grid, line, page, table } from "./pages.ts";

const blocks = (read: Page) =>
  structure({ pages: [read], engine: "hand" }).map((b) =>
    `${b.day.slice(0, 3)} ${b.start}-${b.end ?? "?"} ${b.name}${b.notes ? ` (${b.notes})` : ""}`
  );

describe("lists", () => {
  test("for the days in their heading", () => {
    expect(blocks(page([table([
      { text: "Daily Schedule/Monday, Thursday", row: 0, column: 0, columnSpan: 2 },
      ...[["8:35", "Doors open"], ["8:45-9:00", "Register"], ["9:00-10:00", "Maths"], [
        "12:30-1:15",
        "Lunch",
      ]].flatMap(([time, name], i) => [
        { text: time!, row: i + 1, column: 0 },
        { text: name!, row: i + 1, column: 1 },
      ]),
    ])]))).toEqual(["Mon", "Thu"].flatMap((d) => [
      `${d} 08:35-? Doors open`,
      `${d} 08:45-09:00 Register`,
      `${d} 09:00-10:00 Maths`,
      `${d} 12:30-13:15 Lunch`,
    ]));
  });

  test("a row for each lesson, the day named once", () => {
    expect(blocks(page([grid([
      ["Day", "Time", "Subject", "Room"],
      ["Monday", "9.00 - 9.45", "Maths", "Lab 3"],
      ["", "9.45 - 10.30", "Art", ""],
      ["", "1.00 - 1.45", "PE", "Hall"],
      ["Tuesday", "9.00 - 9.45", "Music", ""],
      ["", "9.45 - 10.30", "Latin", ""],
    ])]))).toEqual([
      "Mon 09:00-09:45 Maths (Lab 3)",
      "Mon 09:45-10:30 Art",
      "Mon 13:00-13:45 PE (Hall)",
      "Tue 09:00-09:45 Music",
      "Tue 09:45-10:30 Latin",
    ]);
  });

  test("without any table", () => {
    const texts = [["9.00 - 9.45", "Maths"], ["9.45 - 10.30", "Art"], ["11.00 - 12.00", "PE"]];
    expect(blocks(page(
      [],
      ["Monday", "Tuesday"].flatMap((day, d) => [
        line(day, 100, 100 + 200 * d, 18),
        ...texts.flatMap(([time, name], i) => [
          line(time!, 100, 130 + 200 * d + 30 * i),
          line(name!, 300, 130 + 200 * d + 30 * i),
        ]),
      ]),
    ))).toEqual(["Mon", "Tue"].flatMap((d) => [
      `${d} 09:00-09:45 Maths`,
      `${d} 09:45-10:30 Art`,
      `${d} 11:00-12:00 PE`,
    ]));
  });
});
