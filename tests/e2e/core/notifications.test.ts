// Notifications: stored, broadcast to the person alone, and as he wants them.
import { beforeAll, describe, expect, test } from "vitest";
import { service } from "../../setup/stack.ts";
import { listen } from "./inbox.ts";
import { granted, newStudent, type Person } from "./people.ts";

let reader: Person;
let stranger: Person;

/** Any change that the platform tells of will do. */
async function tell(person: Person): Promise<void> {
  const core = service("core");
  const args = { p_user_id: person.id, p_role: "educator", p_reason: "For a test." };
  await granted(core.rpc("grant_role", args));
  await granted(core.rpc("revoke_role", args));
}

const stored = async (person: Person) =>
  await granted(
    person.client.schema("core").from("notifications").select("type, user_id, read_at")
      .order("created_at"),
  ) as { type: string; user_id: string; read_at: string | null }[];
const unread = (person: Person) =>
  granted(person.client.schema("core").rpc("unread_notifications"));

beforeAll(async () => {
  [reader, stranger] = [await newStudent(), await newStudent()];
});

describe("notifications", () => {
  test("are stored and broadcast on user:<id>", async () => {
    const hears = await listen(reader);
    await tell(reader);
    const notice = await hears.next("notification", (n) => n.type === "role_revoked");
    expect(notice).toMatchObject({ severity: "info", data: { role: "educator" } });
    expect((await stored(reader)).map((n) => n.type)).toEqual(["role_granted", "role_revoked"]);
    await hears.close();
  });

  test("are nobody else's: neither the rows nor the channel", async () => {
    expect(await stored(stranger)).toEqual([]);
    await stranger.client.realtime.setAuth();
    const channel = stranger.client.channel(`user:${reader.id}`, { config: { private: true } });
    const state = await new Promise<string>((resolve) =>
      channel.subscribe((now) => now !== "CLOSED" && resolve(now))
    );
    expect(state).toBe("CHANNEL_ERROR");
    await stranger.client.removeAllChannels();
    stranger.client.realtime.disconnect();
  });

  test("are marked as read by the person alone", async () => {
    expect(await unread(reader)).toBe(2);
    await granted(stranger.client.schema("core").rpc("mark_notifications_read"));
    expect(await unread(reader)).toBe(2);
    expect(await granted(reader.client.schema("core").rpc("mark_notifications_read"))).toBe(2);
    expect(await unread(reader)).toBe(0);
    expect((await stored(reader)).every((n) => n.read_at !== null)).toBe(true);
  });

  test("a muted type does not come; the others do", async () => {
    const before = (await stored(reader)).length;
    await granted(
      reader.client.schema("core").from("notification_preferences")
        .insert({ user_id: reader.id, type: "role_granted", is_enabled: false }).select("type"),
    );
    await tell(reader);
    const after = (await stored(reader)).slice(before).map((n) => n.type);
    expect(after).toEqual(["role_revoked"]);
  });

  test("nobody sets another one's preferences", async () => {
    const { status, error } = await stranger.client.schema("core").from("notification_preferences")
      .insert({ user_id: reader.id, type: "*", is_enabled: false });
    expect([status, error?.code]).toEqual([403, "42501"]);
  });
});
