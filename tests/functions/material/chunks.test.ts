import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type Chunk,
  chunkMaterial,
  type ChunkSettings,
  diffChunks,
  type Material,
  parseMaterial,
  sliceCodePoints,
} from "../../../functions/_shared/material/index.ts";
import { utf8 } from "./read.ts";

/** The same numbers in every run. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}
type Random = ReturnType<typeof randomOf>;

const WORDS =
  ("heart blood pressure valve artery vein Herzmuskel Größe nerve 心臓 𝒽eart 🫀 kidney rhythm " +
    "3.5 e.g. Dr. systole diastole").split(" ");
const sentence = (random: Random) =>
  `The ${Array.from({ length: 3 + random(20) }, () => WORDS[random(WORDS.length)]).join(" ")}.`;
const paragraph = (random: Random) =>
  Array.from({ length: 1 + random(7) }, () => sentence(random)).join(" ");

/** A document of all kinds of blocks. */
function documentOf(random: Random, blocks: number, headings: boolean): string[] {
  return Array.from({ length: blocks }, (_, i) => {
    if (headings && i % 20 === 0) return `# Chapter ${i / 20 + 1}`;
    if (headings && random(6) === 0) return `${"#".repeat(2 + random(2))} Part ${i}`;
    const kind = random(14);
    if (kind === 0) return "```\nlet a = 1;\n\n  b();\n```";
    if (kind === 1) return `- ${sentence(random)}\n- ${sentence(random)}`;
    if (kind === 2) return `| a | b |\n|---|---|\n| ${sentence(random)} | 2 |`;
    if (kind === 3) return "🫀x".repeat(1200);
    return paragraph(random);
  });
}

const materialOf = (parts: string[]) => parseMaterial(utf8(parts.join("\n\n")), { name: "a.md" });
const stored = (chunks: Chunk[]) =>
  chunks.map((chunk) => ({ id: `id ${chunk.chunk_no}`, ...chunk }));

function expectSound({ text, blocks }: Material, chunks: Chunk[], { max, overlap }: ChunkSettings) {
  let covered = 0;
  chunks.forEach((chunk, i) => {
    expect(chunk.chunk_no).toBe(i);
    expect(chunk.content).toBe(sliceCodePoints(text, chunk.char_start, chunk.char_end));
    expect(Array.from(chunk.content)).toHaveLength(chunk.char_end - chunk.char_start);
    expect(chunk.content.length).toBeLessThanOrEqual(max);
    expect(chunk.content.isWellFormed()).toBe(true);
    expect(chunk.content_hash).toBe(createHash("sha256").update(chunk.content).digest("hex"));
    // Nothing but white space between one chunk and the next; at most the overlap is said twice.
    expect(sliceCodePoints(text, covered, Math.max(covered, chunk.char_start)).trim()).toBe("");
    if (i > 0) expect(covered - chunk.char_start).toBeLessThanOrEqual(overlap);
    expect(chunk.char_end).toBeGreaterThan(covered);
    covered = chunk.char_end;
    // A heading does not end a chunk, unless the document ends.
    const last = blocks.find(({ end }) => end === chunk.char_end);
    if (i < chunks.length - 1) expect(last?.kind).not.toBe("heading");
  });
  expect(covered).toBe(Array.from(text).length);
}

const settings: ChunkSettings[] = [
  { target: 1200, max: 1800, overlap: 160 },
  { target: 300, max: 450, overlap: 100 },
  { target: 100, max: 120, overlap: 0 },
];

