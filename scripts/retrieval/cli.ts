// npm run retrieval:eval: how well a judged set is found. Its documents go through the product: uploaded as files, taken in
// by the worker of a throw-away stack, and asked for at the function `search`, as a frontend does.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startStack } from "../stack/stack.ts";
import { readDocuments, readQueries } from "./judged.ts";
import { createLibrary } from "./library.ts";

const usage =
  `npm run retrieval:eval -- --documents FILE --queries FILE --run OUT [--field question|message]

  --documents FILE  JSON lines {id, title, text}
  --queries FILE    JSON lines {id, question, message, …}
  --run OUT         writes query<TAB>document<TAB>rank, the ten best of each
  --field NAME      which text of a query is asked: question (default), message, or any other
`;

const { values } = parseArgs({
  options: {
    documents: { type: "string" },
    queries: { type: "string" },
    run: { type: "string" },
    field: { type: "string", default: "question" },
    help: { type: "boolean", default: false },
  },
});
if (values.help || !values.documents || !values.queries || !values.run) {
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}

const documents = readDocuments(readFileSync(values.documents, "utf8"));
const queries = readQueries(readFileSync(values.queries, "utf8"), values.field);
const since = performance.now();
const say = (text: string) =>
  console.log(`${((performance.now() - since) / 1000).toFixed(0).padStart(4)} s  ${text}`);

const stack = await startStack({ port: 0, data: "memory", workers: 2, seed: false, quiet: true });
try {
  const library = await createLibrary(stack);
  say(`${documents.length} documents`);
  await library.takeIn(documents, (done) => say(`${done} taken in`));
  say(`${queries.length} queries (${values.field})`);
  const lines: string[] = [];
  for (const { id, text } of queries) {
    const best = await library.search(text, 10);
    best.forEach((document, i) => lines.push(`${id}\t${document}\t${i + 1}`));
  }
  writeFileSync(values.run, lines.map((line) => `${line}\n`).join(""));
  say(`written: ${values.run}`);
} finally {
  await stack.stop();
}
