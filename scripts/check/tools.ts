// Runs the programs that check the code, and finds the files that they are asked about.
import { execFileSync, spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../stack/paths.ts";

const modules = join(root, "node_modules");

export const deno = join(modules, "deno", process.platform === "win32" ? "deno.exe" : "deno");
export const tsc = join(modules, "typescript", "bin", "tsc");

export interface Outcome {
  ok: boolean;
  /** Standard output and standard error as they came. */
  output: string;
}

/** Never waits for a person and never asks the network for what is not installed. */
export function runTool(command: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NO_COLOR: "1",
        DO_NOT_TRACK: "1",
        DENO_NO_UPDATE_CHECK: "1",
        RUST_BACKTRACE: "0",
      },
    });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error) => resolve({ ok: false, output: `${command}: ${error.message}` }));
    child.once(
      "close",
      (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString().trim() }),
    );
  });
}

/** Something to put right, at a place that an editor can open. */
export interface Finding {
  path: string;
  line?: number;
  message: string;
}

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  path: string;
  text: string;
}

const neverOurs = ["node_modules", ".git", ".stack", "coverage"];
const binary = /\.(png|jpe?g|webp|pdf|onnx|wasm|woff2?|tar|gz|zip)$/;

/** What belongs to the repository: all that git knows or would take, or without git all there is. */
export function repositoryFiles(): SourceFile[] {
  return paths().filter((path) => !binary.test(path)).sort().flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(root, path), "utf8") }];
    } catch (error) {
      // Deleted but not committed yet.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
}

function paths(): string[] {
  try {
    const list = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
      cwd: root,
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
    });
    const found = list.toString().split("\0").filter(Boolean);
    if (found.length > 0) return found;
  } catch {
    // An unpacked archive, or a machine without git.
  }
  return globSync("**/*", {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => neverOurs.includes(entry.name),
  }).filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(root.length + 1).replaceAll("\\", "/")
    );
}

export const lineAt = (text: string, offset: number): number =>
  text.slice(0, offset).split("\n").length;
