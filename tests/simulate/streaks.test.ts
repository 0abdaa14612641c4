import { expect, test } from "vitest";
import { dateOf } from "../../scripts/simulate/lives/streaks.ts";

const date = (at: string, zone: string, startHour = 0): string =>
  new Date(dateOf(Date.parse(at), zone, startHour) * 86_400_000).toISOString().slice(0, 10);

test("a moment has the date of the clock where one is, on both sides of the date line", () => {
  expect(date("2025-03-01T10:30:00Z", "Pacific/Kiritimati")).toBe("2025-03-02");
  expect(date("2025-03-01T10:30:00Z", "Pacific/Pago_Pago")).toBe("2025-02-28");
  expect(date("2025-03-01T18:29:00Z", "Asia/Kolkata")).toBe("2025-03-01");
  expect(date("2025-03-01T18:30:00Z", "Asia/Kolkata")).toBe("2025-03-02");
});

test("a day that begins at four holds the night before", () => {
  expect(date("2025-03-02T02:59:00Z", "Europe/Berlin", 4)).toBe("2025-03-01");
  expect(date("2025-03-02T03:00:00Z", "Europe/Berlin", 4)).toBe("2025-03-02");
});

test("clocks that are set forward and back lose no day and make none", () => {
  for (
    const [zone, change] of [["Europe/Berlin", "2025-03-30"], [
      "America/New_York",
      "2025-11-02",
    ]] as const
  ) {
    const start = Date.parse(`${change}T00:00:00Z`) - 3 * 86_400_000;
    const dates = Array.from(
      { length: 6 * 24 },
      (_, hour) => dateOf(start + hour * 3_600_000, zone, 0),
    );
    dates.forEach((day, i) => {
      const step = day - (dates[i - 1] ?? day);
      expect(step === 0 || step === 1).toBe(true);
    });
  }
});
