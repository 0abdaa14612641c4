// What the database answers when a link to somebody's sessions is opened (market.open_calendar_link).

import { z } from "zod";

/** Seconds of the Unix era. */
const moment = z.int();
const personSchema = z.object({ id: z.uuid(), name: z.string() });

export const sessionSchema = z.object({
  chain_id: z.uuid(),
  title: z.string(),
  status: z.enum(["scheduled", "completed", "cancelled", "no_show"]),
  sequence: z.int().nonnegative(),
  starts_at: moment,
  ends_at: moment,
  created_at: moment,
  updated_at: moment,
  meeting_link: z.string().nullable(),
  tutor: personSchema,
  learner: personSchema,
});

export const bookingsSchema = z.object({
  role: z.enum(["learner", "tutor"]),
  bookings: z.array(sessionSchema),
});

/** Null: the link opens nothing. content null: nothing has changed since the version that was named. */
export const openedBookingsSchema = z.object({
  version: z.string(),
  content: bookingsSchema.nullable(),
}).nullable();

export type Person = z.infer<typeof personSchema>;
export type Session = z.infer<typeof sessionSchema>;
export type Bookings = z.infer<typeof bookingsSchema>;
export type OpenedBookings = z.infer<typeof openedBookingsSchema>;
