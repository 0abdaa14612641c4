// Rows of the database as what the coach works with.

import type { Source, Turn } from "../_shared/coach/types.ts";
import type { Database, Json } from "../_shared/db/types.ts";

type Functions = Database["study"]["Functions"];
type Chunk = Functions["search_chunks"]["Returns"][number];
type Document = Functions["coach_documents"]["Returns"][number];

export const chunkRows = (rows: readonly Chunk[]): Source[] =>
  rows.map((row) => ({
    id: row.chunk_id,
    source: "material",
    title: row.title,
    text: row.content,
    material_id: row.material_id,
    heading_path: row.heading_path,
    page_number: row.page_number,
    page_end: row.page_end,
  }));

const pageOf = (locator: Json): number | null => {
  const page = typeof locator === "object" && locator !== null && !Array.isArray(locator)
    ? locator.page
    : null;
  return typeof page === "number" ? page : null;
};

export const documentRows = (rows: readonly Document[]): Source[] =>
  rows.map((row) => ({
    id: row.id,
    source: row.source as Source["source"],
    title: row.title,
    text: row.body,
    material_id: null,
    heading_path: [],
    page_number: pageOf(row.locator),
    page_end: pageOf(row.locator),
  }));

/** What ask_coach and resume_answer answer. */
export const turnOf = (data: unknown): Turn => data as Turn;
