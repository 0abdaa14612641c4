import { describe, expect, test } from "vitest";
import { inOrder } from "../../functions/_shared/timetable/sequence.ts";
import { hhmm } from "../../functions/_shared/timetable/times.ts";

const read = (texts: string[]) =>
  inOrder(texts).map((r) => r && `${hhmm(r.start)}${r.end === null ? "" : `-${hhmm(r.end)}`}`);

describe("times in the order of the day", () => {
  test("morning turns to afternoon without am and pm", () => {
    expect(read(["8:45-9:00", "9:00-10:30", "11:00-12:00", "12:00-1:00", "1:00-2:15"])).toEqual([
      "08:45-09:00",
      "09:00-10:30",
      "11:00-12:00",
      "12:00-13:00",
      "13:00-14:15",
    ]);
  });

  test("what an engine misreads is mended by its neighbours", () => {
    expect(read(["10:50-11:20", "N:20-1:35", ":35-11:50", "N:55-12:25", "12:30-1:00"])).toEqual([
      "10:50-11:20",
      "11:20-11:35",
      "11:35-11:50",
      "11:55-12:25",
      "12:30-13:00",
    ]);
  });

  test("numbers of rows are no times", () => {
    expect(read(["1 8:35", "2 9:00", "3 9:00-9:15", "4 9:15-9:30"])).toEqual([
      "08:35",
      "09:00",
      "09:00-09:15",
      "09:15-09:30",
    ]);
  });

  test("a range that lost its dash, among ranges, is a range", () => {
    expect(read(["9. 9.15am", "9.15 - 10.05am", "10.05 - 10.55am"])[0]).toBe("09:00-09:15");
  });

  test("a text without any time is left out", () => {
    expect(read(["9:00-9:30", "Break", "10:00-10:30"])[1]).toBeNull();
  });

  test("an afternoon that begins at 13:00 stays one", () => {
    expect(read(["13:00-13:45", "13:45-14:30", "14:45-15:30"])).toEqual([
      "13:00-13:45",
      "13:45-14:30",
      "14:45-15:30",
    ]);
  });
});
