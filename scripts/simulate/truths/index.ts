import { activationTruth } from "./activation.ts";
import { fsrsTruth } from "./fsrs.ts";
import { halfLifeTruth } from "./half-life.ts";
import type { Truth } from "./types.ts";

export type { Minds, Truth } from "./types.ts";
export const truths: readonly Truth[] = [fsrsTruth, activationTruth, halfLifeTruth];
