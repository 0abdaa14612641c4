// Debian's `tesseract` as a program of its own for every picture: quicker than the one in WebAssembly where it is installed.
import { execFileSync, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { toPng } from "./png.ts";
import type { Layout, OcrEngine, OcrLine } from "./types.ts";

const modes: Record<Layout, string> = { scattered: "11", page: "3", block: "6", line: "7" };
const SECONDS = 60;

/** Its version, or null where there is no such program or it does not know English. */
export function installedTesseract(program = "tesseract"): string | null {
  try {
    const languages = execFileSync(program, ["--list-langs"], { encoding: "utf8", stdio: "pipe" });
    if (!/^eng$/m.test(languages)) return null;
    const said = execFileSync(program, ["--version"], { encoding: "utf8", stdio: "pipe" });
    return /tesseract v?([\d.]+)/.exec(said)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Tab-separated: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. */
export function parseTsv(tsv: string): OcrLine[] {
  const lines = new Map<string, OcrLine>();
  for (const row of tsv.split("\n").slice(1)) {
    const [level, page, block, paragraph, line, , x, y, width, height, sure, text] = row.split(
      "\t",
    );
    if (level !== "5" || !text || text.trim() === "") continue;
    const key = [page, block, paragraph, line].join(".");
    const word = {
      text: text.trim(),
      confidence: Math.max(0, Number(sure)) / 100,
      box: { x: Number(x), y: Number(y), width: Number(width), height: Number(height) },
    };
    const of = lines.get(key);
    if (!of) {
      lines.set(key, { ...word, box: { ...word.box }, words: [word] });
      continue;
    }
    const right = Math.max(of.box.x + of.box.width, word.box.x + word.box.width),
      bottom = Math.max(of.box.y + of.box.height, word.box.y + word.box.height);
    const left = Math.min(of.box.x, word.box.x), top = Math.min(of.box.y, word.box.y);
    of.box = { x: left, y: top, width: right - left, height: bottom - top };
    of.words.push(word);
    of.text = of.words.map((w) => w.text).join(" ");
    of.confidence = of.words.reduce((sum, w) => sum + w.confidence, 0) / of.words.length;
  }
  return [...lines.values()];
}

function run(program: string, args: string[], input: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      // Two programs at once use two cores; each of them using all cores would be slower.
      env: { ...process.env, OMP_THREAD_LIMIT: "1" },
      timeout: SECONDS * 1000,
    });
    const out: Buffer[] = [], said: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else {
        reject(new Error(`tesseract ended with ${code}: ${Buffer.concat(said).toString("utf8")}`));
      }
    });
    // A program that ended early closed its input: "close" tells why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

export function createTesseractCli(program: string, version: string): OcrEngine {
  const most = Math.max(1, Math.min(2, availableParallelism()));
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    name: `tesseract ${version}`,
    async read(picture, { layout, dpi = 150, letters = "" }) {
      const png = await toPng(picture);
      if (running >= most) await new Promise<void>((go) => waiting.push(go));
      else running++;
      try {
        const settings = ["preserve_interword_spaces=1"];
        if (letters !== "") settings.push(`tessedit_char_whitelist=${letters}`);
        return parseTsv(
          await run(program, [
            "stdin",
            "stdout",
            ...["-l", "eng", "--oem", "1", "--psm", modes[layout], "--dpi", String(dpi)],
            ...settings.flatMap((s) => ["-c", s]),
            "tsv",
          ], png),
        );
      } finally {
        // The place is handed on, not given up, so that no third program slips in between.
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
    close: () => Promise.resolve(),
  };
}
