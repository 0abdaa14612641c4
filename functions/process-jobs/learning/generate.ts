import {
  type Plan,
  type PlanModel,
  PLANNED_BY_AI,
  PLANNED_BY_RULES,
  type PlanPassage,
} from "../../_shared/ai/curriculum-types.ts";
import { type AiError, isAiError, mayRetry } from "../../_shared/ai/errors.ts";
import { LOCAL_PROVIDER } from "../../_shared/ai/local.ts";
import type { EmbeddingModel } from "../../_shared/ai/types.ts";
import type { Json } from "../../_shared/db/types.ts";
import { done, type Job, type JobHandler } from "../../_shared/jobs/types.ts";
import { rankPassages } from "../../_shared/retrieval/rank.ts";
import type { GenerationRequest, LearningStore, MaterialPassage } from "./store.ts";

const CANDIDATES = 80;
const PASSAGES = 40;

type Deps = { store: LearningStore; plans: PlanModel; embeddings: EmbeddingModel };

/** It was cancelled: nobody waits for the rest. */
class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** learning.generate: a plan from the material that the learner may read, kept as a curriculum or not at all. */
export const generateCurriculum = (deps: Deps): JobHandler => async (job, signal) => {
  const begun = await deps.store.begin(job);
  if (!begun.proceed) return done({ skipped: begun.status });
  try {
    return done(await generate(deps, job, begun.request, signal));
  } catch (error) {
    if (error instanceof StoppedError) return done({ skipped: "cancelled" });
    if (signal.aborted || codeOf(error) === "lease_lost") throw error;
    const isOver = job.attempts >= job.max_attempts || (isAiError(error) && !mayRetry(error));
    if (isOver) await deps.store.fail(job, ...told(error));
    throw error;
  }
};

async function generate(
  { store, plans, embeddings }: Deps,
  job: Job,
  request: GenerationRequest,
  signal: AbortSignal,
) {
  const report = async (progress: number) => {
    if (!await store.report(job, Math.round(progress))) throw new StoppedError("it is over");
  };
  const found = await store.passages(job, CANDIDATES);
  const ranked = await rankPassages(`${request.subject}\n${request.goals}`, found, embeddings, {
    purpose: "learning.rank",
    signal,
  });
  await report(15);
  const passages = ranked.slice(0, PASSAGES).map((passage) =>
    planPassage(passage as MaterialPassage)
  );
  const plan = await plans.plan({
    subject: request.subject,
    topic: request.topic,
    goals: request.goals,
    background: request.background,
    skillLevel: request.skill_level,
    language: request.language,
    totalSessions: request.total_sessions,
    sessionMinutes: request.session_duration,
    passages,
    purpose: "learning.plan",
    resourceId: job.resource_id ?? undefined,
    signal,
    onProgress: (share) => report(15 + 80 * share),
  });
  if (plan.sessions.length !== request.total_sessions) {
    const [code, message] = plan.enoughFor
      ? ["not_enough_material", `The material is enough for ${plan.enoughFor} sessions at most.`]
      : ["no_material", "No study material that you may read is about this."];
    await store.fail(job, code, message);
    return { failed: code };
  }
  const finished = await store.finish(job, { ...plan, sessions: disclosed(plan) });
  return finished.recorded
    ? { curriculum_id: finished.curriculum_id, sessions: plan.sessions.length, model: plan.model }
    : { skipped: finished.error_code ?? finished.status };
}

/** Who planned it stands in the curriculum itself. */
function disclosed({ provider, sessions }: Plan): Plan["sessions"] {
  const note = provider === LOCAL_PROVIDER ? PLANNED_BY_RULES : PLANNED_BY_AI;
  return sessions.map((session, index) =>
    index === 0 ? { ...session, notes: [note, session.notes].join("\n\n").trim() } : session
  );
}

const isObject = (value: Json): value is { [key: string]: Json | undefined } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Locators are as their module makes them; a heading path is taken where there is one. */
function headingsOf(locator: Json): string[] {
  if (!isObject(locator)) return [];
  const path = locator.heading_path ?? locator.headings ?? [];
  return Array.isArray(path) ? path.filter((part) => typeof part === "string") : [];
}

const planPassage = (passage: MaterialPassage): PlanPassage => ({
  id: passage.id,
  title: passage.title,
  text: passage.body,
  headings: headingsOf(passage.locator),
  source: { id: passage.entity_id, no: passage.chunk_no },
  isOfTopic: passage.is_of_topic,
});

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

const AI_CODES: Partial<Record<AiError["code"], string>> = {
  refused: "refused",
  too_long: "too_long",
  malformed_output: "plan_unusable",
};

/** What the learner is told; what is wrong with a key or a setting is the operator's business. */
function told(error: unknown): [string, string] {
  if (!isAiError(error)) return ["generation_failed", "It could not be made."];
  const code = AI_CODES[error.code] ?? "ai_unavailable";
  return [
    code,
    code === "ai_unavailable"
      ? "The AI provider could not be reached."
      : code === "refused"
      ? "The AI provider declined."
      : "The AI provider gave no plan that can be used.",
  ];
}
