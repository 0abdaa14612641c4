import { z } from "zod";

/** Lengths and numbers beyond these the database refuses, by its codes. */
export const searchSchema = z.strictObject({
  /** Postgres keeps neither a zero byte nor half a character: there is nothing to find by them. */
  query: z.string().transform((query) => query.replaceAll("\0", " ").toWellFormed()),
  material_ids: z.array(z.guid()).max(1000).optional(),
  topic_id: z.guid().optional(),
  owner_id: z.guid().optional(),
  limit: z.int().min(1).max(100).optional(),
  /** What each part of the ranking brought. */
  explain: z.boolean().optional(),
});

export type Search = z.infer<typeof searchSchema>;
