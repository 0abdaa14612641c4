// Packages of items, whole and broken.
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { writeQtiItem } from "../../../functions/_shared/question-formats/qti-item-write.ts";
import {
  readQtiPackage,
  writeQtiPackage,
} from "../../../functions/_shared/question-formats/qti-package.ts";
import { plainItem } from "./samples.ts";

const whole = writeQtiItem(plainItem(), "question-1");

describe("a package", () => {
  const manifest = (resources: string) =>
    `<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><resources>${resources}</resources></manifest>`;
  const resource = (href: string, type = "imsqti_item_xmlv2p1") =>
    `<resource identifier="r" type="${type}" href="${href}"/>`;
  const zip = (files: Record<string, string>) =>
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

  it("has the items that its manifest names, and no other", async () => {
    const read = await readQtiPackage(zip({
      "imsmanifest.xml": manifest(
        resource("a%20b/1.xml") + resource("./2.xml", "imsqti_item_xmlv2p2") +
          resource("t.xml", "imsqti_test_xmlv2p1"),
      ),
      "a b/1.xml": whole,
      "2.xml": whole,
      "3.xml": whole,
      "t.xml": "<assessmentTest/>",
      "picture.png": "x",
    }));
    expect(read.problems).toEqual([]);
    expect(read.items.map(({ place }) => place.file)).toEqual(["a b/1.xml", "2.xml"]);
  });

  it.each([
    ["no archive", new Uint8Array([80, 75, 3, 4, 1, 2, 3]), "package_malformed"],
    ["no manifest", zip({ "1.xml": whole }), "manifest_invalid"],
    ["a manifest that is none", zip({ "imsmanifest.xml": "<manifest" }), "manifest_invalid"],
    [
      "a file that is not there",
      zip({ "imsmanifest.xml": manifest(resource("1.xml")) }),
      "file_unreadable",
    ],
    [
      "a file of elsewhere",
      zip({ "imsmanifest.xml": manifest(resource("../../etc/passwd")) }),
      "file_unreadable",
    ],
    ["a name of elsewhere", zip({ "../1.xml": whole }), "package_malformed"],
  ])("is refused with %s", async (_what, bytes, code) => {
    const { items, problems } = await readQtiPackage(bytes);
    expect([items.length, problems[0]?.code]).toEqual([0, code]);
  });

  it("says which file is wrong, and reads the others", async () => {
    const { items, problems } = await readQtiPackage(zip({
      "imsmanifest.xml": manifest(resource("1.xml") + resource("2.xml")),
      "1.xml": "<a>\n<b></a>",
      "2.xml": whole,
    }));
    expect(items.length).toBe(1);
    expect(problems).toMatchObject([{ file: "1.xml", line: 2, code: "qti_malformed" }]);
  });

  it("is as others expect it", async () => {
    const written = writeQtiPackage([plainItem(), plainItem({ vignette: "Another?" })]);
    const { items } = await readQtiPackage(written);
    expect(items.map(({ place }) => place.file)).toEqual(["items/0001.xml", "items/0002.xml"]);
  });
});
