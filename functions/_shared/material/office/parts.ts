// The parts of an Office file (DOCX, PPTX), unpacked one at a time and no further than allowed.

import { readZip, unpack, type ZipEntry } from "../../text/zip.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";
import { attribute, readXml, type XmlHandler } from "../markup/xml.ts";

const damaged = (detail: string) => new MaterialError("material_damaged", detail);

function refusal(reason: string): MaterialError {
  if (/encrypted/.test(reason)) return new MaterialError("material_encrypted", reason);
  return /too (?:much|many)/.test(reason)
    ? new MaterialError("material_too_large", reason)
    : damaged(reason);
}

export class OfficeParts {
  readonly #entries: Map<string, ZipEntry>;
  readonly #limits: MaterialLimits;
  readonly #checkTime: () => void;
  #unpacked = 0;

  constructor(bytes: Uint8Array, limits: MaterialLimits, checkTime: () => void) {
    const zip = readZip(bytes);
    if (!zip.ok) throw refusal(zip.reason);
    this.#entries = new Map(zip.entries.map((entry) => [entry.name.toLowerCase(), entry]));
    this.#limits = limits;
    this.#checkTime = checkTime;
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** False when there is no such part. */
  async read(name: string, handler: XmlHandler): Promise<boolean> {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry) return false;
    this.#unpacked += entry.size;
    // Each part may be small and all of them together a bomb.
    if (
      entry.size > this.#limits.unpackedBytes || this.#unpacked > this.#limits.unpackedBytes * 2
    ) {
      throw new MaterialError("material_too_large", `${name} unpacks to ${entry.size} bytes`);
    }
    const bytes = await unpack(entry);
    if (!bytes) throw damaged(`${name} cannot be unpacked`);
    readXml(bytes, handler, this.#limits, this.#checkTime);
    return true;
  }

  /** What a part points to within the file: names by id, with the kind of the relation. */
  async relations(name: string): Promise<Map<string, { type: string; target: string }>> {
    const [folder, file] = splitName(name);
    const found = new Map<string, { type: string; target: string }>();
    await this.read(`${folder}_rels/${file}.rels`, {
      open(element, attributes) {
        if (element !== "Relationship") return;
        if (attribute(attributes, "TargetMode")?.toLowerCase() === "external") return;
        const target = attribute(attributes, "Target") ?? "";
        const type = (attribute(attributes, "Type") ?? "").split("/").at(-1) ?? "";
        found.set(attribute(attributes, "Id") ?? "", { type, target: resolve(folder, target) });
      },
      close() {},
      text() {},
    });
    return found;
  }

  /** The title that the file gives itself, unless it is the program's. */
  async title(): Promise<string | null> {
    let title = "", inside = false;
    await this.read("docProps/core.xml", {
      open(name) {
        inside = name === "title";
      },
      close() {
        inside = false;
      },
      text(text) {
        if (inside) title += text;
      },
    });
    const tidy = title.replace(/\s+/g, " ").trim();
    return tidy === "" || /^(?:PowerPoint[- ]|Microsoft Word|Word[- ]Dokument|Untitled)/i.test(tidy)
      ? null
      : tidy;
  }
}

const splitName = (name: string): [folder: string, file: string] => {
  const at = name.lastIndexOf("/") + 1;
  return [name.slice(0, at), name.slice(at)];
};

function resolve(folder: string, target: string): string {
  if (target.startsWith("/")) return target.slice(1);
  const path: string[] = folder.split("/").filter((part) => part !== "");
  for (const part of target.split("/")) {
    if (part === "..") path.pop();
    else if (part !== "." && part !== "") path.push(part);
  }
  return path.join("/");
}
