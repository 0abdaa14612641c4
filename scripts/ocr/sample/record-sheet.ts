// A week as one long table, a row for each lesson: day, time, subject, room. And the same without any table.
import type { DrawnCell, Sheet } from "./draw.ts";
import { families } from "./draw.ts";
import { range } from "./look.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

const page = (cells: DrawnCell[], lineWidth: number, random: Random): Sheet => ({
  width: Math.max(...cells.map((c) => c.x + c.width)) + 40,
  height: Math.max(...cells.map((c) => c.y + c.height)) + 40,
  background: "#ffffff",
  family: random.pick(families),
  lineWidth,
  lineColour: "#222222",
  align: "left",
  padding: 8,
  wobble: 0,
  cells,
  title: null,
});

export function drawRecords(plan: Plan, random: Random): Sheet {
  const style = random.pick(["colons", "dots", "24h", "pm"] as const), isOnce = random.chance(0.5);
  // As many days as fit one page.
  plan.days = plan.days.slice(0, 3);
  plan.lessons = plan.lessons.filter((l) => plan.days.includes(l.day));
  const widths = [220, 260, 420, 260], row = 52, cells: DrawnCell[] = [];
  const put = (column: number, y: number, height: number, text: string, isBold = false) =>
    cells.push({
      x: 40 + widths.slice(0, column).reduce((a, b) => a + b, 0),
      y,
      width: widths[column]!,
      height,
      texts: text === "" ? [] : [{ text, size: 27, isBold }],
    });
  ["Day", "Time", "Subject", "Notes"].forEach((text, i) => put(i, 40, row, text, true));
  let y = 40 + row;
  for (const day of plan.days) {
    const lessons = plan.lessons.filter((l) => l.day === day);
    if (isOnce) put(0, y, row * lessons.length, day);
    for (const lesson of lessons) {
      if (!isOnce) put(0, y, row, day);
      put(1, y, row, range(lesson.start, lesson.end!, style));
      put(2, y, row, lesson.name);
      put(3, y, row, lesson.notes ?? "");
      y += row;
    }
  }
  return page(cells, random.pick([1, 2]), random);
}

export function drawPlainLists(plan: Plan, random: Random): Sheet {
  const style = random.pick(["colons", "dots", "pm"] as const), width = 620, row = 44;
  const cells: DrawnCell[] = [];
  plan.days.forEach((day, i) => {
    const x = 60 + (i % 2) * width, lessons = plan.lessons.filter((l) => l.day === day);
    const y = 60 + Math.floor(i / 2) * (80 + 14 * row);
    cells.push({ x, y, width, height: 56, texts: [{ text: day, size: 34, isBold: true }] });
    lessons.forEach((l, k) => {
      const top = y + 60 + k * row;
      cells.push({
        ...{ x, y: top, width: 200, height: row },
        texts: [{ text: range(l.start, l.end!, style), size: 26 }],
      });
      cells.push({
        ...{ x: x + 200, y: top, width: width - 200, height: row },
        texts: [{ text: l.name, size: 26 }],
      });
    });
  });
  return page(cells, 0, random);
}
