// /realtime/v1: the WebSocket, broadcasting by HTTP, and broadcasts that come from the database.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Engine } from "../engine.ts";
import type { Keys } from "../keys.ts";
import { type Claims, verifyToken } from "../tokens.ts";
import { serveConnection } from "./connection.ts";
import type { Broadcast } from "./frames.ts";
import { type Address, Hub } from "./hub.ts";

export interface Realtime {
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  serve(request: Request): Promise<Response>;
  close(): Promise<void>;
}

// Clients send a heartbeat every 25 seconds; one that missed two is gone without having said so.
const silenceMs = 60_000;

export async function openRealtime(engine: Engine, keys: Keys): Promise<Realtime> {
  const hub = new Hub(engine);
  const claimsOfKey = (key: string | null | undefined): Claims | undefined => {
    if (key === keys.publishableKey) return { role: "anon" };
    if (key === keys.secretKey) return { role: "service_role" };
    return undefined;
  };
  const claimsOf = (token: string) => claimsOfKey(token) ?? verifyToken(token, keys.jwtSecret);

  const closeFeed = await feedFromDatabase(engine, hub);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024 });
  const lastSeen = new WeakMap<WebSocket, number>();
  const sweep = setInterval(() => {
    for (const socket of sockets.clients) {
      if (Date.now() - (lastSeen.get(socket) ?? 0) > silenceMs) socket.terminate();
    }
  }, 10_000);
  sweep.unref();

  return {
    upgrade(request, socket, head) {
      const url = new URL(request.url ?? "/", "http://localhost");
      const key = url.searchParams.get("apikey") ?? String(request.headers.apikey ?? "");
      const claims = claimsOfKey(key);
      if (url.pathname !== "/realtime/v1/websocket" || !claims) {
        const status = claims ? "404 Not Found" : "401 Unauthorized";
        return void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      }
      sockets.handleUpgrade(request, socket, head, (client) => {
        lastSeen.set(client, Date.now());
        client.on("message", () => lastSeen.set(client, Date.now()));
        client.on("error", () => client.terminate());
        const version = url.searchParams.get("vsn") ?? "1.0.0";
        serveConnection({ socket: client, hub, version, claims, claimsOf });
      });
    },
    serve: (request) => broadcastByHttp(request, hub, claimsOfKey, claimsOf),
    async close() {
      clearInterval(sweep);
      closeFeed();
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

/** Rows of realtime.messages, told by NOTIFY once they are committed, and in that order. */
async function feedFromDatabase(engine: Engine, hub: Hub): Promise<() => void> {
  interface Message {
    id: string;
    topic: string;
    event: string;
    payload: unknown;
    private: boolean;
  }
  let waiting: string[] = [];
  let running = false;
  let closed = false;
  const drain = async () => {
    if (running) return;
    running = true;
    try {
      while (waiting.length > 0 && !closed) {
        const ids = waiting.splice(0, 500);
        const rows = await engine.query<Message>(
          `select m.id, m.topic, m.event, m.payload, m.private
           from unnest($1::uuid[]) with ordinality as told (id, position)
           join realtime.messages m on m.id = told.id
           order by told.position`,
          [ids],
        );
        for (const [address, broadcasts] of byChannel(rows)) await hub.send(address, broadcasts);
      }
    } catch (error) {
      if (!closed) console.error("Realtime could not deliver:", error);
    } finally {
      running = false;
    }
    if (waiting.length > 0 && !closed) void drain();
  };
  /** Neighbours on one channel go out together; the order of all is kept. */
  const byChannel = (rows: Message[]): [Address, Broadcast[]][] => {
    const groups: [Address, Broadcast[]][] = [];
    for (const { id, topic, event, payload, private: isPrivate } of rows) {
      const last = groups.at(-1);
      const broadcast = { event, payload, meta: { id } };
      if (last?.[0].topic === topic && last[0].isPrivate === isPrivate) last[1].push(broadcast);
      else groups.push([{ topic, isPrivate }, [broadcast]]);
    }
    return groups;
  };
  await engine.listen("realtime_messages", (id) => {
    waiting.push(id);
    void drain();
  });
  // Hosted Realtime keeps messages for three days.
  await engine.query("delete from realtime.messages where inserted_at < now() - interval '3 days'");
  return () => {
    closed = true;
    waiting = [];
  };
}

interface HttpMessage {
  topic: string;
  event: string;
  payload: unknown;
  private?: boolean;
}

async function broadcastByHttp(
  request: Request,
  hub: Hub,
  claimsOfKey: (key: string | null) => Claims | undefined,
  claimsOf: (token: string) => Claims | undefined,
): Promise<Response> {
  const url = new URL(request.url);
  const path = /^\/realtime\/v1\/api\/broadcast(?:\/([^/]+)\/events\/([^/]+))?$/.exec(url.pathname);
  if (!path || request.method !== "POST") {
    return Response.json({ message: "Not found" }, { status: 404 });
  }
  const ofKey = claimsOfKey(request.headers.get("apikey"));
  const token = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "")?.[1];
  const claims = ofKey && token ? claimsOf(token) : ofKey;
  if (!claims) return Response.json({ message: "Unauthorized" }, { status: 401 });

  let messages: HttpMessage[];
  try {
    messages = path[1] && path[2]
      ? [{
        topic: decodeURIComponent(path[1]),
        event: decodeURIComponent(path[2]),
        payload: request.headers.get("Content-Type")?.includes("octet-stream")
          ? new Uint8Array(await request.arrayBuffer())
          : await request.json(),
        private: url.searchParams.get("private") === "true",
      }]
      : (await request.json() as { messages: HttpMessage[] }).messages;
    if (
      !messages.every(({ topic, event }) => typeof topic === "string" && typeof event === "string")
    ) {
      throw new TypeError("a message without topic or event");
    }
  } catch {
    return Response.json({ message: "The body is no list of messages." }, { status: 422 });
  }
  for (const { topic, event, payload, private: isPrivate = false } of messages) {
    const sent = await hub.send({ topic, isPrivate }, [{ event, payload }], { claims });
    if (!sent) {
      return Response.json({ message: "You may not send to this topic." }, { status: 403 });
    }
  }
  return new Response(null, { status: 202 });
}
