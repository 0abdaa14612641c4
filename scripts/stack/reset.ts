// npm run reset: empties the data of the local stack. The next start makes it anew.
import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { lockedBy } from "./lock.ts";
import { defaultDataFolder } from "./paths.ts";

const { values } = parseArgs({ options: { data: { type: "string" } } });
const folder = resolve(values.data ?? defaultDataFolder);
const holder = lockedBy(folder);
if (holder) {
  console.error(
    `The stack runs on this data (process ${holder.pid}). Stop it first: Ctrl-C there.`,
  );
  process.exit(1);
}
if (!existsSync(folder)) console.log(`Nothing to empty: ${folder} is not there.`);
else {
  for (const part of ["complete", "pg", "storage", "lock.json"]) {
    rmSync(`${folder}/${part}`, { recursive: true, force: true });
  }
  console.log(`Emptied ${folder}. The keys are kept; \`npm start\` makes the database anew.`);
}
