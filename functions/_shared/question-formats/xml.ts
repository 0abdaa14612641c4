// XML from strangers as a small tree: no declarations of their own, so no entity that grows, and nothing from elsewhere; not
// too deep, and every element closed.

import { Parser } from "htmlparser2";

export interface XmlElement {
  /** Without its prefix. */
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: (XmlElement | string)[];
  /** From 1. */
  line: number;
}

export type XmlVerdict =
  | { ok: true; root: XmlElement }
  | { ok: false; line: number; message: string };

const MAX_DEPTH = 60;

class XmlError extends Error {}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

export const elementsOf = (element: XmlElement): XmlElement[] =>
  element.children.filter((child) => typeof child !== "string");

export const childrenNamed = (element: XmlElement, name: string): XmlElement[] =>
  elementsOf(element).filter((child) => child.name === name);

export const attributeOf = (element: XmlElement, name: string): string =>
  element.attributes.get(name) ?? "";

/** All elements of these names, however deep. */
export const findAll = (root: XmlElement, names: readonly string[]): XmlElement[] =>
  elementsOf(root).flatMap((child) => [
    ...(names.includes(child.name) ? [child] : []),
    ...findAll(child, names),
  ]);

export const textContent = (element: XmlElement): string =>
  element.children.map((child) => typeof child === "string" ? child : textContent(child)).join("");

/** Says of places in a text, asked in their order, on which line they are. */
function lineCounter(text: string): (index: number) => number {
  let [line, at] = [1, 0];
  return (index) => {
    for (; at < index && at < text.length; at += 1) if (text.charCodeAt(at) === 10) line += 1;
    return line;
  };
}

const ENTITY = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-f]{1,6});)/i;

const RAW = [["<!--", "-->"], ["<![CDATA[", "]]>"]] as const;

/** Of comments and CDATA only the lines: there an ampersand is one. In one pass, also when they are never closed. */
function withoutRaw(xml: string): string {
  let kept = "";
  let [at, found] = [0, xml.indexOf("<!")];
  while (found >= 0) {
    const start = found;
    const raw = RAW.find(([opening]) => xml.startsWith(opening, start));
    const end = raw ? xml.indexOf(raw[1], start + raw[0].length) : start;
    if (end < 0) break;
    if (raw) {
      kept += xml.slice(at, start) + xml.slice(start, end).replace(/[^\n]+/g, "");
      at = end + raw[1].length;
    }
    found = xml.indexOf("<!", raw ? at : start + 2);
  }
  return kept + xml.slice(at);
}

function read(xml: string): XmlElement {
  const holder: XmlElement = { name: "", attributes: new Map(), children: [], line: 1 };
  const open: XmlElement[] = [holder];
  const lineAt = lineCounter(xml);
  const parser = new Parser({
    onopentag(name, attributes) {
      if (open.length > MAX_DEPTH) throw new XmlError("The elements stand too deep in each other.");
      const element: XmlElement = {
        name: localName(name),
        attributes: new Map(Object.entries(attributes)),
        children: [],
        line: lineAt(parser.startIndex),
      };
      open.at(-1)?.children.push(element);
      open.push(element);
    },
    onclosetag(name, isImplied) {
      const closed = open.pop();
      // `<a/>` is closed by the tag that opens it: that is no fault.
      if (isImplied && !xml.startsWith("/>", parser.endIndex - 1)) {
        throw new XmlError(
          `The element ${name.slice(0, 50)} of line ${closed?.line ?? 1} is not closed.`,
        );
      }
    },
    ontext(text) {
      const { children } = open.at(-1) ?? holder;
      const last = children.length - 1;
      if (typeof children[last] === "string") children[last] += text;
      else children.push(text);
    },
    onprocessinginstruction(name) {
      if (name.startsWith("!")) throw new XmlError("XML with a DOCTYPE of its own is not read.");
    },
    onerror(error) {
      throw error;
    },
  }, { xmlMode: true, decodeEntities: true });
  try {
    parser.write(xml);
    parser.end();
  } catch (error) {
    if (error instanceof XmlError) {
      throw new XmlError(error.message, { cause: lineAt(parser.startIndex) });
    }
    throw error;
  }
  const [root, ...more] = elementsOf(holder);
  const isBare = holder.children.every((child) => typeof child !== "string" || child.trim() === "");
  if (!root || more.length > 0 || !isBare) throw new XmlError("XML is one element.");
  return root;
}

export function parseXml(text: string): XmlVerdict {
  const xml = text.replace(/^\uFEFF/, "");
  const markup = withoutRaw(xml);
  const entity = ENTITY.exec(markup);
  if (entity) {
    return {
      ok: false,
      line: markup.slice(0, entity.index).split("\n").length,
      message: "XML knows &amp; &lt; &gt; &quot; &apos; and numbers, no other names.",
    };
  }
  try {
    return { ok: true, root: read(xml) };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { ok: false, line: Number(error.cause ?? 1), message: error.message };
  }
}

/** What XML 1.0 has no way to say is left out. */
const sayable = (text: string): string =>
  // deno-lint-ignore no-control-regex
  text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, "");

const REFERENCES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\r": "&#13;",
};

export const escapeText = (text: string): string =>
  sayable(text).replace(/[&<>\r]/g, (letter) => REFERENCES[letter] ?? letter);

export const escapeAttribute = (text: string): string =>
  escapeText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
