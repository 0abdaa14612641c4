import { isAiError } from "../_shared/ai/index.ts";
import type { Ai } from "../_shared/ai/index.ts";
import { tellFailure } from "../_shared/coach/record.ts";
import type { CoachStore, Turn } from "../_shared/coach/types.ts";
import { writeTurn } from "../_shared/coach/write.ts";
import { eventStream, fail, type Failure, type Result, validate } from "../_shared/http/index.ts";
import type { EventWriter } from "../_shared/http/index.ts";
import type { Logger } from "../_shared/log.ts";
import { type Ask, askSchema, resumeSchema, type Start } from "./schema.ts";

/** What the caller does himself: with his rights and under his limits. */
export interface Turns {
  start(id: string, start: Start): Promise<Result<{ id: string }>>;
  ask(conversationId: string, content: string, clientId: string): Promise<Result<Turn>>;
  resume(answerId: string): Promise<Result<Turn>>;
}

export interface Deps {
  turns: Turns;
  store: CoachStore;
  ai: () => Ai;
  log: Logger;
  requestId: string;
  heartbeatMs?: number;
  deadlineMs?: number;
  tickMs?: number;
}

async function begin({ turns }: Deps, ask: Ask): Promise<Result<Turn>> {
  if (ask.conversation_id !== undefined) {
    return await turns.ask(ask.conversation_id, ask.content, ask.client_id);
  }
  // A conversation that begins with a question has its id: sent again, it is the same one.
  const started = await turns.start(ask.client_id, ask.start ?? {});
  return started.ok ? await turns.ask(started.data.id, ask.content, ask.client_id) : started;
}

/** Asked before with the same client_id: what became of it. */
async function repeat(store: CoachStore, turn: Turn, events: EventWriter): Promise<void> {
  const recorded = await store.recorded(turn.answer.id);
  if (!recorded) return tellFailure(events, "answer_not_found", turn.answer.id);
  const { answer, citations } = recorded;
  for (const citation of citations) events.send("citation", citation);
  if (answer.content !== "") events.send("delta", { text: answer.content });
  if (answer.status === "failed") {
    return tellFailure(events, answer.error_code ?? "coach_failed", answer.id);
  }
  events.send("done", { answer, citations, not_honoured: [] });
}

const inProgress = (): Failure =>
  fail(409, "answer_in_progress", {
    message: "The coach is still answering this.",
    hint: "Wait, or stop it: study.stop_answer.",
  });

function stream(deps: Deps, ai: Ai, turn: Turn): Response {
  const { store, log, requestId } = deps;
  return eventStream(
    async (events) => {
      events.send("question", {
        conversation_id: turn.question.conversation_id,
        question: turn.question,
        answer: turn.answer,
      });
      if (turn.is_new) await writeTurn({ ...deps, ai }, turn, events);
      else await repeat(store, turn, events);
    },
    {
      heartbeatMs: deps.heartbeatMs,
      onError: (error) => {
        log.error("unexpected_error", { error, answerId: turn.answer.id });
        return { code: "internal_error", message: "Something went wrong.", requestId };
      },
    },
  );
}

/** POST /coach asks, POST /coach/resume takes up an answer. What is refused is so before the stream begins. */
export const coach =
  (deps: Deps) => async (path: string, body: unknown): Promise<Result<never> | Response> => {
    if (path !== "" && path !== "/resume") {
      return fail(404, "not_found", { message: "There is nothing here." });
    }
    const input = path === "" ? validate(askSchema, body) : validate(resumeSchema, body);
    if (!input.ok) return input;
    let ai: Ai;
    try {
      ai = deps.ai();
    } catch (error) {
      if (!isAiError(error)) throw error;
      deps.log.error("ai_not_configured", { error });
      return fail(503, "ai_unavailable", { message: "The AI does not answer at the moment." });
    }
    const turn = "answer_id" in input.data
      ? await deps.turns.resume(input.data.answer_id)
      : await begin(deps, input.data);
    if (!turn.ok) return turn;
    if (!turn.data.is_new && turn.data.answer.status === "streaming") return inProgress();
    return stream(deps, ai, turn.data);
  };
