// npm run demo: the main job on a throw-away stack, told step by step. Exit code 0 only if every step held.
import { readAccounts } from "../stack/accounts.ts";
import { startRunner } from "../stack/jobs.ts";
import { startStack } from "../stack/stack.ts";
import { fromAskedToRated, signUpAndQuote } from "./happy.ts";
import { finalBooks, invariantsHold } from "./ending.ts";
import { killedWorker } from "./killed-worker.ts";
import { leave, type Person, signIn } from "./people.ts";
import { bold, dim, green, red, say, sinceStart } from "./print.ts";
import { practising, remembering } from "./studying.ts";
import { step, tally, told, Unmet } from "./steps.ts";
import { cancelled, notCovered, rejected } from "./unhappy.ts";
import type { Stage } from "./stage.ts";

const wholeStoryMs = 180_000;

let isMigrating = false;

/** Fifty migrations are one line. */
function progress(text: string): void {
  const wasMigrating = isMigrating;
  isMigrating = text.startsWith("Migration ");
  if (isMigrating && wasMigrating) return;
  say(dim(`   ${sinceStart()}  ${isMigrating ? "Applying the migrations" : text}`));
}

async function setTheStage(): Promise<Stage> {
  const stack = await startStack({
    port: 0,
    data: "memory",
    workers: 0,
    progress,
  });
  undo.push(() => stack.stop());
  let stopWorker: (() => Promise<void>) | undefined;
  const worker = {
    async start() {
      stopWorker ??= await startRunner({
        engine: stack.engine,
        url: stack.url,
        secretKey: stack.secretKey,
        workers: 2,
        onLog: (line) => say(dim(`       ${line}`)),
      });
    },
    async stop() {
      await stopWorker?.();
      stopWorker = undefined;
    },
  };
  undo.push(() => worker.stop());
  await worker.start();
  progress(`Ready at ${stack.url}`);
  const place = { url: stack.url, publishableKey: stack.publishableKey };
  const cast = readAccounts();
  const enter = async (account: (typeof cast)[number]): Promise<Person> => {
    const person = await signIn(place, account);
    undo.push(() => leave(person));
    await person.inbox.open(person);
    return person;
  };
  const withRole = (role: string) => cast.filter(({ roles }) => roles.includes(role));
  const experts: Person[] = [];
  let admin: Person | undefined;
  await told("The others take their places", async () => {
    for (const account of withRole("expert")) {
      experts.push(
        await step(`${account.full_name} signs in, an expert`, () => enter(account)),
      );
    }
    for (const account of withRole("admin").slice(0, 1)) {
      admin = await step(`${account.full_name} signs in, an administrator`, () => enter(account));
    }
  });
  if (!admin || experts.length === 0) {
    throw new Unmet("experts and an administrator", "no such accounts");
  }
  return { ...place, stack, experts, admin, student: admin, worker };
}

const undo: (() => Promise<unknown>)[] = [];

async function end(code: number): Promise<never> {
  // A stack that does not stop must not keep the exit code from whoever waits for it.
  setTimeout(() => process.exit(code || 1), 10_000).unref();
  for (const step of undo.reverse()) await step().catch(() => undefined);
  process.exit(code);
}

process.on("SIGINT", () => void end(130));
process.on("SIGTERM", () => void end(143));
process.on("disconnect", () => void end(1));
process.channel?.unref();
setTimeout(() => {
  say(red(`The story took more than ${wholeStoryMs / 1000} s: something hangs.`));
  void end(1);
}, wholeStoryMs).unref();

say(bold("Lyceum: a question from asked to rated"));
say("On a throw-away stack in memory; nothing of it stays.");
say();
try {
  const stage = await setTheStage();
  const isOn = await told("The student arrives", () => signUpAndQuote(stage)) &&
    undo.push(() => leave(stage.student)) > 0;
  if (isOn) {
    await told("From asked to rated", () => fromAskedToRated(stage));
    await told("A question that the material does not cover", () => notCovered(stage));
    await told("A question that the expert rejects", () => rejected(stage));
    await told("A question that is cancelled", () => cancelled(stage));
    await told("A worker is killed in the middle of a job", () => killedWorker(stage));
    await told("Practice", () => practising(stage));
    await told("Memory", () => remembering(stage));
    await told("The books", () => finalBooks(stage));
    await told("What must always be true", () => invariantsHold(stage));
  }
} catch (error) {
  tally.broken += 1;
  say(red(error instanceof Error ? error.stack ?? error.message : String(error)));
}

say();
const sum = `${tally.held} steps held in ${sinceStart().trim()}`;
if (tally.broken === 0) say(`${green("All is well:")} ${sum}.`);
else say(`${red(`${tally.broken} did not hold`)}; ${sum}.`);
await end(tally.broken === 0 ? 0 : 1);
