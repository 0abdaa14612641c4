// Questions made from material, as they are handed to the database.

export const DIFFICULTIES = ["easy", "medium", "hard", "nbme"] as const;
export type Difficulty = typeof DIFFICULTIES[number];

/** A passage of the material, as it stands there. */
export interface SourcePassage {
  chunk_id: string;
  chunk_no: number;
  content: string;
  heading_path: string[];
  has_questions: boolean;
}

export interface Option {
  text: string;
  is_correct: boolean;
  rationale: string;
}

export interface GeneratedQuestion {
  chunk_id: string;
  /** Word for word what stands in the passage, and what the question rests on. */
  quote: string;
  difficulty: Difficulty;
  content: {
    vignette: string;
    options: Option[];
    explanation: {
      correct_explanation: string;
      pathophysiology?: string;
      clinical_relevance?: string;
    };
  };
}

export interface Made {
  questions: GeneratedQuestion[];
  /** What was thrown away, by reason. */
  refused: Record<string, number>;
}

export const count = (refused: Record<string, number>, code: string): void => {
  refused[code] = (refused[code] ?? 0) + 1;
};
