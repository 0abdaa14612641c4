// Pixels: loading a picture, grey values, and the local contrast that finds ink on any background.
import sharp from "sharp";
import { ReadError } from "../errors.ts";

export interface Raster {
  width: number;
  height: number;
  /** RGB, three bytes a pixel. */
  rgb: Uint8Array;
  /** Luma, one byte a pixel. */
  gray: Uint8Array;
}

export function fromRgb(rgb: Uint8Array, width: number, height: number): Raster {
  const gray = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < gray.length; i++, p += 3) {
    gray[i] = (rgb[p]! * 77 + rgb[p + 1]! * 150 + rgb[p + 2]! * 29) >> 8;
  }
  return { width, height, rgb, gray };
}

const LONG_SIDE = { least: 2200, most: 3400 };
const MOST_PIXELS = 60_000_000;

/** Upright, opaque, and of a size at which letters are neither dots nor walls. */
export async function loadImage(bytes: Uint8Array): Promise<Raster> {
  const options = { limitInputPixels: MOST_PIXELS };
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (width * height > MOST_PIXELS) throw new ReadError("document_too_many_pixels");
    const long = Math.max(width, height);
    const wanted = Math.min(LONG_SIDE.most, Math.max(LONG_SIDE.least, long));
    // One pass from file to the wanted size: the picture never stands in memory as large as it came.
    const { data, info } = await sharp(bytes, options).autoOrient()
      .resize({ width: wanted, height: wanted, fit: "inside", kernel: "lanczos3" })
      .flatten({ background: "#ffffff" }).toColourspace("srgb").removeAlpha().raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (info.channels === 3) return fromRgb(pixels, info.width, info.height);
    const rgb = new Uint8Array(info.width * info.height * 3);
    for (let i = 0; i < info.width * info.height; i++) {
      rgb.fill(pixels[i * info.channels]!, i * 3, i * 3 + 3);
    }
    return fromRgb(rgb, info.width, info.height);
  } catch (error) {
    if (error instanceof ReadError) throw error;
    throw new ReadError("document_broken", { cause: error });
  }
}

/** Turned clockwise by quarters. */
export function turnRaster(raster: Raster, quarters: 1 | 2 | 3): Raster {
  const { width, height, rgb } = raster, isUpright = quarters === 2;
  const w = isUpright ? width : height, h = isUpright ? height : width;
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [nx, ny] = quarters === 1
        ? [height - 1 - y, x]
        : quarters === 2
        ? [width - 1 - x, height - 1 - y]
        : [y, width - 1 - x];
      const from = (y * width + x) * 3, to = (ny! * w + nx!) * 3;
      out[to] = rgb[from]!;
      out[to + 1] = rgb[from + 1]!;
      out[to + 2] = rgb[from + 2]!;
    }
  }
  return fromRgb(out, w, h);
}

/** Sums over rectangles in constant time. */
export function integral(values: Uint8Array, width: number, height: number): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x]!;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  return sums;
}

const TILE = 16;
const DARK = 105;

/** Whether the ground around a pixel is dark: what most of a neighbourhood of 48 pixels is. */
export function darkGround(
  { gray, width, height }: { gray: Uint8Array; width: number; height: number },
): (x: number, y: number) => boolean {
  const across = Math.ceil(width / TILE), down = Math.ceil(height / TILE);
  const isDark = new Uint8Array(across * down);
  for (let ty = 0; ty < down; ty++) {
    for (let tx = 0; tx < across; tx++) {
      let dark = 0, all = 0;
      for (let y = Math.max(0, (ty - 1) * TILE); y < Math.min(height, (ty + 2) * TILE); y += 3) {
        for (let x = Math.max(0, (tx - 1) * TILE); x < Math.min(width, (tx + 2) * TILE); x += 3) {
          all++;
          if (gray[y * width + x]! < DARK) dark++;
        }
      }
      isDark[ty * across + tx] = 2 * dark > all ? 1 : 0;
    }
  }
  return (x, y) => isDark[(y / TILE | 0) * across + (x / TILE | 0)] === 1;
}

/** 1 where a pixel stands out from its surroundings by `contrast`: ink, on white, coloured and dark ground alike. */
export function ink(raster: Raster, window = 41, contrast = 22): Uint8Array {
  const { gray, width, height } = raster;
  const sums = integral(gray, width, height), isDark = darkGround(raster);
  const out = new Uint8Array(width * height);
  const half = window >> 1;
  for (let y = 0; y < height; y++) {
    const y1 = Math.max(0, y - half), y2 = Math.min(height, y + half + 1);
    for (let x = 0; x < width; x++) {
      const x1 = Math.max(0, x - half), x2 = Math.min(width, x + half + 1);
      const sum = sums[y2 * (width + 1) + x2]! - sums[y1 * (width + 1) + x2]! -
        sums[y2 * (width + 1) + x1]! + sums[y1 * (width + 1) + x1]!;
      const mean = sum / ((y2 - y1) * (x2 - x1)), value = gray[y * width + x]!;
      if (isDark(x, y) ? value > mean + contrast : value < mean - contrast) {
        out[y * width + x] = 1;
      }
    }
  }
  return out;
}
