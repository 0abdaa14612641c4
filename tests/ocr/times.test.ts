import { describe, expect, test } from "vitest";
import { findTimes, hhmm, settle, withoutTimes } from "../../functions/_shared/timetable/times.ts";

const read = (text: string) =>
  findTimes(text).map((span) => {
    const { start, end } = settle(span);
    return end === null ? hhmm(start) : `${hhmm(start)}-${hhmm(end)}`;
  });

describe("times as people write them", () => {
  test.each([
    ["9 – 9.30", ["09:00-09:30"]],
    ["1-1.15pm", ["13:00-13:15"]],
    ["11-1pm", ["11:00-13:00"]],
    ["8:35", ["08:35"]],
    ["8:35 – 8.50 am", ["08:35-08:50"]],
    ["12 - 1pm", ["12:00-13:00"]],
    ["3 – 3.15pm", ["15:00-15:15"]],
    ["14:00-15:30", ["14:00-15:30"]],
    ["0900-1000", ["09:00-10:00"]],
    ["10am to 11", ["10:00-11:00"]],
    ["14h30", ["14:30"]],
    ["1:30 – 2:30 Science", ["13:30-14:30"]],
    ["1.15-3PM", ["13:15-15:00"]],
    ["12 noon - 1pm", ["12:00-13:00"]],
  ])("%s", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each(["Room 12", "Year 4", "Daily 5: Station 1", "won 2-3 at home", "KS2", "2024"])(
    "%s is no time",
    (text) => {
      expect(read(text)).toEqual([]);
    },
  );

  test("what is left without its times", () => {
    const text = "1:30 – 2:30 Science";
    expect(withoutTimes(text, findTimes(text))).toBe("Science");
  });
});
