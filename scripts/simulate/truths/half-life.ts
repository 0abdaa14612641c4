import { about, chance, normal } from "../chance.ts";
import { MINUTES_A_DAY, type Truth } from "./types.ts";

const FIRST_DAYS = [1.5, 6, 12, 40] as const;
const GROWTH = 2.2;
const GROWTH_BETWEEN_PEOPLE = 0.25;
const GROWTH_BETWEEN_CARDS = 0.35;
const LEFT_AFTER_LAPSE = 0.4;
const LEAST_DAYS = 1;
/** What repeating on the same day makes of a half-life that is shorter. */
const DRILLED_DAYS = 4;

export const halfLifeTruth: Truth = {
  name: "half-life",
  title: "Half-lives that multiply",
  about:
    "Exponential forgetting, p = 2^(−t/h), as in half-life regression (Settles & Meeder 2016) and Memorize (Tabibian et al. 2019). " +
    "Recalled a day or more later, h is multiplied by 2.2 (± 0.25 by learner, ± 0.35 by card), however long it was waited; " +
    "forgotten, by 0.4. Intervals that multiply by a factor of the card's own are SM-2's idea of memory: this truth flatters SM-2.",
  create(seed, learners, cardsOfEach) {
    const size = learners.length * cardsOfEach;
    const halfLife = new Float64Array(size);
    const growth = new Float64Array(size);
    const luck = new Float64Array(size);
    const lastDay = new Int32Array(size);
    const lastMinute = new Int32Array(size);
    learners.forEach((learner, no) => {
      const own = GROWTH + GROWTH_BETWEEN_PEOPLE * normal(seed, about.person, learner, 200);
      for (let i = 0; i < cardsOfEach; i += 1) {
        const card = no * cardsOfEach + i;
        growth[card] = Math.max(
          1.1,
          own + GROWTH_BETWEEN_CARDS * normal(seed, about.item, learner, i),
        );
        luck[card] = 0.75 + 0.5 * chance(seed, about.first, learner, i);
      }
    });
    return {
      chance: (card, day, minute) => {
        const days = day - lastDay[card]! || (minute - lastMinute[card]!) / MINUTES_A_DAY;
        return 2 ** (-days / halfLife[card]!);
      },
      review: (card, rating, day, minute) => {
        const h = halfLife[card]!;
        if (h === 0) {
          halfLife[card] = FIRST_DAYS[rating - 1]! * luck[card]!;
        } else if (day === lastDay[card]) {
          halfLife[card] = rating > 1 ? Math.max(h, DRILLED_DAYS) : h;
        } else {halfLife[card] = rating > 1
            ? h * growth[card]!
            : Math.max(LEAST_DAYS, h * LEFT_AFTER_LAPSE);}
        lastDay[card] = day;
        lastMinute[card] = minute;
      },
    };
  },
};
