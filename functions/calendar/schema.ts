// What the database answers when a link is opened (timetable.open_link).

import { z } from "zod";

const date = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const time = z.string().regex(/^\d\d:\d\d$/);

export const blockSchema = z.object({
  id: z.string(),
  name: z.string(),
  day_of_week: z.string(),
  weekday: z.int().min(1).max(7),
  week: z.enum(["A", "B"]).nullable(),
  start_time: time,
  /** Null: no end is known. Not after the start: it ends the next day. */
  end_time: time.nullable(),
  duration: z.int().nullable(),
  notes: z.string(),
  color: z.string(),
  position: z.int(),
});

export const exceptionSchema = z.object({
  id: z.string(),
  timeblock_id: z.string().nullable(),
  kind: z.enum(["no_school", "cancelled", "moved", "extra"]),
  on_date: date,
  to_date: date,
  name: z.string().nullable(),
  start_time: time.nullable(),
  end_time: time.nullable(),
  notes: z.string(),
});

export const timetableSchema = z.object({
  id: z.string(),
  name: z.string(),
  class_name: z.string().nullable(),
  school_name: z.string().nullable(),
  teacher_name: z.string().nullable(),
  term: z.string().nullable(),
  year: z.int(),
  status: z.enum(["draft", "active", "archived"]),
  starts_on: date.nullable(),
  ends_on: date.nullable(),
  cycle_weeks: z.union([z.literal(1), z.literal(2)]),
  week_start_date: date.nullable(),
  time_zone: z.string(),
  calendar_sequence: z.int(),
  updated_at: z.iso.datetime(),
});

/** The offset from UTC in seconds, since that second of the Unix era. */
export const offsetSchema = z.object({ since: z.int(), seconds: z.int() });

export const contentSchema = z.object({
  timetable: timetableSchema,
  blocks: z.array(blockSchema),
  exceptions: z.array(exceptionSchema),
  /** Of the time zone around the term, in order. */
  offsets: z.array(offsetSchema).min(1),
});

/** Null: the link opens nothing. content null: nothing has changed since the version that was named. */
export const openedSchema = z.object({
  version: z.string(),
  content: contentSchema.nullable(),
}).nullable();

export type Block = z.infer<typeof blockSchema>;
export type Exception = z.infer<typeof exceptionSchema>;
export type Timetable = z.infer<typeof timetableSchema>;
export type Offset = z.infer<typeof offsetSchema>;
export type Content = z.infer<typeof contentSchema>;
export type Opened = z.infer<typeof openedSchema>;
