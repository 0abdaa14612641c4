// The 21 weights of FSRS-6. Published values, bounds and spread: open-spaced-repetition, ts-fsrs 5.4.2 (CLAMP_PARAMETERS)
// and fsrs-rs (the standard deviation of each weight between people, found on some 10,000 collections).

export const WEIGHT_COUNT = 21;

export const PUBLISHED_WEIGHTS: readonly number[] = [
  ...[0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796],
  ...[1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542],
];

/** How far people differ: the prior of a fit, so that few reviews move the weights but a little. */
export const SPREAD: readonly number[] = [
  ...[6.43, 9.66, 17.58, 27.85, 0.57, 0.28, 0.6, 0.12, 0.39, 0.18, 0.33],
  ...[0.3, 0.09, 0.16, 0.57, 0.25, 1.03, 0.31, 0.32, 0.14, 0.27],
];

export type Bound = readonly [least: number, most: number];

const BOUNDS: readonly Bound[] = [
  // A first stability below 0.1 days counts as 0.1: below it nothing would change any more.
  ...Array<Bound>(4).fill([0.1, 100]),
  ...[[1, 10], [0.001, 4], [0.001, 4], [0.001, 0.75], [0, 4.5], [0, 0.8], [0.001, 3.5]] as const,
  ...[[0.001, 5], [0.001, 0.25], [0.001, 0.9], [0, 4], [0, 1], [1, 6]] as const,
  ...[[0, 2], [0, 2], [0.01, 0.8], [0.1, 0.8]] as const,
];

export const clamp = (value: number, [least, most]: Bound): number =>
  Math.min(most, Math.max(least, value));

/**
 * What the weights may be. With more than one relearning step, the last ones are held so low that the steps after a lapse
 * cannot lift stability above what it was before.
 */
export function boundsOf(weights: ArrayLike<number>, relearningSteps: number): Bound[] {
  const bounds = [...BOUNDS];
  if (relearningSteps > 1) {
    const [w11, w13, w14] = [11, 13, 14].map((i) => clamp(weights[i]!, BOUNDS[i]!));
    const room = -(Math.log(w11!) + Math.log(2 ** w13! - 1) + w14! * 0.3) / relearningSteps;
    const most = clamp(Math.sqrt(Math.max(room, 0)), [0.01, 2]);
    bounds[17] = [0, most];
    bounds[18] = [0, most];
  }
  return bounds;
}

export function clipWeights(weights: ArrayLike<number>, relearningSteps: number): Float64Array {
  const bounds = boundsOf(weights, relearningSteps);
  return Float64Array.from(weights, (value, i) => clamp(value, bounds[i]!));
}
