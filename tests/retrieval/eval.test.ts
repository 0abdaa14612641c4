// `npm run retrieval:eval` as it is called: files in, a run out.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "lyceum-eval-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const judged = resolve("../shared/retrieval");
const isThere = existsSync(judged);
if (!isThere) console.warn("skipped: the folder ../shared/retrieval is not there");

const run = (program: string, args: string[]) =>
  new Promise<{ code: number | null; out: string; said: string }>((done) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, EMBEDDINGS_PROVIDER: "local" },
    });
    let [out, said] = ["", ""];
    child.stdout.on("data", (data) => out += String(data));
    child.stderr.on("data", (data) => said += String(data));
    child.on("close", (code) => done({ code, out, said }));
  });
const evaluate = (...args: string[]) => run("scripts/retrieval/cli.ts", args);

const write = (name: string, rows: unknown[]): string => {
  writeFileSync(at(name), rows.map((row) => JSON.stringify(row)).join("\n"));
  return at(name);
};

describe("a small set", () => {
  const organs = [
    "heart",
    "kidney",
    "lung",
    "spleen",
    "liver",
    "brain",
    "skin",
    "eye",
    "ear",
    "tongue",
    "stomach",
  ];
  const documents = () =>
    write(
      "documents.jsonl",
      organs.map((organ) => ({
        id: organ,
        title: `About the ${organ}`,
        text: "An organ of the body.",
      })),
    );

  test("is taken in and found, texts that are equal too", async () => {
    const queries = write("queries.jsonl", [
      { id: "q1", question: "What is the kidney?", message: "Please tell me of my lungs" },
      { id: "q2", question: "organ", message: "spleen" },
      { id: "q3", question: "!!!", message: "" },
    ]);
    const { code, out, said } = await evaluate(
      "--documents",
      documents(),
      "--queries",
      queries,
      "--run",
      at("run.tsv"),
    );
    expect(said).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(
      /11 documents[\s\S]*3 queries \(question\), vectors of local-lexical-1[\s\S]*written: .*run\.tsv/,
    );
    const rows = readFileSync(at("run.tsv"), "utf8").trim().split("\n").map((line) =>
      line.split("\t")
    );
    expect(rows[0]).toEqual(["q1", "kidney", "1"]);
    for (const query of ["q1", "q2"]) {
      const best = rows.filter(([id]) => id === query);
      expect(best.map(([, , rank]) => rank)).toEqual(
        Array.from({ length: 10 }, (_, i) => String(i + 1)),
      );
      expect(new Set(best.map(([, document]) => document)).size).toBe(10);
    }
    expect(rows.every(([, document]) => organs.includes(document ?? ""))).toBe(true);
  }, 60_000);

  test.each([
    [["--queries", "q", "--run", "r"], /npm run retrieval:eval/],
    [["--document", "x"], /--document/],
    [["--documents", "/nowhere/d", "--queries", "q", "--run", "r"], /\/nowhere\/d cannot be read/],
  ])("%j is refused at once", async (args, reason) => {
    const { code, out, said } = await evaluate(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(said).toMatch(reason);
  });

  test("so is a field that is not there, and a file that cannot be written", async () => {
    const queries = write("one.jsonl", [{ id: "q", question: "x" }]);
    const files = ["--documents", documents(), "--queries", queries];
    const noField = await evaluate(...files, "--run", at("r.tsv"), "--field", "message");
    expect([noField.code, noField.said]).toEqual([
      2,
      expect.stringMatching(/line 1:[\s\S]*message/),
    ]);
    const noFolder = await evaluate(...files, "--run", join(folder, "no", "r.tsv"));
    expect([noFolder.code, noFolder.said]).toEqual([2, expect.stringMatching(/cannot be written/)]);
    expect((await evaluate("--help")).code).toBe(0);
  });
});

// Of the judged set the documents of a few questions: the whole takes minutes (docs/study.md has its figures).
describe.skipIf(!isThere)("questions that people asked", () => {
  const read = (name: string) => readFileSync(join(judged, name), "utf8").trim().split("\n");

  test("are answered among what was judged for them", async () => {
    const all = read("queries.jsonl").map((line) => JSON.parse(line) as { id: string });
    const queries = all.filter((_, i) => i % 6 === 0);
    const ids = new Set(queries.map(({ id }) => id));
    const qrels = read("qrels.tsv").filter((line) => ids.has(line.split("\t")[0] ?? ""));
    const wanted = new Set(qrels.map((line) => line.split("\t")[1] ?? ""));
    const documents = read("documents.jsonl").map((line) => JSON.parse(line) as { id: string })
      .filter(({ id }) => wanted.has(id));
    writeFileSync(at("qrels.tsv"), `${qrels.join("\n")}\n`);
    const { code } = await evaluate(
      ...[
        "--documents",
        write("some.jsonl", documents),
        "--queries",
        write("asked.jsonl", queries),
      ],
      ...["--run", at("best.tsv"), "--field", "message"],
    );
    expect(code).toBe(0);
    const { out } = await run(join(judged, "score.mjs"), [at("qrels.tsv"), at("best.tsv")]);
    const score = JSON.parse(out) as { queries: number; ndcg10: number };
    expect(score.queries).toBe(queries.length);
    expect(score.ndcg10).toBeGreaterThan(0.6);
  }, 120_000);
});
