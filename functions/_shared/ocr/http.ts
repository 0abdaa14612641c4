// Any service that speaks the contract of our callback, asked while we wait: it gets the file, and answers with the pages
// as they would stand in a delivery, {"engine", "pages"}.

import { AiError } from "../ai/errors.ts";
import { Deadline, withRetries } from "../ai/retry.ts";
import { readDocumentSchema } from "./delivery.ts";
import { ask } from "./request.ts";
import type { CloudOcr, CloudSettings } from "./types.ts";

const PROVIDER = "http";

export const createHttpOcr = (settings: CloudSettings): CloudOcr => ({
  provider: PROVIDER,
  model: new URL(settings.url).hostname,
  async read({ bytes, mimeType, signal }) {
    const started = performance.now();
    const { timeoutMs, maxAttempts } = settings;
    const deadline = new Deadline({ timeoutMs, deadlineMs: 3 * timeoutMs, maxAttempts }, signal);
    const document = await withRetries(deadline, async (attempt) => {
      const { json } = await ask(PROVIDER, settings.url, {
        method: "POST",
        headers: {
          "content-type": mimeType,
          accept: "application/json",
          ...(settings.key === undefined ? {} : { authorization: `Bearer ${settings.key}` }),
        },
        body: bytes,
        signal: attempt.signal,
      }, signal);
      const parsed = readDocumentSchema.safeParse(json);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      throw new AiError(
        "malformed_output",
        `The answer is no reading: ${issue?.path.map(String).join(".")}: ${issue?.message}`,
        { provider: PROVIDER },
      );
    });
    const price = settings.microUsdPerPage;
    return {
      document,
      attempts: deadline.attempts,
      latencyMs: Math.round(performance.now() - started),
      costMicroUsd: price === null ? null : price * document.pages.length,
    };
  },
});
