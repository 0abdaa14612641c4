// study.generate_questions: passages become questions, one passage after the other, in an order that goes through all of
// the material. Where no language model is configured, terms are left out of its sentences.

import { type AiErrorCode, isAiError, mayRetry } from "../../_shared/ai/errors.ts";
import type { ChatModel } from "../../_shared/ai/types.ts";
import { done, type Job, type JobHandler, type JobOutcome } from "../../_shared/jobs/types.ts";
import {
  LOCAL_QUESTION_MODEL,
  makeCloze,
  readMaterial,
} from "../../_shared/questions/cloze/index.ts";
import { hash } from "../../_shared/questions/cloze/distractors.ts";
import { askForQuestions } from "../../_shared/questions/prompted.ts";
import type { GeneratedQuestion, Made, SourcePassage } from "../../_shared/questions/types.ts";
import type { Generation, QuestionStore } from "./question-store.ts";

const LOCAL = "local";
/** Languages whose sentences the local provider can take apart. "simple": not known; its rules find little else. */
const LOCAL_LANGUAGES = ["english", "simple"];
/** Questions of one passage, one each time that the material is gone through. */
const LOCAL_ROUNDS = 5;
const PER_CALL = 2;
const LEAST_CHARACTERS = 60;
const MOST_IN_VAIN = 3;
/** Times as many refusals as questions that are asked for: then the material gives no more, and each costs money. */
const MOST_REFUSED = 4;

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

/** One passage may confuse a model, or be refused by it; a model that never does as it is asked is of no use. */
const OF_THE_PASSAGE: Partial<Record<AiErrorCode, string>> = {
  malformed_output: "output_invalid",
  refused: "output_refused",
  too_long: "output_too_long",
};

const modelMaker = (chat: ChatModel, begun: Generation, signal: AbortSignal): Maker => {
  const { generation_id: resourceId, difficulty, written, refused } = begun;
  let inVain = written === 0 ? refused.output_invalid ?? 0 : 0;
  return async (passage, most) => {
    if (passage.content.length < LEAST_CHARACTERS) return { questions: [], refused: {} };
    try {
      const made = await askForQuestions(
        { chat, signal, resourceId },
        passage,
        difficulty,
        Math.min(most, PER_CALL),
      );
      inVain = 0;
      return made.questions.length > 0 || Object.keys(made.refused).length > 0
        ? made
        : { questions: [], refused: { no_question: 1 } };
    } catch (error) {
      const reason = isAiError(error) ? OF_THE_PASSAGE[error.code] : undefined;
      inVain += 1;
      if (reason === undefined || inVain >= MOST_IN_VAIN) throw error;
      return { questions: [], refused: { [reason]: 1 } };
    }
  };
};

const total = (refused: Record<string, number>): number =>
  Object.values(refused).reduce((sum, times) => sum + times, 0);

async function work(
  deps: QuestionDeps,
  job: Job,
  begun: Generation,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { store, chat } = deps;
  const isLocal = chat.provider === LOCAL;
  const end = performance.now() + (deps.budgetMs ?? 20_000);
  const passages = await store.passages(job);
  // Through all of the material, and in the same order for whoever takes over.
  const order = [...passages].sort((a, b) =>
    hash(a.chunk_id) - hash(b.chunk_id) || a.chunk_no - b.chunk_no
  );
  const last = order.length * (isLocal ? LOCAL_ROUNDS : 1);
  const make = isLocal ? localMaker(passages, begun) : modelMaker(chat, begun, signal);
  const model = isLocal ? LOCAL_QUESTION_MODEL : chat.model;
  let left = begun.count - begun.written;
  let vain = total(begun.refused);
  let invalid = begun.refused.output_invalid ?? 0;
  let refused: Record<string, number> = {};
  const put = async (questions: GeneratedQuestion[], position: number) => {
    const portion = { questions, position, provider: chat.provider, model, refused };
    refused = {};
    return await store.put(job, portion);
  };
  for (let at = begun.position; at < last && left > 0; at += 1) {
    signal.throwIfAborted();
    if (!isLocal && vain >= 10 + MOST_REFUSED * begun.count) break;
    const passage = order[at % order.length];
    if (passage && (begun.again || !passage.has_questions)) {
      const made = await make(passage, left, Math.floor(at / order.length));
      vain += total(made.refused);
      invalid += made.refused.output_invalid ?? 0;
      for (const [code, times] of Object.entries(made.refused)) {
        refused[code] = (refused[code] ?? 0) + times;
      }
      if (made.questions.length > 0) {
        const { proceed, written = 0 } = await put(made.questions, at + 1);
        if (!proceed) break;
        left = begun.count - written;
      }
    }
    if (performance.now() > end && at + 1 < last) {
      await put([], at + 1);
      await store.goOn(job);
      return done({ continues: true, position: at + 1 });
    }
  }
  if (total(refused) > 0) await put([], last);
  // Nothing came of it, and nothing but what could not be read: the model is at fault, not the material.
  const isModels = left === begun.count && vain > 0 && invalid === vain;
  return done(await store.finish(job, isModels ? "generation_output_invalid" : undefined));
}

const CODES: Partial<Record<AiErrorCode, string>> = {
  malformed_output: "generation_output_invalid",
  timeout: "generation_timed_out",
  not_configured: "generation_not_configured",
};

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

export const generateQuestions = (deps: QuestionDeps): JobHandler => async (job, signal) => {
  const begun = await deps.store.begin(job);
  if (!begun.proceed) return done({ skipped: true });
  const giveUp = async (code: string, message: string) => {
    await deps.store.finish(job, code, message);
    return done({ failed: code });
  };
  if (deps.chat.provider === LOCAL && !LOCAL_LANGUAGES.includes(begun.language)) {
    return await giveUp(
      "generation_language_unsupported",
      "Without a language model, only English material is asked about.",
    );
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
