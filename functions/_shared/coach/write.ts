// One turn of the coach, from the question to what is recorded. However it goes, the answer ends in a stated state:
// completed, stopped with what was shown, or failed with a code.

import { publicErrorCode } from "../ai/errors.ts";
import type { Ai } from "../ai/index.ts";
import type { Answer } from "../ai/types.ts";
import type { EventWriter } from "../http/event-stream.ts";
import type { Logger } from "../log.ts";
import { historyOf, summarise } from "./history.ts";
import { type Keeper, startKeeping, StoppedError } from "./keeper.ts";
import { Meter } from "./meter.ts";
import { recordEnding } from "./record.ts";
import { Shown } from "./shown.ts";
import { findSources } from "./sources.ts";
import { makeStandalone } from "./standalone.ts";
import type { CoachStore, Conversation, Ending, Message, Turn } from "./types.ts";

export interface CoachDeps {
  store: CoachStore;
  ai: Ai;
  log: Logger;
  /** For everything together. */
  deadlineMs?: number;
  tickMs?: number;
}

const DEADLINE_MS = 120_000;

interface Scene {
  deps: CoachDeps;
  turn: Turn;
  events: EventWriter;
  meter: Meter;
  conversation: Conversation;
  before: Message[];
  searchModel: string | null;
  shown: Shown | null;
  /** Characters that a model was given and has not reported back on. */
  unpaid: number;
}

const ended = (answer: Answer, shown: Shown | null): Ending => ({
  status: "completed",
  content: answer.text,
  claims: shown?.claims ?? [],
  isCovered: answer.covered,
  confidence: answer.confidence,
  errorCode: null,
});

const broken = (shown: Shown | null, status: "stopped" | "failed", code: string): Ending => ({
  status,
  content: shown?.text ?? null,
  claims: shown?.claims ?? [],
  isCovered: null,
  confidence: null,
  errorCode: status === "failed" ? code : null,
});

/** What of the scene the model is asked, and what it shows on the way. */
async function answer(scene: Scene, signal: AbortSignal): Promise<Answer> {
  const { deps: { store, ai }, turn, events, meter, conversation, before } = scene;
  const question = turn.question.content;
  const history = historyOf(conversation.summary, before);
  const resourceId = turn.answer.id;
  const about = { question, history, resourceId, signal };
  const standalone = await makeStandalone(ai.chat, meter, about);
  const embeddings = ai.embeddings.model === scene.searchModel ? ai.embeddings : null;
  const found = await findSources(store, embeddings, conversation, standalone, signal);
  events.send("passages", {
    searched_for: standalone,
    is_within_topic: found.isWithinTopic,
    passages: found.sources.map(({ text: _, ...source }) => source),
  });
  const shown = new Shown(events, found.sources, turn.answer.attempt_no > 1);
  scene.shown = shown;
  const passages = found.sources.map(({ id, title, heading_path, text }) => ({
    id,
    title: [title, ...heading_path].join(" › "),
    text,
  }));
  if (passages.length > 0) scene.unpaid = JSON.stringify([question, history, passages]).length;
  const written = await ai.answers.answerFromPassages({
    question,
    standalone,
    history,
    style: conversation.conversation_type,
    passages,
    purpose: "study.coach",
    resourceId,
    signal,
    onCitations: (citations) => shown.citations(citations),
    onDelta: (text) => shown.write(text),
    onRestart: () => shown.restart(),
  });
  scene.unpaid = 0;
  meter.add(written);
  return written;
}

/** Why it did not come to its end; what nobody foresaw is logged. */
function whyBroken(
  error: unknown,
  { events, keeper, deadline, log }: {
    events: EventWriter;
    keeper: Keeper;
    deadline: AbortSignal;
    log: Logger;
  },
): ["stopped" | "failed", string] {
  if (events.signal.aborted) return ["stopped", ""];
  if (keeper.signal.reason instanceof StoppedError) return ["stopped", ""];
  if (deadline.aborted) return ["failed", "coach_timeout"];
  const code = publicErrorCode(error, "coach_failed");
  log[code === "coach_failed" ? "error" : "warn"]("coach_answer_failed", { error });
  return ["failed", code];
}

export async function writeTurn(deps: CoachDeps, turn: Turn, events: EventWriter): Promise<void> {
  const { store, ai, log } = deps;
  const started = performance.now();
  const meter = new Meter();
  const deadline = AbortSignal.timeout(deps.deadlineMs ?? DEADLINE_MS);
  let scene: Scene | null = null;
  let ending: Ending;
  let notHonoured: string[] = [];
  const keeper = startKeeping(store, turn.answer, () => scene?.shown?.text ?? null, deps.tickMs);
  try {
    const { conversation_id, message_no } = turn.question;
    const [conversation, messages, searchModel] = await Promise.all([
      store.conversation(conversation_id),
      store.messages(conversation_id, message_no),
      store.embeddingModel(),
    ]);
    const before = messages.filter((message) => message.message_no > conversation.summarised_to);
    scene = {
      deps,
      turn,
      events,
      meter,
      conversation,
      before,
      searchModel,
      shown: null,
      unpaid: 0,
    };
    const signal = AbortSignal.any([events.signal, keeper.signal, deadline]);
    const written = await Promise.race([answer(scene, signal), rejectOn(signal)]);
    notHonoured = written.notHonoured ?? [];
    ending = ended(written, scene.shown);
  } catch (error) {
    const [status, code] = whyBroken(error, { events, keeper, deadline, log });
    ending = broken(scene?.shown ?? null, status, code);
    scene?.shown?.close();
    if (scene && scene.unpaid > 0) {
      meter.estimate(ai.answers, scene.unpaid, ending.content?.length ?? 0);
    }
  }
  await keeper.stop();
  const busyMs = Math.round(performance.now() - started);
  await recordEnding(deps, turn, events, ending, { spent: meter.spent, busyMs, notHonoured });
  events.end();
  if (scene && ending.status === "completed") await remember(deps, scene);
}

/** So that something that does not listen to the signal cannot hold the answer up. */
const rejectOn = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });

/** After the reader has his answer: what is long is summed up for the next one. */
async function remember({ store, ai, log }: CoachDeps, { conversation, before, turn }: Scene) {
  const meter = new Meter();
  const started = performance.now();
  try {
    const messages = [...before, turn.question, turn.answer];
    const summary = await summarise(ai.chat, meter, conversation.summary, messages);
    if (!summary) return;
    await store.saveSummary(conversation, summary.text, summary.upTo);
    await store.countUsage(meter.spent, Math.round(performance.now() - started));
  } catch (error) {
    log.warn("coach_summary_failed", { error });
  }
}
