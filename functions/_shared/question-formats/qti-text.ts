// What an element of QTI says, as plain text. Ours is read word for word; what others wrote as a browser shows it.

import { htmlToText } from "./html.ts";
import type { Reference } from "./types.ts";
import { attributeOf, elementsOf, textContent, type XmlElement } from "./xml.ts";

/** Of ours: texts, <br/>, and paragraphs with an empty line between them. */
export function exactText(element: XmlElement, without: readonly string[] = []): string {
  const inline = (node: XmlElement): string =>
    node.children.map((child) => {
      if (typeof child === "string") return child;
      if (without.includes(child.name)) return "";
      return child.name === "br" ? "\n" : inline(child);
    }).join("");
  const paragraphs = elementsOf(element).filter(({ name }) => name === "p");
  return paragraphs.length > 0 ? paragraphs.map(inline).join("\n\n") : inline(element);
}

const NOT_SHOWN = [
  "rubricBlock",
  "feedbackInline",
  "feedbackBlock",
  "templateInline",
  "templateBlock",
];

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** As HTML again, without what is no part of the text; pictures of <object> as pictures. */
function toHtml(element: XmlElement, without: readonly string[]): string {
  return element.children.map((child) => {
    if (typeof child === "string") return escape(child);
    const { name } = child;
    if (without.includes(name)) return "";
    if (name === "prompt") return `<p>${toHtml(child, without)}</p>`;
    if (["img", "object", "audio", "video"].includes(name)) {
      const alt = child.attributes.get("alt") ?? textContent(child);
      return `<img alt="${escape(alt).replaceAll('"', "&quot;")}">`;
    }
    const tag = /^[a-z][a-z0-9]*$/.test(name) ? name : "span";
    return tag === "br" || tag === "hr" ? `<${tag}>` : `<${tag}>${toHtml(child, without)}</${tag}>`;
  }).join("");
}

export interface ShownText {
  text: string;
  hasMedia: boolean;
}

export function shownText(element: XmlElement, without: readonly string[] = []): ShownText {
  return htmlToText(toHtml(element, [...NOT_SHOWN, ...without]));
}

/** References of ours: a text, a title, or a title with its address. */
export function readReferenceList(element: XmlElement): Reference[] {
  return elementsOf(element).flatMap(elementsOf).map((entry) => {
    const [inner] = elementsOf(entry);
    const text = exactText(entry);
    if (inner?.name === "cite") return { title: text };
    return inner?.name === "a" ? { title: text, url: attributeOf(inner, "href") } : text;
  });
}
