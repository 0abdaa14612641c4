// The channels: who has joined which, and what is delivered to whom, in one order for all.
//
// A private channel and a public one of the same name are two channels, as on hosted Supabase.
import type { Engine } from "../engine.ts";
import type { Claims } from "../tokens.ts";
import type { Broadcast } from "./frames.ts";
import { askPermissions, type Extension, type Permissions } from "./permissions.ts";
import { Presence, type PresenceDiff } from "./presence.ts";

export interface Member {
  claims: Claims;
  presenceKey: string;
  wantsPresence: boolean;
  wantsOwnBroadcasts: boolean;
  deliver(broadcast: Broadcast): void;
  tell(event: string, payload: unknown): void;
  /** Access is gone: the member is out already, and has to be told. */
  expel(reason: string): void;
}

export interface Address {
  topic: string;
  isPrivate: boolean;
}

interface Channel extends Address {
  members: Set<Member>;
  presence: Presence<Member>;
}

const everything: Permissions = {
  read: { broadcast: true, presence: true },
  write: { broadcast: true, presence: true },
};

export class Hub {
  private readonly engine: Engine;
  private readonly channels = new Map<string, Channel>();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** One thing after the other: nobody is delivered to between the check and the delivery. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => {});
    return result;
  }

  private channel(address: Address): Channel {
    const name = `${address.isPrivate ? "private" : "public"}:${address.topic}`;
    let channel = this.channels.get(name);
    if (!channel) {
      channel = { ...address, members: new Set(), presence: new Presence() };
      this.channels.set(name, channel);
    }
    return channel;
  }

  private async ask(
    { topic, isPrivate }: Address,
    askers: { claims: Claims }[],
    writer?: { claims: Claims },
    writes: Extension[] = [],
  ): Promise<Map<{ claims: Claims }, Permissions>> {
    const all = writer && !askers.includes(writer) ? [...askers, writer] : askers;
    if (!isPrivate) return new Map(all.map((asker) => [asker, everything]));
    const questions = all.map((asker) => ({
      claims: asker.claims,
      writes: asker === writer ? writes : [],
    }));
    const answers = questions.length > 0 ? await askPermissions(this.engine, topic, questions) : [];
    return new Map(all.map((asker, index) => [asker, answers[index] ?? everything]));
  }

  /** Resolves to false where the policies let the caller read nothing of the topic. */
  join(address: Address, member: Member, joined: () => void): Promise<boolean> {
    return this.inTurn(async () => {
      const { read } = (await this.ask(address, [member])).get(member) ?? everything;
      if (!read.broadcast && !read.presence) return false;
      const channel = this.channel(address);
      channel.members.add(member);
      joined();
      if (member.wantsPresence && read.presence) {
        member.tell("presence_state", channel.presence.state());
      }
      return true;
    });
  }

  /** With a new token: the member stays only if that one still allows it. */
  async renew(address: Address, member: Member, claims: Claims): Promise<void> {
    await this.inTurn(async () => {
      member.claims = claims;
      await this.checkMembers(this.channel(address));
    });
  }

  leave(address: Address, member: Member): Promise<void> {
    return this.inTurn(() => this.remove(this.channel(address), [member]));
  }

  /** False where the sender may not speak there. */
  send(
    address: Address,
    broadcasts: Broadcast[],
    sender?: Member | { claims: Claims },
  ): Promise<boolean> {
    return this.inTurn(async () => {
      const channel = this.channel(address);
      const permissions = await this.checkMembers(channel, sender, ["broadcast"]);
      if (sender && !permissions.get(sender)?.write.broadcast) return false;
      for (const broadcast of broadcasts) {
        for (const member of channel.members) {
          if (member === sender && !member.wantsOwnBroadcasts) continue;
          if (permissions.get(member)?.read.broadcast) member.deliver(broadcast);
        }
      }
      return true;
    });
  }

  track(address: Address, member: Member, payload: object | undefined): Promise<boolean> {
    return this.inTurn(async () => {
      const channel = this.channel(address);
      const permissions = await this.checkMembers(channel, member, ["presence"]);
      if (!channel.members.has(member)) return false;
      if (payload && !permissions.get(member)?.write.presence) return false;
      const diff = payload
        ? channel.presence.track(member, member.presenceKey, payload)
        : channel.presence.untrack(member);
      if (diff) this.tellPresence(channel, diff, permissions);
      return true;
    });
  }

  /** Asks for all members at once; whoever may read nothing any more is put out. */
  private async checkMembers(
    channel: Channel,
    writer?: { claims: Claims },
    writes: Extension[] = [],
  ): Promise<Map<{ claims: Claims }, Permissions>> {
    const permissions = await this.ask(channel, [...channel.members], writer, writes);
    const lost = [...channel.members].filter((member) => {
      const read = permissions.get(member)?.read;
      return !read?.broadcast && !read?.presence;
    });
    await this.remove(channel, lost, permissions);
    for (const member of lost) {
      member.expel(`You do not have permissions to read from this Channel topic: ${channel.topic}`);
    }
    return permissions;
  }

  private async remove(
    channel: Channel,
    members: Member[],
    known?: Map<{ claims: Claims }, Permissions>,
  ): Promise<void> {
    for (const member of members) {
      channel.members.delete(member);
      const diff = channel.presence.untrack(member);
      if (diff) {
        this.tellPresence(channel, diff, known ?? await this.ask(channel, [...channel.members]));
      }
    }
    if (channel.members.size > 0) return;
    for (const [name, other] of this.channels) if (other === channel) this.channels.delete(name);
  }

  private tellPresence(
    channel: Channel,
    diff: PresenceDiff,
    permissions: Map<{ claims: Claims }, Permissions>,
  ): void {
    for (const member of channel.members) {
      const mayRead = permissions.get(member)?.read.presence;
      if (member.wantsPresence && mayRead) member.tell("presence_diff", diff);
    }
  }
}
