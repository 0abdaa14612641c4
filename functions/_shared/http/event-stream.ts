// A response of server-sent events: each with a number, a name and JSON. A comment now and then keeps the connection open;
// `signal` aborts when the reader goes.

export interface EventWriter {
  readonly signal: AbortSignal;
  /** Goes nowhere once the reader has left or the stream has ended. */
  send(event: string, data: unknown): void;
  /** Ends the stream; the work may go on. */
  end(): void;
}

export interface EventStreamOptions {
  heartbeatMs?: number;
  /** What is told when the work throws; the stream ends with it. */
  onError: (error: unknown) => unknown;
}

const HEARTBEAT_MS = 15_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // No proxy on the way is to collect, compress or keep it.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

interface EdgeGlobal {
  EdgeRuntime?: { waitUntil(work: Promise<unknown>): void };
}

/** The edge runtime may end a worker once its response is through: it is told of work that goes on. */
const keepAlive = (work: Promise<unknown>): void =>
  (globalThis as EdgeGlobal).EdgeRuntime?.waitUntil(work);

export const eventStream = (
  work: (events: EventWriter) => Promise<void>,
  { heartbeatMs = HEARTBEAT_MS, onError }: EventStreamOptions,
): Response => {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  let sent = 0;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let isOpen = true;

  const close = () => {
    isOpen = false;
    clearInterval(heartbeat);
  };

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      const events: EventWriter = {
        signal: gone.signal,
        send: (event, data) => {
          sent += 1;
          write(`id: ${sent}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        },
        end: () => {
          if (!isOpen) return;
          close();
          controller.close();
        },
      };
      heartbeat = setInterval(() => write(": \n\n"), heartbeatMs);
      const working = work(events)
        .catch((error: unknown) => events.send("error", onError(error)))
        .finally(() => events.end());
      keepAlive(working);
    },
    cancel() {
      close();
      gone.abort(new DOMException("The reader left.", "AbortError"));
    },
  });
  return new Response(body, { headers: HEADERS });
};
