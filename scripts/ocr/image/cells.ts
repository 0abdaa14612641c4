// A closer look at one cell: enlarged, in each of the ways that its text may be turned.
import sharp from "sharp";
import type { Box } from "../../../functions/_shared/timetable/types.ts";
import type { Gray, Layout, OcrEngine } from "../engine/types.ts";
import { crop, rotate, scrubEdges, whiten } from "./clean.ts";
import { type Reading, type Rotation, turnBack } from "./lines.ts";
import type { Raster } from "./raster.ts";

const MARGIN = 14;

export const contains = (outer: Box, inner: Box): boolean => {
  const x = inner.x + inner.width / 2, y = inner.y + inner.height / 2;
  return x >= outer.x && x < outer.x + outer.width && y >= outer.y && y < outer.y + outer.height;
};

async function enlarge(gray: Gray, scale: number): Promise<Gray> {
  const { data, info } = await sharp(Buffer.from(gray.data), {
    raw: { width: gray.width, height: gray.height, channels: 1 },
  })
    .resize(
      Math.max(1, Math.round(gray.width * scale)),
      Math.max(1, Math.round(gray.height * scale)),
      { kernel: "cubic", fit: "fill" },
    )
    .extend({ top: MARGIN, bottom: MARGIN, left: MARGIN, right: MARGIN, background: "#ffffff" })
    .toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
  const out = new Uint8Array(info.width * info.height);
  for (let i = 0; i < out.length; i++) out[i] = data[i * info.channels]!;
  return { width: info.width, height: info.height, data: out };
}

/** Pixels at which the engine reads letters best. */
const BEST_HEIGHT = 36;

export interface Look {
  rotations: Rotation[];
  /** Only these can occur. */
  letters?: string;
  /** Height of the letters as the first reading found them; 0 where it found none. */
  size?: number;
  layout?: Layout;
}

export async function closeLook(
  engine: OcrEngine,
  raster: Raster,
  box: Box,
  inset: number,
  { rotations, letters = "", size = 0, layout = "block" }: Look,
): Promise<Reading[]> {
  const small = scrubEdges(whiten(crop(raster, box, inset)));
  const wanted = size > 0 ? Math.min(3.6, Math.max(1.4, BEST_HEIGHT / size)) : 2.2;
  const scale = Math.min(wanted, 2600 / Math.max(small.width, small.height));
  const look = async (rotation: Rotation): Promise<Reading> => {
    const upright = rotation === 0 ? small : rotate(small, rotation === 270 ? 90 : 270);
    const lines = await engine.read(await enlarge(upright, scale), {
      layout,
      dpi: 200,
      letters,
    });
    const words = lines.flatMap((l) => l.words).map((word) => {
      const inCell = turnBack(
        {
          x: (word.box.x - MARGIN) / scale,
          y: (word.box.y - MARGIN) / scale,
          width: word.box.width / scale,
          height: word.box.height / scale,
        },
        rotation,
        small.width,
        small.height,
      );
      return {
        ...word,
        box: { ...inCell, x: inCell.x + box.x + inset, y: inCell.y + box.y + inset },
      };
    });
    return { words, rotation };
  };
  return await Promise.all(rotations.map(look));
}
