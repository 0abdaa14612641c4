// What the styles of a Word file make of a paragraph: a heading, a list item, a caption, code, or nothing.

import { attribute, type XmlHandler } from "../markup/xml.ts";
import type { OfficeParts } from "./parts.ts";

export interface DocxStyle {
  name: string;
  basedOn: string | null;
  /** 0 to 8; 9 is text. */
  outline: number | null;
  isNumbered: boolean;
}

export type Role =
  | { kind: "heading"; level: number }
  | { kind: "list_item" | "caption" | "code" | "paragraph" | "contents" };

export function numberOf(text: string | null): number | null {
  const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? Math.trunc(value) : null;
}

export const isOutline = (value: number | null): value is number =>
  value !== null && value >= 0 && value <= 8;

export async function readStyles(parts: OfficeParts): Promise<Map<string, DocxStyle>> {
  const styles = new Map<string, DocxStyle>();
  let style: DocxStyle | null = null;
  const handler: XmlHandler = {
    open(name, attributes) {
      const value = attribute(attributes, "val");
      if (name === "style" && attribute(attributes, "type") === "paragraph") {
        style = { name: "", basedOn: null, outline: null, isNumbered: false };
        styles.set(attribute(attributes, "styleId") ?? "", style);
      } else if (style && name === "name") style.name = value ?? "";
      else if (style && name === "basedOn") style.basedOn = value;
      else if (style && name === "outlineLvl") style.outline = numberOf(value);
      else if (style && name === "numId") style.isNumbered = value !== "0";
    },
    close(name) {
      if (name === "style") style = null;
    },
    text() {},
  };
  await parts.read("word/styles.xml", handler);
  return styles;
}

const BY_NAME: [RegExp, Role["kind"]][] = [
  [/^toc\b|^table of (?:figures|authorities)|^index \d/i, "contents"],
  [/^caption$|^beschriftung$|^l[eé]gende$/i, "caption"],
  [/^(?:html preformatted|plain text|code\b.*|source code|preformatted text|macro text)$/i, "code"],
  [/^list\b/i, "list_item"],
];

/** The nearest style in the chain that says something decides. */
export function roleOf(styles: ReadonlyMap<string, DocxStyle>, id: string | null): Role {
  let at = id, isNumbered = false;
  for (let steps = 0; at !== null && steps < 20; steps += 1) {
    const style = styles.get(at);
    // Styles that are only named still have the names that Word gives them.
    const name = style?.name || at;
    if (isOutline(style?.outline ?? null)) {
      return { kind: "heading", level: (style?.outline ?? 0) + 1 };
    }
    const heading = /^(?:heading|[üu]berschrift|titre|t[ií]tulo)\s?([1-9])$/i.exec(name);
    if (heading) return { kind: "heading", level: Number(heading[1]) };
    if (/^title$/i.test(name)) return { kind: "heading", level: 1 };
    const kind = BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
    if (kind && kind !== "heading") return { kind };
    isNumbered ||= style?.isNumbered ?? false;
    at = style?.basedOn ?? null;
  }
  return { kind: isNumbered ? "list_item" : "paragraph" };
}
