import { isAiError, mayRetry, publicErrorCode } from "../../_shared/ai/errors.ts";
import type { AnswerModel, EmbeddingModel } from "../../_shared/ai/types.ts";
import { done, type Job, type JobHandler } from "../../_shared/jobs/types.ts";
import { rankPassages } from "../../_shared/retrieval/rank.ts";
import { createPublisher, StoppedError } from "./publisher.ts";
import type { Begun, SocialStore } from "./store.ts";

const CANDIDATES = 24;
const PASSAGES = 8;

type Deps = {
  store: SocialStore;
  answers: AnswerModel;
  embeddings: EmbeddingModel;
  /** Least time between two pieces of the stream. */
  intervalMs?: number;
};

/** social.answer_question: answers from what everybody may read, and lets listeners read along. */
export const answerQuestion = (deps: Deps): JobHandler => async (job, signal) => {
  const question = await deps.store.begin(job);
  if (!question.proceed) return done({ skipped: question.error_code ?? question.status });
  try {
    return done(await write(deps, job, question, signal));
  } catch (error) {
    if (error instanceof StoppedError) return done({ skipped: "question_unavailable" });
    if (signal.aborted || codeOf(error) === "lease_lost") throw error;
    const isOver = job.attempts >= job.max_attempts || (isAiError(error) && !mayRetry(error));
    if (isOver) await deps.store.fail(job, publicErrorCode(error, "generation_failed"));
    throw error;
  }
};

async function write(
  { store, answers, embeddings, intervalMs }: Deps,
  job: Job,
  question: Extract<Begun, { proceed: true }>,
  caller: AbortSignal,
) {
  const started = performance.now();
  const text = `${question.title}\n\n${question.content}`;
  const found = await store.passages(job, CANDIDATES);
  const ranked = await rankPassages(text, found, embeddings, {
    purpose: "social.rank",
    signal: caller,
  });

  const publisher = createPublisher((index, piece) => store.stream(job, index, piece), intervalMs);
  const answer = await answers.answerFromPassages({
    question: text,
    passages: ranked.slice(0, PASSAGES).map((p) => ({ id: p.id, title: p.title, text: p.body })),
    purpose: "social.answer",
    resourceId: job.resource_id ?? undefined,
    signal: AbortSignal.any([caller, publisher.signal]),
    onDelta: publisher.write,
    onRestart: publisher.restart,
  });
  await publisher.flush();

  const recorded = await store.record(job, {
    text: answer.text,
    citations: answer.citations.map((c) => ({ document_id: c.passageId, quote: c.quote })),
    isCovered: answer.covered,
    confidence: answer.confidence,
    provider: answer.provider,
    model: answer.model,
    tokens: answer.usage.inputTokens + answer.usage.outputTokens,
    milliseconds: Math.round(performance.now() - started),
  });
  if (!recorded.recorded) return { skipped: recorded.error_code ?? recorded.status };
  return { covered: answer.covered, citations: answer.citations.length, model: answer.model };
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;
