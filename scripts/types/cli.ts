// npm run types: writes functions/_shared/db/types.ts. npm run types:check: says where it differs
// from what the migrations make, and fails.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../stack/paths.ts";
import { findDrift, typesFile } from "./drift.ts";
import { generateTypes } from "./generate.ts";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const name = relative(root, typesFile);

try {
  const wanted = await generateTypes();
  const drift = findDrift(wanted);
  if (!values.check) {
    mkdirSync(dirname(typesFile), { recursive: true });
    if (drift.length > 0) writeFileSync(typesFile, wanted);
    console.log(`${name}: ${drift.length > 0 ? "written" : "nothing has changed"}`);
  } else if (drift.length > 0) {
    console.error(`${name} is not what the migrations make. Run \`npm run types\`.\n`);
    console.error(drift.join("\n"));
    process.exitCode = 1;
  } else {
    console.log(`${name} is what the migrations make.`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
