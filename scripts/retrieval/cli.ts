// npm run retrieval:eval: how well a judged set is found. Its documents go through the product: uploaded as files, taken in
// by the worker of a throw-away stack, and asked for at the function `search`, as a frontend does.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startStack } from "../stack/stack.ts";
import { JudgedSetError, readDocuments, readQueries } from "./judged.ts";
import { createLibrary } from "./library.ts";

const usage =
  `npm run retrieval:eval -- --documents FILE --queries FILE --run OUT [--field question|message]

  --documents FILE  JSON lines {id, title, text}
  --queries FILE    JSON lines {id, question, message, …}
  --run OUT         writes query<TAB>document<TAB>rank, the ten best of each
  --field NAME      which text of a query is asked: question (default), message, or any other
`;
const BEST = 10;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        documents: { type: "string" },
        queries: { type: "string" },
        run: { type: "string" },
        field: { type: "string", default: "question" },
        help: { type: "boolean", default: false },
      },
    });
    const { documents, queries, run, field, help } = values;
    if (!help && documents && queries && run) return { documents, queries, run, field };
    if (help) process.exitCode = 0;
  } catch (error) {
    console.error(String(error));
  }
  console.error(usage);
  return null;
}

async function main(): Promise<void> {
  process.exitCode = 2;
  const chosen = options();
  if (!chosen) return;
  // What is wrong with the files, one learns now and not after minutes.
  const documents = readDocuments(chosen.documents);
  const queries = readQueries(chosen.queries, chosen.field);
  try {
    writeFileSync(chosen.run, "");
  } catch {
    throw new JudgedSetError(`${chosen.run} cannot be written.`);
  }
  process.exitCode = 1;
  const since = performance.now();
  const say = (text: string) =>
    console.log(`${((performance.now() - since) / 1000).toFixed(0).padStart(4)} s  ${text}`);

  const stack = await startStack({ port: 0, data: "memory", workers: 2, seed: false, quiet: true });
  try {
    const library = await createLibrary(stack);
    say(`${documents.length} documents`);
    await library.takeIn(documents, (done) => say(`${done} taken in`));
    // What waits is added up, as the scheduled task does each ten seconds.
    await stack.sql("select private.fold_study_terms()");
    const [model] = await stack.sql<{ model: string }>(
      "select model from study.embedding_models where status = 'active'",
    );
    say(`${queries.length} queries (${chosen.field}), vectors of ${model?.model ?? "no model"}`);
    const lines: string[] = [];
    const modes = new Map<string, number>();
    for (const { id, text } of queries) {
      const found = await library.search(text, BEST);
      modes.set(found.mode, (modes.get(found.mode) ?? 0) + 1);
      found.documents.forEach((document, i) => lines.push(`${id}\t${document}\t${i + 1}`));
    }
    writeFileSync(chosen.run, lines.map((line) => `${line}\n`).join(""));
    say(`written: ${chosen.run} (${[...modes].map(([mode, n]) => `${n} by ${mode}`).join(", ")})`);
    process.exitCode = 0;
  } finally {
    await stack.stop();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof JudgedSetError)) throw error;
  console.error(error.message);
}
