// Test timetables with known content: `makeSet` is the same for the same seed on every machine.
import type { Day } from "../../../functions/_shared/timetable/types.ts";
import { type Damage, damage } from "./damage.ts";
import { draw } from "./draw.ts";
import { type Kind, kinds, makeSample } from "./kinds.ts";
import { createRandom } from "./random.ts";

export interface GoldBlock {
  day: Day;
  name: string;
  start: string;
  end: string | null;
  notes?: string;
  /** The page shows the time by the cell's place only: twenty minutes are near enough. */
  approx?: boolean;
  /** Other names that count as right. */
  also?: string[];
}

export interface Sample {
  kind: string;
  damage: Damage;
  seed: number;
  bytes: Uint8Array;
  gold: GoldBlock[];
}

const hhmm = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

export async function makeOne(kind: Kind, how: Damage, seed: number): Promise<Sample> {
  const random = createRandom(seed);
  const { plan, sheet } = makeSample(kind, random);
  const png = new Uint8Array(await draw(sheet).encode("png"));
  return {
    kind: kind.name,
    damage: how,
    seed,
    bytes: await damage(png, how, random),
    gold: plan.lessons.map(({ day, name, start, end, notes }) => ({
      day,
      name,
      start: hhmm(start),
      end: end === null ? null : hhmm(end),
      ...(notes ? { notes } : {}),
    })),
  };
}

export { kinds };
