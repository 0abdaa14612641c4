// Packages of QTI items: a ZIP with imsmanifest.xml (IMS Content Packaging 1.1), which says which files are items. Nothing
// else in it is looked at.

import { strToU8, zipSync } from "fflate";
import { readZip, unpack, type ZipEntry } from "../text/zip.ts";
import { readQtiItem } from "./qti-item-read.ts";
import { writeQtiItem } from "./qti-item-write.ts";
import { decodeUtf8 } from "./text.ts";
import { MAX_ITEMS, type QuestionItem, Reading, type ReadQuestions } from "./types.ts";
import { attributeOf, childrenNamed, findAll, parseXml } from "./xml.ts";

const MANIFEST = "imsmanifest.xml";
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const MAX_ITEM_BYTES = 512 * 1024;
/** Of all items together: more than that many questions need. */
const MAX_ALL_BYTES = 64 * 1024 * 1024;
/** An item each, the manifest, and as many pictures as there may be items. */
const MAX_ENTRIES = 2 * MAX_ITEMS + 10;

const fileOf = (no: number): string => `items/${String(no).padStart(4, "0")}.xml`;
const identifierOf = (item: QuestionItem, no: number): string => `question-${item.id ?? no}`;

export function writeQtiPackage(items: QuestionItem[]): Uint8Array<ArrayBuffer> {
  const files: Record<string, Uint8Array> = {};
  const resources: string[] = [];
  for (const [i, item] of items.entries()) {
    const [file, identifier] = [fileOf(i + 1), identifierOf(item, i + 1)];
    files[file] = strToU8(writeQtiItem(item, identifier));
    resources.push(
      `    <resource identifier="${identifier}" type="imsqti_item_xmlv2p1" href="${file}"><file href="${file}"/></resource>`,
    );
  }
  const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="lyceum-questions">
  <metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>
  <organizations/>
  <resources>
${resources.join("\n")}
  </resources>
</manifest>
`;
  // Packed quickly: a function has little time.
  return new Uint8Array(zipSync({ [MANIFEST]: strToU8(manifest), ...files }, { level: 1 }));
}

async function textOf(entry: ZipEntry, most: number): Promise<string | null> {
  if (entry.size > most) return null;
  const bytes = await unpack(entry);
  return bytes ? decodeUtf8(bytes) : null;
}

/** The path of a file of the package, as the archive names it. */
function pathOf(href: string): string {
  let path = href.split(/[?#]/, 1)[0] ?? "";
  try {
    path = decodeURIComponent(path);
  } catch {
    // A per cent sign that is one.
  }
  return path.replace(/^(?:\.\/)+/, "");
}

export async function readQtiPackage(bytes: Uint8Array): Promise<ReadQuestions> {
  const reading = new Reading();
  const at = { line: 1, file: MANIFEST };
  const zip = readZip(bytes, MAX_ENTRIES);
  if (!zip.ok) {
    reading.problem({ line: 1 }, "package_malformed", `This is no package: ${zip.reason}.`);
    return reading;
  }
  const entries = new Map(zip.entries.map((entry) => [entry.name, entry]));
  const found = entries.get(MANIFEST);
  const text = found ? await textOf(found, MAX_MANIFEST_BYTES) : null;
  const manifest = text === null ? null : parseXml(text);
  if (!manifest?.ok) {
    reading.problem(
      manifest ? { ...at, line: manifest.line } : at,
      "manifest_invalid",
      manifest ? manifest.message : "The package has no imsmanifest.xml that can be read.",
    );
    return reading;
  }
  const resources = findAll(manifest.root, ["resources"])
    .flatMap((element) => childrenNamed(element, "resource"))
    .filter((element) => attributeOf(element, "type").startsWith("imsqti_item_xmlv2p"));
  if (resources.length > MAX_ITEMS) {
    reading.problem(at, "import_size_invalid", `An import has up to ${MAX_ITEMS} questions.`);
    return reading;
  }
  let total = 0;
  for (const resource of resources) {
    const file = pathOf(attributeOf(resource, "href"));
    const entry = entries.get(file);
    total += entry?.size ?? 0;
    const place = { line: resource.line, file: MANIFEST };
    if (total > MAX_ALL_BYTES) {
      reading.problem(place, "package_malformed", "The package unpacks to too much.");
      return reading;
    }
    const xml = entry ? await textOf(entry, MAX_ITEM_BYTES) : null;
    if (xml === null) {
      reading.problem(
        place,
        "file_unreadable",
        `${file.slice(0, 100)} is not there, too long, or not UTF-8.`,
      );
    } else {
      readQtiItem(xml, reading, file);
    }
  }
  return reading;
}
