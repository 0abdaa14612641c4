// Words to pieces of text that stand together, for pages where no lines say what belongs to what.
import { middle, union } from "./draft.ts";
import type { Box, Page, TextLine, Word } from "./types.ts";

export interface Chunk {
  text: string;
  box: Box;
  words: Word[];
}

/** Words that stand close together on one line. */
export function chunks(words: Word[]): Chunk[] {
  const out: Chunk[] = [];
  for (const w of [...words].sort((a, b) => a.box.x - b.box.x)) {
    const mate = out.find((c) => {
      const last = c.words.at(-1)!.box, height = Math.max(last.height, w.box.height);
      return Math.abs(middle(last).y - middle(w.box).y) < 0.45 * height &&
        w.box.x - (last.x + last.width) < 0.75 * height && w.box.x > last.x;
    });
    if (mate) {
      mate.words.push(w);
      mate.text += ` ${w.text}`;
      mate.box = union([mate.box, w.box]);
    } else out.push({ text: w.text, box: w.box, words: [w] });
  }
  return out;
}

/** Of a whole page: words of two cells never stand together. */
export const pageChunks = (page: Page, skipped: Set<Word> = new Set()): Chunk[] =>
  [...page.tables.flatMap((t) => t.cells.map((c) => c.lines)), page.lines].flatMap((lines) =>
    chunks(
      lines.filter((l) => l.rotation === 0).flatMap((l) => l.words).filter((w) => !skipped.has(w)),
    )
  );

export function toLine({ text, box, words }: Chunk): TextLine {
  const letters = words.reduce((sum, w) => sum + w.text.length, 0);
  return {
    text,
    box,
    words,
    confidence: words.reduce((sum, w) => sum + w.confidence * w.text.length, 0) / letters,
    rotation: 0,
    size: words.map((w) => w.box.height).sort((a, b) => a - b)[words.length >> 1]!,
  };
}

export interface Paragraph {
  chunks: Chunk[];
  box: Box;
}

/**
 * Lines under each other with little between them. `isApart` forbids joining two lines that are known to belong to
 * different rows.
 */
export function paragraphs(
  list: Chunk[],
  isApart: (a: Chunk, b: Chunk) => boolean = () => false,
): Paragraph[] {
  const out: Paragraph[] = [];
  for (const chunk of [...list].sort((a, b) => a.box.y - b.box.y)) {
    const mate = out.find((p) => {
      const last = p.chunks.at(-1)!, { box } = last;
      const gap = chunk.box.y - (box.y + box.height);
      const shared = Math.min(box.x + box.width, chunk.box.x + chunk.box.width) -
        Math.max(box.x, chunk.box.x);
      return gap > -0.5 * box.height && gap < 0.75 * Math.max(box.height, chunk.box.height) &&
        shared > 0.3 * Math.min(box.width, chunk.box.width) && !isApart(last, chunk);
    });
    if (mate) {
      mate.chunks.push(chunk);
      mate.box = union([mate.box, chunk.box]);
    } else out.push({ chunks: [chunk], box: chunk.box });
  }
  return out;
}