describe("chunks of a text", () => {
  test.each(settings)(
    "are verbatim, cover all of it and are the same again: %o",
    async (setting) => {
      for (let seed = 1; seed <= 12; seed += 1) {
        const material = await materialOf(documentOf(randomOf(seed), 60, seed % 3 > 0));
        const chunks = await chunkMaterial(material, setting);
        expectSound(material, chunks, setting);
        const again = await chunkMaterial(
          await materialOf(documentOf(randomOf(seed), 60, seed % 3 > 0)),
          setting,
        );
        expect(again).toEqual(chunks);
      }
    },
  );

  test("are about as long as they should be", async () => {
    const random = randomOf(5);
    const material = await materialOf(Array.from({ length: 300 }, () => paragraph(random)));
    const sizes = (await chunkMaterial(material)).map(({ content }) => content.length)
      .sort((a, b) => a - b);
    const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
    expect(median).toBeGreaterThan(950);
    expect(median).toBeLessThan(1500);
    expect(sizes[Math.floor(sizes.length * 0.02)]).toBeGreaterThan(500);
  });

  test("do not go across a chapter, and say under which headings they stand", async () => {
    const random = randomOf(3);
    const long = () => Array.from({ length: 6 }, () => paragraph(random)).join("\n\n");
    const material = await materialOf([
      ...["# One", long(), "## Anatomy", long(), "# Two", long()],
    ]);
    const chunks = await chunkMaterial(material);
    const two = material.blocks.find(({ text }) => text === "Two");
    expect(two).toBeDefined();
    expect(chunks.filter((chunk) => chunk.char_start === two?.start)).toHaveLength(1);
    expect(chunks.some((c) => c.char_start < (two?.start ?? 0) && c.char_end > (two?.start ?? 0)))
      .toBe(false);
    expect(new Set(chunks.map((chunk) => chunk.heading_path.join(" > "))))
      .toEqual(new Set(["One", "One > Anatomy", "Two"]));
  });

  test("begin with whole sentences of the chunk before, but not after a heading", async () => {
    const random = randomOf(9);
    const material = await materialOf([
      "# One",
      ...Array.from({ length: 40 }, () => paragraph(random)),
    ]);
    const chunks = await chunkMaterial(material);
    const overlaps = chunks.slice(1).map((chunk, i) =>
      (chunks[i]?.char_end ?? 0) - chunk.char_start
    );
    expect(overlaps.filter((size) => size > 0).length).toBeGreaterThan(chunks.length / 3);
    for (const chunk of chunks) expect(chunk.content).toMatch(/^(?:The |One)/);
  });

  test("tiny parts share a chunk; a short text is one", async () => {
    const slides = Array.from({ length: 30 }, (_, i) => `# Slide ${i}\n\nTwo or three words.`);
    const chunks = await chunkMaterial(await materialOf(slides));
    expect(chunks.length).toBeLessThan(8);
    expect(await chunkMaterial(await materialOf(["One sentence."]))).toMatchObject([{
      ...{ chunk_no: 0, content: "One sentence.", char_start: 0, char_end: 13 },
      ...{ heading_path: [], page_number: null, page_end: null },
    }]);
    expect(await chunkMaterial({ text: "", blocks: [] })).toEqual([]);
  });

  test("know their pages", async () => {
    const random = randomOf(4);
    const pages = Array.from({ length: 6 }, () => paragraph(random) + " " + paragraph(random));
    const material = await parseMaterial(utf8(pages.join("\f")), { name: "a.txt" });
    for (const chunk of await chunkMaterial(material, { target: 400, max: 600, overlap: 50 })) {
      const touched = material.blocks
        .filter(({ start, end }) => start < chunk.char_end && end > chunk.char_start)
        .map(({ page }) => page);
      expect([chunk.page_number, chunk.page_end]).toEqual([touched[0], touched.at(-1)]);
    }
  });

  test("settings that contradict each other are refused", async () => {
    const material = await materialOf(["Words."]);
    await expect(chunkMaterial(material, { target: 1200, max: 1000 })).rejects.toThrow(RangeError);
    await expect(chunkMaterial(material, { overlap: 1100 })).rejects.toThrow(RangeError);
  });
});

describe("a new version", () => {
  test.each([true, false])(
    "of one paragraph changes few chunks (headings: %s)",
    async (headings) => {
      let added = 0;
      const runs = 25;
      for (let seed = 1; seed <= runs; seed += 1) {
        const random = randomOf(seed * 31);
        const parts = documentOf(random, 120, headings);
        const changed = [...parts];
        const at = random(parts.length);
        changed[at] = parts[at]?.startsWith("#") ? `${parts[at]} anew` : paragraph(random);
        const before = await chunkMaterial(await materialOf(parts));
        const after = await chunkMaterial(await materialOf(changed));
        const changes = diffChunks(stored(before), after);
        expect(before.length).toBeGreaterThan(20);
        expect(changes.added.length).toBeLessThanOrEqual(8);
        added += changes.added.length;
        expect(changes.kept.length + changes.added.length).toBe(after.length);
        expect(changes.kept.length + changes.removed.length).toBe(before.length);
      }
      expect(added / runs).toBeLessThan(3.5);
    },
  );

  test("that adds a paragraph in front moves the others and keeps their ids", async () => {
    const random = randomOf(77);
    const parts = Array.from({ length: 100 }, () => paragraph(random));
    const before = stored(await chunkMaterial(await materialOf(parts)));
    const after = await chunkMaterial(await materialOf([paragraph(random), ...parts]));
    const { kept, added } = diffChunks(before, after);
    expect(added.length).toBeLessThanOrEqual(5);
    expect(kept.every(({ isMoved, old, chunk }) => isMoved && old.content === chunk.content)).toBe(
      true,
    );
  });

  test("that changes nothing changes nothing; the same words twice keep their order", async () => {
    const chunks = await chunkMaterial(await materialOf(["# A", "Same.", "# B", "Same."]), {
      ...{ target: 40, max: 60, overlap: 0 },
    });
    const twice = chunks.concat(
      chunks.map((chunk, i) => ({ ...chunk, chunk_no: chunks.length + i })),
    );
    const { kept, added, removed } = diffChunks(stored(twice), twice);
    expect(kept.map(({ old }) => old.id)).toEqual(twice.map(({ chunk_no }) => `id ${chunk_no}`));
    expect(kept.some(({ isMoved }) => isMoved)).toBe(false);
    expect([added, removed]).toEqual([[], []]);
    expect(diffChunks(stored(twice), chunks).removed.map(({ chunk_no }) => chunk_no))
      .toEqual(twice.slice(chunks.length).map(({ chunk_no }) => chunk_no));
  });
});
