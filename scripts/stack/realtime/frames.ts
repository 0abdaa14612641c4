// The wire format of Realtime: Phoenix messages as JSON text, and broadcasts of clients as binary.
// Clients of protocol 1.0.0 send objects, those of 2.0.0 lists.

export interface Frame {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

export interface Broadcast {
  event: string;
  /** Bytes stay bytes all the way. */
  payload: unknown;
  meta?: Record<string, unknown>;
}

type Parts = [string | null, string | null, string, string, unknown];

const pushKind = 3;
const broadcastKind = 4;
const binaryEncoding = 0;
const jsonEncoding = 1;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function readFrame(data: Buffer, isBinary: boolean): Frame | undefined {
  try {
    if (isBinary) return readPush(data);
    const message = JSON.parse(data.toString()) as unknown;
    if (Array.isArray(message)) {
      const [joinRef, ref, topic, event, payload] = message as Parts;
      return { joinRef, ref, topic, event, payload };
    }
    const { join_ref, ref, topic, event, payload } = message as Record<string, string>;
    if (typeof topic !== "string" || typeof event !== "string") return undefined;
    return { joinRef: join_ref ?? null, ref: ref ?? null, topic, event, payload };
  } catch {
    return undefined;
  }
}

/** Kind 3: six lengths, then as many strings but one, then the payload. */
function readPush(data: Buffer): Frame | undefined {
  if (data[0] !== pushKind) return undefined;
  const lengths = [...data.subarray(1, 6)];
  const encoding = data[6];
  let offset = 7;
  const texts = lengths.map((length) => {
    const text = decoder.decode(data.subarray(offset, offset + length));
    offset += length;
    return text;
  });
  const [joinRef = "", ref = "", topic = "", event = ""] = texts;
  const rest = data.subarray(offset);
  const payload = encoding === jsonEncoding ? JSON.parse(decoder.decode(rest)) as unknown : rest;
  return {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: "broadcast",
    payload: { type: "broadcast", event, payload },
  };
}

export function writeFrame(frame: Frame, version: string): string {
  const { joinRef, ref, topic, event, payload } = frame;
  return version.startsWith("1.")
    ? JSON.stringify({ join_ref: joinRef, ref, topic, event, payload })
    : JSON.stringify([joinRef, ref, topic, event, payload]);
}

/** What a member of the channel gets: text, or kind 4 where the payload is bytes. */
export function writeBroadcast(
  topic: string,
  broadcast: Broadcast,
  version: string,
): string | Uint8Array {
  const { event, payload, meta } = broadcast;
  if (!(payload instanceof Uint8Array)) {
    const body = { type: "broadcast", event, payload, ...(meta ? { meta } : {}) };
    return writeFrame(
      { joinRef: null, ref: null, topic, event: "broadcast", payload: body },
      version,
    );
  }
  const parts = [topic, event, meta ? JSON.stringify(meta) : ""].map((text) =>
    encoder.encode(text)
  );
  const header = [broadcastKind, ...parts.map(({ length }) => length), binaryEncoding];
  return Buffer.concat([Uint8Array.from(header), ...parts, payload]);
}
