// A week of study around school and a tutor: asked for with supabase-js, moved, accepted, and read by a calendar program.
import { beforeAll, describe, expect, test } from "vitest";
import { type Person, signUp, sql, stack } from "../../setup/stack.ts";
import { readSessions } from "../../functions/calendar/sessions.ts";
import { granted } from "../core/people.ts";
import { hold, openTutoring, refused, type Tutoring } from "../market/tutoring.ts";

interface Block {
  id: string;
  kind: string;
  status: string;
  starts_at: string;
  ends_at: string;
  is_busy: boolean;
}
interface Span {
  starts_at: string;
  ends_at: string | null;
}

let tutoring: Tutoring;
let learner: Person;
let lessons: Span[];
let session: Span;

const study = (person: Person = learner) => person.client.schema("study");
const planWeek = async () => await granted(study().rpc("plan_week")) as unknown as Block[];
const act = async (name: string, args: Record<string, unknown>) =>
  await granted(study().rpc(name, args)) as unknown as Block;
const meets = (one: Span, other: Span) =>
  Date.parse(one.starts_at) < Date.parse(other.ends_at ?? other.starts_at) &&
  Date.parse(other.starts_at) < Date.parse(one.ends_at ?? one.starts_at);
const fetchLink = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${stack().url}/functions/v1${path}`, { headers });
const date = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  tutoring = await openTutoring();
  learner = tutoring.learner;
  await granted(
    study().rpc("set_learner_settings", {
      p_settings: {
        study_from: "00:00",
        study_until: "24:00",
        daily_goal_minutes: 240,
        block_minutes: 60,
      },
    }),
  );
  const timetable = learner.client.schema("timetable");
  const { id } = await granted(
    timetable.from("timetables").insert({
      name: "School",
      starts_on: date(-3),
      ends_on: date(30),
      time_zone: "Europe/London",
    }).select("id").single(),
  );
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  // Every second hour, so that hardly a block fits anywhere by chance.
  await granted(
    timetable.from("timeblocks").insert(
      days.flatMap((day_of_week) =>
        [1, 3, 5, 7, 9, 11, 13, 15].map((hour) => ({
          timetable_id: id,
          name: "Lesson",
          day_of_week,
          start_time: `${String(hour).padStart(2, "0")}:10`,
          end_time: `${String(hour + 1).padStart(2, "0")}:10`,
        }))
      ),
    ).select("id"),
  );
  await granted(timetable.rpc("activate_timetable", { p_id: id }));
  lessons = await granted(
    timetable.rpc("occurrences", { p_timetable_id: id, p_from: date(-1), p_to: date(10) }),
  ) as unknown as Span[];
  await tutoring.book(2);
  const { data } = await learner.client.schema("market").from("bookings")
    .select("starts_at, ends_at").eq("status", "scheduled").single();
  session = data as unknown as Span;
}, 60_000);

describe("a week", () => {
  test("is planned around lessons and sessions, and nowhere else than in free time", async () => {
    const blocks = await planWeek();
    expect(blocks.length).toBeGreaterThan(14);
    expect(lessons.length).toBeGreaterThan(50);
    for (const block of blocks) {
      expect(lessons.filter((lesson) => meets(block, lesson)), block.starts_at).toEqual([]);
      expect(meets(block, session), block.starts_at).toBe(false);
      expect(Date.parse(block.ends_at) - Date.parse(block.starts_at)).toBeLessThanOrEqual(
        3_600_000,
      );
    }
    expect(new Set(blocks.map(({ status, is_busy }) => `${status} ${is_busy}`))).toEqual(
      new Set(["suggested false"]),
    );
    expect(await planWeek()).toEqual(blocks);
  });

  test("is moved into free time only", async () => {
    const [first, second] = await planWeek() as [Block, Block];
    const moved = (p_starts_at: string | undefined, block = first) =>
      study().rpc("move_plan_block", { p_block_id: block.id, p_starts_at });
    const lesson = lessons.find(({ starts_at }) => Date.parse(starts_at) > Date.now() + 86_400_000);
    refused(await moved(session.starts_at), 409, "plan_time_taken");
    refused(await moved(lesson?.starts_at), 409, "plan_time_taken");
    refused(await moved(date(-1)), 422, "plan_time_invalid");
    const accepted = await act("accept_plan_block", { p_block_id: second.id });
    expect(accepted.status).toBe("accepted");
    refused(await moved(second.starts_at), 409, "plan_time_taken");
    const stranger = await signUp();
    refused(
      await study(stranger).rpc("accept_plan_block", { p_block_id: first.id }),
      404,
      "plan_block_not_found",
    );

    const gone = await act("dismiss_plan_block", { p_block_id: first.id });
    expect(gone.status).toBe("dismissed");
    const again = await planWeek();
    expect(again.filter(({ id }) => id === second.id)).toMatchObject([{ status: "accepted" }]);
    expect(again.filter(({ id, status }) => status === "suggested" && id !== first.id).length)
      .toBeGreaterThan(10);
    expect(again.filter((block) => block.status === "suggested" && meets(block, first))).toEqual(
      [],
    );
  });
});

describe("its calendar", () => {
  test("shows what is suggested and accepted, and what a new session leaves of it", async () => {
    const blocks = (await planWeek()).filter(({ status }) => status !== "dismissed");
    const link = await granted(study().rpc("create_plan_link")) as unknown as { path: string };
    expect(link.path).toMatch(/^\/calendar\/study\/[\w-]{43}\.ics$/);
    const response = await fetchLink(link.path);
    expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
    const iso = (time: string) => new Date(time).toISOString();
    expect(
      readSessions(await response.text()).map(({ uid, start, end, status }) => ({
        uid,
        start,
        end,
        status,
      })),
    ).toEqual(blocks.map(({ id, starts_at, ends_at, status }) => ({
      uid: `${id}@plan.lyceum`,
      start: iso(starts_at),
      end: iso(ends_at),
      status: status === "accepted" ? "CONFIRMED" : "TENTATIVE",
    })));
    const tag = response.headers.get("etag") ?? "";
    expect((await fetchLink(link.path, { "if-none-match": tag })).status).toBe(304);

    // The tutor is free at all hours: the learner books him over a suggestion, and over what he had accepted.
    const suggested = blocks.find(({ status, starts_at }) =>
      status === "suggested" && Date.parse(starts_at) > Date.now() + 4 * 86_400_000
    )!;
    const slots = await tutoring.slots(learner, tutoring.free, 4);
    const slot = slots.find((starts_at) =>
      blocks.some((block) =>
        block.id === suggested.id && meets(block, {
          starts_at,
          ends_at: new Date(Date.parse(starts_at) + 3_600_000).toISOString(),
        })
      )
    );
    expect(slot).toBeDefined();
    await granted(hold(learner, tutoring.free, slot));
    const changed = await fetchLink(link.path, { "if-none-match": tag });
    expect(changed.status).toBe(200);
    expect(readSessions(await changed.text()).map(({ uid }) => uid)).not.toContain(
      `${suggested.id}@plan.lyceum`,
    );
    const plan = await granted(study().rpc("my_plan")) as unknown as Block[];
    expect(plan.find(({ id }) => id === suggested.id)).toMatchObject({ is_busy: true });
    expect((await planWeek()).some(({ is_busy }) => is_busy)).toBe(false);

    await granted(study().rpc("revoke_plan_link"));
    expect((await fetchLink(link.path)).status).toBe(404);
  });

  test("is for the function alone: nobody opens one through the Data API", async () => {
    const link = await granted(study().rpc("create_plan_link")) as unknown as { token: string };
    expect((await study().rpc("open_plan_link", { p_token_hash: link.token })).status).toBe(403);
    expect((await study().from("plan_links").select("token_hash")).status).toBe(403);
    const stranger = await signUp();
    expect((await study(stranger).from("plan_blocks").select("id")).data).toEqual([]);
    expect((await study(stranger).from("plan_links").select("id")).data).toEqual([]);
  });
});

test("whoever wants no plan any more has none, and the next day brings none", async () => {
  await planWeek();
  expect(await granted(study().rpc("stop_plan"))).toBeGreaterThan(10);
  await sql("select private.study_replan(now() + interval '2 days', 1000)");
  const plan = await granted(study().rpc("my_plan")) as unknown as Block[];
  expect(plan.filter(({ status }) => status === "suggested")).toEqual([]);
});
