// Who is there on one channel. A person may be there several times, once for each connection.
import { randomUUID } from "node:crypto";

type Meta = Record<string, unknown> & { phx_ref: string };
export type PresenceState = Record<string, { metas: Meta[] }>;
export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

export class Presence<Member> {
  private readonly entries = new Map<Member, { key: string; meta: Meta }>();

  state(): PresenceState {
    const state: PresenceState = {};
    for (const { key, meta } of this.entries.values()) {
      (state[key] ??= { metas: [] }).metas.push(meta);
    }
    return state;
  }

  track(member: Member, key: string, payload: object): PresenceDiff {
    const before = this.entries.get(member);
    const meta: Meta = {
      ...payload,
      phx_ref: randomUUID().slice(0, 13),
      ...(before ? { phx_ref_prev: before.meta.phx_ref } : {}),
    };
    this.entries.set(member, { key, meta });
    return {
      joins: { [key]: { metas: [meta] } },
      leaves: before ? { [before.key]: { metas: [before.meta] } } : {},
    };
  }

  untrack(member: Member): PresenceDiff | undefined {
    const before = this.entries.get(member);
    if (!before) return undefined;
    this.entries.delete(member);
    return { joins: {}, leaves: { [before.key]: { metas: [before.meta] } } };
  }
}
