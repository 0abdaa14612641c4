import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../_shared/db/types.ts";
import { sha256Hex } from "../../_shared/text/hash.ts";
import { inspectImage, type SniffedImage } from "../../_shared/text/sniff.ts";

export type StoredFile = {
  file_id: string;
  bucket_id: string;
  path: string;
  mime_type: string | null;
};
export type Verdict = { status: "clean" | "rejected"; reason: string | null };
export interface ImageInspector {
  inspect(file: StoredFile): Promise<Verdict>;
}

const MAX_BYTES = 10 * 1024 * 1024;

/** Looks into the bytes: a name and a declared type are only what the sender says. */
export function createImageInspector(admin: SupabaseClient<Database>): ImageInspector {
  return {
    async inspect(file) {
      const { data, error } = await admin.storage.from(file.bucket_id).download(file.path);
      if (error) throw new Error(`storage: ${error.message}`);
      const bytes = new Uint8Array(await data.arrayBuffer());
      const { mime, reason } = judge(bytes, file.mime_type);
      const recorded = await admin.schema("core").rpc("record_file_inspection", {
        p_file_id: file.file_id,
        p_sha256: await sha256Hex(bytes),
        p_detected_mime: mime ?? "application/octet-stream",
        p_is_clean: reason === null,
        p_reason: reason ?? undefined,
      });
      if (recorded.error) throw new Error(`record_file_inspection: ${recorded.error.message}`);
      return { status: reason === null ? "clean" : "rejected", reason };
    },
  };
}

function judge(bytes: Uint8Array, declared: string | null): {
  mime: SniffedImage["mime"] | null;
  reason: string | null;
} {
  const verdict = inspectImage(bytes);
  if (!verdict.ok) return { mime: null, reason: verdict.reason };
  const { mime } = verdict.image;
  if (bytes.length > MAX_BYTES) return { mime, reason: "the file is too large" };
  if (declared && declared !== mime) {
    return { mime, reason: `the file is called ${declared} but is ${mime}` };
  }
  return { mime, reason: null };
}
