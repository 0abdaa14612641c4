// A truth says how people really remember. The schedulers know nothing of it: they see ratings.

/** The minds of some learners. Cards are numbered through: learner × cards of each + card. */
export interface Minds {
  /** The chance to recall a card that was seen before; `minute` counts within the day. */
  chance(card: number, day: number, minute: number): number;
  /** What a review leaves behind. Whoever forgot is shown the answer. */
  review(card: number, rating: number, day: number, minute: number): void;
}

export interface Truth {
  name: string;
  title: string;
  about: string;
  create(seed: number, learners: readonly number[], cardsOfEach: number): Minds;
}

export const MINUTES_A_DAY = 1440;
