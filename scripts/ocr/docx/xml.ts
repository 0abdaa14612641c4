import type { Element } from "@xmldom/xmldom";

export const elements = (parent: Element): Element[] => {
  const out: Element[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === 1) out.push(node as Element);
  }
  return out;
};

export const child = (parent: Element | undefined, name: string): Element | undefined =>
  parent && elements(parent).find((e) => e.localName === name);

/** Attributes are looked up by their local name: not every program binds "w" to Word's namespace. */
export function attribute(element: Element | undefined, name: string): string | null {
  if (!element) return null;
  for (let i = 0; i < element.attributes.length; i++) {
    const a = element.attributes.item(i);
    if (a?.localName === name) return a.value;
  }
  return null;
}

export const number = (element: Element | undefined, name: string): number | null => {
  const value = attribute(element, name);
  return value === null || !Number.isFinite(Number(value)) ? null : Number(value);
};
