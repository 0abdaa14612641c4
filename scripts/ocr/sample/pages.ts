// Samples drawn and read, one after the other; what was read is kept in a folder, because reading takes seconds.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "../../../functions/_shared/timetable/types.ts";
import type { OcrEngine } from "../engine/types.ts";
import { loadImage } from "../image/raster.ts";
import { readPage } from "../image/read.ts";
import { type Damage, damages } from "./damage.ts";
import { type GoldBlock, kinds, makeOne } from "./index.ts";

export interface SamplePage {
  kind: string;
  damage: Damage;
  seed: number;
  gold: GoldBlock[];
  page: Page;
  /** Milliseconds that reading took. */
  ms: number;
}

export interface Wanted {
  seeds: number[];
  kinds?: string[];
  damages?: Damage[];
  /** Where pages are kept; nothing is kept without. */
  folder?: string;
}

/** Kinds may be added or moved without the others changing. */
const seedOf = (kind: string, seed: number): number => {
  let hash = 0;
  for (const c of kind) hash = (hash * 31 + c.charCodeAt(0)) & 0xffff;
  return hash + 70_001 * seed;
};

export async function* samplePages(
  engine: () => Promise<OcrEngine>,
  wanted: Wanted,
): AsyncGenerator<SamplePage> {
  const { folder } = wanted;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const seed of wanted.seeds) {
    for (const kind of kinds.filter((k) => wanted.kinds?.includes(k.name) ?? true)) {
      for (const damage of wanted.damages ?? damages) {
        const file = folder && join(folder, `${kind.name}.${damage}.${seed}.json`);
        if (file && existsSync(file)) {
          yield JSON.parse(readFileSync(file, "utf8")) as SamplePage;
          continue;
        }
        const sample = await makeOne(kind, damage, seedOf(kind.name, seed));
        const started = Date.now();
        const page = await readPage(await loadImage(sample.bytes), await engine());
        const read: SamplePage = {
          ...{ kind: kind.name, damage, seed, gold: sample.gold, page },
          ms: Date.now() - started,
        };
        if (file) writeFileSync(file, JSON.stringify(read));
        yield read;
      }
    }
  }
}
