import { describe, expect, it } from "vitest";
import { fail, ok, type Result } from "../../functions/_shared/http/index.ts";
import type { QuestionItem } from "../../functions/_shared/question-formats/index.ts";
import {
  exportQuestions,
  importQuestions,
  type QuestionBank,
} from "../../functions/question-bank/handler.ts";
import {
  exportInput,
  exportQuery,
  type Imported,
  importInput,
} from "../../functions/question-bank/schema.ts";
import { plainItem } from "./question-formats/samples.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const GIFT = "// a file\n\nWho?{=a ~b}\n\nWhat?{=a ~b}\n";

function world(found: Partial<Imported> | Result<Imported> = {}) {
  const asked: { items: QuestionItem[]; trial: boolean }[] = [];
  const nothing: Imported = { imported: 0, question_ids: [], skipped: [], problems: [] };
  const bank: QuestionBank = {
    import: (items, _input, trial) => {
      asked.push({ items, trial });
      return Promise.resolve("ok" in found ? found : ok({ ...nothing, ...found }));
    },
    export: () => Promise.resolve(ok([plainItem(), plainItem()])),
  };
  const run = (text: string, query: Record<string, string> = {}) =>
    importQuestions(bank)(bytes(text), importInput.parse({ format: "gift", ...query }));
  return { bank, asked, run };
}

describe("an import", () => {
  it("hands on what it read, and answers with the ids", async () => {
    const { run, asked } = world({ imported: 2, question_ids: ["x", "y"] });
    expect(await run(GIFT)).toMatchObject({
      ok: true,
      status: 201,
      data: { dry_run: false, imported: 2, question_ids: ["x", "y"], problems: [] },
    });
    expect(asked[0]?.items.map(({ vignette }) => vignette)).toEqual(["Who?", "What?"]);
    expect(asked[0]?.trial).toBe(false);
  });

  it("says on which lines it is that the database refuses", async () => {
    const { run } = world({
      problems: [{ item: 1, code: "question_options_equal", message: "Two options say the same." }],
    });
    expect(await run(GIFT)).toMatchObject({
      ok: false,
      status: 422,
      code: "import_invalid",
      detail: { problems: [{ line: 5, code: "question_options_equal" }] },
    });
  });

  it("tries the rest when something could not be read, and writes nothing", async () => {
    const { run, asked } = world({ imported: 1, problems: [{ item: 0, code: "b", message: "c" }] });
    expect(await run("Essay{}\n\nWho?{=a ~b}")).toMatchObject({
      ok: false,
      detail: { problems: [{ line: 1, code: "type_unsupported" }, { line: 3, code: "b" }] },
    });
    expect(asked.map(({ trial }) => trial)).toEqual([true]);
  });

  it("of which nothing could be read asks nobody", async () => {
    const { run, asked } = world();
    expect(await run("Essay{}")).toMatchObject({ ok: false, code: "import_invalid" });
    expect(asked).toEqual([]);
  });

  it("on trial says what is wrong without failing", async () => {
    const { run, asked } = world({ imported: 1, problems: [{ item: 0, code: "b", message: "c" }] });
    expect(await run(GIFT, { dry_run: "true" })).toMatchObject({
      ok: true,
      status: 200,
      data: { dry_run: true, problems: [{ line: 3 }] },
    });
    expect(asked[0]?.trial).toBe(true);
  });

  it("says where those stand that were there already", async () => {
    const { run } = world({ skipped: [{ item: 1, question_id: "x", key_differs: true }] });
    expect(await run(GIFT)).toMatchObject({
      data: { skipped: [{ line: 5, code: "question_known", question_id: "x", key_differs: true }] },
    });
  });

  it("of nothing is refused, and of too many", async () => {
    const { run, asked } = world();
    expect(await run("// nothing")).toMatchObject({ status: 422, code: "import_size_invalid" });
    const many = await run(Array.from({ length: 5001 }, (_, i) => `Who ${i}?{=a ~b}\n\n`).join(""));
    expect(many).toMatchObject({ status: 422, code: "import_size_invalid" });
    expect(asked).toEqual([]);
  });

  it("passes on what the database says of it all", async () => {
    const { run } = world(fail(429, "rate_limited"));
    expect(await run(GIFT)).toMatchObject({ status: 429, code: "rate_limited" });
  });

  it("that is no text is refused", async () => {
    const { bank } = world();
    const input = importInput.parse({ format: "csv" });
    expect(await importQuestions(bank)(new Uint8Array([0xff]), input))
      .toMatchObject({ status: 422, code: "encoding_invalid" });
  });
});

describe("an export", () => {
  const ask = (format: string, count = 2) =>
    exportQuestions(world().bank)(
      exportInput.parse({
        format,
        question_ids: Array.from({ length: count }, () => crypto.randomUUID()),
      }),
    );
  it.each([
    ["csv", "text/csv; charset=utf-8", "questions.csv"],
    ["gift", "text/plain; charset=utf-8", "questions.gift.txt"],
    ["qti", "application/zip", "questions.zip"],
  ])("as %s is a file to keep", async (format, type, name) => {
    const answer = await ask(format);
    if (!answer.ok) throw new Error(answer.code);
    const { headers } = answer.data;
    expect(headers.get("content-type")).toBe(type);
    expect(headers.get("content-disposition")).toBe(`attachment; filename="${name}"`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("as one item is of one question", async () => {
    expect(await ask("qti-item")).toMatchObject({ status: 422, code: "too_many_questions" });
    expect((await ask("qti-item", 1)).ok).toBe(true);
  });
});

describe("what is asked", () => {
  it.each([
    [importInput, { format: "xlsx" }],
    [importInput, {}],
    [importInput, { format: "csv", dry_run: "yes" }],
    [importInput, { format: "csv", visibility: "all" }],
    [importInput, { format: "csv", more: "x" }],
    [exportInput, { format: "csv", question_ids: [] }],
    [exportInput, { format: "csv", question_ids: ["x"] }],
    [exportQuery, { format: "csv", ids: "" }],
  ])("is checked: %#", (schema, value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });

  it("may stand in an address", () => {
    const id = crypto.randomUUID();
    expect(exportQuery.parse({ format: "qti", ids: `${id},${id}` })).toEqual({
      format: "qti",
      question_ids: [id, id],
    });
  });
});
