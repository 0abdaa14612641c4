import { expect, test } from "vitest";
import { createEngine } from "../../scripts/ocr/engine/index.ts";
import { installedTesseract, parseTsv } from "../../scripts/ocr/engine/tesseract-cli.ts";

test("what the program tesseract says, line by line", () => {
  const head =
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext";
  const lines = parseTsv([
    head,
    "1\t1\t0\t0\t0\t0\t0\t0\t400\t100\t-1\t",
    "5\t1\t1\t1\t1\t1\t10\t20\t40\t12\t96.5\tGuided",
    "5\t1\t1\t1\t1\t2\t55\t18\t50\t16\t87.5\tReading",
    "5\t1\t1\t1\t2\t1\t10\t40\t30\t12\t-1\tPE",
    "",
  ].join("\n"));
  expect(lines.map((l) => l.text)).toEqual(["Guided Reading", "PE"]);
  expect(lines[0]!.confidence).toBeCloseTo(0.92);
  expect(lines[0]!.box).toEqual({ x: 10, y: 18, width: 95, height: 16 });
  expect(lines[0]!.words.map((w) => w.box.x)).toEqual([10, 55]);
  expect(lines[1]!.confidence).toBe(0);
});

test("an engine that is not there, or that nobody knows, is said to be so", async () => {
  expect(installedTesseract("no-such-program-anywhere")).toBeNull();
  await expect(createEngine("abbyy")).rejects.toThrow("OCR_ENGINE");
});
