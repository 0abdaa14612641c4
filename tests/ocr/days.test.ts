import { describe, expect, test } from "vitest";
import { dayOf, daysInOrder, daysOf, daysWithin } from "../../functions/_shared/timetable/days.ts";

const workdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

describe("days as people write them", () => {
  test.each([
    ["Monday", ["Monday"]],
    ["THURS", ["Thursday"]],
    ["Tu", ["Tuesday"]],
    ["Weds.", ["Wednesday"]],
    ["Monday, Tuesday, Thursday", ["Monday", "Tuesday", "Thursday"]],
    ["Mon & Wed", ["Monday", "Wednesday"]],
    ["Mon – Wed", ["Monday", "Tuesday", "Wednesday"]],
    ["T H U R S", ["Thursday"]],
    ["Daily", workdays],
    ["Every day", workdays],
  ])("%s", (text, expected) => {
    expect(daysOf(text)).toEqual(expected);
  });

  test.each(["Maths", "Sun cream", "Fridge", "", "Wedding"])("%s names no day", (text) => {
    expect(daysOf(text)).toBeNull();
  });

  test("slips of a letter are forgiven in long words only", () => {
    expect(dayOf("Wednesdav")).toBe("Wednesday");
    expect(dayOf("Mondoy")).toBe("Monday");
    expect(dayOf("Mop")).toBeNull();
  });

  test("letters are days in the company of others", () => {
    expect(daysInOrder(["", "M", "T", "WwW", "T", "F"]).slice(1)).toEqual(workdays);
    expect(daysInOrder(["M", "Maths"])).toEqual([null, null]);
  });

  test("a heading names its days, a title does not", () => {
    expect(daysWithin("Timetable for Wednesday")).toEqual(["Wednesday"]);
    expect(daysWithin("Daily Schedule")).toEqual([]);
  });
});
