// The database as study.ingest sees it, in memory.
import type { EmbeddingModel } from "../../../functions/_shared/ai/types.ts";
import type { Part, StudyStore, Work } from "../../../functions/process-jobs/study/store.ts";

export interface Chunk {
  chunk_no: number;
  content: string;
  heading_path: string[];
  char_start: number;
  char_end: number;
  page_number: number | null;
  page_end: number | null;
  page_breaks: number[];
}

export function fakeMaterial(
  bytes: Uint8Array | null,
  options: { type?: string; name?: string; model?: string; ocr?: boolean } = {},
) {
  const parts: Part[] = [];
  const chunks: Chunk[] = [];
  const vectors = new Map<number, string>();
  const log: string[] = [];
  let facts: Record<string, unknown> = {};
  const work: Work = {
    proceed: true,
    material_id: crypto.randomUUID(),
    status: "parsing",
    bucket_id: "materials",
    path: "ann/file",
    file_type: options.type ?? "pdf",
    file_name: options.name ?? "file.pdf",
    title: "The heart",
    page_count: null,
    parts_done: 0,
  };
  const store: Partial<StudyStore> = {
    begin: () => Promise.resolve({ ...work, parts_done: parts.length }),
    download: () => Promise.resolve(bytes && bytes.slice()),
    putParts: (_job, some, _progress, { pageCount }) => {
      for (const part of some) {
        if (!parts.some(({ part_no }) => part_no === part.part_no)) parts.push(part);
      }
      work.page_count = pageCount;
      log.push(`parts ${some.map(({ part_no }) => part_no)}`);
      return Promise.resolve(true);
    },
    readParts: () => Promise.resolve([...parts].sort((a, b) => a.part_no - b.part_no)),
    requestOcr: () => {
      log.push("ocr");
      if (!options.ocr) {
        for (const part of parts) if (part.status === "needs_ocr") part.status = "unreadable";
      }
      return Promise.resolve({ proceed: true, waits: options.ocr ?? false });
    },
    topics: () => Promise.resolve([]),
    putChunks: (_job, said, some) => {
      facts = said;
      chunks.push(...some as Chunk[]);
      if (said.is_last) work.status = "embedding";
      return Promise.resolve(true);
    },
    useModel: (model) =>
      Promise.resolve({
        model,
        status: (options.model ?? model) === model ? "active" : "building",
      }),
    nextDrafts: (_job, limit) =>
      Promise.resolve(chunks.filter(({ chunk_no }) => !vectors.has(chunk_no)).slice(0, limit)),
    putVectors: (_job, _model, some) => {
      for (const { chunk_no, embedding } of some) vectors.set(chunk_no, embedding);
      return Promise.resolve(true);
    },
    finish: () => {
      log.push("finish");
      return Promise.resolve({ added: chunks.length });
    },
    fail: (_job, code) => {
      log.push(`fail ${code}`);
      return Promise.resolve();
    },
    goOn: () => {
      log.push("go on");
      return Promise.resolve();
    },
  };
  return {
    store: store as StudyStore,
    log,
    parts,
    chunks,
    vectors,
    facts: () => facts,
    work,
  };
}

/** A provider that does what it is told to. */
export const provider = (
  embed: (texts: string[]) => number[][] | Promise<number[][]> = (texts) =>
    texts.map(() => [1, 0, 0, 0]),
): EmbeddingModel => ({
  provider: "fake",
  model: "fake-1",
  dimensions: 4,
  embed: async (texts) => ({
    provider: "fake",
    model: "fake-1",
    vectors: await embed(texts),
    dimensions: 4,
    usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
    costMicroUsd: 0,
    attempts: 1,
    latencyMs: 0,
  }),
});
