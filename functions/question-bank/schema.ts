import { z } from "zod";
import { itemSchema, MAX_ITEMS } from "../_shared/question-formats/index.ts";
import { READ_FORMATS, WRITE_FORMATS } from "../_shared/question-formats/index.ts";

const flag = z.enum(["true", "false"]).default("false").transform((value) => value === "true");

/** The address of an import; what is in the body, `format` says. Topics and materials the database looks up. */
export const importInput = z.strictObject({
  format: z.enum(READ_FORMATS),
  dry_run: flag,
  visibility: z.enum(["private", "material", "authenticated"]).default("private"),
  submit: flag,
  topic: z.string().min(1).max(200).optional(),
  material_id: z.guid().optional(),
});
export type ImportInput = z.infer<typeof importInput>;

const questionIds = z.array(z.guid()).min(1).max(MAX_ITEMS);
export const exportInput = z.strictObject({
  format: z.enum(WRITE_FORMATS),
  question_ids: questionIds,
});
export type ExportInput = z.infer<typeof exportInput>;

/** The same in an address: ids with commas between them. */
export const exportQuery = z.strictObject({
  format: z.enum(WRITE_FORMATS),
  ids: z.string().transform((ids) => ids.split(",")).pipe(questionIds),
}).transform(({ format, ids }) => ({ format, question_ids: ids }));

export const importedSchema = z.object({
  imported: z.number(),
  question_ids: z.array(z.string().nullable()),
  skipped: z.array(
    z.object({ item: z.number(), question_id: z.string(), key_differs: z.boolean() }),
  ),
  problems: z.array(z.object({ item: z.number(), code: z.string(), message: z.string() })),
});
export type Imported = z.infer<typeof importedSchema>;

export const exportedSchema = z.array(itemSchema);
