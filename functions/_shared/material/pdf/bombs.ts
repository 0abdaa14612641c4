// Streams of a PDF that unpack to far more than a page can hold, or that nest what is drawn without end.
// pdf.js would read them whole, in memory.

import { Unzlib, unzlibSync } from "fflate";
import { ascii, startsWith } from "../../text/bytes.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";

const tooDeep = () => new MaterialError("material_too_complex", "drawing nested too deeply");
const tooLarge = (detail: string) => new MaterialError("material_too_large", detail);

/** Fonts and pictures: never read as operators, and pictures not at all. */
const PICTURE = /\/Subtype\s*\/Image\b/;
const NO_CONTENT =
  /\/Length1\b|\/Subtype\s*\/(?:Type1C|CIDFontType0C|OpenType|XML)\b|\/Type\s*\/(?:ObjStm|XRef)\b/;
const PACKED = /\/(?:FlateDecode|Fl)\b/;
const TWICE = /\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g;
const SPACE = new Set([9, 10, 12, 13, 32]);
/** How deep the state of drawing is saved (`q`) without being restored (`Q`): people's files, a few dozen. */
const MOST_SAVED = 2000;
const [SAVE, RESTORE] = [0x71, 0x51];

/** Counts the letters `q` and `Q` that stand alone, over all the pieces of a stream. */
function watchDepth() {
  let depth = 0, before = 32, last = 32;
  return (bytes: Uint8Array): boolean => {
    for (const byte of bytes) {
      if (SPACE.has(byte) && SPACE.has(before)) {
        if (last === SAVE) depth += 1;
        else if (last === RESTORE && depth > 0) depth -= 1;
        if (depth > MOST_SAVED) return false;
      }
      before = last;
      last = byte;
    }
    return true;
  };
}

/** What goes in at a time: no piece unpacks to more than sixteen megabytes. */
const PIECE = 16 * 1024;

const SCRATCH = 1024 * 1024;

/** Most streams fit into one buffer that is used again and again; what fills it is read piece by piece. */
function fits(packed: Uint8Array, scratch: Uint8Array): boolean {
  try {
    const size = unzlibSync(packed, { out: scratch }).length;
    if (size === scratch.length) return false;
    if (watchDepth()(scratch.subarray(0, size))) return true;
  } catch {
    return false;
  }
  throw tooDeep();
}

function check(
  packed: Uint8Array,
  isContent: boolean,
  limit: number,
  scratch: Uint8Array,
): void {
  if (packed.length * 4 < SCRATCH && isContent && fits(packed, scratch)) return;
  const isShallow = watchDepth();
  let size = 0;
  const unpacker = new Unzlib((value) => {
    size += value.length;
    if (size > limit) throw tooLarge("a stream of the PDF unpacks to too much");
    if (isContent && !isShallow(value)) {
      throw tooDeep();
    }
  });
  try {
    for (let at = 0; at < packed.length; at += PIECE) {
      unpacker.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    }
  } catch (error) {
    // Cut off, or no such stream: pdf.js will see.
    if (error instanceof MaterialError) throw error;
  }
}

const STREAM = "stream";

/** Where the word stands next; the search for its first letter is the engine's own. */
function find(bytes: Uint8Array, word: string, from: number): number {
  const first = word.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (startsWith(bytes, word, at)) return at;
  }
  return -1;
}

/** Deflate knows no ratio above this. */
const MOST_RATIO = 1032;

export function refuseBombs(bytes: Uint8Array, limits: MaterialLimits): void {
  const scratch = new Uint8Array(SCRATCH);
  for (let at = 0;;) {
    const start = find(bytes, STREAM, at);
    if (start < 0) return;
    at = start + STREAM.length;
    if (ascii(bytes, start - 3, start) === "end") continue;
    const before = ascii(bytes, Math.max(0, start - 1000), start);
    const dictionary = before.slice(before.lastIndexOf(" obj") + 1);
    // Packed twice, a few bytes become a terabyte.
    if ((dictionary.match(TWICE)?.length ?? 0) > 1) {
      throw tooLarge("a stream of the PDF is packed more than once");
    }
    const end = find(bytes, "endstream", at);
    const stop = end < 0 ? bytes.length : end;
    let from = at;
    while (bytes[from] === 13 || bytes[from] === 10) from += 1;
    const packed = bytes.subarray(from, stop);
    const isContent = !NO_CONTENT.test(dictionary);
    if (!PICTURE.test(dictionary) && isContent && !PACKED.test(dictionary)) {
      if (!watchDepth()(packed)) {
        throw tooDeep();
      }
    } else if (!PICTURE.test(dictionary) && PACKED.test(dictionary)) {
      const mayBeLarge = packed.length * MOST_RATIO > limits.unpackedBytes;
      // A thousand saves take a few bytes, once packed.
      const mayBeDeep = isContent && packed.length * MOST_RATIO > MOST_SAVED * 2;
      if (mayBeLarge || mayBeDeep) check(packed, isContent, limits.unpackedBytes, scratch);
    }
    at = stop;
  }
}
