// A stage of a job is an RPC that carries the job's lease; this is what its refusals become.

/** The stage could not be written; `code` is the stable code of the database. */
export class StageError extends Error {
  readonly code: string;
  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = "StageError";
    this.code = code;
  }
}

export function unwrap<T>(
  reply: { data: T; error: { message: string; details?: string | null } | null },
): T {
  if (reply.error) throw new StageError(reply.error.message, reply.error.details ?? "");
  return reply.data;
}
