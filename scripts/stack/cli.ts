// npm start: the stack for a person (or, with --json, for a script).
//
//   npm start -- --help says what else there is.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readAccounts } from "./accounts.ts";
import { StackError } from "./database.ts";
import { type NativeDatabase, nativeDataFolder, openNativeDatabase } from "./native.ts";
import { startStack } from "./stack.ts";

const usage = `npm start -- [options]

  --port N             the port of everything (54321; 0 takes a free one)
  --data memory        forget everything at the end
  --data FOLDER        keep the data there (.stack/data)
  --native             on a PostgreSQL server of the project's own, instead of the embedded one
  --database-url URL   on your PostgreSQL server
  --workers N          calls of process-jobs at a time
  --no-ocr             without the OCR worker, which reads documents and pictures
  --no-seed            without demo accounts and content
  --json               one line of JSON on standard output once ready, for scripts
  --quiet, --verbose   say less, say more`;

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "54321" },
        data: { type: "string" },
        "database-url": { type: "string" },
        native: { type: "boolean", default: false },
        workers: { type: "string" },
        ocr: { type: "boolean", default: true },
        seed: { type: "boolean", default: true },
        json: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
      allowNegative: true,
    }).values;
  } catch (error) {
    return fail(new StackError(`${(error as Error).message}\n\n${usage}`));
  }
}

const values = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const started = Date.now();
// With --json the one line of standard output is for a program; all else goes past it.
const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);
const progress = (text: string) =>
  say(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`);

function fail(error: unknown): never {
  console.error(error instanceof StackError ? `\n${error.message}` : error);
  process.exit(1);
}

const number = (name: string, text: string, max: number) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) {
    throw new StackError(`--${name} takes a whole number up to ${max}, not "${text}".`);
  }
  return value;
};

function dataFolder(): string | undefined {
  if (values.data === undefined) return values.native ? nativeDataFolder : undefined;
  return values.data === "memory" ? "memory" : resolve(values.data);
}

let native: NativeDatabase | undefined;
try {
  if (values.native && values["database-url"] !== undefined) {
    throw new StackError("Take --native or --database-url, not both.");
  }
  const port = number("port", values.port, 65535);
  if (values.native) native = await openNativeDatabase(values.quiet ? () => {} : progress);
  const stack = await startStack({
    port,
    data: dataFolder(),
    databaseUrl: native?.databaseUrl ?? values["database-url"],
    ...(values.workers === undefined ? {} : { workers: number("workers", values.workers, 100) }),
    ocr: values.ocr,
    seed: values.seed,
    quiet: values.quiet,
    verbose: values.verbose,
    watch: true,
    progress,
  });
  const accounts = values.seed ? readAccounts() : [];

  let stopping = false;
  const stop = (why: string, code: number) => {
    if (stopping) return;
    stopping = true;
    if (!values.quiet) say(`\nStopping (${why}) …`);
    stack.stop().then(() => native?.close()).then(() => process.exit(code), fail);
    setTimeout(() => process.exit(1), 10_000).unref();
  };
  process.on("SIGINT", () => stop("Ctrl-C", 0));
  process.on("SIGTERM", () => stop("asked to", 0));
  process.on("SIGHUP", () => stop("the terminal has closed", 0));
  // scripts/run.mjs is gone, whatever way it went: nobody could stop this process any more.
  process.on("disconnect", () => stop("its starter is gone", 0));
  process.channel?.unref();

  if (values.json) {
    console.log(JSON.stringify({
      url: stack.url,
      publishableKey: stack.publishableKey,
      secretKey: stack.secretKey,
      ...(stack.databaseUrl ? { databaseUrl: stack.databaseUrl } : {}),
      accounts: accounts.map(({ email, password, roles }) => ({ email, password, roles })),
    }));
  } else {
    progress("Ready");
    const column = Math.max(0, ...accounts.map(({ email }) => email.length));
    say(`
  URL              ${stack.url}
  publishable key  ${stack.publishableKey}
  secret key       ${stack.secretKey}
`);
    for (const { email, password, roles } of accounts) {
      say(`  ${email.padEnd(column)}  ${password}  ${roles.join(", ")}`);
    }
    const forgets = values.data === "memory" && !stack.databaseUrl;
    const empties = native ? "npm run postgres -- reset" : "npm run reset";
    say(`
Try next:
  curl -H "apikey: ${stack.publishableKey}" -H "Accept-Profile: core" "${stack.url}/rest/v1/topics?select=slug,name"
  npm run demo          the main job from asked to rated, step by step, on a stack of its own
  docs/quickstart.md    pointing a frontend at this URL

Ctrl-C stops the stack; ${
      forgets ? "its data is forgotten." : `the data stays. ${empties} empties it.`
    }`);
  }
} catch (error) {
  await native?.close();
  fail(error);
}
