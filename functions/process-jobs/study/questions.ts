// study.generate_questions: passages become questions, one passage after the other, in an order that goes through all of
// the material. Where no language model is configured, terms are left out of its sentences.

import { type AiError, isAiError, mayRetry } from "../../_shared/ai/errors.ts";
import type { ChatModel } from "../../_shared/ai/types.ts";
import { done, type Job, type JobHandler, type JobOutcome } from "../../_shared/jobs/types.ts";
import { LOCAL_QUESTION_MODEL, makeCloze, readMaterial } from "../../_shared/questions/cloze/index.ts";
import { hash } from "../../_shared/questions/cloze/distractors.ts";
import { askForQuestions } from "../../_shared/questions/prompted.ts";
import { count, type Made, type SourcePassage } from "../../_shared/questions/types.ts";
import type { Generation, QuestionStore } from "./question-store.ts";

const LOCAL = "local";
/** Languages whose sentences the local provider can take apart. "simple": not known; its rules find little else. */
const LOCAL_LANGUAGES = ["english", "simple"];
const PER_CALL = 2;
const LEAST_CHARACTERS = 120;
const MOST_MALFORMED = 3;

export interface QuestionDeps {
  store: QuestionStore;
  chat: ChatModel;
  /** How long one run works before it lets others go first. */
  budgetMs?: number;
}

/** Makes questions of one passage; `round` counts how often it was tried. */
type Maker = (passage: SourcePassage, most: number, round: number) => Promise<Made>;

function localMaker(passages: SourcePassage[], { difficulty }: Generation): Maker {
  const material = readMaterial(passages);
  return async (passage, _most, round) => {
    // The heartbeat has its turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { questions, refused } = makeCloze(material, [passage], difficulty, round + 1);
    return { questions: questions.slice(round), refused: round === 0 ? refused : {} };
  };
}

const modelMaker = (chat: ChatModel, { generation_id, difficulty }: Generation, signal: AbortSignal): Maker => {
  let malformed = 0;
  return async (passage, most) => {
    if (passage.content.length < LEAST_CHARACTERS) return { questions: [], refused: {} };
    try {
      const made = await askForQuestions({ chat, signal, resourceId: generation_id }, passage, difficulty, Math.min(most, PER_CALL));
      malformed = 0;
      return made;
    } catch (error) {
      // One passage may confuse a model; a model that never does as it is asked is of no use.
      if (!isAiError(error) || error.code !== "malformed_output" || (malformed += 1) >= MOST_MALFORMED) throw error;
      return { questions: [], refused: { output_invalid: 1 } };
    }
  };
};

async function work(deps: QuestionDeps, job: Job, begun: Generation, signal: AbortSignal): Promise<JobOutcome> {
  const { store, chat } = deps;
  const isLocal = chat.provider === LOCAL;
  const end = performance.now() + (deps.budgetMs ?? 20_000);
  const passages = await store.passages(job);
  // Through all of the material, and in the same order for whoever takes over.
  const order = [...passages].sort((a, b) => hash(a.chunk_id) - hash(b.chunk_id) || a.chunk_no - b.chunk_no);
  const rounds = isLocal ? 3 : 1;
  const make = isLocal ? localMaker(passages, begun) : modelMaker(chat, begun, signal);
  let left = begun.count - begun.written;
  const refused: Record<string, number> = {};
  for (let at = begun.position; at < order.length * rounds && left > 0; at += 1) {
    signal.throwIfAborted();
    const passage = order[at % order.length];
    const isTried = !passage || (passage.has_questions && !begun.again);
    if (!isTried) {
      const round = Math.floor(at / order.length);
      const made = await make(passage, left, round);
      for (const [code, times] of Object.entries(made.refused)) {
        for (let i = 0; i < times; i += 1) count(refused, code);
      }
      if (made.questions.length > 0) {
        const put = await store.put(job, {
          questions: made.questions,
          position: at + 1,
          provider: chat.provider,
          model: isLocal ? LOCAL_QUESTION_MODEL : chat.model,
          refused: { ...refused },
        });
        for (const code of Object.keys(refused)) delete refused[code];
        if (!put.proceed) break;
        left = begun.count - (put.written ?? 0);
      }
    }
    if (performance.now() > end && at + 1 < order.length * rounds) {
      await store.put(job, { questions: [], position: at + 1, provider: chat.provider, model: chat.model, refused });
      await store.goOn(job);
      return done({ continues: true, position: at + 1 });
    }
  }
  if (Object.keys(refused).length > 0) {
    await store.put(job, { questions: [], position: order.length * rounds, provider: chat.provider, model: chat.model, refused });
  }
  return done(await store.finish(job));
}

const CODES: Partial<Record<AiError["code"], string>> = {
  malformed_output: "generation_output_invalid",
  timeout: "generation_timed_out",
  not_configured: "generation_not_configured",
};

const codeOf = (error: unknown): unknown => error instanceof Error && "code" in error ? error.code : undefined;

export const generateQuestions = (deps: QuestionDeps): JobHandler => async (job, signal) => {
  const begun = await deps.store.begin(job);
  if (!begun.proceed) return done({ skipped: true });
  const giveUp = async (code: string, message: string) => {
    await deps.store.finish(job, code, message);
    return done({ failed: code });
  };
  if (deps.chat.provider === LOCAL && !LOCAL_LANGUAGES.includes(begun.language)) {
    return await giveUp("generation_language_unsupported", "Without a language model, only English material is asked about.");
  }
  try {
    return await work(deps, job, begun, signal);
  } catch (error) {
    if (signal.aborted || codeOf(error) === "lease_lost") throw error;
    const isLast = job.attempts >= job.max_attempts;
    if (isAiError(error)) {
      if (mayRetry(error) && !isLast) throw error;
      return await giveUp(CODES[error.code] ?? "generation_provider_failed", error.message);
    }
    if (!isLast) throw error;
    return await giveUp("generation_failed", "Questions could not be made. The fault is ours.");
  }
};
