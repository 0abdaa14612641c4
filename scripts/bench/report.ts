// Ratios with their spread: a table for people, a file for programs.
import { median } from "./measure.ts";
import type { Comparison, Target } from "./types.ts";

const number = (value: number): string =>
  value >= 100
    ? value.toFixed(0)
    : value >= 10
    ? value.toFixed(1)
    : value.toFixed(value < 0.1 ? 3 : 2);

export function isReached({ ratios, target }: Pick<Comparison, "ratios" | "target">) {
  if (!target) return undefined;
  const value = median(ratios);
  return value <= (target.atMost ?? Infinity) && value >= (target.atLeast ?? -Infinity) &&
    Math.min(...ratios) >= (target.everyRoundAtLeast ?? -Infinity);
}

function spoken(target: Target | undefined): string {
  if (!target) return "";
  const parts = [
    target.atMost !== undefined && `≤ ${target.atMost}`,
    target.atLeast !== undefined && `≥ ${target.atLeast}`,
    target.everyRoundAtLeast !== undefined && `each round ≥ ${target.everyRoundAtLeast}`,
  ];
  return parts.filter(Boolean).join(", ");
}

export function row(comparison: Comparison): string[] {
  const { ratios, target } = comparison;
  const reached = isReached(comparison);
  return [
    comparison.case,
    comparison.what,
    `${comparison.ours} / ${comparison.against} (${comparison.of})`,
    `${number(median(ratios))}×`,
    `${number(Math.min(...ratios))}–${number(Math.max(...ratios))}`,
    spoken(target),
    reached === undefined ? "" : reached ? "reached" : "MISSED",
  ];
}

const head = ["case", "what", "ratio of", "median", "min–max", "target", ""];

export function table(comparisons: Comparison[]): string {
  const rows = [head, ...comparisons.map(row)];
  const widths = head.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0))
  );
  const lines = rows.map((cells) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
  const notes = comparisons.flatMap(({ case: name, what, note }) =>
    note ? [`${name}, ${what}: ${note}`] : []
  );
  return [...lines, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}
