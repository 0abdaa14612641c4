import { z } from "zod";
import { ANSWER_STYLES } from "../_shared/ai/types.ts";

/** Lengths, and what may be in a text, the database says: by the same codes as everywhere. */
export const askSchema = z.strictObject({
  conversation_id: z.guid().optional(),
  start: z.strictObject({
    type: z.enum(ANSWER_STYLES).optional(),
    /** Slug of a topic. */
    topic: z.string().max(200).optional(),
    material_ids: z.array(z.guid()).max(100).optional(),
    title: z.string().optional(),
  }).optional(),
  /** Of the client's choice: with it again, nothing is asked twice. */
  client_id: z.guid(),
  content: z.string(),
}).refine((body) => (body.conversation_id === undefined) !== (body.start === undefined), {
  message: "Send either conversation_id or start.",
  path: ["conversation_id"],
});

export const resumeSchema = z.strictObject({ answer_id: z.guid() });

export type Ask = z.infer<typeof askSchema>;
export type Start = NonNullable<Ask["start"]>;
