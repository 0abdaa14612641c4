// A reader of ZIP archives that trusts nothing: the list at the end, the headers in front of the data and
// the data itself have to say the same, without gaps to hide something in. What is odd is refused.

import { ascii, startsWith, u16le, u32le } from "./bytes.ts";

export interface ZipEntry {
  name: string;
  /** Size once unpacked, as the archive declares it. */
  size: number;
  method: number;
  /** The packed bytes. */
  data: Uint8Array;
}

export type ZipVerdict = { ok: true; entries: ZipEntry[] } | { ok: false; reason: string };

export const MAX_ZIP_ENTRIES = 5000;
export const MAX_UNPACKED_BYTES = 200 * 1024 * 1024;
const MAX_RATIO = 200;

const refuse = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });
const DAMAGED = refuse("the archive is damaged");

const isSafeName = (name: string): boolean =>
  name.length > 0 && name.length <= 500 && !/[\\\0]|^\/|^[A-Za-z]:|(^|\/)\.\.(\/|$)/.test(name);

/** Where the list of contents begins and how long it is; it has to reach to the very end. */
function findDirectory(bytes: Uint8Array): { start: number; end: number; count: number } | null {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 65_557); at -= 1) {
    if (!startsWith(bytes, "PK\u0005\u0006", at)) continue;
    if (at + 22 + u16le(bytes, at + 20) !== bytes.length) continue;
    const [start, size] = [u32le(bytes, at + 16), u32le(bytes, at + 12)];
    const count = u16le(bytes, at + 10);
    const isOneDisk = u16le(bytes, at + 4) === 0 && u16le(bytes, at + 6) === 0 &&
      u16le(bytes, at + 8) === count;
    if (!isOneDisk || start + size !== at) return null;
    return { start, end: at, count };
  }
  return null;
}

interface Listed {
  name: string;
  flags: number;
  method: number;
  packed: number;
  size: number;
  offset: number;
}

function readListed(bytes: Uint8Array, at: number): { entry: Listed; next: number } | null {
  if (!startsWith(bytes, "PK\u0001\u0002", at)) return null;
  const nameLength = u16le(bytes, at + 28);
  const next = at + 46 + nameLength + u16le(bytes, at + 30) + u16le(bytes, at + 32);
  const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
  return {
    next,
    entry: {
      name,
      flags: u16le(bytes, at + 8),
      method: u16le(bytes, at + 10),
      packed: u32le(bytes, at + 20),
      size: u32le(bytes, at + 24),
      offset: u32le(bytes, at + 42),
    },
  };
}

/** The bytes of one entry and where they end, if its own header agrees with the list. */
function readData(bytes: Uint8Array, listed: Listed): { data: Uint8Array; end: number } | null {
  const at = listed.offset;
  if (!startsWith(bytes, "PK\u0003\u0004", at)) return null;
  const nameLength = u16le(bytes, at + 26);
  const name = new TextDecoder().decode(bytes.subarray(at + 30, at + 30 + nameLength));
  if (name !== listed.name || u16le(bytes, at + 8) !== listed.method) return null;
  const isSizeBehind = (u16le(bytes, at + 6) & 8) !== 0;
  if (!isSizeBehind && u32le(bytes, at + 18) !== listed.packed) return null;
  const start = at + 30 + nameLength + u16le(bytes, at + 28);
  const end = start + listed.packed;
  if (!(end <= bytes.length)) return null;
  return { data: bytes.subarray(start, end), end };
}

/** Entries in the order of their data, or why the archive is refused. */
export function readZip(bytes: Uint8Array, maxEntries: number = MAX_ZIP_ENTRIES): ZipVerdict {
  const directory = findDirectory(bytes);
  if (!directory) return DAMAGED;
  if (directory.count > maxEntries) return refuse("the archive has too many files");
  const listed: Listed[] = [];
  let at = directory.start;
  while (at < directory.end) {
    const read = readListed(bytes, at);
    if (!read || read.next > directory.end) return DAMAGED;
    const { entry } = read;
    if ((entry.flags & 0x2041) !== 0) return refuse("the archive is encrypted");
    if (entry.method !== 0 && entry.method !== 8) {
      return refuse("the archive is packed in an unusual way");
    }
    if (!isSafeName(entry.name)) return refuse("the archive has an unsafe name in it");
    listed.push(entry);
    at = read.next;
  }
  if (listed.length !== directory.count) return DAMAGED;
  const names = new Set(listed.map(({ name }) => name.toLowerCase()));
  if (names.size !== listed.length) return refuse("the archive has the same name twice");
  const bomb = bombIn(listed, bytes.length);
  if (bomb) return refuse(bomb);

  listed.sort((a, b) => a.offset - b.offset);
  const entries: ZipEntry[] = [];
  let end = 0;
  for (const entry of listed) {
    // The first begins the file, and none lies over another: that is how small bombs become large ones.
    if (entries.length === 0 ? entry.offset !== 0 : entry.offset < end) return DAMAGED;
    const read = readData(bytes, entry);
    if (!read || read.end > directory.start) return DAMAGED;
    if (entry.method === 0 && entry.size !== entry.packed) return DAMAGED;
    // A size written behind the data takes 24 bytes at most.
    if (entry.offset - end > 24) return refuse("something hides between the files of the archive");
    entries.push({ name: entry.name, size: entry.size, method: entry.method, data: read.data });
    end = read.end;
  }
  if (directory.start - end > 24) return refuse("something hides between the files of the archive");
  return { ok: true, entries };
}

function bombIn(listed: Listed[], length: number): string | null {
  const total = listed.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_UNPACKED_BYTES) return "the archive unpacks to too much";
  // Small files may be packed as tightly as they like.
  return total > 10 * 1024 * 1024 && total > length * MAX_RATIO
    ? "the archive unpacks to too much"
    : null;
}

/** The unpacked bytes; null when they are not as many as the archive declares. */
export async function unpack(entry: ZipEntry, keep = true): Promise<Uint8Array | null> {
  if (entry.method === 0) return entry.data;
  const packed = new Blob([entry.data as BlobPart]).stream();
  const reader = packed.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const unpacked = new Uint8Array(keep ? entry.size : 0);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.length > entry.size) {
        await reader.cancel();
        return null;
      }
      if (keep) unpacked.set(value, length);
      length += value.length;
    }
  } catch {
    return null;
  }
  return length === entry.size ? unpacked : null;
}

export const looksLikeZip = (bytes: Uint8Array): boolean => ascii(bytes, 0, 4) === "PK\u0003\u0004";
