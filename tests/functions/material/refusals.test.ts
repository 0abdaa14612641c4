import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DOCX, office, PPTX, XLSX, zip } from "../../fixtures/office.ts";
import { materialCodes, parseMaterial } from "../../../functions/_shared/material/index.ts";
import { docxFile, paragraph, pptxFile } from "./office-file.ts";
import { linesAt, pdfFile } from "./pdf-file.ts";
import { expectRefused, utf8 } from "./read.ts";

const pdf = pdfFile([linesAt(72, 80, ["The heart is a muscle that pumps blood."])]);
const word = docxFile(paragraph("The heart."));
const ole = (text: string) =>
  Uint8Array.from(Buffer.concat([
    Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    Buffer.alloc(600),
    Buffer.from(text, "utf16le"),
  ]));

test("the files that are damaged below are fine without it", async () => {
  expect((await parseMaterial(pdf)).text).toContain("muscle");
  expect((await parseMaterial(word)).text).toBe("The heart.");
  expect(materialCodes).toHaveLength(8);
});

describe("encrypted", () => {
  test("PDF", () =>
    expectRefused(
      pdfFile(["BT ET"], {
        trailer: `/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O(${
          "o".repeat(32)
        })/U(${"u".repeat(32)})>>`,
      }),
      "material_encrypted",
    ));
  test("Office", () =>
    expectRefused(ole("EncryptedPackage"), "material_encrypted", { name: "a.docx" }));
  test("ZIP", () =>
    expectRefused(
      zip([{ name: "word/document.xml", content: "x", flags: 1 }]),
      "material_encrypted",
      { name: "a.docx" },
    ));
});

describe("damaged or cut off", () => {
  test.each([
    ["PDF of rubbish", utf8("%PDF-1.7\nrubbish")],
    ["PDF cut short", pdf.slice(0, 200)],
    ["ZIP cut short", word.slice(0, word.length - 40)],
    ["XML cut short", docxFile("<w:p><w:r>")],
    [
      "XML in a wrong encoding",
      zip([
        {
          name: "word/document.xml",
          content: Uint8Array.from([0x3c, 0x61, 0x3e, 0xff, 0xfe, 0xff]),
        },
      ]),
    ],
    [
      "a presentation without its slides",
      zip([
        { name: "ppt/presentation.xml", content: '<p><sldIdLst><sldId r:id="a"/></sldIdLst></p>' },
        {
          name: "ppt/_rels/presentation.xml.rels",
          content: '<R><Relationship Id="a" Target="s.xml"/></R>',
        },
      ]),
    ],
    ["a size that is a lie", zip([{ name: "word/document.xml", content: "<a>b</a>", size: 4 }])],
  ])("%s", (_, bytes) => expectRefused(bytes, "material_damaged"));
});

describe("empty", () => {
  test.each([
    ["no bytes", new Uint8Array()],
    ["white space", utf8(" \n\t\n ")],
    ["a Word file", docxFile("<w:p/>")],
    ["a presentation", pptxFile([{ shapes: [] }])],
    ["HTML that shows nothing", utf8("<html><script>alert(1)</script></html>")],
  ])("%s", (_, bytes) => expectRefused(bytes, "material_empty"));
});

describe("of another type than it says", () => {
  test.each([
    ["a PDF called Word", pdf, { name: "a.docx" }],
    ["a Word file called PDF", word, { name: "a.pdf" }],
    ["a Word file declared a presentation", word, { type: PPTX }],
    ["a presentation called Word", pptxFile([{ shapes: [] }]), { name: "a.docx", type: DOCX }],
    ["a text called PDF", utf8("The heart."), { name: "a.pdf" }],
    ["a PDF called text", pdf, { name: "a.txt", type: "text/plain" }],
  ])("%s", (_, bytes, naming) => expectRefused(bytes, "material_type_mismatch", naming));

  test.each([
    ["a spreadsheet", office(XLSX)],
    ["an archive", zip([{ name: "a.txt", content: "a" }])],
    ["a Word file of old", ole("WordDocument")],
    ["a drawing", utf8('<svg xmlns="http://www.w3.org/2000/svg"><text>a</text></svg>')],
  ])(
    "%s is of no type that is read",
    (_, bytes) => expectRefused(bytes, "material_type_unsupported"),
  );

  test("texts look alike: what is called Markdown is Markdown", async () => {
    const bytes = utf8("<p>One.</p>\n\n# Two\n");
    expect((await parseMaterial(bytes, { name: "a.md", type: "text/plain" })).format).toBe(
      "markdown",
    );
    expect((await parseMaterial(bytes, { type: "text/html" })).format).toBe("html");
  });
});

