// Runs every example of the documentation against the running stack. What it may use: docs/README.md.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/stack/paths.ts";
import { stack } from "../setup/stack.ts";
import { allExamples, type Example, pages, pageText, readExamples } from "./blocks.ts";
import { takeAssertions } from "./scope.ts";
import * as scope from "./scope.ts";

const folder = join(root, ".stack", "examples");

/** The code stands on the line that it has on its page, so that a failure names that line. */
function write(example: Example): string {
  const names = Object.keys(scope).filter((name) => name !== "takeAssertions");
  const imported = names.filter((name) =>
    !new RegExp(`^import .*\\b${name}\\b`, "m").test(example.code)
  );
  const preamble = `import { ${imported.join(", ")} } from ${
    JSON.stringify(join(root, "tests", "docs", "scope.ts"))
  };`;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${example.page.replace(/\.md$/, "")}-${example.name}.ts`);
  writeFileSync(path, `${preamble}${"\n".repeat(example.line - 1)}${example.code}\nexport {};\n`);
  return path;
}

async function run(example: Example): Promise<number> {
  const path = write(example);
  takeAssertions();
  await import(/* @vite-ignore */ `${pathToFileURL(path).href}?run=${Date.now()}`);
  return takeAssertions();
}

const examples = allExamples();

describe("examples of the documentation", () => {
  for (const example of examples) {
    it(`${example.page}:${example.line} ${example.name}`, async () => {
      const assertions = await run(example);
      expect(assertions, "an example asserts something").toBeGreaterThan(0);
    }, 60_000);
  }

  it("are on every page of a module", () => {
    for (const page of ["quickstart.md", "frontend.md", "core.md", "ops.md", "qa.md"]) {
      expect(examples.filter((example) => example.page === page), page).not.toEqual([]);
    }
  });

  it("have names of their own on their page", () => {
    const names = examples.map(({ page, name }) => `${page} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("leave no TypeScript block unmarked that a reader would run", () => {
    // A block without a name shows a shape; one that calls the stack must run.
    for (const page of pages().filter((name) => name !== "README.md")) {
      const marked = new Set(readExamples(page, pageText(page)).map(({ code }) => code));
      const blocks = [
        ...pageText(page).matchAll(/^```(?:ts|js)(?! file=)[^\n]*\n([\s\S]*?)^```$/gm),
      ];
      for (const [, code = ""] of blocks) {
        if (/\bawait\b/.test(code)) {
          expect(marked, `${page}:\n${code}`).toContain(
            code.replace(/\n$/, ""),
          );
        }
      }
    }
  });
});

/** Blocks that a reader saves under a name and runs: they run as they stand, as a program. */
const fileBlock = (page: string, name: string): string => {
  const blocks = pageText(page).matchAll(/^```(?:ts|js) file=(\S+)\n([\s\S]*?)^```$/gm);
  for (const [, file, code = ""] of blocks) if (file === name) return code;
  throw new Error(`${page} has no block for ${name}.`);
};

async function runFile(name: string, code: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  // On the page, paths are from the project's folder.
  writeFileSync(path, code.replaceAll('from "./', `from "${root}/`));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path], {
    timeout: 50_000,
    env: { PATH: process.env.PATH },
  });
  return stdout + stderr;
}

describe("files of the documentation", () => {
  it("quickstart.md: try.mjs runs and says nothing", async () => {
    const story = examples.find((one) => one.page === "quickstart.md" && one.name === "quickstart");
    const [first = "", ...rest] = fileBlock("quickstart.md", "try.mjs").split("\n");
    expect(first).toContain('"http://127.0.0.1:54321", "sb_publishable_…"');
    const ours = first.replace("http://127.0.0.1:54321", stack().url)
      .replace("sb_publishable_…", stack().publishableKey);
    expect(await runFile("try.mjs", [ours, ...rest, story?.code].join("\n"))).toBe("");
  }, 60_000);

  it("ai.md: example.ts prints what the page says", async () => {
    const code = fileBlock("ai.md", "example.ts");
    const page = pageText("ai.md");
    const after = page.slice(page.indexOf(code) + code.length);
    const promised = /^```\n[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(after)?.[1];
    expect(promised).toBeTruthy();
    expect(await runFile("example.ts", code)).toBe(promised);
  }, 60_000);
});

describe("the runner", () => {
  const example = (name: string, code: string) => ({ page: "runner.md", name, code, line: 7 });

  it("fails when an example fails, and names the line of the page", async () => {
    const error = await run(example("fails", "const a = 1;\nassert.equal(a, 2);")).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.name).toBe("AssertionError");
    expect(error?.stack).toMatch(/runner-fails\.ts\S*:8:/);
  });

  it("counts nothing when nothing is asserted", async () => {
    expect(await run(example("silent", "const a: number = 1;\nvoid a;"))).toBe(0);
  });

  it("shows blocks inside a longer fence without running them", () => {
    const page =
      "````md\n```ts example=shown\nthrow 1;\n```\n````\n```ts example=real\nassert(1);\n```\n";
    expect(readExamples("x.md", page)).toEqual([
      { page: "x.md", name: "real", code: "assert(1);", line: 7 },
    ]);
  });
});
