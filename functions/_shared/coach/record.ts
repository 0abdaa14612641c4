// The end of an answer: recorded, and told to whoever still listens as the database has it.

import type { EventWriter } from "../http/event-stream.ts";
import type { Failure } from "../http/result.ts";
import type { Logger } from "../log.ts";
import type { CoachStore, Ending, Spent, Turn } from "./types.ts";

interface Deps {
  store: CoachStore;
  log: Logger;
}

export interface Effort {
  spent: Spent;
  busyMs: number;
  notHonoured: string[];
}

const MESSAGES: Record<string, string> = {
  ai_unavailable: "The AI does not answer at the moment. Resume the answer later.",
  refused: "The AI declined to answer this.",
  too_long: "The answer became too long. Ask for less.",
  coach_timeout: "It took too long. Resume the answer, or ask for less.",
  source_changed: "A passage that it stood on was changed meanwhile. Resume the answer.",
  answer_not_found: "The conversation was deleted.",
  left_behind: "It was not written to its end. Resume the answer.",
  coach_failed: "Something went wrong. Resume the answer.",
};

export const tellFailure = (events: EventWriter, code: string, answerId: string): void =>
  events.send("error", {
    code,
    message: MESSAGES[code] ?? MESSAGES.coach_failed,
    answer_id: answerId,
  });

/** What it stands on is not there any more, or not for this reader: nothing of it may stay. */
const LOST_SOURCE = new Set(["citation_not_in_source", "citation_required", "missing_reference"]);

async function finish(
  { store, log }: Deps,
  { answer }: Turn,
  ending: Ending,
  { spent, busyMs }: Effort,
): Promise<{ ending: Ending; failure: Failure | null }> {
  const first = await store.finish(answer, ending, spent, busyMs);
  if (first.ok) return { ending, failure: null };
  if (!LOST_SOURCE.has(first.code)) return { ending, failure: first };
  log.warn("coach_source_changed", { answerId: answer.id, code: first.code });
  const withdrawn: Ending = {
    status: "failed",
    content: "",
    claims: [],
    isCovered: null,
    confidence: null,
    errorCode: "source_changed",
  };
  const second = await store.finish(answer, withdrawn, spent, busyMs);
  return { ending: withdrawn, failure: second.ok ? null : second };
}

export async function recordEnding(
  deps: Deps,
  turn: Turn,
  events: EventWriter,
  wanted: Ending,
  effort: Effort,
): Promise<void> {
  const { ending, failure } = await finish(deps, turn, wanted, effort);
  if (failure) {
    // The conversation is gone; what it cost is not.
    await deps.store.countUsage(effort.spent, effort.busyMs);
    return tellFailure(events, failure.code, turn.answer.id);
  }
  if (ending.errorCode === "source_changed") events.send("restart", {});
  const recorded = await deps.store.recorded(turn.answer.id);
  if (!recorded) return tellFailure(events, "answer_not_found", turn.answer.id);
  const { answer, citations } = recorded;
  if (answer.status === "failed") {
    return tellFailure(events, answer.error_code ?? "coach_failed", answer.id);
  }
  events.send("done", { answer, citations, not_honoured: effort.notHonoured });
}
