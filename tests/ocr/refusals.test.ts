import { strToU8, zipSync } from "fflate";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../scripts/ocr/read.ts";
import { cell, docx, paragraph, row, tableOf } from "./docx.ts";

const settings = { engine: () => Promise.reject(new Error("nothing here may reach an engine")) };
const bytes = (text: string) => new TextEncoder().encode(text);
const refused = (data: Uint8Array) => expect(readDocument(data, settings)).rejects;

/** A PDF by hand: empty pages, and whatever the trailer is to say. */
const pdf = (pages: number, trailer = "") => {
  const numbers = Array.from({ length: pages }, (_, i) => i + 3);
  return bytes(
    `%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n` +
      `2 0 obj<</Type/Pages/Count ${pages}/Kids[${
        numbers.map((n) => `${n} 0 R`).join(" ")
      }]>>endobj\n` +
      numbers.map((n) => `${n} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\n`)
        .join("") +
      `trailer<</Root 1 0 R${trailer}>>\n%%EOF`,
  );
};

describe("documents that are not read", () => {
  test("empty", () => refused(new Uint8Array()).toMatchObject({ code: "document_empty" }));
  test("more than 20 MB", () =>
    refused(new Uint8Array(21 * 1024 * 1024)).toMatchObject({ code: "document_too_large" }));
  test.each([
    ["text", bytes("Monday 9.00 Maths")],
    ["a spreadsheet", zipSync({ "xl/workbook.xml": strToU8("<workbook/>") })],
    ["a GIF", bytes("GIF89a............")],
    ["a web page", bytes("<html><img src=x></html>")],
  ])("%s", (_, data) => refused(data).toMatchObject({ code: "document_type_unknown" }));
  test.each([
    ["a PNG cut short", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 1])],
    ["a PDF of rubbish", bytes("%PDF-1.7\nrubbish")],
    ["a ZIP cut short", docx(paragraph("Monday")).slice(0, 80)],
    ["XML that is none", docx("<w:p><w:r>")],
  ])("%s", (_, data) => refused(data).toMatchObject({ code: "document_broken" }));
  test("a PDF with a password", () =>
    refused(pdf(
      1,
      `/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${"00".repeat(32)}>/U<${
        "11".repeat(32)
      }>>>`,
    )).toMatchObject({ code: "document_encrypted" }));
  test("a Word file with a password", () => {
    const file = new Uint8Array(600);
    file.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    file.set(Buffer.from("EncryptedPackage", "utf16le"), 512);
    return refused(file).toMatchObject({ code: "document_encrypted" });
  });
  test("21 pages", () => refused(pdf(21)).toMatchObject({ code: "document_too_many_pages" }));
  test("a picture that is small as a file and huge in pixels", async () => {
    const file = await sharp({
      create: { width: 12_000, height: 6_000, channels: 3, background: "#fff" },
    }).png({ compressionLevel: 9 }).toBuffer();
    expect(file.length).toBeLessThan(1_000_000);
    await refused(file).toMatchObject({ code: "document_too_many_pixels" });
  });
  test("a Word file that unpacks to 30 MB", () =>
    refused(docx(paragraph("A".repeat(30_000_000))))
      .toMatchObject({ code: "document_unpacks_too_large" }));
  // A line of XML that would become a billion columns, or days of work.
  test.each([
    ["a span", tableOf(2, row(cell("Mon", '<w:gridSpan w:val="1000000000"/>')))],
    ["a gap", tableOf(2, row('<w:trPr><w:gridBefore w:val="1e300"/></w:trPr>' + cell("Mon")))],
    ["rows", `<w:tbl>${"<w:tr><w:tc/></w:tr>".repeat(5_000)}</w:tbl>`],
    ["lines", "<w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(5_001)],
  ])(
    "a Word file of too many %s",
    (_, body) => refused(docx(body)).toMatchObject({ code: "document_unpacks_too_large" }),
  );
  test("a Word file that declares entities", () =>
    refused(docx(
      "<w:p><w:r><w:t>&b;</w:t></w:r></w:p>",
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
    )).toMatchObject({ code: "document_broken" }));
});
