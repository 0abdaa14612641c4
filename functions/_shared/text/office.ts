// Documents of Office (docx, pptx, xlsx): archives of XML. What runs something, and what fetches something
// from elsewhere when it is opened, is refused.

import { readZip, unpack, type ZipEntry } from "./zip.ts";

const OPEN_XML = "application/vnd.openxmlformats-officedocument.";
const MAIN_PARTS = {
  "word/document.xml": `${OPEN_XML}wordprocessingml.document`,
  "ppt/presentation.xml": `${OPEN_XML}presentationml.presentation`,
  "xl/workbook.xml": `${OPEN_XML}spreadsheetml.sheet`,
} as const;
export type OfficeMime = (typeof MAIN_PARTS)[keyof typeof MAIN_PARTS];

export type OfficeVerdict =
  | { ok: true; mime: OfficeMime }
  | { ok: false; mime: OfficeMime | "application/zip"; reason: string };

const MAX_XML_BYTES = 5 * 1024 * 1024;

async function textOf(entry: ZipEntry): Promise<string | null> {
  if (entry.size > MAX_XML_BYTES) return null;
  const bytes = await unpack(entry);
  if (!bytes) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // With declarations or references of its own, XML may say something else than it seems to.
    return /\0|<!|&#/.test(text) ? null : text;
  } catch {
    return null;
  }
}

const FETCHED = /\/(attachedTemplate|oleObject|frame|subDocument)$/i;

/** A relationship that makes Office open something of another machine. */
function fetchesElsewhere(rels: string): boolean {
  return [...rels.matchAll(/<[^<>]*\bRelationship\b[^<>]*>/g)].some(([tag]) => {
    const type = /\bType\s*=\s*["']([^"']*)/.exec(tag)?.[1] ?? "";
    const target = /\bTarget\s*=\s*["']([^"']*)/.exec(tag)?.[1] ?? "";
    return FETCHED.test(type) && /^\s*(https?:|ftp:|\\\\|\/\/|file:\/*\\\\|mhtml:)/i.test(target);
  });
}

/** Whether bytes are a whole document of Office without macros, and the reason if not. */
export async function inspectOffice(bytes: Uint8Array): Promise<OfficeVerdict> {
  const zip = readZip(bytes);
  if (!zip.ok) return { ok: false, mime: "application/zip", reason: zip.reason };
  const byName = new Map(zip.entries.map((entry) => [entry.name, entry]));
  const mains = (Object.keys(MAIN_PARTS) as (keyof typeof MAIN_PARTS)[]).filter((name) =>
    byName.has(name)
  );
  const [main] = mains;
  const typesEntry = byName.get("[Content_Types].xml");
  if (!typesEntry || !main || mains.length > 1) {
    return { ok: false, mime: "application/zip", reason: "the file is an archive" };
  }
  const mime = MAIN_PARTS[main];
  const refuse = (reason: string): OfficeVerdict => ({ ok: false, mime, reason });

  const types = await textOf(typesEntry);
  if (types === null) return refuse("the document cannot be read");
  const hasMacros = /macroEnabled|vbaProject|ms-office\.activeX/i.test(types) ||
    zip.entries.some(({ name }) => /(vba(Project|Data)[^/]*|\/activeX\/[^/]+)$/i.test(name));
  if (hasMacros) return refuse("the document has macros");
  if (!types.includes(`${mime}.main+xml`)) return refuse("the document cannot be read");

  for (const entry of zip.entries) {
    if (/\.(exe|dll|scr|com|bat|cmd|js|vbs|ps1|hta|jar|msi|lnk)$/i.test(entry.name)) {
      return refuse("a program hides in the document");
    }
    if (entry.name.toLowerCase().endsWith(".rels")) {
      const rels = await textOf(entry);
      if (rels === null) return refuse("the document cannot be read");
      if (fetchesElsewhere(rels)) return refuse("the document fetches something from elsewhere");
    } else if (await unpack(entry, false) === null) {
      return refuse("the document is damaged");
    }
  }
  return { ok: true, mime };
}
