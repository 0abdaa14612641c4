// Streams of a PDF that unpack to far more than a page can hold. pdf.js would unpack them whole, in memory.

import { ascii, indexOfAscii } from "../../text/bytes.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";

const bomb = (detail: string) => new MaterialError("material_too_large", detail);

/** How much a stream unpacks to, counted no further than the limit. What is damaged is not judged here. */
async function unpackedSize(packed: Uint8Array, limit: number): Promise<number> {
  const stream = new Blob([packed as BlobPart]).stream();
  const reader = stream.pipeThrough(new DecompressionStream("deflate")).getReader();
  let size = 0;
  try {
    while (size <= limit) {
      const { done, value } = await reader.read();
      if (done) return size;
      size += value.length;
    }
    await reader.cancel();
  } catch {
    // Cut off, or no such stream: pdf.js will see.
  }
  return size;
}

/** Packed streams as small as this cannot unpack to more than the limit: deflate knows no ratio above 1032. */
const MOST_RATIO = 1032;

export async function refuseBombs(bytes: Uint8Array, limits: MaterialLimits): Promise<void> {
  let at = 0;
  for (;;) {
    const start = indexOfAscii(bytes, "stream", at);
    if (start < 0) return;
    at = start + 6;
    const before = ascii(bytes, Math.max(0, start - 3), start);
    if (before === "end") continue;
    const dictionary = ascii(bytes, Math.max(0, start - 1000), start);
    const own = dictionary.slice(dictionary.lastIndexOf(" obj") + 1);
    // Packed twice, a few bytes become a terabyte.
    if ((own.match(/\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g)?.length ?? 0) > 1) {
      throw bomb("a stream of the PDF is packed more than once");
    }
    const end = indexOfAscii(bytes, "endstream", at);
    const stop = end < 0 ? bytes.length : end;
    const isPicture = /\/Subtype\s*\/Image\b/.test(own);
    if (!isPicture && /\/(?:FlateDecode|Fl)\b/.test(own)) {
      let from = at;
      while (bytes[from] === 13 || bytes[from] === 10) from += 1;
      const packed = bytes.subarray(from, stop);
      const isSuspect = packed.length * MOST_RATIO > limits.unpackedBytes;
      if (isSuspect && await unpackedSize(packed, limits.unpackedBytes) > limits.unpackedBytes) {
        throw bomb("a stream of the PDF unpacks to too much");
      }
    }
    at = stop;
  }
}
