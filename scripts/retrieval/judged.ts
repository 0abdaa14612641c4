// A judged set, as JSON lines. What does not fit is refused with its file and line.
import { readFileSync } from "node:fs";
import { z } from "zod";

/** What is wrong with what was handed in, for whoever did it. */
export class JudgedSetError extends Error {
  override name = "JudgedSetError";
}

const documentSchema = z.object({
  id: z.string().min(1),
  title: z.string().regex(/\S/, "is empty"),
  text: z.string(),
});
export type JudgedDocument = z.infer<typeof documentSchema>;
export interface JudgedQuery {
  id: string;
  text: string;
}

function readText(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const isThere = error instanceof TypeError;
    throw new JudgedSetError(isThere ? `${path} is not UTF-8.` : `${path} cannot be read.`);
  }
}

function parsed(path: string, no: number, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new JudgedSetError(`${path}, line ${no}: this is not JSON.`);
  }
}

/** One value a line; ids may not come twice. */
function readLines<T extends { id: string }>(path: string, schema: z.ZodType<T>): T[] {
  const seen = new Set<string>();
  const rows = readText(path).split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "") return [];
    const { success, data, error } = schema.safeParse(parsed(path, i + 1, line));
    if (!success) {
      throw new JudgedSetError(`${path}, line ${i + 1}: ${z.prettifyError(error)}`);
    }
    if (seen.has(data.id)) {
      throw new JudgedSetError(`${path}, line ${i + 1}: ${data.id} was there already.`);
    }
    // A tab would be the end of a column of the run.
    if (/[\t\n]/.test(data.id)) {
      throw new JudgedSetError(`${path}, line ${i + 1}: an id has no tabs and line ends.`);
    }
    seen.add(data.id);
    return [data];
  });
  if (rows.length === 0) throw new JudgedSetError(`${path} is empty.`);
  return rows;
}

export const readDocuments = (path: string): JudgedDocument[] => readLines(path, documentSchema);

export const readQueries = (path: string, field: string): JudgedQuery[] =>
  readLines(
    path,
    z.looseObject({ id: z.string().min(1), [field]: z.string() })
      .transform((query) => ({ id: String(query["id"]), text: String(query[field]) })),
  );
