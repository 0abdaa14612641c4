import { describe, expect, test } from "vitest";
import { structure } from "../../functions/_shared/timetable/index.ts";
import type { Page } from "../../functions/_shared/timetable/types.ts";
import { grid, line, page, table } from "./pages.ts";

const blocks = (read: Page) =>
  structure({ pages: [read], engine: "hand" }).map((b) =>
    `${b.day.slice(0, 3)} ${b.start}-${b.end ?? "?"} ${b.name}${b.notes ? ` (${b.notes})` : ""}`
  );

describe("a grid", () => {
  test("days as rows", () => {
    expect(blocks(page([grid([
      ["", "9 - 10am", "10 - 11am", "11 - 12pm"],
      ["Mon", "Maths", "English", "Art"],
      ["Tue", "Music", "PE", "French"],
      ["Wed", "Latin", "", "Drama"],
    ])]))).toEqual([
      "Mon 09:00-10:00 Maths",
      "Mon 10:00-11:00 English",
      "Mon 11:00-12:00 Art",
      "Tue 09:00-10:00 Music",
      "Tue 10:00-11:00 PE",
      "Tue 11:00-12:00 French",
      "Wed 09:00-10:00 Latin",
      "Wed 11:00-12:00 Drama",
    ]);
  });

  test("days as columns, headings with the start only: the last end is unknown", () => {
    expect(
      blocks(page([grid([
        ["", "Monday", "Tuesday", "Friday"],
        ["9:00", "Maths", "English", "Art"],
        ["10:00", "Music", "PE", "French"],
        ["11:00", "Latin", "Games", "Drama"],
      ])])).filter((b) => b.startsWith("Mon")),
    ).toEqual([
      "Mon 09:00-10:00 Maths",
      "Mon 10:00-11:00 Music",
      "Mon 11:00-? Latin",
    ]);
  });

  test("a cell over all days, a double lesson, and a time of its own", () => {
    expect(blocks(page([table([
      { text: "9 - 10am", row: 0, column: 1 },
      { text: "10 - 10.20am", row: 0, column: 2 },
      { text: "10.20 - 11am", row: 0, column: 3 },
      { text: "11 - 12pm", row: 0, column: 4 },
      { text: "Mon", row: 1, column: 0 },
      { text: "Tue", row: 2, column: 0 },
      { text: "Wed", row: 3, column: 0 },
      { text: "Maths", row: 1, column: 1 },
      { text: "Break", row: 1, column: 2, rowSpan: 3 },
      { text: "English", row: 1, column: 3, columnSpan: 2 },
      { text: "9.10 - 9.50/Science", row: 2, column: 1 },
    ])]))).toEqual([
      "Mon 09:00-10:00 Maths",
      "Mon 10:00-10:20 Break",
      "Mon 10:20-12:00 English",
      "Tue 09:10-09:50 Science",
      "Tue 10:00-10:20 Break",
      "Wed 10:00-10:20 Break",
    ]);
  });

  test("a word spelled down the days, misread in one letter", () => {
    const letters = ["B", "R", "E", "4", "K"];
    const found = blocks(page([grid([
      ["", "9 - 10am", "10 - 10.30am", "10.30 - 11am"],
      ...["Mon", "Tue", "Wed", "Thu", "Fri"].map((d, i) => [d, "Maths", letters[i]!, "Art"]),
    ])]));
    expect(found.filter((b) => b.includes("10:00-10:30"))).toHaveLength(5);
  });

  test("a row for every day with exceptions", () => {
    expect(
      blocks(page([grid([
        ["", "9 - 10am", "10 - 10.30am", "10.30 - 11am"],
        ["Every day", "", "Break", ""],
        ["Mon", "Maths", "", "Art"],
        ["Tue", "Music", "Assembly", "PE"],
        ["Wed", "Latin", "", "Games"],
      ])])).filter((b) => b.includes("10:00-10:30")),
    ).toEqual([
      "Mon 10:00-10:30 Break",
      "Tue 10:00-10:30 Assembly",
      "Wed 10:00-10:30 Break",
      "Thu 10:00-10:30 Break",
      "Fri 10:00-10:30 Break",
    ]);
  });

  test("start and end in columns of their own", () => {
    expect(
      blocks(page([grid([
        ["Start", "End", "Mon", "Tue", "Wed"],
        ["9:00", "9:45", "Maths", "Art", "PE"],
        ["9:45", "10:30", "Music", "French", "Latin"],
        ["11:00", "11:45", "Drama", "Games", "Choir"],
      ])])).filter((b) => b.startsWith("Tue")),
    ).toEqual([
      "Tue 09:00-09:45 Art",
      "Tue 09:45-10:30 French",
      "Tue 11:00-11:45 Games",
    ]);
  });

  test("numbers of periods with their times below the table; a footer is no lesson", () => {
    const legend = ["P1: 9.00 - 9.45am", "P2: 9.45 - 10.30am", "P3: 11.00 - 11.45am"];
    expect(blocks(page(
      [grid([["", "P1", "P2", "P3"], ["Mon", "Maths", "Art", "PE"], [
        "Tue",
        "Music",
        "Latin",
        "",
      ]])],
      [
        ...legend.map((text, i) => line(text, 100, 400 + 30 * i)),
        line("Gates open at 8.30 every morning", 100, 520),
      ],
    ))).toEqual([
      "Mon 09:00-09:45 Maths",
      "Mon 09:45-10:30 Art",
      "Mon 11:00-11:45 PE",
      "Tue 09:00-09:45 Music",
      "Tue 09:45-10:30 Latin",
    ]);
  });

  test("headings that stand outside of the lines", () => {
    const body = grid([["Maths", "Art", "PE"], ["Music", "Latin", "Drama"], ["Choir", "RE", "IT"]]);
    const times = ["9-10am", "10-11am", "11-12pm"], days = ["Mon", "Tue", "Wed"];
    expect(
      blocks(page([body], [
        ...times.map((t, i) => line(t, 75 + 120 * i, 80)),
        ...days.map((d, i) => line(d, 10, 120 + 60 * i)),
      ])).slice(0, 3),
    ).toEqual([
      "Mon 09:00-10:00 Maths",
      "Mon 10:00-11:00 Art",
      "Mon 11:00-12:00 PE",
    ]);
  });
});

test("a page without a timetable has no blocks", () => {
  expect(blocks(page([], [line("Dear parents, the fair is at 2.30pm on Saturday.", 50, 50)])))
    .toEqual([]);
  expect(blocks(page([]))).toEqual([]);
});

test("each block keeps where it was read and how sure that is", () => {
  const [first] = structure({
    pages: [
      page([grid([["", "9 - 10am", "10 - 11am"], ["Mon", "Maths", "Art"], ["Tue", "PE", ""]])]),
    ],
    engine: "hand",
  });
  expect(first).toMatchObject({ page: 1, box: { x: 170, y: 160, width: 120, height: 60 } });
  expect(first!.confidence).toBeGreaterThan(0);
  expect(first!.confidence).toBeLessThanOrEqual(1);
});
