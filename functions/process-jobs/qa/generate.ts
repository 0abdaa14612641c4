import type { AnswerModel, EmbeddingModel, Passage } from "../../_shared/ai/types.ts";
import { done, type Job, type JobHandler } from "../../_shared/jobs/types.ts";
import { type FoundPassage, rankPassages } from "../../_shared/retrieval/rank.ts";
import type { Generation, QaStore } from "./store.ts";
import type { ImageInspector } from "../files/inspect.ts";

const CANDIDATES = 24;
const PASSAGES = 8;

export const UNREAD_IMAGE_TEXT =
  "The question is a picture whose text has not been read; an expert answers it.";

type Deps = {
  store: QaStore;
  answers: AnswerModel;
  embeddings: EmbeddingModel;
  images: ImageInspector;
};

/** qa.generate: retrieve from the material and consented answers, answer from that alone, cite it. */
export const generateAnswer = (deps: Deps): JobHandler => async (job, signal) => {
  const question = await deps.store.beginGeneration(job);
  if (!question.proceed) return done({ skipped: true });

  const refused = await inspectImages(deps, question);
  if (refused && question.question_type === "image") {
    await deps.store.rejectUnreadable(job, refused);
    return done({ rejected: refused });
  }

  const text = readableText(question);
  if (text === "") {
    await deps.store.recordAnswer(job, {
      content: UNREAD_IMAGE_TEXT,
      citations: [],
      provider: "none",
      model: "none",
      confidence: 0,
      isCovered: false,
    });
    return done({ covered: false });
  }

  const found = await deps.store.retrieve(text, question.topic_id, CANDIDATES);
  const passages = await rankPassages(text, found, deps.embeddings, {
    purpose: "qa.rank",
    signal,
  });
  return done(await answer(deps, job, text, question.notes, passages.slice(0, PASSAGES), signal));
};

async function answer(
  deps: Deps,
  job: Job,
  question: string,
  notes: string | null,
  found: FoundPassage[],
  signal: AbortSignal,
) {
  const passages: Passage[] = found.map((p) => ({ id: p.id, title: p.title, text: p.body }));
  const result = await deps.answers.answerFromPassages({
    question,
    passages,
    notes: notes ?? undefined,
    purpose: "qa.generate",
    resourceId: job.resource_id ?? undefined,
    signal,
  });
  const byId = new Map(found.map((p) => [p.id, p]));
  await deps.store.recordAnswer(job, {
    content: result.text,
    citations: result.citations.map((c) => {
      const source = byId.get(c.passageId);
      return {
        document_id: c.passageId,
        title: source?.title ?? "",
        quote: c.quote,
        locator: source?.locator ?? {},
      };
    }),
    provider: result.provider,
    model: result.model,
    confidence: result.confidence,
    isCovered: result.covered,
  });
  return { covered: result.covered, citations: result.citations.length, model: result.model };
}

/** The reason why no image of the question can be used, or null. */
async function inspectImages(
  deps: Deps,
  question: Extract<Generation, { proceed: true }>,
): Promise<string | null> {
  let reason: string | null = null;
  let refused = 0;
  for (const image of question.images) {
    const verdict = image.status === "pending"
      ? await deps.images.inspect(image)
      : { status: image.status, reason: image.rejected_reason };
    if (verdict.status !== "rejected") continue;
    refused += 1;
    reason = verdict.reason ?? "the file is not a picture";
  }
  return refused === question.images.length ? reason : null;
}

function readableText(question: Extract<Generation, { proceed: true }>): string {
  return [question.content, ...question.images.map((image) => image.extracted_text ?? "")]
    .filter((part) => part.trim() !== "")
    .join("\n\n");
}
