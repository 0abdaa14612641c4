import { describe, expect, test } from "vitest";
import { parseBlocks, parseMaterial } from "../../../functions/_shared/material/index.ts";
import { docxFile, paragraph, pptxFile, run, tableRow } from "./office-file.ts";
import { blocksOf, told } from "./read.ts";

const styles = `
  <w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
  <w:style w:type="paragraph" w:styleId="Ch"><w:name w:val="Chapter of mine"/><w:basedOn w:val="Heading1"/></w:style>
  <w:style w:type="paragraph" w:styleId="Deep"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
  <w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
  <w:style w:type="paragraph" w:styleId="Cap"><w:name w:val="caption"/></w:style>
  <w:style w:type="paragraph" w:styleId="Num"><w:name w:val="My bullets"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
  <w:style w:type="paragraph" w:styleId="Pre"><w:name w:val="HTML Preformatted"/></w:style>
  <w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="a"/><w:basedOn w:val="Loop2"/></w:style>
  <w:style w:type="paragraph" w:styleId="Loop2"><w:name w:val="b"/><w:basedOn w:val="Loop"/></w:style>`;
const numbered = (level: number) =>
  `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr>`;

describe("Word files", () => {
  test("headings, lists, captions and code come from styles, also inherited ones", async () => {
    const blocks = await blocksOf(docxFile(
      paragraph("Contents 3", "TOC1") + paragraph("The heart", "Ch") +
        paragraph("Anatomy", "Deep") +
        paragraph("Plain words.", "Loop") + paragraph("one", "", numbered(0)) +
        paragraph("two", "", numbered(1)) + paragraph("three", "Num") +
        paragraph("no item", "Num", '<w:numPr><w:numId w:val="0"/></w:numPr>') +
        paragraph("Figure 1", "Cap") + paragraph("let a = 1;", "Pre") + paragraph("  b()", "Pre") +
        paragraph("Own level", "", '<w:outlineLvl w:val="1"/>'),
      { styles },
    ));
    expect(told(blocks)).toEqual([
      "heading1 The heart",
      "heading3 Anatomy",
      "paragraph Plain words.",
      "list_item1 one",
      "list_item2 two",
      "list_item1 three",
      "paragraph no item",
      "caption Figure 1",
      "code let a = 1;\n  b()",
      "heading2 Own level",
    ]);
    expect(blocks.every(({ page }) => page === null)).toBe(true);
  });

  test("tables row by row, text boxes, and notes behind what they belong to", async () => {
    const reference = (id: number) => `<w:r><w:footnoteReference w:id="${id}"/></w:r>`;
    const box = `<w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:txbxContent>${
      paragraph("In a box.")
    }</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>${
      paragraph("In a box.")
    }</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>`;
    const blocks = await blocksOf(docxFile(
      `<w:p>${run("It beats")}${reference(2)}${run(" often.")}${box}</w:p>` +
        `<w:tbl>${tableRow("Drug", "Dose")}${tableRow("Aspirin", "75 mg")}</w:tbl>` +
        `<w:tbl>${tableRow("A frame around a text.")}</w:tbl>`,
      {
        footnotes: `<w:footnote w:type="separator" w:id="0">${paragraph("---")}</w:footnote>` +
          `<w:footnote w:id="2">${paragraph("Seventy times a minute.")}</w:footnote>`,
      },
    ));
    expect(told(blocks)).toEqual([
      "paragraph In a box.",
      "paragraph It beats often.",
      "note Seventy times a minute.",
      "table_row Drug | Dose",
      "table_row Aspirin | 75 mg",
      "paragraph A frame around a text.",
    ]);
  });

  test("removed, hidden and former text is not read", async () => {
    const blocks = await blocksOf(docxFile(
      `<w:p><w:pPr><w:pPrChange><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:pPrChange></w:pPr>${
        run("Stays")
      }<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>` +
        `<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:ins>${run(" new")}</w:ins>` +
        `<w:r><w:instrText>PAGEREF</w:instrText></w:r></w:p>`,
    ));
    expect(told(blocks)).toEqual(["paragraph Stays new"]);
  });

  test("pages are where Word last drew them", async () => {
    const brk = "<w:r><w:lastRenderedPageBreak/></w:r>";
    const { blocks, pageCount } = await parseBlocks(docxFile(
      `${paragraph("First.")}<w:p>${brk}${run("Second.")}</w:p>` +
        `<w:p>${run("Half ")}${brk}${run("and half.")}</w:p>`,
    ));
    expect(pageCount).toBe(3);
    expect(blocks.map(({ page }) => page)).toEqual([1, 2, 2]);
    expect(blocks[2]?.breaks).toEqual([{ at: 5, page: 3 }]);
  });

  test("the title is the file's, else its first heading", async () => {
    const body = paragraph("The heart", "Heading1") + paragraph("Words.");
    expect((await parseMaterial(docxFile(body, { title: "A course" }))).title).toBe("A course");
    expect((await parseMaterial(docxFile(body, { title: "Document1" }))).title).toBe("The heart");
  });
});

describe("presentations", () => {
  const title = (text: string) => ({ type: "title", paragraphs: [{ text }] });

  test("slides as they are shown: titles, bullets, tables, notes", async () => {
    const table = "<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr>" +
      ["Rate", "72"].map((text) =>
        `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`
      ).join("") + "</a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>";
    const bytes = pptxFile([
      { shapes: [title("Shown second")], more: table },
      {
        shapes: [
          { type: "", paragraphs: [{ text: "a bullet" }, { text: "below it", level: 1 }] },
          title("Shown first"),
          { paragraphs: [{ text: "A text box." }, { text: "with a bullet", bullet: true }] },
          { type: "sldNum", paragraphs: [{ text: "12" }] },
        ],
        notes: "Speak slowly.",
      },
    ], [1, 0]);
    const { blocks, pageCount } = await parseBlocks(bytes);
    expect(pageCount).toBe(2);
    expect(blocks.map((block) => [block.page, ...told([block])])).toEqual([
      [1, "heading1 Shown first"],
      [1, "list_item1 a bullet"],
      [1, "list_item2 below it"],
      [1, "paragraph A text box."],
      [1, "list_item1 with a bullet"],
      [1, "note Speak slowly."],
      [2, "heading1 Shown second"],
      [2, "table_row Rate | 72"],
    ]);
  });

  test("hidden slides are passed over; one without a title is no part of the one before", async () => {
    const { blocks } = await parseMaterial(pptxFile([
      { shapes: [title("One"), { paragraphs: [{ text: "Words." }] }] },
      { shapes: [title("Secret")], isHidden: true },
      { shapes: [{ paragraphs: [{ text: "No title here." }] }] },
    ]));
    expect(blocks.map(({ text, page, headingPath }) => [text, page, headingPath])).toEqual([
      ["One", 1, ["One"]],
      ["Words.", 1, ["One"]],
      ["No title here.", 3, []],
    ]);
  });
});
