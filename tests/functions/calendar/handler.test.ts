// The function calendar with fakes: what it answers to whom, and what it asks of the database.
import { describe, expect, it } from "vitest";
import { serveLink } from "../../../functions/calendar/handler.ts";
import { linkStore, type OpenLink, type OpenTimetable } from "../../../functions/calendar/links.ts";
import type { OpenedBookings } from "../../../functions/calendar/bookings-schema.ts";
import type { OpenedPlan } from "../../../functions/calendar/plan-schema.ts";
import type { Opened } from "../../../functions/calendar/schema.ts";
import { fail, ok, type Result } from "../../../functions/_shared/http/index.ts";
import { bodyOf, build } from "../http/caller.ts";
import { planBlock } from "./plans.ts";
import { session } from "./sessions.ts";
import { block, content } from "./timetables.ts";

const token = "A".repeat(21) + "-_" + "b".repeat(20);
const plan = content("Europe/London", [block(1, "09:00", "10:00")]);
const version = `${plan.timetable.id}-7`;

const serving = (
  answer: (link: OpenTimetable) => Result<Opened>,
  answerBookings: (link: OpenLink) => Result<OpenedBookings> = () => ok(null),
  answerPlan: (link: OpenLink) => Result<OpenedPlan> = () => ok(null),
) => {
  const asked: OpenLink[] = [];
  const links = {
    open: (link: OpenTimetable) => {
      asked.push(link);
      return Promise.resolve(answer(link));
    },
    openBookings: (link: OpenLink) => {
      asked.push(link);
      return Promise.resolve(answerBookings(link));
    },
    openPlan: (link: OpenLink) => {
      asked.push(link);
      return Promise.resolve(answerPlan(link));
    },
  };
  const { serve, lines } = build(
    { name: "calendar", auth: "none", methods: ["GET", "HEAD"], subPaths: true },
    ({ request, path }) => serveLink({ links })(request, path),
  );
  const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    serve(new Request(`http://edge/calendar${path}`, { method, headers }));
  return { get, asked, lines };
};
const opening = () =>
  serving((link) => ok({ version, content: link.version === version ? null : plan }));

describe("a link that opens something", () => {
  it("is a calendar", async () => {
    const { get, asked } = opening();
    const response = await get(`/${token}.ics`, { "x-forwarded-for": "192.0.2.7, 10.0.0.1" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
    expect(response.headers.get("etag")).toBe(`"1-calendar-${version}"`);
    expect(response.headers.get("cache-control")).toBe("private, max-age=300");
    expect(response.headers.get("x-robots-tag")).toContain("noindex");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("last-modified")).toBe("Fri, 02 Jan 2026 03:04:05 GMT");
    expect(await response.text()).toMatch(/^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
    expect(asked).toEqual([{ token, kind: "calendar", client: "192.0.2.7", version: null }]);
  });

  it("or the timetable as JSON, with nothing of how it is kept", async () => {
    const { get, asked } = opening();
    const response = await get(`/${token}.json`);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const body = await bodyOf(response);
    expect(Object.keys(body)).toEqual(["timetable", "blocks", "exceptions"]);
    expect(body.timetable).toMatchObject({ name: "Class 2EJ", time_zone: "Europe/London" });
    expect(body.timetable).not.toHaveProperty("calendar_sequence");
    expect(asked[0]).toMatchObject({ kind: "view" });
  });

  it("says that nothing has changed to who has it already", async () => {
    const { get, asked } = opening();
    const tag = (await get(`/${token}.ics`)).headers.get("etag") ?? "";
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const response = await get(`/${token}.ics`, { "if-none-match": known });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("etag")).toBe(tag);
      expect(asked.at(-1)?.version).toBe(version);
    }
  });

  it("and sends it to who has another kind, format or version", async () => {
    const { get } = opening();
    for (
      const known of [
        `"1-view-${version}"`,
        `"0-calendar-${version}"`,
        `"1-calendar-x"`,
        "*",
        "junk",
      ]
    ) {
      expect((await get(`/${token}.ics`, { "if-none-match": known })).status, known).toBe(200);
    }
  });

  it("answers HEAD, and no log names the token", async () => {
    const { get, lines } = opening();
    expect((await get(`/${token}.ics`, {}, "HEAD")).headers.get("etag")).toContain(version);
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain(token);
  });
});

