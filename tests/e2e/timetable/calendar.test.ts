// A teacher's timetable as calendar programs see it: fetched over HTTP by a secret link, read by another's parser, and
// compared with what the database says.
import { beforeAll, describe, expect, test } from "vitest";
import { type Person, signUp, sql, stack } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { readCalendar } from "../../functions/calendar/timetables.ts";
import { makePlan, type Occurrence, term } from "./plans.ts";

interface Link {
  id: string;
  token: string;
  path: string;
}

let owner: Person;
let stranger: Person;
let plan: string;

beforeAll(async () => {
  [owner, stranger] = [await signUp({}, "timetable"), await signUp({}, "timetable")];
  plan = await makePlan(owner);
});

const makeLink = (person: Person, kind: "calendar" | "view"): Promise<Link> =>
  granted(person.client.rpc("share_link", { p_timetable_id: plan, p_kind: kind })) as Promise<Link>;
/** As a calendar program: no key, no account. */
const fetchLink = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${stack().url}/functions/v1${path}`, { headers });
const occurrences = async (person: Person) =>
  await granted(
    person.client.rpc("occurrences", { p_timetable_id: plan, ...term }),
  ) as unknown as Occurrence[];
const asRead = (rows: Occurrence[]) =>
  rows.map(({ name, notes, starts_at, ends_at }) => ({
    name,
    notes,
    start: new Date(starts_at).toISOString(),
    end: ends_at && new Date(ends_at).toISOString(),
  }));

describe("with a calendar", () => {
  test("whoever has the link gets what the timetable says, and news when there are any", async () => {
    const link = await makeLink(owner, "calendar");
    const first = await fetchLink(link.path);
    expect([first.status, first.headers.get("content-type")]).toEqual([
      200,
      "text/calendar; charset=utf-8",
    ]);
    const tag = first.headers.get("etag") ?? "";
    expect(readCalendar(await first.text())).toEqual(asRead(await occurrences(owner)));

    const again = await fetchLink(link.path, { "if-none-match": tag });
    expect([again.status, await again.text()]).toEqual([304, ""]);

    const { data: blocks } = await owner.client.from("timeblocks").select("id, name").eq(
      "timetable_id",
      plan,
    );
    const blockId = (name: string) => blocks?.find((block) => block.name === name)?.id as string;
    await granted(
      owner.client.from("timetable_exceptions").insert([
        { timetable_id: plan, kind: "no_school", on_date: "2026-04-03", to_date: "2026-04-17" },
        {
          timetable_id: plan,
          kind: "cancelled",
          timeblock_id: blockId("Bell"),
          on_date: "2026-03-13",
        },
        {
          timetable_id: plan,
          kind: "moved",
          timeblock_id: blockId("Maths"),
          on_date: "2026-03-30",
          to_date: "2026-03-31",
          start_time: "08:00",
        },
        {
          timetable_id: plan,
          kind: "extra",
          on_date: "2026-04-08",
          start_time: "10:00",
          name: "Trip, with notes",
        },
      ], { defaultToNull: false }).select("id"),
    );
    const news = await fetchLink(link.path, { "if-none-match": tag });
    expect(news.status).toBe(200);
    const read = readCalendar(await news.text());
    expect(read).toEqual(asRead(await occurrences(owner)));
    // London's clocks went forward on 29 March.
    expect(read).toContainEqual({
      name: "Maths",
      notes: "",
      start: "2026-03-31T07:00:00.000Z",
      end: "2026-03-31T08:00:00.000Z",
    });
    expect(read).toContainEqual({
      name: "Camp",
      notes: "",
      start: "2026-03-28T22:00:00.000Z",
      end: "2026-03-29T06:00:00.000Z",
    });
    expect(
      read.filter(({ start }) => start >= "2026-04-03" && start < "2026-04-18").map(({ name }) =>
        name
      ),
    )
      .toEqual(["Trip, with notes"]);
  });

  test("a view shows the page; neither link opens the other, and both can be revoked", async () => {
    const view = await makeLink(owner, "view");
    const calendar = await makeLink(owner, "calendar");
    const shown = await fetchLink(view.path);
    const body = await shown.text();
    expect(shown.status).toBe(200);
    expect((JSON.parse(body) as { blocks: { name: string }[] }).blocks.map(({ name }) => name))
      .toEqual(["Maths", "Art", "Bell", "Camp"]);
    expect(body).not.toMatch(new RegExp(`${owner.id}|${owner.email}|confidence`));

    await granted(owner.client.rpc("revoke_link", { p_link_id: view.id }));
    const nothing = [
      view.path,
      `/calendar/${view.token}.ics`,
      `/calendar/${calendar.token}.json`,
      `/calendar/${"x".repeat(43)}.ics`,
      "/calendar/short.ics",
    ];
    const answers = await Promise.all(nothing.map(async (path) => {
      const response = await fetchLink(path);
      const { requestId: _, ...rest } = await response.json() as Record<string, unknown>;
      return JSON.stringify([response.status, rest]);
    }));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("link_not_found");
    expect((await fetchLink(calendar.path)).status).toBe(200);
  });

  test("no link opens anything through the Data API", async () => {
    const { token } = await makeLink(owner, "view");
    for (const client of [stranger.client, owner.client]) {
      const { status } = await client.rpc("open_link", { p_token_hash: token, p_kind: "view" });
      expect(status).toBe(403);
      expect((await client.from("timetable_links").select("token_hash")).status).toBe(403);
    }
  });

  test("with the account everything goes, links too", async () => {
    const link = await makeLink(owner, "calendar");
    expect((await fetchLink(link.path)).status).toBe(200);
    await sql("delete from auth.users where id = $1", [owner.id]);
    expect((await fetchLink(link.path)).status).toBe(404);
    expect(await sql("select 1 from timetable.timeblocks where timetable_id = $1", [plan])).toEqual(
      [],
    );
    expect(await sql("select 1 from core.search_documents where entity_id = $1", [plan])).toEqual(
      [],
    );
  });
});
