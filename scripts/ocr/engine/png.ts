import sharp from "sharp";
import type { Gray } from "./types.ts";

/** Engines read files: the quickest compression, because the file lives for one reading. */
export const toPng = (picture: Gray): Promise<Buffer> =>
  sharp(Buffer.from(picture.data.buffer, picture.data.byteOffset, picture.data.byteLength), {
    raw: { width: picture.width, height: picture.height, channels: 1 },
  }).png({ compressionLevel: 1 }).toBuffer();
