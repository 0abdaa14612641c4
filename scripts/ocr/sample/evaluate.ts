// Generated timetables read and scored, for the benchmark and for whoever changes the reader.
import { structure } from "../../../functions/_shared/timetable/index.ts";
import type { OcrEngine } from "../engine/types.ts";
import { samplePages, type Wanted } from "./pages.ts";
import { f1, type Score, score, sum } from "./score.ts";

export interface Result extends Score {
  kind: string;
  damage: string;
  ms: number;
}

export async function evaluate(
  engine: () => Promise<OcrEngine>,
  wanted: Wanted,
): Promise<Result[]> {
  const results: Result[] = [];
  for await (const { kind, damage, gold, page, ms } of samplePages(engine, wanted)) {
    const blocks = structure({ pages: [page], engine: "" });
    results.push({ kind, damage, ms, ...score(gold, blocks) });
  }
  return results;
}

const number = (value: number) => Number.isNaN(value) ? "–" : value.toFixed(3);

function row(title: string, results: Result[], damages: string[]): string {
  const all = sum(results);
  const cells = damages.map((d) => {
    const some = results.filter((r) => r.damage === d);
    return some.length > 0 ? number(f1(sum(some))) : "–";
  });
  const accepted = [number(all.acceptedRight / all.accepted), number(all.accepted / all.read)];
  return `| ${[title, ...cells, number(f1(all)), ...accepted].join(" | ")} |`;
}

/** F1 for each kind and damage, with the precision of what was accepted and the share of it. */
export function tableOf(results: Result[]): string {
  const damages = [...new Set(results.map((r) => r.damage))];
  const head = ["kind", ...damages, "all", "precision of accepted", "accepted"];
  const kinds = Map.groupBy(results, (r) => r.kind);
  return [
    `| ${head.join(" | ")} |`,
    `|${" --- |".repeat(head.length)}`,
    ...[...kinds].map(([kind, some]) => row(kind, some, damages)),
    row("all", results, damages),
  ].join("\n");
}
