// Where the committed types and the generated ones differ, for a person to read.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../stack/paths.ts";

export const typesFile = join(root, "functions", "_shared", "db", "types.ts");

const shown = 40;

/** Nothing when they are equal; otherwise the lines of the first differences, `-` committed, `+` generated. */
export function findDrift(wanted: string, path = typesFile): string[] {
  if (!existsSync(path)) return ["- (there is no file)"];
  const committed = readFileSync(path, "utf8");
  if (committed === wanted) return [];
  return explain(committed.split("\n"), wanted.split("\n"));
}

function explain(before: string[], after: string[]): string[] {
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while ((i < before.length || j < after.length) && lines.length < shown) {
    if (before[i] === after[j]) {
      i++;
      j++;
      continue;
    }
    const [nextI, nextJ] = meet(before, after, i, j);
    for (; i < nextI; i++) lines.push(`${String(i + 1).padStart(6)} - ${before[i]}`);
    for (; j < nextJ; j++) lines.push(`${String(j + 1).padStart(6)} + ${after[j]}`);
  }
  return lines.length < shown ? lines : [...lines.slice(0, shown), "       … and more"];
}

/** The nearest place behind both where three lines agree again. */
function meet(before: string[], after: string[], i: number, j: number): [number, number] {
  const agree = (a: number, b: number) =>
    [0, 1, 2].every((k) => before[a + k] === after[b + k]) && a < before.length && b < after.length;
  for (let distance = 1; distance < 400; distance++) {
    for (let k = 0; k <= distance; k++) {
      if (agree(i + k, j + distance - k)) return [i + k, j + distance - k];
    }
  }
  return [before.length, after.length];
}
