// Imports a file of questions, all or none, and exports questions. What a question has to be, the database judges: whatever is
// wrong is named with the line on which it stands, what this reader found and what the database found together.

import { fail, ok, type Result } from "../_shared/http/index.ts";
import {
  MAX_ITEMS,
  type Note,
  type QuestionItem,
  type ReadQuestions,
  readQuestions,
  writeQuestions,
} from "../_shared/question-formats/index.ts";
import type { ExportInput, Imported, ImportInput } from "./schema.ts";

export interface QuestionBank {
  /** `trial`: says what would come of it. */
  import(items: QuestionItem[], input: ImportInput, trial: boolean): Promise<Result<Imported>>;
  export(questionIds: string[]): Promise<Result<QuestionItem[]>>;
}

export interface ImportAnswer {
  dry_run: boolean;
  imported: number;
  /** In the order of the file; null for one that was there already. Of a trial: none. */
  question_ids: (string | null)[];
  skipped: (Note & { question_id: string; key_differs: boolean })[];
  problems: Note[];
  warnings: Note[];
}

const byPlace = (a: Note, b: Note): number =>
  (a.file ?? "").localeCompare(b.file ?? "") || a.line - b.line;

function answerOf(read: ReadQuestions, found: Imported, isTrial: boolean): ImportAnswer {
  const placed = <T extends { item: number }>({ item, ...rest }: T) => ({
    ...(read.items[item]?.place ?? { line: 1 }),
    ...rest,
  });
  return {
    dry_run: isTrial,
    imported: found.imported,
    question_ids: found.question_ids,
    skipped: found.skipped.map((skipped) => ({
      code: "question_known",
      message: skipped.key_differs
        ? "You have this question with another key."
        : "You have this question already.",
      ...placed(skipped),
    })),
    problems: [...read.problems, ...found.problems.map(placed)].sort(byPlace),
    warnings: read.warnings,
  };
}

const NOTHING: Imported = { imported: 0, question_ids: [], skipped: [], problems: [] };

const refused = (answer: ImportAnswer): Result<ImportAnswer> =>
  fail(422, "import_invalid", {
    message: "Nothing was imported.",
    detail: { problems: answer.problems, warnings: answer.warnings },
    hint: "Correct what is named, and import the file again.",
  });

export const importQuestions =
  (bank: QuestionBank) =>
  async (bytes: Uint8Array, input: ImportInput): Promise<Result<ImportAnswer>> => {
    const read = await readQuestions(input.format, bytes);
    if (!read) {
      return fail(422, "encoding_invalid", {
        message: "The file is not text in UTF-8.",
        hint: "Save it as UTF-8.",
      });
    }
    const count = read.items.length;
    if (count > MAX_ITEMS || (count === 0 && read.problems.length === 0)) {
      return fail(422, "import_size_invalid", {
        message: `An import has 1 to ${MAX_ITEMS} questions; this file has ${
          count === 0 ? "none" : "more"
        }.`,
      });
    }
    // What the reader refused is not imported; what is wrong with the rest is worth knowing now.
    const isTrial = input.dry_run || read.problems.length > 0;
    const found = count === 0
      ? ok(NOTHING)
      : await bank.import(read.items.map(({ item }) => item), input, isTrial);
    if (!found.ok) return found;
    const answer = answerOf(read, found.data, input.dry_run);
    if (answer.problems.length > 0 && !input.dry_run) return refused(answer);
    return ok(answer, { status: input.dry_run ? 200 : 201 });
  };

export const exportQuestions =
  (bank: QuestionBank) => async (input: ExportInput): Promise<Result<Response>> => {
    if (input.format === "qti-item" && input.question_ids.length > 1) {
      return fail(422, "too_many_questions", {
        message: "One item of QTI is one question.",
        hint: "Ask for qti: a package.",
      });
    }
    const found = await bank.export(input.question_ids);
    if (!found.ok) return found;
    const { body, contentType, extension } = writeQuestions(input.format, found.data);
    return ok(
      new Response(body, {
        headers: {
          "content-type": contentType,
          "content-disposition": `attachment; filename="questions.${extension}"`,
          "cache-control": "private, no-store",
          // What is in it was written by people: no browser is to make something else of it.
          "x-content-type-options": "nosniff",
        },
      }),
    );
  };
