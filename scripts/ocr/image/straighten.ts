// A page that was scanned askew or photographed at an angle is turned flat. Ruling lines show how: along the page their
// slopes change evenly, so a straight line through them says where each edge of the page would run.
import { fromRgb, ink, type Raster } from "./raster.ts";

interface Piece {
  at: number;
  from: number;
  to: number;
}

function pieces(
  mask: Uint8Array,
  length: number,
  across: number,
  index: (a: number, b: number) => number,
  least: number,
): Piece[] {
  const out: Piece[] = [];
  for (let b = 0; b < across; b++) {
    let from = -1;
    for (let a = 0; a <= length; a++) {
      const on = a < length && mask[index(a, b)] === 1;
      if (on && from < 0) from = a;
      if (!on && from >= 0) {
        if (a - from >= least) out.push({ at: b, from, to: a - 1 });
        from = -1;
      }
    }
  }
  return out;
}

/** The slope at which the pieces of a band fall on the fewest lines: their sums along it are sharpest (Radon). */
function bestSlope(
  list: Piece[],
  middle: number,
  across: number,
): { slope: number; weight: number } | null {
  const total = list.reduce((sum, p) => sum + p.to - p.from, 0);
  if (list.length < 4) return null;
  const profile = new Float64Array(across + 800);
  const sharpness = (slope: number) => {
    profile.fill(0);
    for (const p of list) {
      // A long piece has its place at several points: it is a step of a staircase itself.
      const n = Math.max(1, Math.round((p.to - p.from) / 24)), w = (p.to - p.from) / n;
      for (let k = 0; k < n; k++) {
        const at = p.from + (k + 0.5) * w;
        const y = Math.round(p.at - slope * (at - middle)) + 400;
        if (y >= 0 && y < profile.length) profile[y]! += w;
      }
    }
    let sum = 0;
    for (const v of profile) sum += v * v;
    return sum;
  };
  let best = { slope: 0, score: 0 };
  for (let slope = -0.12; slope <= 0.1201; slope += 0.002) {
    const score = sharpness(slope);
    if (score > best.score) best = { slope, score };
  }
  for (let slope = best.slope - 0.002; slope <= best.slope + 0.0021; slope += 0.0002) {
    const score = sharpness(slope);
    if (score > best.score) best = { slope, score };
  }
  return { slope: best.slope, weight: total };
}

/** slope = a + b · offset, through the slopes of overlapping bands. */
function field(list: Piece[], middle: number, across: number): { a: number; b: number } | null {
  const bands = [0, 0.2, 0.4, 0.6].flatMap((from) => {
    const inside = list.filter((p) => p.at >= from * across && p.at < (from + 0.4) * across);
    const found = bestSlope(inside, middle, across);
    return found ? [{ y: (from + 0.2) * across, ...found }] : [];
  });
  if (bands.length === 0) return null;
  let w = 0, y = 0, s = 0, yy = 0, ys = 0;
  for (const l of bands) {
    w += l.weight;
    y += l.weight * l.y;
    s += l.weight * l.slope;
    yy += l.weight * l.y * l.y;
    ys += l.weight * l.y * l.slope;
  }
  const d = w * yy - y * y;
  const b = bands.length > 1 && d > 0 ? (w * ys - y * s) / d : 0;
  return { a: (s - b * y) / w, b };
}

type Point = [number, number];

export function warp(
  source: Raster,
  corners: [Point, Point, Point, Point],
  width: number,
  height: number,
): Raster {
  const [a, b, c, d] = corners;
  const dx1 = b[0] - c[0], dx2 = d[0] - c[0], sx = a[0] - b[0] + c[0] - d[0];
  const dy1 = b[1] - c[1], dy2 = d[1] - c[1], sy = a[1] - b[1] + c[1] - d[1];
  const det = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / det, h = (dx1 * sy - sx * dy1) / det;
  const A = b[0] - a[0] + g * b[0],
    B = d[0] - a[0] + h * d[0],
    C = a[0],
    D = b[1] - a[1] + g * b[1],
    E = d[1] - a[1] + h * d[1],
    F = a[1];
  const rgb = new Uint8Array(width * height * 3).fill(255);
  const { rgb: from, width: sw, height: sh } = source;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x / width, v = y / height, w = g * u + h * v + 1;
      const px = (A * u + B * v + C) / w, py = (D * u + E * v + F) / w;
      if (px < 0 || py < 0 || px >= sw - 1 || py >= sh - 1) continue;
      const x0 = px | 0,
        y0 = py | 0,
        fx = px - x0,
        fy = py - y0,
        i = (y0 * sw + x0) * 3,
        j = i + sw * 3,
        o = (y * width + x) * 3;
      for (let k = 0; k < 3; k++) {
        rgb[o + k] = (from[i + k]! * (1 - fx) + from[i + 3 + k]! * fx) * (1 - fy) +
          (from[j + k]! * (1 - fx) + from[j + 3 + k]! * fx) * fy;
      }
    }
  }
  return fromRgb(rgb, width, height);
}

/** The grain of a photograph breaks thin lines: each pixel becomes the mean of the nine around it. */
function smooth(gray: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(gray);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      out[i] =
        (gray[i - width - 1]! + gray[i - width]! + gray[i - width + 1]! + gray[i - 1]! + gray[i]! +
          gray[i + 1]! + gray[i + width - 1]! + gray[i + width]! + gray[i + width + 1]!) / 9;
    }
  }
  return out;
}

/** Below this slope nothing is to be gained. */
const FLAT = 0.0025;
/** Above this one is nearly always wrong: the lines were not ruled ones. */
const STEEP = 0.2;

/** A strong perspective is not undone at once, because lines far from level are found less well. */
export function straighten(raster: Raster): Raster {
  const once = straightenOnce(raster);
  return once.worst > 0.012 ? straightenOnce(once.raster).raster : once.raster;
}

function straightenOnce(raster: Raster): { raster: Raster; worst: number } {
  const { width, height } = raster,
    mask = ink({ ...raster, gray: smooth(raster.gray, width, height) }, 31, 16);
  const least = Math.round(Math.max(width, height) / 110);
  const h = pieces(mask, width, height, (x, y) => y * width + x, least);
  const v = pieces(mask, height, width, (y, x) => y * width + x, least);
  const fh = field(h, width / 2, height), fv = field(v, height / 2, width);
  if (!fh && !fv) return { raster, worst: 0 };
  const H = fh ?? { a: fv ? -fv.a : 0, b: 0 }, V = fv ?? { a: -H.a, b: 0 };
  const worst = Math.max(
    Math.abs(H.a),
    Math.abs(H.a + H.b * height),
    Math.abs(V.a),
    Math.abs(V.a + V.b * width),
  );
  if (worst < FLAT || worst > STEEP) return { raster, worst: 0 };
  // Where the four edges of the page run: through the middle of each side, with the slope that belongs there.
  const top = (y: number) => ({ s: H.a + H.b * y, y }),
    side = (x: number) => ({ s: V.a + V.b * x, x });
  const meet = (l: { s: number; y: number }, m: { s: number; x: number }): Point => {
    // y = l.y + l.s (x − W/2), x = m.x + m.s (y − H/2)
    const y = (l.y + l.s * (m.x - m.s * height / 2 - width / 2)) / (1 - l.s * m.s);
    return [m.x + m.s * (y - height / 2), y];
  };
  const t = top(0), b = top(height), l = side(0), r = side(width);
  const corners: [Point, Point, Point, Point] = [
    meet(t, l),
    meet(t, r),
    meet(b, r),
    meet(b, l),
  ];
  return { raster: warp(raster, corners, width, height), worst };
}
