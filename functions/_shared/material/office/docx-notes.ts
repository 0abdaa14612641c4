// Footnotes and endnotes of a Word file, by their ids.

import { attribute, type XmlHandler } from "../markup/xml.ts";
import type { OfficeParts } from "./parts.ts";

export type Notes = ReadonlyMap<string, string>;

export async function readNotes(
  parts: OfficeParts,
  part: string,
  element: "footnote" | "endnote",
): Promise<Notes> {
  const notes = new Map<string, string>();
  let id: string | null = null, text: string[] = [], inText = false;
  const handler: XmlHandler = {
    open(name, attributes) {
      if (name === element) {
        // Separators have a type; notes have none.
        const type = attribute(attributes, "type");
        id = type === null || type === "normal" ? attribute(attributes, "id") : null;
        text = [];
      }
      inText = name === "t";
      if (name === "tab" || name === "br") text.push(" ");
    },
    close(name) {
      if (name === "t") inText = false;
      if (name === "p") text.push(" ");
      if (name === element && id !== null) notes.set(id, text.join(""));
    },
    text(data) {
      if (inText) text.push(data);
    },
  };
  await parts.read(part, handler);
  return notes;
}
