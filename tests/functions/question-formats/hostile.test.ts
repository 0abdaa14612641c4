// Files that want to take time or memory, or to be something else than they seem.
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { readQuestions } from "../../../functions/_shared/question-formats/index.ts";
import {
  readExplanation,
  readReferences,
} from "../../../functions/_shared/question-formats/text.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const HEADER = "vignette,option_1,option_2,correct,question_type,references";

async function within(ms: number, work: () => unknown): Promise<void> {
  const started = performance.now();
  await work();
  expect(performance.now() - started).toBeLessThan(ms);
}

describe("XML", () => {
  const codeOf = async (xml: string) => (await readQuestions("qti", bytes(xml)))?.problems[0];

  it("with entities that grow is not read", async () => {
    const laughs = Array.from(
      { length: 20 },
      (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
    );
    const xml = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">${
      laughs.join("")
    }]><a>&l20;</a>`;
    expect(await codeOf(xml)).toMatchObject({
      code: "qti_malformed",
      message: /DOCTYPE/ as unknown,
    });
  });

  it("that asks for a file is not read", async () => {
    const xml = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>';
    expect((await codeOf(xml))?.code).toBe("qti_malformed");
  });

  it("with a name of its own says where, whatever comments and CDATA hold", async () => {
    const xml = "<a>\n<!-- & \n-->&amp;\n<![CDATA[&x;\n]]>\n<b>&nbsp;</b></a>";
    expect(await codeOf(xml)).toMatchObject({ code: "qti_malformed", line: 6 });
    expect((await codeOf("<a><!x>\n<!-- never closed &nbsp;"))?.line).toBe(2);
  });

  it("that is deep is refused, and at once", async () => {
    await within(2000, async () => {
      expect((await codeOf("<a>".repeat(200_000)))?.message).toMatch(/deep/);
    });
  });

  it("with numbers of no letters is text without them", async () => {
    const xml =
      `<assessmentItem identifier="x" toolName="Lyceum"><responseDeclaration identifier="R" cardinality="single"/>
      <itemBody><div><p>a&#xD800;b</p></div><choiceInteraction responseIdentifier="R"><simpleChoice identifier="A">x</simpleChoice></choiceInteraction></itemBody></assessmentItem>`;
    const read = await readQuestions("qti", bytes(xml));
    const vignette = read?.items[0]?.item.vignette ?? "";
    expect(read?.problems.length === 1 || vignette.isWellFormed()).toBe(true);
  });
});

describe("archives", () => {
  it("that unpack to much are not unpacked", async () => {
    const bomb = zipSync({ "imsmanifest.xml": new Uint8Array(150 * 1024 * 1024) }, { level: 9 });
    expect(bomb.length).toBeLessThan(1024 * 1024);
    await within(1000, async () => {
      expect((await readQuestions("qti", bomb))?.problems[0]?.code).toBe("package_malformed");
    });
  });

  it("of which each item is long are not unpacked", async () => {
    const hrefs = Array.from({ length: 100 }, (_, i) => `${i}.xml`);
    const manifest = `<manifest><resources>${
      hrefs.map((href) => `<resource type="imsqti_item_xmlv2p1" href="${href}"/>`).join("")
    }</resources></manifest>`;
    const files = Object.fromEntries(hrefs.map((href) => [href, strToU8(" ".repeat(600_000))]));
    const bomb = zipSync({ "imsmanifest.xml": strToU8(manifest), ...files });
    await within(2000, async () => {
      const read = await readQuestions("qti", bomb);
      expect(read?.items).toEqual([]);
      expect(read?.problems.map(({ code }) => code)).toContain("package_malformed");
    });
  });

  it("with one file named a thousand times give it once a name", async () => {
    const manifest = `<manifest><resources>${
      '<resource type="imsqti_item_xmlv2p1" href="1.xml"/>'.repeat(6000)
    }</resources></manifest>`;
    const read = await readQuestions(
      "qti",
      zipSync({ "imsmanifest.xml": strToU8(manifest), "1.xml": strToU8("<a/>") }),
    );
    expect(read?.problems.map(({ code }) => code)).toEqual(["import_size_invalid"]);
  });
});

describe("text", () => {
  it.each(["csv", "gift", "qti"] as const)("that is not UTF-8 is no %s", async (format) => {
    expect(await readQuestions(format, new Uint8Array([0x61, 0xff, 0x62]))).toBe(null);
    expect(await readQuestions(format, bytes("a\0b"))).toBe(null);
  });

  // Each of them would take minutes with an expression that goes back and forth.
  const LONG = 400_000;
  it.each(
    [
      ["gift", "~".repeat(LONG)],
      ["gift", `{${"~".repeat(LONG)}}`],
      ["gift", "\\".repeat(LONG)],
      ["gift", `::${":".repeat(LONG)}`],
      ["gift", `// [tag:topic:${"\\".repeat(LONG)}`],
      ["gift", `${"[".repeat(LONG)}{=a ~b}`],
      ["gift", `${"<p ".repeat(LONG)}{=a ~b}`],
      ["gift", `[html]${"<div>".repeat(LONG / 5)}x{=a ~b}`],
      ["gift", `[html]${"<li>x".repeat(LONG / 5)}{=a ~b}`],
      ["gift", `[html]<p>${"&amp;".repeat(LONG)}{=a ~b}`],
      ["gift", `[html]<pre>${"\n".repeat(LONG)}x</pre>{=a ~b}`],
      ["gift", `x{=a ~b####${" ".repeat(LONG)}.}`],
      ["gift", `x{=a ~b####${"\\n".repeat(LONG)}.}`],
      ["csv", `${HEADER}\n${" ".repeat(LONG)}x,a,b,${" ".repeat(LONG)}x,${" ".repeat(LONG)}x,y`],
      ["csv", `${HEADER}\nq?,a,b,1,,${"[](".repeat(LONG / 3)}`],
      ["csv", `${HEADER}\nq?,a,b,1,,${"'".repeat(LONG)}`],
      ["csv", `${HEADER}\n${'"'.repeat(LONG)}`],
      ["csv", `${HEADER}\n${",".repeat(LONG)}`],
      ["csv", "\n".repeat(LONG)],
      ["qti", `<a b="${"&amp;".repeat(LONG / 5)}">`],
      ["qti", `<a ${"b='' ".repeat(2000)}>`],
      ["qti", `<!${"<!".repeat(LONG / 2)}`],
      ["qti", "<".repeat(LONG)],
      ["qti", "<!--".repeat(LONG / 4)],
      ["qti", `<a>${"<![CDATA[".repeat(LONG / 4)}`],
    ] as const,
  )("in %s is read in its own time: %.20s…", async (format, text) => {
    await within(3000, () => readQuestions(format, bytes(text)));
  });

  it("with a million questions is not read to its end", async () => {
    const read = await readQuestions("gift", bytes("x{=a ~b}\n\n".repeat(LONG)));
    expect(read?.items.length).toBe(5001);
  });

  it("of references and explanations is read in its own time", async () => {
    await within(1000, () => {
      readReferences(`- ${"](".repeat(LONG)}`);
      readExplanation("References:\n".repeat(50_000));
    });
  });
});
