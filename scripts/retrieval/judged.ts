// A judged set, as JSON lines. What does not fit is refused with its line.
import { z } from "zod";

const documentSchema = z.object({ id: z.string().min(1), title: z.string(), text: z.string() });
export type JudgedDocument = z.infer<typeof documentSchema>;

const linesOf = (source: string): { line: number; value: unknown }[] =>
  source.split("\n").flatMap((text, i) =>
    text.trim() === "" ? [] : [{ line: i + 1, value: JSON.parse(text) as unknown }]
  );

export const readDocuments = (source: string): JudgedDocument[] =>
  linesOf(source).map(({ line, value }) => {
    const parsed = documentSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new Error(`documents, line ${line}: ${z.prettifyError(parsed.error)}`);
  });

export const readQueries = (source: string, field: string): { id: string; text: string }[] =>
  linesOf(source).map(({ line, value }) => {
    const parsed = z.object({ id: z.string().min(1), [field]: z.string() }).safeParse(value);
    if (parsed.success) return { id: String(parsed.data.id), text: String(parsed.data[field]) };
    throw new Error(`queries, line ${line}: ${z.prettifyError(parsed.error)}`);
  });
