import { z } from "zod";

/** What a caller may ask of the worker; nothing is needed. */
export const inputSchema = z.object({
  /** The queue to work on. The database names it when it calls on an enqueue (ops.queue_items). */
  queue: z.string().min(1).max(100).default("default"),
  /** A name for this worker, seen in ops.queue_items.leased_by. */
  worker: z.string().min(1).max(100).optional(),
  /** Jobs worked on at a time. */
  concurrency: z.int().min(1).max(16).default(4),
  /** Seconds after which no further job is claimed. */
  seconds: z.number().min(1).max(300).default(50),
}).strict();

export type Input = z.infer<typeof inputSchema>;
