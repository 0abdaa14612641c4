// Files through the whole of the product: uploaded, read by the worker, found by their owner, and refused with a reason.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../setup/realtime.ts";
import { type Person, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { docxFile, paragraph } from "../../functions/material/office-file.ts";
import { linesAt, pdfFile } from "../../functions/material/pdf-file.ts";
import { scannedPdf } from "../timetable/documents.ts";
import { type Server, startServer } from "../timetable/server.ts";
import { photograph } from "./pictures.ts";
import { learner, type Material, passagesOf, prose, settled, takeIn, upload } from "./material.ts";

let ann: Person;
beforeAll(async () => {
  ann = await learner();
});

const book = (pages: number) =>
  pdfFile(Array.from({ length: pages }, (_, page) => [
    { text: `Chapter ${page + 1}`, x: 72, y: 80, size: 20, font: "bold" as const },
    ...linesAt(
      72,
      130,
      Array.from(
        { length: 30 },
        (_, i) =>
          `Page ${page + 1} line ${i + 1} explains how the valves of the heart close in turn.`,
      ),
    ),
  ]));

const files: [string, string, () => Uint8Array | string, RegExp][] = [
  ["a PDF", "heart.pdf", () => book(3), /Page 2 line 7 explains/],
  [
    "a Word file",
    "heart.docx",
    () => docxFile(paragraph("The heart", "Heading1") + paragraph(prose("mitral valve"))),
    /Sentence 3 about the mitral valve/,
  ],
  [
    "Markdown",
    "heart.md",
    () => `# The heart\n\n${prose("aorta")}\n\n## Valves\n\n${prose("valve")}`,
    /about the aorta/,
  ],
  [
    "HTML",
    "heart.html",
    () => `<h1>The heart</h1><script>alert(1)</script><p>${prose("atrium")}</p>`,
    /about the atrium/,
  ],
  ["plain text", "heart.txt", () => `THE HEART\n\n${prose("ventricle")}`, /about the ventricle/],
];

describe("what is taken in", () => {
  test.each(files)("%s", async (_what, name, content, expected) => {
    const material = await takeIn(ann, name, content());
    expect(material).toMatchObject({
      processing_status: "completed",
      processing_error: null,
      progress: 100,
      ready_revision: 1,
      language: "english",
    });
    const passages = await passagesOf(ann, material.id);
    expect(passages.length).toBe(material.chunk_count);
    expect(passages.some(({ content }) => expected.test(content))).toBe(true);
    expect(passages.every(({ content }) => !content.includes("alert("))).toBe(true);
    const [{ n } = { n: 0 }] = await sql<{ n: number }>(
      `select count(*)::integer as n from study.chunk_embeddings as e
       join study.material_chunks as c on c.id = e.chunk_id where c.material_id = $1`,
      [material.id],
    );
    expect(n).toBe(passages.length);
  });

  test("a PDF with its pages and chapters", async () => {
    const material = await takeIn(ann, "pages.pdf", book(5));
    expect(material.page_count).toBe(5);
    for (
      const { content, page_number, page_end, heading_path } of await passagesOf(ann, material.id)
    ) {
      const pages = [...content.matchAll(/Page (\d+) line/g)].map(([, page]) => Number(page));
      expect(Math.min(...pages)).toBe(page_number);
      expect(Math.max(...pages)).toBe(page_end);
      expect(heading_path.at(-1)).toMatch(/^Chapter \d$/);
    }
  });

  test("telling its owner how far it is", async () => {
    const ben = await learner();
    const heard = await listen(ben.client, `user:${ben.id}`);
    const { id } = await takeIn(ben, "heart.txt", prose("heart", 60));
    await expect.poll(() => heard.heard.at(-1)?.payload).toMatchObject({
      material_id: id,
      status: "completed",
      progress: 100,
    });
    const told = heard.heard.filter(({ event }) => event === "material_progress")
      .map(({ payload }) => payload as { status: string; progress: number });
    expect(told.map(({ status }) => status)).toEqual(
      expect.arrayContaining(["parsing", "embedding", "completed"]),
    );
    const progress = told.map((step) => step.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  test("a new version: passages that did not change keep their ids, the others are new", async () => {
    const chapters = (changed: string) =>
      ["aorta", changed, "valve", "atrium"].map((topic) => `# The ${topic}\n\n${prose(topic, 14)}`)
        .join("\n\n");
    const material = await takeIn(ann, "book.md", chapters("ventricle"));
    const before = await passagesOf(ann, material.id);
    const path = await upload(ann, "book.md", chapters("septum"));
    await granted(
      ann.client.rpc("replace_material_file", { p_material_id: material.id, p_path: path }),
    );
    // Until it is ready, what was there is found.
    expect((await passagesOf(ann, material.id)).length).toBe(before.length);
    const after = await until(async () => {
      const now = await settled(ann.client, material.id);
      return now.ready_revision === 2 && now;
    }, "the second version");
    expect(after.processing_status).toBe("completed");
    const now = await passagesOf(ann, material.id);
    const kept = now.filter(({ id }) => before.some((old) => old.id === id));
    expect(kept.map(({ content }) => content)).toEqual(
      now.filter(({ content }) => !content.includes("septum")).map(({ content }) => content),
    );
    expect(now.some(({ content }) => content.includes("ventricle"))).toBe(false);
  });

  test("the same file twice: the second says which the first is", async () => {
    const first = await takeIn(ann, "twice.txt", prose("duplicate"));
    const second = await takeIn(ann, "other-name.txt", prose("duplicate"));
    expect(second).toMatchObject({
      processing_status: "failed",
      processing_error: "material_duplicate",
    });
    const { data } = await ann.client.from("material_processing_jobs").select("result")
      .eq("material_id", second.id).single();
    expect(data).toMatchObject({ result: { duplicate_of: first.id } });
  });

  test("topics and tags are suggested by what it says", async () => {
    const [topic] = await sql<{ id: string; slug: string; name: string }>(
      "insert into core.topics (slug, name) values ('mitral-valve-e2e', 'Mitral valve') returning id, slug, name",
    );
    const material = await takeIn(ann, "topics.txt", prose("mitral valve", 20));
    const { data: topics } = await ann.client.from("material_topics").select("topic_id, status")
      .eq("material_id", material.id);
    expect(topics).toContainEqual({ topic_id: topic?.id, status: "suggested" });
    const { data: tags } = await ann.client.from("material_tags").select("tag")
      .eq("material_id", material.id).eq("is_auto_generated", true);
    expect(tags).toContainEqual({ tag: "mitral valve" });
  });
});

describe("pictures of text", { timeout: 90_000 }, () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({ ocr: true });
    // Before the worker has called in, nobody waits for one.
    await until(
      async () =>
        (await server.stack.sql(
          "select from ops.job_types where job_type = 'study.read_pages' and is_enabled",
        )).length === 1,
      "the OCR worker to call in",
      60_000,
    );
  });
  afterAll(() => server?.stop());

  test("are read by the OCR worker: a photograph, and the pages of a PDF that have no text", async () => {
    const teacher = await server.teacher();
    const client = teacher.client.schema("study") as unknown as Person["client"];
    const take = async (name: string, bytes: Uint8Array, contentType: string) => {
      const path = `${teacher.id}/${crypto.randomUUID()}/${name}`;
      const { error } = await teacher.client.storage.from("materials")
        .upload(path, Buffer.from(bytes), { contentType });
      if (error) throw error;
      const { id } = await granted(client.rpc("create_material", { p_path: path })) as Material;
      return await settled(client, id, 60_000);
    };
    const page = await photograph([
      "The heart has four chambers.",
      "The mitral valve has two leaflets.",
    ]);
    const photo = await take("board.png", page, "image/png");
    const scan = await take("scan.pdf", await scannedPdf([page, page]), "application/pdf");
    for (const [material, pages] of [[photo, 1], [scan, 2]] as const) {
      expect(material).toMatchObject({ processing_status: "completed", page_count: pages });
      const { data } = await client.from("material_chunks").select("content, page_end")
        .eq("material_id", material.id).order("chunk_no");
      const text = (data as { content: string }[]).map(({ content }) => content).join(" ");
      expect(text).toContain("The mitral valve has two leaflets");
    }
  });
});

describe("what is refused, with a code, in a state that is stated", () => {
  const cut = () => book(3).slice(0, 900);
  const cases: [string, string, () => Uint8Array | string, string][] = [
    ["a PDF that breaks off", "cut.pdf", cut, "material_damaged"],
    [
      "a PDF with a password",
      "locked.pdf",
      () => pdfFile([[]], { trailer: "/Encrypt 99 0 R" }),
      "material_",
    ],
    ["a text that calls itself a PDF", "text.pdf", () => prose("heart"), "material_type_mismatch"],
    ["a PDF that calls itself a text", "pdf.txt", () => book(1), "material_type_mismatch"],
    [
      "bytes that call themselves a text",
      "bytes.txt",
      () => new Uint8Array(2000).map((_, i) => i * 7),
      "material_",
    ],
    ["white space", "blank.txt", () => " \n\t\n ".repeat(50), "material_empty"],
    [
      "an archive that calls itself a Word file",
      "zip.docx",
      () => Buffer.from("PK\u0003\u0004" + "x".repeat(500)),
      "material_damaged",
    ],
  ];
  test.each(cases)("%s", async (_what, name, content, code) => {
    const material = await takeIn(ann, name, content());
    expect(material.processing_status).toBe("failed");
    expect(material.processing_error).toMatch(new RegExp(`^${code}`));
    expect(await passagesOf(ann, material.id)).toEqual([]);
    const { data: job } = await ann.client.from("material_processing_jobs").select("*")
      .eq("material_id", material.id).single();
    expect(job).toMatchObject({ status: "failed", error_code: material.processing_error });
  });

  test("a picture, where no OCR worker calls in", async () => {
    const material = await takeIn(ann, "board.png", await photograph(["Nobody reads this."]));
    expect(material).toMatchObject({
      processing_status: "failed",
      processing_error: "material_needs_ocr",
    });
  });

  test("an empty file, at once", async () => {
    const path = await upload(ann, "empty.txt", "");
    const { error } = await ann.client.rpc("create_material", { p_path: path });
    expect(error).toMatchObject({ message: "material_empty" });
  });

  test("and tried again, it says the same", async () => {
    const { id } = await takeIn(ann, "cut.pdf", book(4).slice(0, 1000)) as Material;
    await granted(ann.client.rpc("retry_material", { p_material_id: id }));
    const again = await until(async () => {
      const now = await settled(ann.client, id);
      return now.revision === 2 && now.processing_status === "failed" && now;
    }, "the second try");
    expect(again.processing_error).toBe("material_damaged");
  });

  test("leaves no job behind, and no dead letter", async () => {
    expect(
      await sql(
        "select job_type, error_message from ops.dead_letters where job_type like 'study.%'",
      ),
    )
      .toEqual([]);
    await until(
      async () =>
        (await sql("select from ops.queue_items where job_type = 'study.ingest'")).length === 0,
      "the queue to be empty",
    );
    expect(await sql("select from study.chunk_drafts")).toEqual([]);
    expect(await sql("select from study.material_pages")).toEqual([]);
  });
});
