// Paragraphs of a Word file to lines of text with size and weight. Where a line breaks on paper is not in the file:
// only breaks that somebody made are.
import type { Element } from "@xmldom/xmldom";
import { attribute, child, elements, number } from "./xml.ts";

export interface PlainLine {
  text: string;
  /** Points. */
  size: number;
  isBold: boolean;
}

/** Removed text, the second copy of text boxes for old programs, field codes. */
const skipped = new Set(["del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "tblPr"]);
const isOn = (toggle: Element | undefined) =>
  toggle !== undefined && !["0", "false", "none"].includes(attribute(toggle, "val") ?? "1");

export interface Defaults {
  size: number;
  /** Points by the id of a style. */
  styles: Map<string, { size: number | null; isBold: boolean }>;
}

export function defaultsOf(styles: Element | null): Defaults {
  const out: Defaults = { size: 11, styles: new Map() };
  for (const part of styles ? elements(styles) : []) {
    if (part.localName === "docDefaults") {
      const run = child(child(child(part, "rPrDefault"), "rPr"), "sz");
      out.size = (number(run, "val") ?? 22) / 2;
    }
    const id = attribute(part, "styleId");
    if (part.localName !== "style" || id === null) continue;
    const run = child(part, "rPr"), size = number(child(run, "sz"), "val");
    out.styles.set(id, { size: size === null ? null : size / 2, isBold: isOn(child(run, "b")) });
  }
  return out;
}

interface Piece {
  text: string;
  size: number;
  isBold: boolean;
}

function pieces(run: Element, size: number, isBold: boolean): Piece[] {
  return elements(run).flatMap((part): Piece[] => {
    switch (part.localName) {
      case "t":
        return [{ text: part.textContent ?? "", size, isBold }];
      case "tab":
        return [{ text: "\t", size, isBold }];
      case "noBreakHyphen":
        return [{ text: "-", size, isBold }];
      case "br":
      case "cr":
        return [{ text: "\n", size, isBold }];
      default:
        return [];
    }
  });
}

function paragraph(element: Element, defaults: Defaults): PlainLine[] {
  const style = defaults.styles.get(
    attribute(child(child(element, "pPr"), "pStyle"), "val") ?? "",
  );
  const found: Piece[] = [];
  const walk = (parent: Element) => {
    for (const part of elements(parent)) {
      if (skipped.has(part.localName ?? "") || part.localName === "txbxContent") continue;
      if (part.localName !== "r") {
        walk(part);
        continue;
      }
      const look = child(part, "rPr"), own = number(child(look, "sz"), "val");
      const bold = child(look, "b");
      const size = own === null ? style?.size ?? defaults.size : own / 2;
      found.push(...pieces(part, size, bold ? isOn(bold) : style?.isBold ?? false));
    }
  };
  walk(element);
  const lines: Piece[][] = [[]];
  for (const piece of found) {
    if (piece.text === "\n") lines.push([]);
    else lines.at(-1)!.push(piece);
  }
  return lines.flatMap((line) => {
    const text = line.map((p) => p.text).join("").replace(/[^\S\t]+/g, " ").trim();
    if (text === "") return [];
    const letters = line.filter((p) => p.text.trim() !== "");
    return [{
      text,
      size: Math.max(...letters.map((p) => p.size)),
      isBold: letters.every((p) => p.isBold),
    }];
  });
}

/** Every paragraph of an element, those of tables within it and of text boxes too. */
export function linesOf(element: Element, defaults: Defaults): PlainLine[] {
  if (element.localName === "p") {
    return [...paragraph(element, defaults), ...boxesOf(element, defaults)];
  }
  return elements(element).filter((e) => !skipped.has(e.localName ?? "")).flatMap((e) =>
    linesOf(e, defaults)
  );
}

const boxesOf = (element: Element, defaults: Defaults): PlainLine[] =>
  elements(element).flatMap((part) =>
    skipped.has(part.localName ?? "")
      ? []
      : part.localName === "txbxContent"
      ? linesOf(part, defaults)
      : boxesOf(part, defaults)
  );
