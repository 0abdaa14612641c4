// A question as every format is read into and written from: what study.import_questions takes. What is in range, the
// database decides; here only shapes.

import { z } from "zod";

export const referenceSchema = z.union([
  z.string(),
  z.strictObject({ title: z.string(), url: z.string().optional() }),
]);
export type Reference = z.infer<typeof referenceSchema>;

export const optionSchema = z.object({
  text: z.string(),
  /** Missing: whoever exports may not know. */
  is_correct: z.boolean().optional(),
  rationale: z.string().optional(),
});

export const explanationSchema = z.object({
  correct_explanation: z.string().default(""),
  pathophysiology: z.string().default(""),
  clinical_relevance: z.string().default(""),
  references: z.array(referenceSchema).default([]),
});
export type Explanation = z.infer<typeof explanationSchema>;

export const DIFFICULTIES = ["easy", "medium", "hard", "nbme"] as const;

export const itemSchema = z.object({
  id: z.string().optional(),
  question_type: z.enum(["single_choice", "multiple_choice"]),
  vignette: z.string(),
  options: z.array(optionSchema),
  explanation: explanationSchema.optional(),
  topic: z.string().nullable().optional(),
  subtopic: z.string().optional(),
  difficulty: z.string().optional(),
});
export type QuestionItem = z.infer<typeof itemSchema>;
export type QuestionOption = QuestionItem["options"][number];

export const hasKey = (item: QuestionItem): boolean =>
  item.options.some(({ is_correct }) => is_correct !== undefined);

/** Where something stands in what was sent. */
export interface Place {
  /** From 1. */
  line: number;
  /** The file within a package. */
  file?: string;
}

export interface Note extends Place {
  code: string;
  message: string;
}

export interface PlacedItem {
  item: QuestionItem;
  place: Place;
}

export interface ReadQuestions {
  items: PlacedItem[];
  /** Nothing is imported while there is one. */
  problems: Note[];
  /** What a format says and we do not keep. */
  warnings: Note[];
}

export const MAX_NOTES = 100;
export const MAX_ITEMS = 5000;

/** Neither a zero byte nor half a character is text to the database: references of XML may name them. */
const sayable = (text: string): string => text.replaceAll("\0", "").toWellFormed();

function sayableDeep<T>(value: T): T {
  const clean = (part: unknown): unknown => {
    if (typeof part === "string") return sayable(part);
    if (Array.isArray(part)) return part.map(clean);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, below]) => [key, clean(below)]));
  };
  return clean(value) as T;
}

export class Reading implements ReadQuestions {
  readonly items: PlacedItem[] = [];
  readonly problems: Note[] = [];
  readonly warnings: Note[] = [];

  add(item: QuestionItem, place: Place): void {
    this.items.push({ item: sayableDeep(item), place });
  }

  problem(place: Place, code: string, message: string): void {
    if (this.problems.length < MAX_NOTES) this.problems.push({ ...place, code, message });
  }

  warn(place: Place, code: string, message: string): void {
    if (this.warnings.length < MAX_NOTES) this.warnings.push({ ...place, code, message });
  }
}

/** Right ones counted: one is a single choice, unless it is said. */
export const typeOf = (options: QuestionOption[]): QuestionItem["question_type"] =>
  options.filter(({ is_correct }) => is_correct).length > 1 ? "multiple_choice" : "single_choice";
