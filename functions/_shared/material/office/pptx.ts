// Presentations to blocks: slides in the order in which they are shown, each with its notes.

import { BlockList } from "../block-list.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";
import type { Block, Parsed } from "../types.ts";
import { OfficeParts } from "./parts.ts";
import { SlideReader } from "./pptx-slide.ts";

const PRESENTATION = "ppt/presentation.xml";

async function slideNames(parts: OfficeParts): Promise<string[]> {
  const ids: string[] = [];
  const isThere = await parts.read(PRESENTATION, {
    open(name, attributes) {
      // Two attributes are called "id": the slide's own number and the relation.
      if (name !== "sldId") return;
      const relation = Object.keys(attributes).find((key) => key.endsWith(":id"));
      if (relation) ids.push(attributes[relation] ?? "");
    },
    close() {},
    text() {},
  });
  if (!isThere) throw new MaterialError("material_damaged", "the presentation is missing");
  const relations = await parts.relations(PRESENTATION);
  return ids.flatMap((id) => relations.get(id)?.target ?? []);
}

async function notesOf(parts: OfficeParts, slide: string, page: number): Promise<Block[]> {
  const relations = [...(await parts.relations(slide)).values()];
  const notes = relations.find(({ type }) => type === "notesSlide");
  if (!notes) return [];
  const reader = new SlideReader(page);
  await parts.read(notes.target, reader);
  return reader.rest.map(({ text }) => ({ kind: "note", text, page }));
}

export async function parsePptx(
  bytes: Uint8Array,
  limits: MaterialLimits,
  checkTime: () => void,
): Promise<Parsed> {
  const parts = new OfficeParts(bytes, limits, checkTime);
  const list = new BlockList(limits);
  const names = await slideNames(parts);
  if (names.length > limits.pages) {
    throw new MaterialError("material_too_complex", `${names.length} slides`);
  }
  for (const [i, name] of names.entries()) {
    const page = i + 1;
    const reader = new SlideReader(page);
    if (!await parts.read(name, reader)) {
      throw new MaterialError("material_damaged", `slide ${page} is missing`);
    }
    if (reader.isHidden) continue;
    const blocks = [...reader.titles, ...reader.rest, ...await notesOf(parts, name, page)]
      .filter(({ text }) => text.trim() !== "");
    blocks.forEach((block, at) => {
      // What has no title of its own does not belong to the slide before it.
      list.add(at === 0 && block.kind !== "heading" ? { ...block, startsPart: true } : block);
    });
  }
  return {
    format: "pptx",
    blocks: list.blocks,
    title: await parts.title(),
    language: null,
    pageCount: names.length,
    needsOcr: [],
  };
}
