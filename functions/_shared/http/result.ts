// What a handler answers: a value, never an exception. The boundary turns it into a response.

export interface Success<T> {
  ok: true;
  status: number;
  data: T;
  headers?: Record<string, string>;
}

export interface Failure {
  ok: false;
  status: number;
  /** Stable snake_case name, listed in docs/error-codes.md. */
  code: string;
  message: string;
  detail?: unknown;
  hint?: string;
  headers?: Record<string, string>;
}

export type Result<T> = Success<T> | Failure;

export interface FailureOptions {
  message?: string;
  detail?: unknown;
  hint?: string;
  headers?: Record<string, string>;
}

const sentence = (code: string): string => {
  const words = code.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
};

export const ok = <T>(
  data: T,
  options: { status?: number; headers?: Record<string, string> } = {},
): Success<T> => ({
  ok: true,
  status: options.status ?? 200,
  data,
  ...(options.headers ? { headers: options.headers } : {}),
});

/** Without a message, the code in words is the message. */
export const fail = (status: number, code: string, options: FailureOptions = {}): Failure => ({
  ok: false,
  status,
  code,
  message: options.message ?? sentence(code),
  ...(options.detail === undefined ? {} : { detail: options.detail }),
  ...(options.hint === undefined ? {} : { hint: options.hint }),
  ...(options.headers === undefined ? {} : { headers: options.headers }),
});

/** The one shape of every error body. */
export interface ErrorBody {
  code: string;
  message: string;
  detail?: unknown;
  hint?: string;
  requestId: string;
}

export const errorBody = (failure: Failure, requestId: string): ErrorBody => ({
  code: failure.code,
  message: failure.message,
  ...(failure.detail === undefined ? {} : { detail: failure.detail }),
  ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  requestId,
});
