// What a file is by its bytes, whatever its name says.
import { ReadError } from "./errors.ts";

export type Kind = "png" | "jpeg" | "pdf" | "docx";

const starts = (bytes: Uint8Array, ...head: number[]) => head.every((b, i) => bytes[i] === b);
const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

export const MAX_BYTES = 20 * 1024 * 1024;

export function kindOf(bytes: Uint8Array): Kind {
  if (bytes.length === 0) throw new ReadError("document_empty");
  if (bytes.length > MAX_BYTES) throw new ReadError("document_too_large");
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png";
  if (starts(bytes, 0xff, 0xd8, 0xff)) return "jpeg";
  // Some programs put a line of their own before the PDF's head.
  if (ascii(bytes, 0, 1024).includes("%PDF-")) return "pdf";
  // Word keeps a document with a password in an OLE container; so did its files before 2007, which nobody can tell apart
  // without opening them, and which say "EncryptedPackage" only when they are encrypted.
  if (starts(bytes, 0xd0, 0xcf, 0x11, 0xe0)) {
    const isEncrypted = Buffer.from(bytes).includes(Buffer.from("EncryptedPackage", "utf16le"));
    throw new ReadError(isEncrypted ? "document_encrypted" : "document_type_unknown");
  }
  if (starts(bytes, 0x50, 0x4b, 0x03, 0x04)) return "docx";
  throw new ReadError("document_type_unknown");
}
