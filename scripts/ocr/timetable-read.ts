// npm run timetable:read -- FILE --json OUT: reads a timetable with what is on this machine alone (no cloud, no key) and
// writes {"blocks": […]}. With --pages what was read, before anybody asked what it means, is written too.
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { structure } from "../../functions/_shared/timetable/index.ts";
import { createEngine } from "./engine/index.ts";
import type { OcrEngine } from "./engine/types.ts";
import { ReadError } from "./errors.ts";
import { readDocument } from "./read.ts";

const usage = `usage: npm run timetable:read -- FILE [--json OUT] [--pages]
  FILE     a PNG, JPEG, PDF or DOCX
  --json   where the blocks are written (otherwise: standard output)
  --pages  adds "pages", what was read, to the file`;

function wanted() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "string" }, pages: { type: "boolean" }, help: { type: "boolean" } },
  });
  return { ...values, file: positionals[0] };
}

async function main(): Promise<number> {
  const { file, json, pages, help } = wanted();
  if (help || !file) {
    console.error(usage);
    return help ? 0 : 2;
  }
  let engine: Promise<OcrEngine> | undefined;
  try {
    const document = await readDocument(new Uint8Array(await readFile(file)), {
      engine: () => engine ??= createEngine(),
    });
    const blocks = structure(document).map((
      { day, name, start, end, notes, confidence, accepted },
    ) => ({ day, name, start, end, ...(notes ? { notes } : {}), confidence, accepted }));
    const text = JSON.stringify({ blocks, ...(pages ? { pages: document.pages } : {}) }, null, 1);
    if (json) await writeFile(json, text + "\n");
    else console.log(text);
    const sure = blocks.filter((b) => b.accepted).length;
    console.error(`${blocks.length} blocks, ${sure} of them sure, read by ${document.engine}`);
    return 0;
  } finally {
    await (await engine?.catch(() => undefined))?.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof ReadError) {
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 3;
  } else {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
