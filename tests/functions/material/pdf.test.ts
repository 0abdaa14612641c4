import { describe, expect, test } from "vitest";
import {
  assemblePdf,
  chunkMaterial,
  pageOfRecognised,
  parseBlocks,
  parseMaterial,
  parsePdfPages,
} from "../../../functions/_shared/material/index.ts";
import { contentOf, linesAt, pdfFile, type Run } from "./pdf-file.ts";
import { blocksOf, told } from "./read.ts";

const prose = (from: number, lines = 6) =>
  Array.from(
    { length: lines },
    (_, i) => `this is the line number ${from + i} of the column and it is`,
  );
const filler = (page: number) =>
  linesAt(72, 200, [`Page ${page} says what the heart does`, "and how it does it, at length."]);

describe("the text of a PDF", () => {
  test("paragraphs, headings by size, lists and captions", async () => {
    const blocks = await blocksOf(pdfFile([[
      { text: "The Heart", x: 72, y: 80, size: 24 },
      { text: "Anatomy", x: 72, y: 130, size: 16 },
      ...linesAt(72, 160, [
        "The heart is a muscle that pumps blood",
        "through all of the vessels.",
      ]),
      ...linesAt(72, 210, ["A second paragraph stands apart from", "the first one by a space."]),
      ...linesAt(72, 260, [
        "\x95 a list item that is so long that it",
        "goes on in the next line",
      ]),
      ...linesAt(72, 290, ["\x95 another one"]),
      ...linesAt(72, 320, ["Figure 1. The four chambers of the heart."]),
      { text: "Function", x: 72, y: 360, size: 16 },
      ...linesAt(72, 390, ["It beats seventy times a minute."]),
    ]]));
    expect(told(blocks)).toEqual([
      "heading1 The Heart",
      "heading2 Anatomy",
      "paragraph The heart is a muscle that pumps blood through all of the vessels.",
      "paragraph A second paragraph stands apart from the first one by a space.",
      "list_item1 a list item that is so long that it goes on in the next line",
      "list_item1 another one",
      "caption Figure 1. The four chambers of the heart.",
      "heading2 Function",
      "paragraph It beats seventy times a minute.",
    ]);
  });

  test("a bold line that stands alone is a heading of the lowest rank", async () => {
    const blocks = await blocksOf(pdfFile([[
      { text: "The Heart", x: 72, y: 80, size: 24 },
      ...linesAt(72, 120, ["Some words before it, which are", "as plain as the others."]),
      { text: "Blood supply", x: 72, y: 170, font: "bold" },
      ...linesAt(72, 190, ["Two arteries leave the aorta, and", "both of them are coronary ones."]),
    ]]));
    expect(told(blocks)).toContain("heading2 Blood supply");
  });

  test("two columns are read one after the other, below a title over both", async () => {
    const [left, right] = [prose(1), prose(7)];
    const page: Run[] = [
      { text: "A title that stands over both of the columns of the page", x: 72, y: 60, size: 18 },
      // Written line by line, as some programs do.
      ...left.flatMap((text, i) => [
        { text, x: 60, y: 120 + i * 13, size: 8 },
        { text: right[i] ?? "", x: 320, y: 120 + i * 13, size: 8 },
      ]),
    ];
    const text = (await blocksOf(pdfFile([page]))).map((block) => block.text).join(" ");
    const order = [...text.matchAll(/line number (\d+)/g)].map(([, number]) => Number(number));
    expect(order).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("rows of a table keep their cells", async () => {
    const rows = [["Drug", "Dose", "Route"], ["Aspirin", "75 mg", "oral"], [
      "Heparin",
      "5000 IU",
      "s.c.",
    ]];
    const blocks = await blocksOf(pdfFile([[
      ...linesAt(72, 80, ["These are the drugs of the ward."]),
      ...rows.flatMap((row, r) =>
        row.map((text, c) => ({ text, x: 72 + c * 150, y: 130 + r * 18 }))
      ),
    ]]));
    expect(told(blocks).slice(1)).toEqual([
      "table_row Drug | Dose | Route",
      "table_row Aspirin | 75 mg | oral",
      "table_row Heparin | 5000 IU | s.c.",
    ]);
  });

  test("code keeps its lines and indentation", async () => {
    const blocks = await blocksOf(pdfFile([[
      ...linesAt(72, 80, ["A function that says how fast it beats:"]),
      ...linesAt(72, 120, ["def rate(beats):"], { font: "mono" }),
      ...linesAt(72 + 4 * 6.6, 133, ["return beats * 60"], { font: "mono" }),
    ]]));
    expect(blocks.at(-1)).toMatchObject({
      kind: "code",
      text: "def rate(beats):\n    return beats * 60",
    });
  });

  test("words cut at the end of a line become whole, and hyphens of their own stay", async () => {
    const blocks = await blocksOf(pdfFile([[
      ...linesAt(72, 80, [
        "The circulation was long a riddle, and high-pressure vessels are part of circu-",
        "lation. They are the high-",
        "pressure side, known for their fibril-",
        "lation and the years 1990-",
        "1995 in which it was found.",
      ]),
    ]]));
    const text = blocks[0]?.text ?? "";
    expect(text).toContain("part of circulation.");
    expect(text).toContain("the high-pressure side");
    expect(text).toContain("fibrillation");
    expect(text).toContain("1990-1995");
  });

  test("running titles and page numbers are left out, headings that come again are not", async () => {
    const pages = Array.from({ length: 12 }, (_, i): Run[] => [
      {
        text: i % 2 ? `${i + 21} Physiology` : `Chapter ${1 + Math.floor(i / 4)} ${i + 21}`,
        x: 72,
        y: 40,
      },
      ...(i % 6 === 0 ? [{ text: "Exercises", x: 72, y: 70, size: 18 }] : []),
      ...filler(i + 1),
      { text: `- ${i + 1} -`, x: 300, y: 770 },
    ]);
    const blocks = await blocksOf(pdfFile(pages));
    expect(told(blocks).join("\n")).not.toMatch(/Physiology|Chapter|- \d/);
    expect(blocks.filter(({ text }) => text === "Exercises")).toHaveLength(2);
    expect(blocks.filter(({ text }) => text.includes("what the heart does"))).toHaveLength(12);
  });

  test("a paragraph goes on on the next page, which is remembered", async () => {
    const { blocks, pageCount } = await parseBlocks(pdfFile([
      linesAt(72, 700, ["It begins on the first page of", "the file and then it"]),
      linesAt(72, 80, ["goes on over here.", "And it ends."]),
    ]));
    expect(pageCount).toBe(2);
    expect(blocks).toHaveLength(1);
    const [block] = blocks;
    expect(block).toMatchObject({ page: 1, breaks: [{ page: 2 }] });
    expect(block?.text.slice(block.breaks?.[0]?.at)).toBe("goes on over here. And it ends.");
    const [chunk] = await chunkMaterial(
      await parseMaterial(pdfFile([linesAt(72, 80, ["One page."])])),
    );
    expect(chunk).toMatchObject({ page_number: 1, page_end: 1 });
  });

  test("the file's own contents say the rank of headings, and its title", async () => {
    const bytes = pdfFile([
      [
        { text: "Valves", x: 72, y: 80, size: 11 },
        ...linesAt(72, 130, ["There are four of them."]),
      ],
      [{ text: "Nerves", x: 72, y: 80, size: 11 }, ...linesAt(72, 130, ["There are two kinds."])],
    ], {
      title: "On the heart",
      outline: [{ title: "Valves", page: 1 }, { title: "Nerves", page: 2 }],
    });
    const material = await parseMaterial(bytes);
    expect(material.title).toBe("On the heart");
    expect(material.blocks.map(({ headingPath }) => headingPath)).toEqual([
      ["Valves"],
      ["Valves"],
      ["Nerves"],
      ["Nerves"],
    ]);
  });

  test.each([90, 180, 270])(
    "pages turned by %i degrees are read as they are shown",
    async (rotate) => {
      const turned: Run[] = [...linesAt(0, 0, [])];
      const angle = rotate;
      const step = { 90: [14, 0], 180: [0, -14], 270: [-14, 0] }[rotate] ?? [0, 0];
      ["The first line of the page is this", "and the second line follows it."].forEach((text, i) =>
        turned.push({ text, x: 300 + (step[0] ?? 0) * i, y: 400 + (step[1] ?? 0) * i, angle })
      );
      expect((await blocksOf(pdfFile([turned], { rotate })))[0]?.text)
        .toBe("The first line of the page is this and the second line follows it.");
    },
  );
});

describe("some pages at a time", () => {
  const pages = Array.from({ length: 23 }, (_, i): Run[] => [
    { text: "Physiology", x: 72, y: 40 },
    ...(i % 5 === 0 ? [{ text: `Part ${i / 5 + 1}`, x: 72, y: 100, size: 20 }] : []),
    ...filler(i + 1),
  ]);
  const bytes = pdfFile(pages, { title: "A course" });

  test("make the same document, whatever the ranges", async () => {
    const whole = await parsePdfPages(bytes, 1, 1000);
    const expected = assemblePdf(whole.info, whole.pages);
    for (const step of [1, 7]) {
      const read = [];
      for (let from = 1; from <= 23; from += step) {
        const range = await parsePdfPages(bytes, from, from + step - 1);
        // As a job keeps them.
        read.push(...JSON.parse(JSON.stringify(range.pages)));
      }
      expect(read).toHaveLength(23);
      expect(assemblePdf(whole.info, read)).toEqual(expected);
    }
    expect(expected.blocks.filter(({ kind }) => kind === "heading")).toHaveLength(5);
  });

  test("there are no pages beyond the last", async () => {
    expect((await parsePdfPages(bytes, 23, 40)).pages.map(({ page }) => page)).toEqual([23]);
    expect((await parsePdfPages(bytes, 24, 40)).pages).toEqual([]);
  });
});

describe("pages without text", () => {
  const scan = "q 600 0 0 780 6 6 cm /Im0 Do Q";

  test("are to be recognised: scans, with a stamp or without, and empty ones", async () => {
    const stamped = `${scan} ${contentOf([{ text: "page 3", x: 72, y: 700 }])}`;
    const material = await parseMaterial(pdfFile([filler(1), scan, stamped, "", filler(5)]));
    expect(material.needsOcr).toEqual([2, 3, 4]);
    expect(material.pageCount).toBe(5);
  });

  test("a file of scans is no error", async () => {
    const material = await parseMaterial(pdfFile([scan, scan]), { name: "notes.pdf" });
    expect(material).toMatchObject({ text: "", needsOcr: [1, 2], title: "notes" });
  });

  test("recognised pages take their place", async () => {
    const { info, pages } = await parsePdfPages(pdfFile([filler(1), scan, filler(3)]), 1, 3);
    const line = (text: string, y: number, size = 33) => ({
      text,
      size,
      box: { x: 200, y, width: text.length * 18, height: 40 },
    });
    const recognised = pageOfRecognised({
      number: 2,
      width: 1700,
      height: 2400,
      lines: [line("The second page is", 300, 35), line("a picture of text.", 345)],
      tables: [{
        box: { x: 200, y: 500, width: 600, height: 100 },
        cells: [
          { row: 0, column: 0, lines: [{ text: "Rate" }] },
          { row: 0, column: 1, lines: [{ text: "72" }] },
        ],
      }],
    });
    const parsed = assemblePdf(info, pages.map((page) => page.page === 2 ? recognised : page));
    expect(parsed.needsOcr).toEqual([]);
    expect(parsed.blocks.filter(({ page }) => page === 2).map(({ text }) => text))
      .toEqual(["The second page is a picture of text.", "Rate | 72"]);
  });
});
