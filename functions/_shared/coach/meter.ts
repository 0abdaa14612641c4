// What an answer cost. A call that was broken off reports nothing: then it is estimated, so that nobody asks for free by
// leaving just before the end.

import type { CallResult } from "../ai/types.ts";
import type { Spent } from "./types.ts";

/** Of English text; others have more tokens a character, none has many fewer. */
const CHARACTERS_A_TOKEN = 4;
/** Rules and form around the text. */
const PROMPT_TOKENS = 400;

export const tokensOf = (characters: number): number => Math.ceil(characters / CHARACTERS_A_TOKEN);

export class Meter {
  #spent: Spent = {
    provider: null,
    model: null,
    usage: { inputTokens: 0, outputTokens: 0 },
    costMicroUsd: 0,
  };

  add({ provider, model, usage, costMicroUsd }: CallResult): void {
    const before = this.#spent;
    this.#spent = {
      provider,
      model,
      usage: {
        inputTokens: before.usage.inputTokens + usage.inputTokens,
        outputTokens: before.usage.outputTokens + usage.outputTokens,
      },
      costMicroUsd: before.costMicroUsd === null || costMicroUsd === null
        ? null
        : before.costMicroUsd + costMicroUsd,
    };
  }

  /** Of a call that did not come to its end. */
  estimate(who: { provider: string; model: string }, input: number, output: number): void {
    this.add({
      ...who,
      usage: {
        inputTokens: PROMPT_TOKENS + tokensOf(input),
        outputTokens: tokensOf(output),
        cachedInputTokens: 0,
      },
      costMicroUsd: null,
      attempts: 1,
      latencyMs: 0,
    });
  }

  get spent(): Spent {
    return this.#spent;
  }
}