describe("a link to somebody's sessions", () => {
  const sessions = { role: "learner" as const, bookings: [session()] };
  const tutoring = () =>
    serving(
      () => ok(null),
      (link) => ok({ version: "abc", content: link.version === "abc" ? null : sessions }),
    );

  it("is a calendar, and news only when there are any", async () => {
    const { get, asked } = tutoring();
    const response = await get(`/bookings/${token}.ics`, { "x-forwarded-for": "192.0.2.7" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
    expect(response.headers.get("content-disposition")).toContain("sessions.ics");
    expect(response.headers.get("etag")).toBe('"1-bookings-abc"');
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await response.text()).toMatch(/^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
    expect(asked).toEqual([{ token, client: "192.0.2.7", version: null }]);
    const again = await get(`/bookings/${token}.ics`, { "if-none-match": '"1-bookings-abc"' });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const other = await get(`/bookings/${token}.ics`, { "if-none-match": '"1-calendar-abc"' });
    expect(other.status).toBe(200);
  });

  it("does not open as a timetable, nor the other way round", async () => {
    const { get, asked } = tutoring();
    expect((await get(`/${token}.ics`)).status).toBe(404);
    expect(asked[0]).toMatchObject({ kind: "calendar" });
    expect((await opening().get(`/bookings/${token}.ics`)).status).toBe(404);
  });
});

describe("a link to somebody's study plan", () => {
  const planned = () =>
    serving(
      () => ok(null),
      () => ok(null),
      (link) =>
        ok({ version: "abc", content: link.version === "abc" ? null : { blocks: [planBlock()] } }),
    );

  it("is a calendar, and news only when there are any", async () => {
    const { get, asked } = planned();
    const response = await get(`/study/${token}.ics`, { "x-forwarded-for": "192.0.2.7" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
    expect(response.headers.get("content-disposition")).toContain("study-plan.ics");
    expect(response.headers.get("etag")).toBe('"1-study-abc"');
    expect(await response.text()).toMatch(/^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
    expect(asked).toEqual([{ token, client: "192.0.2.7", version: null }]);
    const again = await get(`/study/${token}.ics`, { "if-none-match": '"1-study-abc"' });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const other = await get(`/study/${token}.ics`, { "if-none-match": '"1-bookings-abc"' });
    expect(other.status).toBe(200);
  });

  it("opens as nothing else, and is no page to look at", async () => {
    const { get } = planned();
    for (const path of [`/${token}.ics`, `/bookings/${token}.ics`, `/study/${token}.json`]) {
      expect((await get(path)).status, path).toBe(404);
    }
  });
});

describe("a link that opens nothing", () => {
  it("is the same answer for all, and what is no token does not reach the database", async () => {
    const { get, asked } = serving(() => ok(null));
    const paths = [
      `/${token}.ics`,
      `/${token}.json`,
      `/${token}.html`,
      `/${token}`,
      `/${token}x.ics`,
      `/${token.slice(1)}.ics`,
      `/x/${token}.ics`,
      `/bookings/${token}.ics`,
      `/bookings/${token}.json`,
      `/bookings/${token}`,
      `/study/${token}.ics`,
      `/study/${token}.json`,
      `/study/bookings/${token}.ics`,
      `/bookings/bookings/${token}.ics`,
      `/%00${token.slice(3)}.ics`,
      "/",
      "",
    ];
    const answers = await Promise.all(paths.map(async (path) => {
      const response = await get(path);
      const { requestId: _, ...body } = await bodyOf(response);
      return JSON.stringify([response.status, body, response.headers.get("cache-control")]);
    }));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('[404,{"code":"link_not_found"');
    expect(answers[0]).toContain("no-store");
    expect(asked).toHaveLength(4);
  });

  it("too often is 429, with when to come again", async () => {
    const { get } = serving(() => fail(429, "rate_limited", { headers: { "retry-after": "9" } }));
    const response = await get(`/${token}.ics`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "9"]);
  });

  it("nobody writes here", async () => {
    const { get } = opening();
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      expect((await get(`/${token}.ics`, {}, method)).status).toBe(405);
    }
  });
});

describe("the store", () => {
  const storeOf = (data: unknown, error: unknown = null) => {
    const calls: unknown[][] = [];
    const admin = {
      schema: (schema: string) => ({
        rpc: (name: string, values: unknown) => {
          calls.push([schema, name, values]);
          return Promise.resolve({ data, error });
        },
      }),
    };
    return { store: linkStore(admin as unknown as Parameters<typeof linkStore>[0]), calls };
  };
  const link: OpenTimetable = { token, kind: "view", client: "192.0.2.7", version: null };

  it("sends the hash of a token, never the token", async () => {
    const { store, calls } = storeOf(null);
    expect(await store.open(link)).toMatchObject({ ok: true, data: null });
    expect(calls).toHaveLength(1);
    expect(JSON.stringify(calls)).not.toContain(token);
    expect(calls[0]?.[2]).toMatchObject({ p_kind: "view" });
    expect((calls[0]?.[2] as { p_token_hash: string }).p_token_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does so for sessions, too", async () => {
    const { store, calls } = storeOf(null);
    expect(await store.openBookings({ token, client: "", version: "v" })).toMatchObject({
      ok: true,
    });
    expect(calls[0]?.slice(0, 2)).toEqual(["market", "open_calendar_link"]);
    expect(calls[0]?.[2]).toMatchObject({ p_version: "v" });
    expect(JSON.stringify(calls)).not.toContain(token);
    await expect(
      storeOf({ version: "v", content: { role: "admin" } }).store
        .openBookings({ token, client: "", version: null }),
    ).rejects.toThrow();
  });

  it("and for plans", async () => {
    const { store, calls } = storeOf({ version: "v", content: { blocks: [planBlock()] } });
    expect(await store.openPlan({ token, client: "", version: "v" })).toMatchObject({ ok: true });
    expect(calls[0]?.slice(0, 2)).toEqual(["study", "open_plan_link"]);
    expect(JSON.stringify(calls)).not.toContain(token);
    const missed = { ...planBlock(), status: "missed" };
    await expect(
      storeOf({ version: "v", content: { blocks: [missed] } }).store
        .openPlan({ token, client: "", version: null }),
    ).rejects.toThrow();
  });

  it("hands on what the database refuses, and trusts nothing that it does not know", async () => {
    const limited = { code: "PT429", message: "rate_limited", details: "Retry after 3 seconds." };
    expect(await storeOf(null, limited).store.open(link)).toMatchObject({ ok: false, status: 429 });
    await expect(storeOf({ version: 1 }).store.open(link)).rejects.toThrow();
  });
});
