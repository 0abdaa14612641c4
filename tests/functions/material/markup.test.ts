import { describe, expect, test } from "vitest";
import { parseMaterial } from "../../../functions/_shared/material/index.ts";
import { blocksOf, told, utf8 } from "./read.ts";

const markdown = async (text: string) => told(await blocksOf(utf8(text), { name: "a.md" }));
const html = async (text: string) => told(await blocksOf(utf8(text), { name: "a.html" }));
const plain = async (text: string) => told(await blocksOf(utf8(text), { name: "a.txt" }));

describe("Markdown", () => {
  test("blocks of all kinds, without their signs", async () => {
    expect(
      await markdown(`# One *big* [link](https://example.org "t")

Words that were
wrapped &amp; **bold**, \`a*b\`, x_1 and y_2[^1].

- a
  - b

    more of b
1. first

> quoted

\`\`\`js
let a = 1;

  b();
\`\`\`

| Drug | Dose |
|------|------|
| ASA  | **75** mg |

<div><p>in HTML</p><script>no()</script></div>

Underlined
----------

[^1]: A note.
`),
    ).toEqual([
      "heading1 One big link",
      "paragraph Words that were\nwrapped & bold, a*b, x_1 and y_2.",
      "list_item1 a",
      "list_item2 b",
      "paragraph more of b",
      "list_item1 first",
      "paragraph quoted",
      "code let a = 1;\n\n  b();",
      "table_row Drug | Dose",
      "table_row ASA | 75 mg",
      "paragraph in HTML",
      "heading2 Underlined",
      "note A note.",
    ]);
  });

  test("the title stands in front, and is no text", async () => {
    const material = await parseMaterial(
      utf8('---\ntitle: "The heart"\nlang: de\n---\n\nWords.\n'),
      { name: "x.md" },
    );
    expect(material).toMatchObject({ title: "The heart", language: "de", text: "Words." });
    expect((await parseMaterial(utf8("---\n\nWords.\n\n---\n"), { name: "x.md" })).text).toBe(
      "Words.",
    );
  });
});

describe("HTML", () => {
  test("what a reader sees: no scripts, styles, navigation or hidden parts", async () => {
    expect(
      await html(`<!doctype html><html lang="en"><head><title>T</title><style>p{}</style></head>
<body><nav><a>Home</a></nav><h1>One</h1><p>A &lt;b&gt; <b>bold</b>&nbsp;word<br>and a line<p>Two
<ul><li>a<ul><li>b</ul><li>c</ul>
<table><caption>Doses</caption><tr><th>Drug<th>Dose<tr><td><p>ASA</p><td>75</table>
<pre>x\n  y</pre><figure><img src="http://127.0.0.1/a.png"><figcaption>Fig</figcaption></figure>
<div hidden>no<div>no</div></div><p style="color:red; display: none">no</p><div aria-hidden="true">no</div>
<script>document.write("no")</script><template>no</template>end`),
    ).toEqual([
      "heading1 One",
      "paragraph A <b> bold word\nand a line",
      "paragraph Two",
      "list_item1 a",
      "list_item2 b",
      "list_item1 c",
      "caption Doses",
      "table_row Drug | Dose",
      "table_row ASA | 75",
      "code x\n  y",
      "caption Fig",
      "paragraph end",
    ]);
  });

  test("its title and language", async () => {
    const material = await parseMaterial(
      utf8("<html lang=fr><title>Hearts &amp; minds</title><p>x y</p>"),
      { name: "a.html" },
    );
    expect(material).toMatchObject({ title: "Hearts & minds", language: "fr", text: "x y" });
  });
});

describe("plain text", () => {
  test("wrapped lines are joined, meant ones stay, headings and lists are seen", async () => {
    expect(
      await plain(`INTRODUCTION

This is a paragraph that an editor has wrapped at about
sixty characters, as people do it.

2.1 The heart

- first
  goes on
- second

Underlined
==========

Roses are red
Violets are blue
`),
    ).toEqual([
      "heading2 INTRODUCTION",
      "paragraph This is a paragraph that an editor has wrapped at about " +
      "sixty characters, as people do it.",
      "heading2 2.1 The heart",
      "list_item1 first goes on",
      "list_item1 second",
      "heading1 Underlined",
      "paragraph Roses are red\nViolets are blue",
    ]);
  });

  test("a million lines are no problem", async () => {
    const material = await parseMaterial(utf8("a b c\n".repeat(1_000_000)), { name: "a.txt" });
    expect(material.text).toHaveLength(5_999_999);
  });

  test("form feeds part pages", async () => {
    const material = await parseMaterial(utf8("One.\fTwo.\n\nThree.\f"), { name: "a.txt" });
    expect(material.pageCount).toBe(2);
    expect(material.blocks.map(({ page }) => page)).toEqual([1, 2, 2]);
  });
});

describe("the characters of a text", () => {
  const umlauts = "Die Größe des Herzmuskels ändert sich.";
  const utf16 = (text: string, order: "le" | "be", mark = true) => {
    const bytes = Buffer.from((mark ? "\ufeff" : "") + text, "utf16le");
    return Uint8Array.from(order === "be" ? bytes.swap16() : bytes);
  };

  test.each([
    ["UTF-8", utf8(umlauts)],
    ["UTF-8 with a mark", utf8(`\ufeff${umlauts}`)],
    ["UTF-16 LE", utf16(umlauts, "le")],
    ["UTF-16 BE", utf16(umlauts, "be")],
    ["UTF-16 without a mark", utf16(umlauts, "le", false)],
    ["Latin-1", Uint8Array.from(Buffer.from(umlauts, "latin1"))],
  ])("%s is decoded", async (_, bytes) => {
    expect((await parseMaterial(bytes, { name: "a.txt" })).text).toBe(umlauts);
  });

  test("a web page may say its own encoding", async () => {
    const bytes = Buffer.concat([
      Buffer.from('<meta charset="windows-1251"><p>'),
      Buffer.from([0xd1, 0xe5, 0xf0, 0xe4, 0xf6, 0xe5]),
    ]);
    expect((await parseMaterial(Uint8Array.from(bytes), { name: "a.html" })).text).toBe("Сердце");
  });

  test("what Postgres refuses is gone: NUL, lone surrogates", async () => {
    const html = `<p>a&#0;b &#xD800; c\u200b\u202e ${"d".repeat(3000)}\u0000</p>`;
    const { text } = await parseMaterial(utf8(html), { name: "a.html" });
    expect(text).not.toContain("\u0000");
    expect(text.isWellFormed()).toBe(true);
    const docx = await import("./office-file.ts");
    const word = await parseMaterial(docx.docxFile(docx.paragraph("x&#0;y &#xDC00;z")));
    expect(word.text).not.toContain("\u0000");
    expect(word.text.isWellFormed()).toBe(true);
  });
});
