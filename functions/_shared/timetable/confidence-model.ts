// Written by scripts/ocr/calibrate.ts; not by hand. A logistic regression with a ridge towards what was believed
// before (calibrate.ts says what), fitted on 4652 blocks read from generated timetables of every kind
// (scripts/ocr/sample), seeds 1, with the damages none, scan, photo, screen.
// Blocks at or above the threshold are accepted without a person.
import type { FeatureName } from "./features.ts";

export const model: { threshold: number; weights: Record<FeatureName, number> } = {
  threshold: 0.97,
  weights: {
    bias: 7.653,
    name_unsure: -1.685,
    worst_word_unsure: -3.233,
    name_unsure_squared: -0.402,
    time_unsure: -2.796,
    repaired: -4.057,
    start_next_to_own: -0.500,
    start_near: -1.500,
    start_by_position: -1.481,
    end_next: -1.321,
    end_near: -1.000,
    end_by_position: -1.481,
    end_unknown: -1.483,
    own_time: 0.234,
    weak_geometry: -2.973,
    unread_ink: -1.254,
    overlap: -1.500,
    odd_length: -2.379,
    odd_minutes: -1.000,
    odd_hour: -1.500,
    unchained: -1.064,
    name_once: -3.083,
    name_short: 0.348,
    name_strange: -1.096,
    days_assumed: -3.000,
    from_heading: -1.000,
    time_off_scale: -2.000,
  },
};
