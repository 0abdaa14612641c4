// The calendars of a learner and of a tutor, as calendar programs see them: fetched over HTTP by a secret link, read by
// another's parser (ical.js), through booking, moving, a link, calling off and somebody leaving.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReadSession, readSessions } from "../../functions/calendar/sessions.ts";
import { type Booking, type Market, openMarket, type Somebody } from "./money.ts";

interface Link {
  token: string;
  path: string;
}
type Held = Booking & { starts_at: string; ends_at: string };

let market: Market;
let tutor: Somebody;
let learner: Somebody;
let offer: string;

beforeAll(async () => {
  market = await openMarket();
  tutor = await market.tutor();
  learner = await market.somebody();
  offer = await market.offer(tutor, 0);
  await market.stack.sql(
    "update core.profiles set full_name = 'Tora, the \"Tutor\"; really' where id = $1",
    [
      tutor.id,
    ],
  );
}, 60_000);
afterAll(() => market?.stack.stop());

const linkOf = (person: Somebody, role: "learner" | "tutor") =>
  market.granted<Link>(person.client.rpc("calendar_link", { p_role: role }));
/** As a calendar program: no key, no account. */
const fetchLink = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${market.stack.url}/functions/v1${path}`, { headers });
const read = async (path: string): Promise<ReadSession[]> => {
  const response = await fetchLink(path);
  expect(response.status).toBe(200);
  return readSessions(await response.text());
};
const book = async (inHours: number) => await market.hold(learner, offer, inHours) as Held;
const eventOf = async (path: string, { chain_id }: Booking) =>
  (await read(path)).find(({ uid }) => uid === `${chain_id}@bookings.lyceum`);
const iso = (time: string) => new Date(time).toISOString();

describe("a session in the calendars of both", () => {
  test("is one event from booking to calling off: the same UID, a growing SEQUENCE", async () => {
    const [mine, theirs] = [await linkOf(learner, "learner"), await linkOf(tutor, "tutor")];
    expect(await read(mine.path)).toEqual([]);
    const booking = await book(72);
    expect(booking.status).toBe("scheduled");

    const first = await eventOf(mine.path, booking);
    expect(first).toMatchObject({
      sequence: 0,
      status: "CONFIRMED",
      summary: 'An hour of algebra – Tora, the "Tutor"; really',
      start: iso(booking.starts_at),
      end: iso(booking.ends_at),
      organizer: ["Tora, the 'Tutor'; really", `urn:uuid:${tutor.id}`],
    });
    expect(first?.attendees.map(([, address]) => address)).toEqual([`urn:uuid:${learner.id}`]);
    expect(await eventOf(theirs.path, booking)).toMatchObject({ sequence: 0, start: first?.start });

    const tag = (await fetchLink(mine.path)).headers.get("etag") ?? "";
    expect((await fetchLink(mine.path, { "if-none-match": tag })).status).toBe(304);

    const moved = await market.granted<Held>(
      learner.client.rpc("reschedule_booking", {
        p_booking_id: booking.id,
        p_starts_at: new Date(Date.parse(booking.starts_at) + 5 * 3_600_000).toISOString(),
      }),
    );
    expect((await fetchLink(mine.path, { "if-none-match": tag })).status).toBe(200);
    await market.granted(tutor.client.rpc("set_meeting_link", {
      p_booking_id: moved.id,
      p_link: "https://meet.test/room;a=1,b=2",
    }));
    const second = await eventOf(mine.path, booking);
    expect(second).toMatchObject({
      sequence: 2,
      status: "CONFIRMED",
      start: iso(moved.starts_at),
      url: "https://meet.test/room;a=1,b=2",
      location: "https://meet.test/room;a=1,b=2",
    });

    await market.granted(learner.client.rpc("cancel_booking", { p_booking_id: moved.id }));
    for (const { path } of [mine, theirs]) {
      expect(await eventOf(path, booking)).toMatchObject({
        sequence: 3,
        status: "CANCELLED",
        start: iso(moved.starts_at),
      });
    }
    expect((await read(mine.path)).filter(({ uid }) => uid.startsWith(booking.chain_id)))
      .toHaveLength(1);
  });

  test("that only was held is in neither", async () => {
    const paid = await market.offer(tutor, 4000);
    const held = await market.hold(learner, paid, 96);
    expect(held.status).toBe("hold");
    const { path } = await linkOf(learner, "learner");
    expect(await eventOf(path, held)).toBeUndefined();
    await market.granted(learner.client.rpc("release_hold", { p_booking_id: held.id }));
    expect(await eventOf(path, held)).toBeUndefined();
  });

  test("is called off for the learner when the tutor's account goes, whose own link opens nothing then", async () => {
    const other = await market.tutor();
    const theirOffer = await market.offer(other, 0);
    const booking = await market.hold(learner, theirOffer, 120);
    const [mine, theirs] = [await linkOf(learner, "learner"), await linkOf(other, "tutor")];
    expect((await fetchLink(theirs.path)).status).toBe(200);
    await market.stack.sql("delete from auth.users where id = $1", [other.id]);
    expect((await fetchLink(theirs.path)).status).toBe(404);
    expect(await eventOf(mine.path, booking)).toMatchObject({
      status: "CANCELLED",
      sequence: 1,
      summary: "Cancelled: Session – Former tutor",
    });
    await market.expectSound();
  });
});

describe("a link", () => {
  test("opens one calendar; asked again, or revoked, it opens nothing", async () => {
    const old = await linkOf(learner, "learner");
    const link = await linkOf(learner, "learner");
    expect((await fetchLink(old.path)).status).toBe(404);
    const shown = await fetchLink(link.path);
    const text = await shown.text();
    expect([shown.status, shown.headers.get("cache-control")]).toEqual([
      200,
      "private, max-age=300",
    ]);
    expect(text).not.toMatch(/mailto:|lyceum\.test/i);

    await market.granted(learner.client.rpc("revoke_calendar_link", { p_role: "learner" }));
    const paths = [
      link.path,
      `/calendar/${link.token}.ics`,
      `/calendar/${link.token}.json`,
      `/calendar/bookings/${link.token}.json`,
      `/calendar/bookings/${"x".repeat(43)}.ics`,
      "/calendar/bookings/",
    ];
    const answers = await Promise.all(paths.map(async (path) => {
      const response = await fetchLink(path);
      const { requestId: _, ...rest } = await response.json() as Record<string, unknown>;
      return JSON.stringify([response.status, rest]);
    }));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("link_not_found");
  });

  test("is for the function alone: nobody opens one through the Data API, nor reads what opens it", async () => {
    const { token } = await linkOf(learner, "learner");
    for (const { client } of [learner, tutor]) {
      expect((await client.rpc("open_calendar_link", { p_token_hash: token })).status).toBe(403);
      expect((await client.from("calendar_links").select("token_hash")).status).toBe(403);
    }
    const { data } = await tutor.client.from("calendar_links").select("user_id");
    expect(new Set((data ?? []).map(({ user_id }) => user_id))).toEqual(new Set([tutor.id]));
    const { error } = await learner.client.rpc("calendar_link", { p_role: "tutor" });
    expect(error?.message).toBe("tutor_required");
  });
});
