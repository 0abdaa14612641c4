// Luck that depends on what it is about and nothing else: the same learner has the same luck with the same card at the same
// repetition, whichever scheduler brought it about, and however the work is divided.

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A number from 0 up to 1 for these whole numbers. */
export function chance(seed: number, ...about: number[]): number {
  let h = mix(seed + 0x9e3779b9);
  for (const no of about) h = mix((Math.imul(h, 31) + no + 0x9e3779b9) | 0);
  return h / 2 ** 32;
}

/** From the normal distribution about 0 with deviation 1. */
export function normal(seed: number, ...about: number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance(seed, ...about, 1)));
  return radius * Math.cos(2 * Math.PI * chance(seed, ...about, 2));
}

/** What a number is used for, so that no two uses share their luck. */
export const about = {
  habit: 1,
  day: 2,
  recall: 3,
  mood: 4,
  first: 5,
  person: 6,
  item: 7,
  placing: 8,
  question: 9,
  travel: 10,
} as const;
