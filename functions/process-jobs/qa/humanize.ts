import type { AnswerModel, Citation } from "../../_shared/ai/types.ts";
import { isAiError } from "../../_shared/ai/errors.ts";
import { done, type JobHandler } from "../../_shared/jobs/types.ts";
import type { QaStore, StoredCitation } from "./store.ts";

/** qa.humanize: plain, readable wording. It never hides that AI wrote the answer, and never holds it up. */
export const humanizeAnswer =
  (deps: { store: QaStore; answers: AnswerModel }): JobHandler => async (job, signal) => {
    const begun = await deps.store.beginHumanization(job);
    if (!begun.proceed) return done({ skipped: true });

    const started = Date.now();
    const record = {
      originalVersionId: begun.version_id,
      service: `${deps.answers.provider}/${deps.answers.model}`,
      changes: 0,
    };
    try {
      const rewrite = await deps.answers.rewritePlainly({
        text: begun.content,
        citations: begun.citations.map(toCitation),
        purpose: "qa.humanize",
        resourceId: job.resource_id ?? undefined,
        signal,
      });
      const changed = rewrite.changes.length > 0 && rewrite.text !== begun.content;
      await deps.store.recordHumanized(job, {
        ...record,
        status: changed ? "success" : "skipped",
        content: changed ? rewrite.text : undefined,
        changes: changed ? rewrite.changes.length : 0,
        milliseconds: Date.now() - started,
        error: rewrite.rejectedBecause,
      });
      return done({ changed });
    } catch (error) {
      // Worth another try while there are any left; after that the answer goes on as it is.
      if (!isAiError(error) || (error.retryable && job.attempts < job.max_attempts)) throw error;
      await deps.store.recordHumanized(job, {
        ...record,
        status: "failed",
        milliseconds: Date.now() - started,
        error: `${error.code}: ${error.message}`,
      });
      return done({ changed: false, error: error.code });
    }
  };

const toCitation = (stored: StoredCitation): Citation => ({
  marker: stored.position,
  passageId: stored.document_id ?? "",
  quote: stored.quote,
  start: 0,
  end: stored.quote.length,
});
