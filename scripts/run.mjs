// Runs one of the project's programs on a machine that has only Node 20 and npm.
//
//   node scripts/run.mjs <entry> [arguments…]
//
// It installs what is missing (exactly what package-lock.json says), then starts the entry with the
// Node that the lock file pins, because the machine's own may be too old to run TypeScript. It must
// therefore work with no dependency at all. Standard output belongs to the entry: everything said
// here goes to standard error.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const marker = join(modules, ".lyceum-lock-hash");
const installLock = join(root, ".stack", "install.lock");
const pinnedNode = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const say = (text) => process.stderr.write(`${text}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const read = (path) => existsSync(path) ? readFileSync(path, "utf8") : "";
const lockHash = () =>
  createHash("sha256").update(read(join(root, "package-lock.json"))).digest("hex");

// An installation made by hand (`npm install`) is as good as ours: npm leaves a list of what it put
// there, and every package that is not optional must be in it in the version of the lock file.
function installedByNpm() {
  const listed = read(join(modules, ".package-lock.json"));
  if (!listed) return false;
  const installed = JSON.parse(listed).packages;
  const wanted = JSON.parse(read(join(root, "package-lock.json"))).packages;
  return Object.entries(wanted).every(([path, entry]) =>
    path === "" || entry.optional || entry.devOptional || entry.peer ||
    installed[path]?.version === entry.version
  );
}

function isInstalled() {
  if (!existsSync(pinnedNode)) return false;
  if (read(marker).trim() === lockHash()) return true;
  if (read(marker) !== "" || !installedByNpm()) return false;
  writeFileSync(marker, lockHash());
  return true;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

// Two programs started at once must not install over each other. The lock names its owner, so a
// lock that a killed installation left behind does not block for ever.
async function withInstallLock(work) {
  mkdirSync(dirname(installLock), { recursive: true });
  for (let told = false;; told = true) {
    try {
      writeFileSync(installLock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = Number(read(installLock));
    const age = Date.now() - (statSync(installLock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (owner ? !isAlive(owner) : age > 2000) rmSync(installLock, { force: true });
    else if (!told) say("Another start is installing the packages: waiting for it.");
    await sleep(200);
  }
  const release = () => rmSync(installLock, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function npmCi() {
  const npm = process.env.npm_execpath?.endsWith(".js")
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === "win32" ? "npm.cmd" : "npm"];
  const [command, ...before] = npm;
  const child = spawn(command, [...before, "ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    // `npm start --silent` would hide a failing installation as well.
    env: { ...process.env, npm_config_loglevel: "error" },
    shell: process.platform === "win32",
  });
  // Whoever stops the start stops npm with it: two of them must not write at once.
  const stop = () => child.kill();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, stop);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? signal));
  }).finally(() => {
    for (const signal of signals) process.off(signal, stop);
  });
}

async function install() {
  await withInstallLock(async () => {
    if (isInstalled()) return;
    say("Installing the packages of package-lock.json (once; a minute or two on a slow network) …");
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const beat = setInterval(() => say(`… still installing (${seconds()} s)`), 10_000);
    const code = await npmCi().finally(() => clearInterval(beat));
    if (code !== 0) throw new Error(`npm ci ended with code ${code}: see its message above.`);
    if (!existsSync(pinnedNode)) {
      throw new Error(`npm ci left no Node at ${pinnedNode}: were install scripts switched off?`);
    }
    writeFileSync(marker, lockHash());
    say(`Installed in ${seconds()} s.`);
  });
}

function run(entry, args) {
  // The channel tells the program when this process is gone, even by SIGKILL, so that nothing is
  // left running. Programs that are not ours would take it for a message channel of theirs.
  const ours = entry.startsWith("scripts/");
  const child = spawn(pinnedNode, [join(root, entry), ...args], {
    cwd: root,
    stdio: ours ? ["inherit", "inherit", "inherit", "ipc"] : "inherit",
    env: { ...process.env, DO_NOT_TRACK: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal sends Ctrl-C to the whole group already; twice would mean "at once".
    process.on(signal, () => signal === "SIGINT" && process.stdin.isTTY || child.kill(signal));
  }
  // Asked to stop, npm ends the shell between us and nothing else: the loss of it is the message.
  const parent = process.ppid;
  const isOrphan = () => process.env.npm_lifecycle_event && process.ppid !== parent;
  setInterval(() => isOrphan() && child.kill(), 500).unref();
  child.once("error", (error) => fail(`Could not start ${pinnedNode}: ${error.message}`));
  child.once("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}

function fail(message) {
  say(message);
  process.exit(1);
}

const [entry, ...args] = process.argv.slice(2);
if (!entry) fail("usage: node scripts/run.mjs <entry> [arguments…]");
try {
  if (!isInstalled()) await install();
  run(entry, args);
} catch (error) {
  fail(error.message);
}
