// A week as a grid: days one way, periods the other.
import type { DrawnCell, DrawnText, Sheet } from "./draw.ts";
import { clock, dayText, type GridLook, isDark, range } from "./look.ts";
import type { Lesson, Plan } from "./plan.ts";
import type { Random } from "./random.ts";

const TOP = 130;
const LEFT = 40;

/** Where things lie: bands of days one way, periods the other; −1 is the heading. */
function layout(plan: Plan, look: GridLook) {
  const along = look.daysAs === "rows";
  const band = along ? 130 : 250, headBand = along ? 190 : 90;
  // Long lessons are drawn longer, short ones never too short for a word.
  const sizes = plan.periods.map((p) =>
    Math.max(along ? 96 : 62, Math.min(230, (p.end - p.start) * (along ? 3.4 : 2)))
  );
  const edges = sizes.reduce<number[]>((list, size) => [...list, list.at(-1)! + size], [headBand]);
  const headDepth = along ? (look.turnHeadings ? 150 : 90) : 220;
  const extra = look.routines === "top" ? 1 : 0;
  const bands = plan.days.length + extra;
  const box = (day: number, dayTo: number, from: number, to: number) => {
    const a = day < 0 ? 0 : headDepth + day * band,
      b = dayTo < 0 ? headDepth : headDepth + (dayTo + 1) * band;
    const c = from < 0 ? 0 : edges[from]!, d = to < 0 ? headBand : edges[to + 1]!;
    return along
      ? { x: LEFT + c, y: TOP + a, width: d - c, height: b - a }
      : { x: LEFT + a, y: TOP + c, width: b - a, height: d - c };
  };
  const across = headDepth + bands * band;
  const width = LEFT * 2 + (along ? edges.at(-1)! : across),
    height = TOP + (along ? across : edges.at(-1)!);
  return { along, box, width, height, extra };
}

function headingTexts(plan: Plan, look: GridLook, i: number): DrawnText[] {
  const { start, end, routine } = plan.periods[i]!;
  const text = (said: string, size = 26): DrawnText => ({ text: said, size, isBold: true });
  const lesson = plan.periods.slice(0, i + 1).filter((p) => p.routine === null).length;
  const name = routine ?? `Period ${lesson}`;
  if (look.headings === "start") return [text(clock(start, look.timeStyle, true))];
  if (look.headings === "period") return [text(routine ?? `P${lesson}`)];
  const times = text(range(start, end, look.timeStyle), look.headings === "numbered" ? 22 : 26);
  return look.headings === "numbered" ? [text(name, 24), times] : [times];
}

