// What happens to a page on its way: a scanner that is not straight, a phone held at an angle, noise, compression.
import sharp from "sharp";
import type { Random } from "./random.ts";

export type Damage = "none" | "jpeg" | "scan" | "photo" | "screen" | "small";
export const damages: Damage[] = ["none", "jpeg", "scan", "photo", "screen", "small"];

interface Picture {
  rgb: Uint8Array;
  width: number;
  height: number;
}

async function pixels(png: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(png).flatten({ background: "#ffffff" }).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data), width: info.width, height: info.height };
}

const toSharp = (p: Picture) =>
  sharp(Buffer.from(p.rgb), { raw: { width: p.width, height: p.height, channels: 3 } });

/** Where each corner goes, as shares of the size; the page is drawn into them by a projective map. */
function project(
  p: Picture,
  corners: [number, number][],
  ground: [number, number, number],
): Picture {
  const [a, b, c, d] = corners.map(([x, y]) => [x * p.width, y * p.height]) as [
    number,
    number,
  ][] as [[number, number], [number, number], [number, number], [number, number]];
  // From the unit square to the four corners (Heckbert 1989), turned round for each pixel.
  const dx1 = b[0] - c[0], dx2 = d[0] - c[0], sx = a[0] - b[0] + c[0] - d[0];
  const dy1 = b[1] - c[1], dy2 = d[1] - c[1], sy = a[1] - b[1] + c[1] - d[1];
  const det = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / det, h = (dx1 * sy - sx * dy1) / det;
  const m = [
    b[0] - a[0] + g * b[0],
    d[0] - a[0] + h * d[0],
    a[0],
    b[1] - a[1] + g * b[1],
    d[1] - a[1] + h * d[1],
    a[1],
    g,
    h,
    1,
  ] as number[];
  const [A, B, C, D, E, F, G, H, I] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const inverse = [
    E * I - F * H,
    C * H - B * I,
    B * F - C * E,
    F * G - D * I,
    A * I - C * G,
    C * D - A * F,
    D * H - E * G,
    B * G - A * H,
    A * E - B * D,
  ] as const;
  const out = new Uint8Array(p.rgb.length);
  for (let y = 0; y < p.height; y++) {
    for (let x = 0; x < p.width; x++) {
      const w = inverse[6] * x + inverse[7] * y + inverse[8];
      const u = ((inverse[0] * x + inverse[1] * y + inverse[2]) / w) * (p.width - 1);
      const v = ((inverse[3] * x + inverse[4] * y + inverse[5]) / w) * (p.height - 1);
      const at = (y * p.width + x) * 3;
      if (u < 0 || v < 0 || u >= p.width - 1 || v >= p.height - 1) {
        out.set(ground, at);
        continue;
      }
      const x0 = Math.floor(u), y0 = Math.floor(v), fx = u - x0, fy = v - y0;
      for (let k = 0; k < 3; k++) {
        const i = (y0 * p.width + x0) * 3 + k, j = i + p.width * 3;
        out[at + k] = (p.rgb[i]! * (1 - fx) + p.rgb[i + 3]! * fx) * (1 - fy) +
          (p.rgb[j]! * (1 - fx) + p.rgb[j + 3]! * fx) * fy;
      }
    }
  }
  return { ...p, rgb: out };
}

function noise(p: Picture, random: Random, strength: number, shade: number): Picture {
  const rgb = new Uint8Array(p.rgb.length);
  for (let i = 0; i < p.rgb.length; i += 3) {
    const x = (i / 3) % p.width, light = 1 - shade * (x / p.width);
    const grain = (random.next() + random.next() - 1) * strength;
    for (let k = 0; k < 3; k++) {
      rgb[i + k] = Math.max(0, Math.min(255, p.rgb[i + k]! * light + grain));
    }
  }
  return { ...p, rgb };
}

/** A screen's dots seen through a camera's: bands of colour that swim over the picture, and the glare of a lamp. */
function moire(p: Picture, random: Random): Picture {
  const rgb = new Uint8Array(p.rgb.length);
  const angle = random.next() * 0.5, pitch = 3.2 + random.next() * 2, slow = 0.985;
  const [gx, gy] = [random.next() * p.width, random.next() * p.height], reach = p.width * 0.35;
  for (let y = 0; y < p.height; y++) {
    for (let x = 0; x < p.width; x++) {
      const i = (y * p.width + x) * 3;
      const u = x * Math.cos(angle) + y * Math.sin(angle);
      const glare = 46 * Math.exp(-((x - gx) ** 2 + (y - gy) ** 2) / (reach * reach));
      for (let k = 0; k < 3; k++) {
        const wave = Math.sin((2 * Math.PI * u) / pitch) *
          Math.sin((2 * Math.PI * (u + k * pitch / 3) * slow) / pitch);
        const tint = k === 2 ? 1.02 : k === 0 ? 0.94 : 0.97;
        rgb[i + k] = Math.max(0, Math.min(255, p.rgb[i + k]! * tint * (1 + 0.09 * wave) + glare));
      }
    }
  }
  return { ...p, rgb };
}

export async function damage(png: Uint8Array, kind: Damage, random: Random): Promise<Uint8Array> {
  if (kind === "none") return png;
  if (kind === "jpeg") {
    return new Uint8Array(
      await sharp(png).flatten({ background: "#ffffff" }).jpeg({ quality: random.int(45, 70) })
        .toBuffer(),
    );
  }
  if (kind === "small") {
    return new Uint8Array(
      await sharp(png).resize({ width: 1000 }).jpeg({ quality: 80 }).toBuffer(),
    );
  }
  let picture = await pixels(png);
  if (kind === "scan") {
    const angle = (random.next() - 0.5) * 4;
    const turned = await toSharp(picture).rotate(angle, { background: "#f4f2ee" }).removeAlpha()
      .raw().toBuffer({ resolveWithObject: true });
    picture = noise(
      { rgb: new Uint8Array(turned.data), width: turned.info.width, height: turned.info.height },
      random,
      18,
      0,
    );
    return new Uint8Array(await toSharp(picture).jpeg({ quality: 80 }).toBuffer());
  }
  if (kind === "screen") {
    // The page sits in a window on a screen with a dark rim.
    const framed = await toSharp(picture)
      .extend({ top: 90, bottom: 40, left: 30, right: 30, background: "#e6e6ea" })
      .extend({ top: 50, bottom: 70, left: 50, right: 50, background: "#0c0c0e" })
      .removeAlpha().raw().toBuffer({ resolveWithObject: true });
    picture = moire({
      rgb: new Uint8Array(framed.data),
      width: framed.info.width,
      height: framed.info.height,
    }, random);
  }
  const off = () => 0.01 + random.next() * 0.05;
  picture = project(picture, [[off(), off()], [1 - off(), off()], [1 - off(), 1 - off()], [
    off(),
    1 - off(),
  ]], [96, 84, 70]);
  picture = noise(picture, random, 26, 0.25 * random.next());
  return new Uint8Array(await toSharp(picture).blur(0.8).jpeg({ quality: 72 }).toBuffer());
}
