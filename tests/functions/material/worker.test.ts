// A long file in a process of its own: under Node and under Deno, within the memory of a small worker, and with
// the same result.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../../scripts/stack/paths.ts";
import { chunkMaterial, parseMaterial } from "../../../functions/_shared/material/index.ts";
import { linesAt, pdfFile } from "./pdf-file.ts";

const run = promisify(execFile);
const PAGES = 500;
const MOST_MEGABYTES = 250;
const script = join(root, "tests/functions/material/read-file.ts");
const deno = join(root, "node_modules/deno/deno");

let folder: string, file: string, bytes: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "material-"));
  file = join(folder, "long.pdf");
  bytes = pdfFile(Array.from({ length: PAGES }, (_, page) => [
    { text: "Physiology", x: 72, y: 40, size: 9 },
    ...(page % 10 === 0 ? [{ text: `Chapter ${page / 10 + 1}`, x: 72, y: 90, size: 20 }] : []),
    ...linesAt(
      72,
      130,
      Array.from(
        { length: 40 },
        (_, line) =>
          `On page ${page + 1}, line ${line + 1}, the heart pumps blood through the vessels.`,
      ),
      { leading: 14 },
    ),
  ]));
  await writeFile(file, bytes);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Reading {
  pages: number;
  chunks: number;
  hash: string;
  megabytes: number;
}

const read = async (program: string, flags: string[]): Promise<Reading> => {
  const env = { PATH: process.env.PATH, HOME: folder, NO_COLOR: "1" };
  const { stdout } = await run(program, [...flags, script, file], { cwd: root, env });
  return JSON.parse(stdout) as Reading;
};

describe(`a PDF of ${PAGES} pages`, () => {
  test("is read range by range within the memory of a small worker", async () => {
    const reading = await read(process.execPath, []);
    expect(reading).toMatchObject({ pages: PAGES });
    expect(reading.megabytes).toBeLessThan(MOST_MEGABYTES);
    // Whoever reads it at once gets the same.
    const chunks = await chunkMaterial(await parseMaterial(bytes));
    const hash = createHash("sha256").update(chunks.map((c) => c.content_hash).join()).digest(
      "hex",
    );
    expect(reading).toMatchObject({ chunks: chunks.length, hash });
  });

  test("is the same under Deno, which may read nothing but code and the file", async () => {
    const [node, other] = [
      await read(process.execPath, []),
      await read(deno, [
        ...["run", "--quiet", "--no-prompt", "--cached-only", "--allow-env"],
        `--allow-read=${join(root, "functions")},${file}`,
      ]),
    ];
    expect({ ...other, megabytes: 0 }).toEqual({ ...node, megabytes: 0 });
    expect(other.megabytes).toBeLessThan(MOST_MEGABYTES);
  });
});

test("others get their turn while a long file is read", async () => {
  let turns = 0;
  const timer = setInterval(() => turns += 1, 1);
  await parseMaterial(bytes);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(PAGES / 10);
});