export function drawGrid(plan: Plan, look: GridLook, random: Random): Sheet {
  const { days, periods, lessons } = plan,
    { along, box, width, height, extra } = layout(plan, look);
  const cells: DrawnCell[] = [], colours = new Map<string, string>();
  const fillOf = (name: string) => {
    if (look.palette.length === 0) return undefined;
    if (!colours.has(name)) colours.set(name, look.palette[colours.size % look.palette.length]!);
    return colours.get(name);
  };
  const put = (
    at: { x: number; y: number; width: number; height: number },
    texts: DrawnText[],
    fill?: string,
    turn: 0 | 90 | 270 = 0,
  ) =>
    cells.push({
      ...at,
      texts,
      turn,
      ...(fill ? { fill } : {}),
      ...(isDark(fill ?? look.background) ? { ink: "#ffffff" } : {}),
    });
  const head = look.palette.length > 0
    ? (isDark(look.palette[0]) ? "#222222" : "#eeeeee")
    : undefined;

  put(box(-1, -1, -1, -1), [], head);
  days.forEach((day, i) =>
    put(box(i + extra, i + extra, -1, -1), [{
      text: dayText(day, look.dayNames, i),
      size: 30,
      isBold: true,
    }], head)
  );
  periods.forEach((p, i) => {
    const at = box(-1, -1, i, i);
    if (look.headings === "split") {
      const half = along ? { ...at, height: at.height / 2 } : { ...at, width: at.width / 2 };
      const second = along
        ? { ...half, y: at.y + at.height / 2 }
        : { ...half, x: at.x + at.width / 2 };
      put(half, [{ text: clock(p.start, look.timeStyle), size: 24 }], head);
      put(second, [{ text: clock(p.end, look.timeStyle, true), size: 24 }], head);
    } else put(at, headingTexts(plan, look, i), head, along && look.turnHeadings ? 270 : 0);
  });

  const drawn = new Set<Lesson>();
  if (extra > 0) put(box(0, 0, -1, -1), [{ text: "Every day", size: 28, isBold: true }], head);
  periods.forEach((p, i) => {
    if (p.routine === null) {
      if (extra > 0) put(box(0, 0, i, i), []);
      return;
    }
    if (look.routines === "each") return;
    const group = lessons.filter((l) => l.from === i);
    const fill = look.palette.length > 0
      ? fillOf(p.routine)
      : look.routines === "merged"
      ? "#c9c9c9"
      : undefined;
    const letters = p.routine.replace(/ .*/, "").toUpperCase();
    if (look.routines === "merged") {
      put(box(0, days.length - 1, i, i), [{ text: p.routine, size: 30 }], fill, along ? 270 : 0);
    } else if (look.routines === "top") {
      put(box(0, 0, i, i), [{ text: p.routine, size: 26 }], fill);
      days.forEach((_, d) => put(box(d + 1, d + 1, i, i), []));
    } else if (letters.length === days.length) {
      days.forEach((_, d) =>
        put(box(d, d, i, i), [{ text: letters[d]!, size: 34, isBold: true }], fill)
      );
      // Of "Lunch Break" only the first word is spelled.
      for (const l of group) l.name = letters;
    } else return;
    group.forEach((l) => drawn.add(l));
  });
  for (const lesson of lessons) {
    if (drawn.has(lesson)) continue;
    const day = days.indexOf(lesson.day) + extra, texts: DrawnText[] = [];
    if (lesson.statesTime && lesson.end !== null) {
      texts.push({
        text: range(lesson.start, lesson.end, look.timeStyle),
        size: 20,
        isBold: true,
        highlight: "#fff27a",
      });
    }
    texts.push({ text: lesson.name, size: look.isTight ? 34 : 28 });
    if (lesson.notes) {
      texts.push({
        text: look.notes === "small" ? lesson.notes : `(${lesson.notes})`,
        size: look.notes === "small" ? 18 : 19,
      });
    }
    const turn = look.turnNames !== 0 && random.chance(0.5) ? look.turnNames : 0;
    put(box(day, day, lesson.from, lesson.to), texts, fillOf(lesson.name), turn);
  }
  // A legend says when the periods are; it is no lesson itself.
  const legend = look.headings === "period"
    ? headed(plan).map(({ name, start, end }) => `${name}: ${range(start, end, look.timeStyle)}`)
    : [];
  const below = [...legend, ...look.footer];
  const notes = below.map((text, i): DrawnCell => ({
    x: LEFT,
    y: height + 20 + 36 * i,
    width: width - 2 * LEFT,
    height: 36,
    texts: [{ text, size: 24 }],
    isBare: true,
    ...(isDark(look.background) ? { ink: "#ffffff" } : {}),
  }));
  return {
    width: Math.round(width),
    height: Math.round(height + 60 + 36 * below.length),
    background: look.background,
    family: look.family,
    lineWidth: look.lineWidth,
    lineColour: look.lineColour,
    align: look.align,
    padding: look.isTight ? 1 : 7,
    wobble: look.wobble,
    cells: [...cells, ...notes],
    title: {
      x: LEFT,
      y: 20,
      width: width - 2 * LEFT,
      height: 80,
      texts: [{ text: `${plan.school} – ${plan.title}`, size: 38, isBold: true }],
      ...(isDark(look.background) ? { ink: "#ffffff" } : {}),
    },
  };
}

const headed = ({ periods }: Plan) =>
  periods.map(({ start, end, routine }, i) => ({
    start,
    end,
    name: routine ?? `P${periods.slice(0, i + 1).filter((p) => p.routine === null).length}`,
  }));
