// Every call leaves a record: who was asked, how long it took, what it cost, how it ended. Never the
// prompt: its hash and length suffice to recognise a repetition. A record that cannot be written is
// logged, and the call goes on.

import type { PlanModel } from "./curriculum-types.ts";
import { type Ending, type Recorder, type Subject, writeRecord } from "./record-entry.ts";
import type {
  AnswerModel,
  CallContext,
  CallResult,
  ChatEvent,
  ChatModel,
  ChatRequest,
  EmbeddingModel,
} from "./types.ts";

export type { AiCallEntry, RecordCall, Recorder } from "./record-entry.ts";

const recorded = async <R extends CallResult>(
  recorder: Recorder,
  subject: Subject,
  work: () => Promise<R>,
  outputOf: (result: R) => string | undefined,
): Promise<R> => {
  const started = performance.now();
  try {
    const result = await work();
    await writeRecord(recorder, subject, { started, result, output: outputOf(result) });
    return result;
  } catch (error) {
    await writeRecord(recorder, subject, { started, error });
    throw error;
  }
};

export const recordChat = (model: ChatModel, recorder: Recorder): ChatModel => {
  const subjectOf = (request: ChatRequest<unknown>): Subject => ({
    provider: model.provider,
    model: model.model,
    purpose: "chat",
    context: request,
    input: { messages: request.messages, passages: request.passages ?? [] },
  });

  async function* stream(request: ChatRequest<unknown>): AsyncGenerator<ChatEvent> {
    const started = performance.now();
    let ending: Ending | null = null;
    try {
      for await (const event of model.stream(request)) {
        if (event.type === "done") {
          ending = { started, result: event.result, output: event.result.text };
        }
        yield event;
      }
    } catch (error) {
      ending = { started, error };
      throw error;
    } finally {
      // No ending: the reader went away before the end.
      const left = new DOMException("The reader stopped.", "AbortError");
      await writeRecord(recorder, subjectOf(request), ending ?? { started, error: left });
    }
  }

  return {
    provider: model.provider,
    model: model.model,
    complete: <T>(request: ChatRequest<T>) =>
      recorded(
        recorder,
        subjectOf(request),
        () => model.complete(request),
        (result) => result.text,
      ),
    stream,
  };
};

export const recordAnswers = (model: AnswerModel, recorder: Recorder): AnswerModel => {
  const subject = (purpose: string, context: CallContext, input: unknown): Subject => ({
    provider: model.provider,
    model: model.model,
    purpose,
    context,
    input,
  });
  return {
    provider: model.provider,
    model: model.model,
    answerFromPassages: (request) => {
      const input = [request.question, request.notes, request.passages];
      const about = subject("answer", request, input);
      return recorded(
        recorder,
        about,
        () => model.answerFromPassages(request),
        (result) => result.text,
      );
    },
    rewritePlainly: (request) => {
      const about = subject("rewrite", request, request.text);
      return recorded(
        recorder,
        about,
        () => model.rewritePlainly(request),
        (result) => result.text,
      );
    },
  };
};

export const recordEmbeddings = (model: EmbeddingModel, recorder: Recorder): EmbeddingModel => ({
  provider: model.provider,
  model: model.model,
  dimensions: model.dimensions,
  embed: (texts, options = {}) =>
    recorded(
      recorder,
      {
        provider: model.provider,
        model: model.model,
        purpose: "embed",
        context: options,
        input: texts,
      },
      () => model.embed(texts, options),
      () => undefined,
    ),
});

export const recordPlans = (model: PlanModel, recorder: Recorder): PlanModel => ({
  provider: model.provider,
  model: model.model,
  plan: (request) =>
    recorded(
      recorder,
      {
        provider: model.provider,
        model: model.model,
        purpose: "plan",
        context: request,
        input: [request.subject, request.goals, request.background, request.passages],
      },
      () => model.plan(request),
      (result) => JSON.stringify(result.sessions),
    ),
});
