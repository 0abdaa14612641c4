// A calendar program's week on a screen: hours at the side of faint lines, lessons as coloured boxes where and as long as
// they are.
import type { DrawnCell, DrawnText, Sheet } from "./draw.ts";
import { families } from "./draw.ts";
import { clock, isDark, range } from "./look.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

const HOUR = 150;
const DAY = 290;
const GUTTER = 130;
const HEAD = 110;
const light = ["#a4d4f5", "#b9e6c0", "#fbd7a0", "#e3c5f0", "#f7b9b9"];
const strong = ["#1967d2", "#188038", "#a142f4", "#b3261e", "#00666b"];

export function drawApp(plan: Plan, random: Random): Sheet {
  const isNight = random.chance(0.3), ground = isNight ? "#202124" : "#ffffff";
  const palette = random.chance(0.5) ? strong : light;
  const style = random.pick(["colons", "24h", "pm"] as const), statesTimes = random.chance(0.7);
  const first = Math.floor(Math.min(...plan.periods.map((p) => p.start)) / 60),
    last = Math.ceil(Math.max(...plan.periods.map((p) => p.end)) / 60);
  const y = (minutes: number) => HEAD + (minutes / 60 - first) * HOUR + 30;
  const ink = isNight ? "#e8eaed" : "#3c4043", cells: DrawnCell[] = [];
  const bare = (x: number, top: number, width: number, height: number, texts: DrawnText[]) =>
    cells.push({ x, y: top, width, height, texts, ink, isBare: true });
  plan.days.forEach((day, i) =>
    bare(GUTTER + i * DAY, 10, DAY, HEAD - 20, [
      { text: random.chance(0.5) ? day : day.slice(0, 3).toUpperCase(), size: 26 },
      { text: String(12 + i), size: 34 },
    ])
  );
  const width = GUTTER + plan.days.length * DAY;
  for (let hour = first; hour <= last; hour++) {
    const label = style === "24h"
      ? clock(hour * 60, style)
      : `${hour > 12 ? hour - 12 : hour} ${hour >= 12 ? "PM" : "AM"}`;
    bare(0, y(hour * 60) - 20, GUTTER - 14, 40, [{ text: label, size: 24 }]);
    // A line is a box of one pixel.
    const fill = isNight ? "#3c4043" : "#dadce0";
    cells.push({
      ...{ x: GUTTER - 10, y: y(hour * 60), width: width - GUTTER + 10, height: 2, texts: [] },
      ...{ fill, isBare: true },
    });
  }
  for (const lesson of plan.lessons) {
    const at = plan.days.indexOf(lesson.day), fill = palette[lesson.name.length % palette.length]!;
    const top = y(lesson.start) + 2, height = (lesson.end! - lesson.start) / 60 * HOUR - 4;
    const texts: DrawnText[] = [{ text: lesson.name, size: 25, isBold: true }];
    if (statesTimes && height > 74) {
      texts.push({ text: range(lesson.start, lesson.end!, style), size: 21 });
    }
    cells.push({
      ...{ x: GUTTER + at * DAY + 3, y: top, width: DAY - 9, height, texts, fill, isBare: true },
      ...(isDark(fill) || palette === strong ? { ink: "#ffffff" } : { ink: "#202124" }),
    });
  }
  return {
    width: width + 20,
    height: Math.round(y(last * 60) + 60),
    background: ground,
    family: random.pick(families),
    lineWidth: 0,
    lineColour: "#dadce0",
    align: "centre",
    padding: 4,
    wobble: 0,
    cells,
    title: null,
  };
}
