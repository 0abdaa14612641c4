// What the rest of the code may ask of an OCR service in the cloud, whoever runs it. Expected failures are AiErrors: the
// same few kinds, with the same rules for trying again.

import type { ReadDocument } from "../timetable/types.ts";
import type { FileType } from "./delivery.ts";

export interface CloudRequest {
  bytes: Uint8Array<ArrayBuffer>;
  mimeType: FileType;
  signal?: AbortSignal;
}

export interface CloudReading {
  document: ReadDocument;
  attempts: number;
  latencyMs: number;
  /** Millionths of a US dollar; null when the price of a page is not set. */
  costMicroUsd: number | null;
}

export interface CloudOcr {
  readonly provider: string;
  readonly model: string;
  read(request: CloudRequest): Promise<CloudReading>;
}

export interface CloudSettings {
  url: string;
  key: string | undefined;
  /** For one request; reading as a whole may take three times as long. */
  timeoutMs: number;
  microUsdPerPage: number | null;
  maxAttempts: number;
  /** Between two questions whether the result is there (Azure). */
  pollMs?: number;
}
