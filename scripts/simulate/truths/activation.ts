import { about, normal } from "../chance.ts";
import { MINUTES_A_DAY, type Truth } from "./types.ts";

// Pavlik and Anderson, "Practice and forgetting effects on vocabulary memory: an activation-based model of the spacing effect",
// Cognitive Science 29 (2005): the decay of a presentation is the greater, the more active the memory was at it.
const INTERCEPT = 0.177;
const SCALE = 0.217;
const THRESHOLD = -0.704;
const NOISE = 0.255;
/** Between two sittings little interferes: time counts a fortieth there. */
const BETWEEN_SITTINGS = 0.025;

/** Ours: material of a course is easier to remember than the foreign words of their experiment. */
const EASE = 0.85;
const EASE_BETWEEN_PEOPLE = 0.15;
const EASE_BETWEEN_CARDS = 0.2;

const MOST_PRESENTATIONS = 48;

export const activationTruth: Truth = {
  name: "activation",
  title: "ACT-R's activation, with decay that depends on it",
  about:
    "A sum of power laws, one for each time that the card was seen: m = β + ln Σ t^−d, recalled with the chance 1/(1 + e^((τ−m)/s)); " +
    "d = c·e^m + a of each presentation depends on the activation at it, from which spacing gets its effect (Pavlik & Anderson 2005, " +
    "with a = 0.177, c = 0.217, τ = −0.704, s = 0.255; time between days counts 0.025-fold). β = 0.85 ± 0.15 by learner ± 0.2 by card " +
    "is ours. No stability, no difficulty, and a rating changes nothing: not of FSRS's family.",
  create(seed, learners, cardsOfEach) {
    const size = learners.length * cardsOfEach;
    const seen = new Int32Array(size);
    /** When the card was seen, on its own clock, and how each time decays. */
    const at = new Float32Array(size * MOST_PRESENTATIONS);
    const decay = new Float32Array(size * MOST_PRESENTATIONS);
    const clock = new Float64Array(size);
    const lastDay = new Int32Array(size);
    const lastMinute = new Int32Array(size);
    const ease = new Float32Array(size);
    learners.forEach((learner, no) => {
      const own = EASE + EASE_BETWEEN_PEOPLE * normal(seed, about.person, learner, 100);
      for (let i = 0; i < cardsOfEach; i += 1) {
        ease[no * cardsOfEach + i] = own +
          EASE_BETWEEN_CARDS * normal(seed, about.item, learner, i);
      }
    });
    const clockAt = (card: number, day: number, minute: number): number => {
      const days = day - lastDay[card]!;
      const seconds = days > 0
        ? days * MINUTES_A_DAY * 60 * BETWEEN_SITTINGS
        : (minute - lastMinute[card]!) * 60;
      return clock[card]! + Math.max(30, seconds);
    };
    const activation = (card: number, now: number): number => {
      let sum = 0;
      const first = card * MOST_PRESENTATIONS;
      for (let i = first; i < first + seen[card]!; i += 1) sum += (now - at[i]!) ** -decay[i]!;
      return ease[card]! + Math.log(sum);
    };
    return {
      chance: (card, day, minute) =>
        1 / (1 + Math.exp((THRESHOLD - activation(card, clockAt(card, day, minute))) / NOISE)),
      review: (card, _rating, day, minute) => {
        const isFirst = seen[card] === 0;
        const now = isFirst ? 0 : clockAt(card, day, minute);
        const own = isFirst ? INTERCEPT : SCALE * Math.exp(activation(card, now)) + INTERCEPT;
        const first = card * MOST_PRESENTATIONS;
        if (seen[card] === MOST_PRESENTATIONS) {
          // The oldest but one gives way: the first times are what old knowledge rests on.
          at.copyWithin(first + 1, first + 2, first + MOST_PRESENTATIONS);
          decay.copyWithin(first + 1, first + 2, first + MOST_PRESENTATIONS);
          seen[card]! -= 1;
        }
        at[first + seen[card]!] = now;
        decay[first + seen[card]!] = own;
        seen[card]! += 1;
        clock[card] = now;
        lastDay[card] = day;
        lastMinute[card] = minute;
      },
    };
  },
};
