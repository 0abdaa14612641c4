// Drafts to blocks, each with the probability that it is right and what lowers it.
import { model } from "./confidence-model.ts";
import { candidates, type FeatureName, featureNames, type Features } from "./features.ts";
import type { Reading } from "./index.ts";
import { hhmm } from "./times.ts";
import type { Block, Page } from "./types.ts";

/** Stable codes for the person who looks at the block. */
const reasonOf: Partial<Record<FeatureName, string>> = {
  name_unsure: "low_ocr",
  worst_word_unsure: "low_ocr",
  time_unsure: "low_ocr_time",
  repaired: "time_repaired",
  start_near: "time_by_position",
  start_by_position: "time_by_position",
  end_near: "time_by_position",
  end_by_position: "time_by_position",
  start_next_to_own: "time_from_neighbour",
  end_unknown: "end_unknown",
  weak_geometry: "no_lines",
  unread_ink: "unread_ink",
  overlap: "overlap",
  odd_length: "odd_length",
  odd_minutes: "odd_time",
  odd_hour: "odd_time",
  name_strange: "odd_name",
  days_assumed: "days_assumed",
  from_heading: "from_heading",
  time_off_scale: "time_off_scale",
};
/** Below these a feature is not worth telling. */
const least: Partial<Record<FeatureName, number>> = {
  name_unsure: 0.15,
  worst_word_unsure: 0.3,
  time_unsure: 0.25,
  repaired: 0.3,
  unread_ink: 0.3,
  weak_geometry: 0.1,
};

export function probability(features: Features): number {
  const sum = featureNames.reduce((z, name) => z + (model.weights[name] ?? 0) * features[name], 0);
  return 1 / (1 + Math.exp(-sum));
}

const reasonsOf = (features: Features): string[] => [
  ...new Set(featureNames.flatMap((name) => {
    const reason = reasonOf[name];
    return reason && features[name] > (least[name] ?? 0) ? [reason] : [];
  })),
];

export function judge(reading: Reading, page: Page): Block[] {
  return candidates(reading).map(({ draft, day, start, features }): Block => {
    const confidence = Math.round(probability(features) * 1000) / 1000;
    return {
      day,
      name: draft.name,
      start: hhmm(start),
      end: draft.end === null ? null : hhmm(draft.end),
      ...(draft.notes ? { notes: draft.notes } : {}),
      ...(draft.cell.fill ? { color: draft.cell.fill } : {}),
      page: page.number,
      box: draft.box,
      confidence,
      reasons: reasonsOf(features),
      accepted: confidence >= model.threshold,
    };
  });
}
