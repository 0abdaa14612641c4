// What a case is given, and what it reports.

export interface Target {
  atMost?: number;
  atLeast?: number;
  /** What each single round has to reach besides. */
  everyRoundAtLeast?: number;
}

export interface Comparison {
  case: string;
  what: string;
  /** The two sides: the ratio is the first over the second. */
  ours: string;
  against: string;
  /** Of times less is better, of rates more. */
  of: "time" | "rate";
  /** One for each round. */
  ratios: number[];
  /** Milliseconds, or things a second; of one machine at one moment, so they are kept for the file only. */
  measured: { ours: number[]; against: number[] };
  target?: Target;
  note?: string;
}

export interface Bench {
  scale: number;
  rounds: number;
  say(text: string): void;
  /** The database with everything in it. */
  data(): Promise<string>;
  /** Databases with a hundredth, a tenth and all of the passages. */
  corpora(): Promise<{ passages: number; url: string }[]>;
  /** A migrated database without any row, for what writes; dropped after the run. */
  scratch(): Promise<string>;
}

export interface BenchCase {
  name: string;
  about: string;
  run(bench: Bench): Promise<Comparison[]>;
}
