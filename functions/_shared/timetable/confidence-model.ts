// Written by scripts/ocr/calibrate.ts; not by hand. A logistic regression with a ridge towards what was believed
// before (calibrate.ts says what), fitted on 4644 blocks read from generated timetables of every kind
// (scripts/ocr/sample), seeds 1, with the damages none, scan, photo, screen.
// Blocks at or above the threshold are accepted without a person.
import type { FeatureName } from "./features.ts";

export const model: { threshold: number; weights: Record<FeatureName, number> } = {
  threshold: 0.97,
  weights: {
    bias: 7.657,
    name_unsure: -1.675,
    worst_word_unsure: -3.230,
    name_unsure_squared: -0.400,
    time_unsure: -2.791,
    repaired: -4.060,
    start_next_to_own: -0.500,
    start_near: -1.500,
    start_by_position: -1.515,
    end_next: -1.311,
    end_near: -1.000,
    end_by_position: -1.515,
    end_unknown: -1.492,
    own_time: 0.239,
    weak_geometry: -3.028,
    unread_ink: -1.549,
    overlap: -1.500,
    odd_length: -2.379,
    odd_minutes: -1.000,
    odd_hour: -1.500,
    unchained: -1.009,
    name_once: -3.118,
    name_short: 0.356,
    name_strange: -1.097,
    days_assumed: -3.000,
    from_heading: -1.000,
    time_off_scale: -2.000,
  },
};
