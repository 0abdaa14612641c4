// A book of 500 pages through the whole of the product, from its upload to the last vector, by one worker: pages a second,
// and how much of that is reading the file.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { createClient } from "@supabase/supabase-js";
import { chunkMaterial, parseMaterial } from "../../../functions/_shared/material/index.ts";
import { type Stack, startStack } from "../../stack/stack.ts";
import type { BenchCase, Comparison } from "../types.ts";
import { numbers } from "./study-search-rows.ts";

const PAGES = 500;
const LINES = 42;

/** A PDF by hand: a heading and lines of ten words on each page, in a font that every reader has. */
function makeBook(pages: number): Uint8Array<ArrayBuffer> {
  const random = numbers(500);
  const word = () =>
    Math.floor(random() ** 3 * 30_000 + 700).toString(26).replace(
      /\d/g,
      (d) => "qrstuvwxyz"[Number(d)] ?? "",
    );
  const objects = [
    "",
    "",
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
  ];
  const kids = Array.from({ length: pages }, (_, page) => {
    const heading = page % 10 === 0
      ? `/F1 20 Tf 1 0 0 1 72 730 Tm (Chapter ${page / 10 + 1}) Tj\n`
      : "";
    const lines = Array.from({ length: LINES }, (_, i) => {
      const words = Array.from({ length: 10 }, word).join(" ");
      return `/F1 11 Tf 1 0 0 1 72 ${700 - 15 * i} Tm (${words}${i % 6 === 5 ? "." : ""}) Tj`;
    });
    const content = `BT\n${heading}${lines.join("\n")}\nET`;
    objects.push(`<</Length ${content.length}>>stream\n${content}\nendstream`);
    objects.push(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents ${objects.length} 0 R/Resources<</Font<</F1 3 0 R>>>>>>`,
    );
    return objects.length;
  });
  objects[0] = "<</Type/Catalog/Pages 2 0 R>>";
  objects[1] = `<</Type/Pages/Count ${pages}/Kids[${kids.map((no) => `${no} 0 R`).join(" ")}]>>`;
  let file = "%PDF-1.7\n";
  const places = objects.map((body, i) => {
    const place = file.length;
    file += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  file +=
    `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${file.length}\n%%EOF\n`;
  return Uint8Array.from(Buffer.from(file, "latin1"));
}

async function takeIn(stack: Stack, book: Uint8Array<ArrayBuffer>, name: string): Promise<number> {
  const client = createClient(stack.url, stack.publishableKey, {
    db: { schema: "study" },
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data } = await client.auth.signUp({
    email: `${randomUUID()}@lyceum.test`,
    password: "correct-horse-battery",
  });
  const path = `${data.user?.id}/${name}`;
  const stored = await client.storage.from("materials").upload(path, book, {
    contentType: "application/pdf",
  });
  if (stored.error) throw stored.error;
  const started = performance.now();
  const made = await client.rpc("create_material", { p_path: path });
  if (made.error) throw made.error;
  for (;;) {
    const { data: row } = await client.from("materials").select(
      "processing_status, processing_error, page_count",
    )
      .eq("id", (made.data as { id: string }).id).single();
    assert.notEqual(row?.processing_status, "failed", String(row?.processing_error));
    if (row?.processing_status === "completed") {
      assert.equal(row.page_count, PAGES);
      return PAGES / (performance.now() - started) * 1000;
    }
    await wait(100);
  }
}

export const studyIngestCase: BenchCase = {
  name: "study-ingest",
  about:
    `a PDF of ${PAGES} pages from upload to vectors by one worker, against reading and cutting it alone`,
  run: async (bench) => {
    const book = makeBook(PAGES);
    const stack = await startStack({
      port: 0,
      data: "memory",
      databaseUrl: await bench.scratch(),
      seed: false,
      workers: 1,
      quiet: true,
      env: { EMBEDDINGS_PROVIDER: "local" },
    });
    try {
      const [ours, against]: [number[], number[]] = [[], []];
      for (let round = 0; round < Math.min(bench.rounds, 3); round++) {
        ours.push(await takeIn(stack, book, `book-${round}.pdf`));
        const started = performance.now();
        const chunks = await chunkMaterial(await parseMaterial(book, { name: "book.pdf" }));
        against.push(PAGES / (performance.now() - started) * 1000);
        bench.say(`${ours.at(-1)?.toFixed(0)} pages a second, ${chunks.length} passages`);
      }
      const comparison: Comparison = {
        case: "study-ingest",
        what: `${PAGES} pages by one worker`,
        ours: "taken in",
        against: "read and cut alone",
        of: "rate",
        ratios: ours.map((rate, i) => rate / (against[i] ?? NaN)),
        measured: { ours, against },
        note: `${Math.max(...ours).toFixed(0)} pages a second at best`,
      };
      return [comparison];
    } finally {
      await stack.stop();
    }
  },
};