describe("no text", () => {
  const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) % 256);
  test.each([
    ["bytes at random", noise],
    ["bytes within a text", Uint8Array.from([...utf8("A text. ".repeat(100)), ...noise])],
    ["NUL characters", utf8("a\0b\0c\0d".repeat(10))],
    [
      "broken UTF-8 of another script",
      Uint8Array.from(Buffer.from("Сердце ".repeat(20)).subarray(1)),
    ],
    ["UTF-32", Uint8Array.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0])],
    [
      "half a character of UTF-16",
      Uint8Array.from([0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8, 0x41, 0x00]),
    ],
    ["a script", utf8("#!/bin/sh\nrm -rf .\n")],
  ])("%s", (_, bytes) => expectRefused(bytes, "material_not_text", { name: "a.txt" }));
});

describe("too large", () => {
  test("the file", () => expectRefused(pdf, "material_too_large", {}, { bytes: 100 }));
  test("its text", () =>
    expectRefused(utf8("The heart. ".repeat(100)), "material_too_large", {}, { characters: 500 }));
  test("the text of a Word file", () =>
    expectRefused(word, "material_too_large", {}, { characters: 5 }));
  test("a ZIP bomb", () =>
    expectRefused(
      docxFile(`<w:p>${" ".repeat(64 * 1024 * 1024)}</w:p>`),
      "material_too_large",
    ));
  test("many parts of an archive", () =>
    expectRefused(
      zip([
        { name: "word/document.xml", content: "<a/>" },
        ...Array.from({ length: 5001 }, (_, i) => ({ name: `${i}`, content: "" })),
      ]),
      "material_too_large",
    ));
  test("a stream of a PDF that unpacks to too much", () =>
    expectRefused(pdfFile(["q Q ".repeat(20_000_000)]), "material_too_large"));
  test("a stream of a PDF that is packed twice", () => {
    const twice = deflateSync(deflateSync(Buffer.from("BT ET")));
    const bytes = Buffer.from(pdf);
    const stream = `9 0 obj<</Length ${twice.length}/Filter[/FlateDecode /FlateDecode]>>stream\n`;
    return expectRefused(
      Uint8Array.from(Buffer.concat([bytes, Buffer.from(stream), twice, Buffer.from("endstream")])),
      "material_too_large",
    );
  });
});

describe("too complex", () => {
  const nested = (tag: string, times: number) => `<${tag}>`.repeat(times);
  test.each([
    ["HTML", utf8(`${nested("div", 100_000)}x`), { name: "a.html" }],
    ["HTML that closes", utf8(`${nested("b", 100_000)}x${"</b>".repeat(100_000)}`), {
      name: "a.html",
    }],
    ["XML", docxFile(`${nested("w:p", 5000)}${"</w:p>".repeat(5000)}`), {}],
    ["quotes", utf8(`${">".repeat(100_000)} x`), { name: "a.md" }],
    ["lists", utf8("- ".repeat(100_000) + "x"), { name: "a.md" }],
    [
      "lists by indentation",
      utf8(
        Array.from({ length: 400 }, (_, i) => `${"  ".repeat(i)}- a`).join("\n"),
      ),
      { name: "a.md" },
    ],
    ["quotes that go on without a sign", utf8("> a\nb\n".repeat(50_000)), { name: "a.md" }],
  ])(
    "%s nested without end",
    (_, bytes, naming) => expectRefused(bytes, "material_too_complex", naming),
  );

  test("a page of a million letters", () =>
    expectRefused(
      pdfFile([
        linesAt(72, 80, Array.from({ length: 10_000 }, () => "a".repeat(100)), { leading: 0 }),
      ]),
      "material_too_complex",
    ));
  test("more pages than allowed", () =>
    expectRefused(pdfFile(["BT ET", "BT ET"]), "material_too_complex", {}, { pages: 1 }));
  test("10,000 pages", () =>
    expectRefused(pdfFile(Array.from({ length: 10_000 }, () => "")), "material_too_complex"));
  test("a page tree that lies about its pages", async () => {
    const { pageCount } = await parseMaterial(pdfFile(["", ""], { count: 100_000 }));
    expect(pageCount).toBe(2);
  });
  test("drawing that is nested without end", () =>
    expectRefused(pdfFile(["q ".repeat(3_000_000)]), "material_too_complex"));
  test("more blocks than allowed", () =>
    expectRefused(utf8("a\n\n".repeat(50)), "material_too_complex", {}, { blocks: 49 }));
  test("more time than allowed", () =>
    expectRefused(utf8("<p>a</p>".repeat(50_000)), "material_too_complex", { name: "a.html" }, {
      milliseconds: 0,
    }));
  test("declarations in XML, a billion laughs among them", () =>
    expectRefused(
      zip([{
        name: "word/document.xml",
        content: '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>',
      }]),
      "material_damaged",
    ));
});
