// What the OCR engine is given: black letters on white, whatever the cell's colours, without ruling lines.
import type { Box } from "../../../functions/_shared/timetable/types.ts";
import type { Gray } from "../engine/types.ts";
import { darkGround, type Raster } from "./raster.ts";

const lightest = (values: Uint8Array, width: number, height: number, reach: number): Uint8Array => {
  // Maximum over a window, one axis after the other.
  const pass = (
    src: Uint8Array,
    length: number,
    lines: number,
    at: (i: number, line: number) => number,
  ) => {
    const out = new Uint8Array(src.length);
    const queue = new Int32Array(length);
    for (let l = 0; l < lines; l++) {
      let head = 0, tail = 0;
      for (let i = 0; i < length + reach; i++) {
        if (i < length) {
          const v = src[at(i, l)]!;
          while (tail > head && src[at(queue[tail - 1]!, l)]! <= v) tail--;
          queue[tail++] = i;
        }
        const centre = i - reach;
        if (centre < 0) continue;
        while (queue[head]! < centre - reach) head++;
        out[at(centre, l)] = src[at(queue[head]!, l)]!;
      }
    }
    return out;
  };
  const rows = pass(values, width, height, (i, l) => l * width + i);
  return pass(rows, height, width, (i, l) => i * width + l);
};

const median = (values: Uint8Array): number => {
  const histogram = new Uint32Array(256);
  for (const v of values) histogram[v]!++;
  let seen = 0;
  for (let v = 0; v < 256; v++) {
    seen += histogram[v]!;
    if (seen * 2 >= values.length) return v;
  }
  return 255;
};

export function crop(raster: Raster, box: Box, inset: number): Gray {
  const x = Math.max(0, Math.round(box.x + inset)), y = Math.max(0, Math.round(box.y + inset));
  const width = Math.max(1, Math.min(raster.width - x, Math.round(box.width - 2 * inset)));
  const height = Math.max(1, Math.min(raster.height - y, Math.round(box.height - 2 * inset)));
  const data = new Uint8Array(width * height);
  for (let r = 0; r < height; r++) {
    data.set(
      raster.gray.subarray((y + r) * raster.width + x, (y + r) * raster.width + x + width),
      r * width,
    );
  }
  return { width, height, data };
}

const reachFor = (width: number, height: number) =>
  Math.max(3, Math.min(14, Math.floor(Math.min(width, height) / 6)));

function flatten({ width, height, data }: Gray): Gray {
  const ground = lightest(data, width, height, reachFor(width, height));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) {
    const ratio = data[i]! / Math.max(1, ground[i]!);
    // A little contrast: the faint noise of the ground becomes white, ink stays grey where it was.
    out[i] = Math.max(0, Math.min(255, Math.round((ratio - 0.25) / 0.67 * 255)));
  }
  return { width, height, data: out };
}

const DARK = 105;
const turned = (gray: Gray): Gray => ({ ...gray, data: gray.data.map((v) => 255 - v) });

/** Flat white ground under black letters; light letters on dark ground are turned round. */
export const whiten = (gray: Gray): Gray => flatten(median(gray.data) < DARK ? turned(gray) : gray);

/** The same for a page that has dark and light parts: each is judged by the ground around it. */
export function whitenPage(gray: Gray): Gray {
  const { width, height, data } = gray, light = flatten(gray), dark = flatten(turned(gray));
  const isDark = darkGround({ gray: data, width, height });
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      out[i] = (isDark(x, y) ? dark : light).data[i]!;
    }
  }
  return { width, height, data: out };
}

/** What is left of ruling lines at the edges of a cell: rows and columns there that are ink nearly all along. */
export function scrubEdges(piece: Gray): Gray {
  const { width, height, data } = piece,
    depth = Math.max(3, Math.round(Math.min(width, height) / 14));
  const wipe = (length: number, at: (i: number) => number) => {
    let dark = 0;
    for (let i = 0; i < length; i++) if (data[at(i)]! < 140) dark++;
    if (dark < 0.6 * length) return;
    for (let i = 0; i < length; i++) data[at(i)] = 255;
  };
  for (let d = 0; d < depth; d++) {
    for (const x of [d, width - 1 - d]) if (x >= 0) wipe(height, (y) => y * width + x);
    for (const y of [d, height - 1 - d]) if (y >= 0) wipe(width, (x) => y * width + x);
  }
  return piece;
}

/** The share of a cell's ink that lies in none of the boxes. */
export function unreadShare(piece: Gray, boxes: Box[]): number {
  let all = 0, outside = 0;
  for (let y = 0; y < piece.height; y++) {
    for (let x = 0; x < piece.width; x++) {
      if (piece.data[y * piece.width + x]! >= 110) continue;
      all++;
      const isRead = boxes.some((b) =>
        x >= b.x - 4 && x <= b.x + b.width + 4 && y >= b.y - 4 && y <= b.y + b.height + 4
      );
      if (!isRead) outside++;
    }
  }
  return all < 30 ? 0 : outside / all;
}

export function inkShare({ data }: Gray): number {
  let dark = 0;
  for (const v of data) if (v < 110) dark++;
  return dark / data.length;
}

export function blank(width: number, height: number): Gray {
  return { width, height, data: new Uint8Array(width * height).fill(255) };
}

export function paste(page: Gray, piece: Gray, x: number, y: number): void {
  for (let r = 0; r < piece.height && y + r < page.height; r++) {
    for (let c = 0; c < piece.width && x + c < page.width; c++) {
      page.data[(y + r) * page.width + x + c] = piece.data[r * piece.width + c]!;
    }
  }
}

/** 90: clockwise, so that text read from bottom to top stands upright. */
export function rotate({ width, height, data }: Gray, by: 90 | 270): Gray {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [nx, ny] = by === 90 ? [height - 1 - y, x] : [y, width - 1 - x];
      out[ny * height + nx] = data[y * width + x]!;
    }
  }
  return { width: height, height: width, data: out };
}
