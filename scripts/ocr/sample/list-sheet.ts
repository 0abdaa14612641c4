// Days as lists beside each other: a number, a time, what happens.
import type { DrawnCell, Sheet } from "./draw.ts";
import { families } from "./draw.ts";
import { range } from "./look.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

export function drawLists(plan: Plan, random: Random): Sheet {
  // Two days have the same list now and then: they share one heading.
  const [first, second] = [plan.days[0]!, plan.days[1]!];
  const share = random.chance(0.7);
  if (share) {
    plan.lessons = plan.lessons.filter((l) => l.day !== second)
      .concat(plan.lessons.filter((l) => l.day === first).map((l) => ({ ...l, day: second })));
  }
  const groups = share
    ? [[first, second], ...plan.days.slice(2).map((d) => [d])]
    : plan.days.map((d) => [d]);
  const style = random.pick(["colons", "dots"] as const), rowHeight = 54, width = 560, gap = 40;
  const cells: DrawnCell[] = [];
  const fills = random.chance(0.6) ? ["#fff9a6", "#dfe7f5", "#fbd38a", "#dff5df", "#f5dfef"] : [];
  groups.forEach((days, i) => {
    const x = 40 + (i % 3) * (width + gap), lessons = plan.lessons.filter((l) => l.day === days[0]);
    const y = 40 + Math.floor(i / 3) * (110 + 14 * rowHeight);
    const fill = fills.length ? { fill: fills[i % fills.length]! } : {};
    cells.push({
      x,
      y,
      width,
      height: 96,
      texts: [{ text: "Daily Schedule", size: 34, isBold: true }, {
        text: days.join(", "),
        size: 26,
      }],
      ...fill,
    });
    lessons.forEach((l, row) => {
      const top = y + 96 + row * rowHeight;
      cells.push({
        x,
        y: top,
        width: 190,
        height: rowHeight,
        texts: [{ text: range(l.start, l.end!, style), size: 25 }],
        ...fill,
      });
      cells.push({
        x: x + 190,
        y: top,
        width: width - 190,
        height: rowHeight,
        texts: [{ text: l.name, size: 28 }],
        ...fill,
      });
    });
  });
  return {
    width: Math.max(...cells.map((c) => c.x + c.width)) + 40,
    height: Math.max(...cells.map((c) => c.y + c.height)) + 40,
    background: "#ffffff",
    family: random.pick(families),
    lineWidth: random.pick([1, 2]),
    lineColour: "#222222",
    align: "centre",
    padding: 7,
    wobble: 0,
    cells,
    title: null,
  };
}
