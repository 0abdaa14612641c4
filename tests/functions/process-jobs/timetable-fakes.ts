// What stands around the structuring of a timetable, kept in memory: the database with its cache, the cloud, the model.
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import type { AiCallEntry } from "../../../functions/_shared/ai/record.ts";
import type { ChatModel, ChatRequest, ChatResult } from "../../../functions/_shared/ai/types.ts";
import { StageError } from "../../../functions/_shared/jobs/stage.ts";
import type { Job } from "../../../functions/_shared/jobs/types.ts";
import type { CloudOcr } from "../../../functions/_shared/ocr/index.ts";
import type { Block, Page, ReadDocument } from "../../../functions/_shared/timetable/types.ts";
import type { ModelBlock } from "../../../functions/process-jobs/timetable/llm.ts";
import type {
  Begun,
  BlocksToRecord,
  Correction,
  TimetableStore,
} from "../../../functions/process-jobs/timetable/store.ts";
import type { StructureDeps } from "../../../functions/process-jobs/timetable/structure.ts";
import { job } from "./fakes.ts";

export const structureJob = (over: Partial<Job> = {}): Job =>
  job({ job_type: "timetable.structure", payload: {}, resource_id: crypto.randomUUID(), ...over });

const box = { x: 100, y: 50, width: 200, height: 20 };
export const line = (text: string, at = box) => ({
  text,
  box: at,
  confidence: 0.9,
  words: [],
  rotation: 0 as const,
  size: 12,
});

export const page = (...texts: string[]): Page => ({
  number: 1,
  width: 1000,
  height: 500,
  tables: [],
  lines: texts.map((text) => line(text)),
  source: "ocr",
});

export const block = (over: Partial<Block> = {}): Block => ({
  day: "Monday",
  name: "Maths",
  start: "09:00",
  end: "10:00",
  page: 1,
  box,
  confidence: 0.95,
  reasons: [],
  accepted: true,
  ...over,
});

export const modelBlock = (over: Partial<ModelBlock> = {}): ModelBlock => ({
  day: "Monday",
  name: "Maths",
  start: "09:00",
  end: "10:00",
  notes: "",
  page: 1,
  ...over,
});

export interface Fakes {
  deps: StructureDeps;
  recorded: BlocksToRecord[];
  failed: string[];
  stages: string[];
  calls: AiCallEntry[];
  cache: Map<string, unknown>;
  downloads: number;
}

export function fakes(options: {
  begun?: Partial<Extract<Begun, { proceed: true }>> | { proceed: false; status: string };
  /** What the local reading makes of a document, by the engine that read it. */
  blocks?: Record<string, Block[]>;
  corrections?: Correction[];
  cloud?: CloudOcr;
  reader?: { chat: ChatModel; canSee?: boolean };
  lost?: boolean;
  cache?: Map<string, unknown>;
}): Fakes {
  const found: Fakes = {
    deps: undefined as never,
    recorded: [],
    failed: [],
    stages: [],
    calls: [],
    cache: options.cache ?? new Map<string, unknown>(),
    downloads: 0,
  };
  const document = {
    proceed: true,
    document_id: crypto.randomUUID(),
    sha256: "a".repeat(64),
    bucket_id: "timetables",
    path: "someone/x/table.png",
    mime_type: "image/png",
    tier: "tesseract",
    engine: "local",
    threshold: 0.8,
    pages: [page("Monday", "Maths 9.00 - 10.00", "Art 2.15 - 3.00")],
    ...options.begun,
  } as Begun;
  const store: TimetableStore = {
    begin: () => Promise.resolve(document),
    correctionsOf: () => Promise.resolve(options.corrections ?? []),
    stage: (_job, status) => {
      found.stages.push(status);
      return Promise.resolve();
    },
    record: (_job, blocks) => {
      if (options.lost) return Promise.reject(new StageError("lease_lost", "taken over"));
      found.recorded.push(blocks);
      return Promise.resolve({ recorded: true, status: "completed" });
    },
    fail: (_job, code) => {
      found.failed.push(code);
      return Promise.resolve();
    },
    download: () => {
      found.downloads += 1;
      return Promise.resolve(Uint8Array.from([1, 2, 3]));
    },
    cached: (namespace, key) => Promise.resolve(found.cache.get(`${namespace}:${key}`) ?? null),
    remember: (namespace, key, value) => {
      found.cache.set(`${namespace}:${key}`, structuredClone(value));
      return Promise.resolve();
    },
  };
  found.deps = {
    store,
    recordCall: (entry) => void found.calls.push(entry),
    structure: (read: ReadDocument) => options.blocks?.[read.engine] ?? [],
    cloud: () => options.cloud ?? null,
    reader: () => options.reader ? { canSee: false, ...options.reader } : null,
  };
  return found;
}

export function fakeCloud(
  answer: ReadDocument | AiError,
): CloudOcr & { asked: { mimeType: string }[] } {
  const asked: { mimeType: string }[] = [];
  return {
    provider: "fake",
    model: "eyes",
    asked,
    read({ mimeType }) {
      asked.push({ mimeType });
      if (answer instanceof AiError) return Promise.reject(answer);
      return Promise.resolve({ document: answer, attempts: 1, latencyMs: 5, costMicroUsd: 1500 });
    },
  };
}

export function fakeChat(
  answer: ModelBlock[] | AiError,
): ChatModel & { asked: ChatRequest<unknown>[] } {
  const asked: ChatRequest<unknown>[] = [];
  return {
    provider: "fake",
    model: "reader-1",
    asked,
    complete<T>(request: ChatRequest<T>): Promise<ChatResult<T>> {
      asked.push(request as ChatRequest<unknown>);
      if (answer instanceof AiError) return Promise.reject(answer);
      const json = request.output?.schema.parse({ blocks: answer }) as T;
      return Promise.resolve({ text: JSON.stringify(answer), json } as ChatResult<T>);
    },
    stream: () => {
      throw new Error("nobody reads along");
    },
  };
}
