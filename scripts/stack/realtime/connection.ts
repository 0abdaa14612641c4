// One client's connection: the Phoenix messages it sends, and the channels it has joined.
import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import type { Claims } from "../tokens.ts";
import { type Frame, readFrame, writeBroadcast, writeFrame } from "./frames.ts";
import type { Address, Hub, Member } from "./hub.ts";

interface JoinConfig {
  broadcast?: { ack?: boolean; self?: boolean };
  presence?: { key?: string; enabled?: boolean };
  postgres_changes?: unknown[];
  private?: boolean;
}

interface Joined {
  address: Address;
  member: Member;
  joinRef: string | null;
  ack: boolean;
}

export interface ConnectionOptions {
  socket: WebSocket;
  hub: Hub;
  version: string;
  /** From the API key of the connection. */
  claims: Claims;
  /** The claims of a token, or nothing for one that is not genuine. */
  claimsOf: (token: string) => Claims | undefined;
}

export function serveConnection(options: ConnectionOptions): void {
  const { socket, hub, version } = options;
  const joined = new Map<string, Joined>();
  const write = (frame: Frame) => socket.send(writeFrame(frame, version));
  const reply = (frame: Frame, status: "ok" | "error", response: object = {}) =>
    write({ ...frame, event: "phx_reply", payload: { status, response } });
  const tell = (topic: string, event: string, payload: unknown) =>
    write({ joinRef: joined.get(topic)?.joinRef ?? null, ref: null, topic, event, payload });

  const leave = async (topic: string) => {
    const channel = joined.get(topic);
    joined.delete(topic);
    if (channel) await hub.leave(channel.address, channel.member);
  };

  const join = async (frame: Frame) => {
    const { topic } = frame;
    const { config = {}, access_token: token } = (frame.payload ?? {}) as {
      config?: JoinConfig;
      access_token?: string;
    };
    await leave(topic);
    if (config.postgres_changes?.length) {
      const reason = "The local stack has no postgres_changes: use broadcast from the database.";
      return reply(frame, "error", { reason });
    }
    const claims = token ? options.claimsOf(token) : options.claims;
    if (!claims) {
      return reply(frame, "error", {
        reason: "InvalidJWTToken: the token is not valid (any more)",
      });
    }
    const address = { topic: topic.replace(/^realtime:/, ""), isPrivate: config.private ?? false };
    const member: Member = {
      claims,
      presenceKey: config.presence?.key || randomUUID(),
      wantsPresence: config.presence?.enabled ?? true,
      wantsOwnBroadcasts: config.broadcast?.self ?? false,
      deliver: (broadcast) => socket.send(writeBroadcast(topic, broadcast, version)),
      tell: (event, payload) => tell(topic, event, payload),
      expel: (message) => {
        tell(topic, "system", { extension: "system", status: "error", message, channel: topic });
        tell(topic, "phx_close", {});
        joined.delete(topic);
      },
    };
    const accepted = await hub.join(address, member, () => {
      const { joinRef } = frame;
      joined.set(topic, { address, member, joinRef, ack: config.broadcast?.ack ?? false });
      reply(frame, "ok", { postgres_changes: [] });
    });
    if (accepted) return;
    const reason =
      `Unauthorized: You do not have permissions to read from this Channel topic: ${address.topic}`;
    reply(frame, "error", { reason });
  };

  const handle = async (frame: Frame) => {
    if (frame.topic === "phoenix") return reply(frame, "ok");
    if (frame.event === "phx_join") return await join(frame);
    const channel = joined.get(frame.topic);
    if (!channel) return reply(frame, "error", { reason: "unmatched topic" });
    const { address, member } = channel;
    const payload = (frame.payload ?? {}) as {
      event?: string;
      payload?: unknown;
      access_token?: string;
    };
    switch (frame.event) {
      case "phx_leave":
        await leave(frame.topic);
        reply(frame, "ok");
        return write({ ...frame, ref: frame.joinRef, event: "phx_close", payload: {} });
      case "access_token": {
        const claims = payload.access_token
          ? options.claimsOf(payload.access_token)
          : options.claims;
        if (claims) return await hub.renew(address, member, claims);
        await hub.leave(address, member);
        return member.expel("InvalidJWTToken: the token is not valid (any more)");
      }
      case "broadcast": {
        const broadcast = { event: payload.event ?? "", payload: payload.payload };
        const sent = await hub.send(address, [broadcast], member);
        if (channel.ack) reply(frame, sent ? "ok" : "error");
        return;
      }
      case "presence": {
        const isTrack = payload.event?.toLowerCase() === "track";
        const done = await hub.track(address, member, isTrack ? payload.payload ?? {} : undefined);
        return reply(frame, done ? "ok" : "error", done ? {} : { reason: "unauthorized" });
      }
      default:
        return reply(frame, "error", { reason: `unknown event ${frame.event}` });
    }
  };

  // A client's messages are worked off in their order, each to its end.
  let tail = Promise.resolve();
  socket.on("message", (data, isBinary) => {
    const frame = readFrame(data as Buffer, isBinary);
    if (!frame) return socket.close(1003, "unreadable message");
    tail = tail.then(() => handle(frame)).catch((error: unknown) => {
      if (socket.readyState !== socket.OPEN) return;
      console.error("Realtime:", error);
      reply(frame, "error", { reason: "The local Realtime failed; see its log." });
    });
  });
  socket.on("close", () => {
    tail = tail.then(async () => {
      for (const topic of [...joined.keys()]) await leave(topic);
    }).catch(() => {});
  });
}
