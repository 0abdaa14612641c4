// study.read_pages: pages of study material that are pictures. Each is delivered as soon as it is read; whoever takes over
// from a dead worker is told which are left.
import { z } from "zod";
import type { Json } from "../../functions/_shared/db/types.ts";
import { unwrap } from "../../functions/_shared/jobs/stage.ts";
import { done, failed, type JobHandler } from "../../functions/_shared/jobs/types.ts";
import { pageOfRecognised } from "../../functions/_shared/material/index.ts";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../functions/_shared/db/types.ts";
import type { OcrEngine } from "./engine/types.ts";
import { ReadError } from "./errors.ts";
import { loadImage, type Raster } from "./image/raster.ts";
import { openPdf } from "./pdf/read.ts";
import type { EngineHolder } from "./worker-engine.ts";
import type { ReadingStore } from "./worker-store.ts";

export interface MaterialDeps {
  admin: SupabaseClient<Database>;
  store: ReadingStore;
  engines: EngineHolder;
  stopping: AbortSignal;
}

const begunSchema = z.union([
  z.object({ proceed: z.literal(false) }),
  z.object({
    proceed: z.literal(true),
    bucket_id: z.string(),
    path: z.string(),
    file_type: z.string(),
    pages: z.array(z.object({ part_no: z.number(), page_number: z.number() })),
  }),
]);

/** Below this a line is more often dirt than words. */
const LEAST_CONFIDENCE = 0.4;

async function recognise({ width, height, gray }: Raster, number: number, engine: OcrEngine) {
  const lines = await engine.read({ width, height, data: gray }, { layout: "page" });
  return pageOfRecognised({
    number,
    width,
    height,
    lines: lines.filter(({ confidence, text }) =>
      confidence >= LEAST_CONFIDENCE && /[\p{L}\p{N}]/u.test(text)
    ).map(({ text, box }) => ({ text, box, size: box.height })),
  });
}

async function openPages(bytes: Uint8Array, fileType: string) {
  if (fileType !== "pdf") {
    return { raster: async () => await loadImage(bytes), close: () => Promise.resolve() };
  }
  const pdf = await openPdf(bytes);
  return { raster: async (page: number) => (await pdf.page(page)).raster, close: pdf.close };
}

export const readMaterialPages =
  ({ admin, store, engines, stopping }: MaterialDeps): JobHandler => async (job, signal) => {
    const study = admin.schema("study");
    const lease = { p_job_id: job.id, p_lease_token: job.lease_token };
    const begun = begunSchema.parse(unwrap(await study.rpc("begin_page_reading", lease)));
    if (!begun.proceed) return done({ skipped: true });
    // What stopped the workers before this one would stop it too: the rest of its pages is left out.
    const stopsWorkers = job.error_message?.startsWith("lease_expired") ?? false;
    const bytes = job.attempts >= job.max_attempts && stopsWorkers
      ? null
      : await store.download(begun.bucket_id, begun.path);
    let read = 0;
    if (bytes) {
      const stopped = await engines.during(async (engine) => {
        const pages = await openPages(bytes, begun.file_type).catch(readError);
        if (!pages) return false;
        try {
          for (const { part_no, page_number } of begun.pages) {
            signal.throwIfAborted();
            if (stopping.aborted) return true;
            const raster = await pages.raster(page_number).catch(readError);
            const page = raster && await recognise(raster, page_number, await engine());
            const blocks = page && page.lines.length > 0 ? [page] as unknown as Json : null;
            const recorded = unwrap(
              // Null says that there is nothing to be read on it.
              await study.rpc("put_recognised_page", {
                ...lease,
                p_part_no: part_no,
                p_blocks: blocks as Json,
              }),
            );
            if (!recorded) return false;
            read += 1;
          }
          return false;
        } finally {
          await pages.close();
        }
      });
      if (stopped) return failed("worker_stopped", true, 0);
    }
    unwrap(await study.rpc("finish_page_reading", lease));
    return done({ pages: read });
  };

/** What a file is to blame for leaves its pages out; all else is tried again. */
function readError(error: unknown): null {
  if (error instanceof ReadError) return null;
  throw error;
}
