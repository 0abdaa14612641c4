// Learning as a client does it, over the Data API: two devices of one person, and what others get of it.
import { beforeAll, describe, expect, test } from "vitest";
import { createClient } from "@supabase/supabase-js";
import { type Person, signUp, sql, stack } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";

interface Curriculum {
  id: string;
  status: string;
  total_sessions: number;
}
interface Session {
  id: string;
  title: string;
  session_number: number;
}
interface Answer {
  status: number;
  error: { message: string; hint: string | null } | null;
}

const refused = ({ status, error }: Answer, wanted: number, code: string) => {
  expect([status, error?.message]).toEqual([wanted, code]);
  expect(error?.hint).toBeTruthy();
};

let owner: Person;
let stranger: Person;

beforeAll(async () => {
  [owner, stranger] = [await signUp({}, "learning"), await signUp({}, "learning")];
});

const make = async (titles: string[], more: Record<string, unknown> = {}) =>
  await granted(owner.client.rpc("create_curriculum", {
    p_title: "Kidneys",
    p_subject: "Physiology",
    p_session_duration: 30,
    p_sessions: titles.map((title) => ({ title })),
    ...more,
  })) as unknown as Curriculum;
const sessionsOf = async ({ id }: Curriculum) =>
  await granted(
    owner.client.from("sessions").select("id, title, session_number").eq("curriculum_id", id)
      .order("session_number"),
  ) as unknown as Session[];
const titles = (sessions: Session[]) => sessions.map(({ title }) => title).join("");

describe("a curriculum", () => {
  test("is made once for a key, edited directly, and put in order by two devices", async () => {
    const p_id = crypto.randomUUID();
    const [first, again] = await Promise.all([
      make(["A", "B", "C"], { p_id }),
      make(["A", "B", "C"], { p_id }),
    ]);
    expect([first.id, again.id, first.total_sessions]).toEqual([p_id, p_id, 3]);

    const [a, b, c] = await sessionsOf(first) as [Session, Session, Session];
    const texts = { notes: "By heart", objectives: ["Draw it"] };
    await granted(
      owner.client.from("sessions").update(texts).eq("id", a.id).select("id").single(),
    );
    const required = { p_session_id: c.id, p_requires: [a.id] };
    await granted(owner.client.rpc("set_prerequisites", required));
    refused(
      await owner.client.rpc("reorder_sessions", {
        p_curriculum_id: first.id,
        p_session_ids: [c.id, b.id, a.id],
      }),
      409,
      "prerequisite_not_earlier",
    );
    // The other device adds one meanwhile.
    const added = { p_curriculum_id: first.id, p_title: "D", p_position: 1 };
    await granted(owner.client.rpc("add_session", added));
    const stale = { p_curriculum_id: first.id, p_session_ids: [b.id, a.id, c.id] };
    refused(await owner.client.rpc("reorder_sessions", stale), 409, "sessions_changed");
    expect(titles(await sessionsOf(first))).toBe("DABC");
    expect((await owner.client.rpc("remove_session", { p_session_id: b.id })).data).toBe(true);
    expect((await owner.client.rpc("remove_session", { p_session_id: b.id })).data).toBe(false);
    expect(titles(await sessionsOf(first))).toBe("DAC");
  });

  test("cannot be given a state, a number, a day or minutes by its owner", async () => {
    const curriculum = await make(["A"]);
    const { id } = (await sessionsOf(curriculum))[0] as Session;
    const answers = await Promise.all([
      owner.client.from("curricula").update({ status: "completed" }).eq("id", curriculum.id),
      owner.client.from("sessions").update({ completed_on: "2020-01-01" }).eq("id", id),
      owner.client.from("sessions").update({ session_number: 2 }).eq("id", id),
      owner.client.from("session_work").insert({ session_id: id, user_id: owner.id, minutes: 600 }),
      owner.client.from("curricula").update({ copies_count: 100 }).eq("id", curriculum.id),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(await granted(owner.client.from("session_work").select("id").eq("session_id", id)))
      .toEqual([]);
  });

  test("is followed to its end, and the streak is by the learner's clock", async () => {
    const profiles = owner.client.schema("core").from("profiles");
    const moved = { time_zone: "Pacific/Kiritimati" };
    await granted(profiles.update(moved).eq("id", owner.id).select("id").single());
    const curriculum = await make(["A", "B"]);
    const [a, b] = await sessionsOf(curriculum) as [Session, Session];
    await granted(owner.client.rpc("start_session", { p_session_id: a.id }));
    await granted(owner.client.rpc("heartbeat_session", { p_session_id: a.id }));
    await granted(owner.client.rpc("start_session", { p_session_id: b.id }));
    refused(
      await owner.client.rpc("heartbeat_session", { p_session_id: a.id }),
      409,
      "session_not_running",
    );
    await sql(
      `update learning.session_work set started_at = started_at - interval '21 minutes',
        seen_at = seen_at - interval '1 minute' where session_id = $1`,
      [b.id],
    );
    await granted(owner.client.rpc("complete_session", { p_session_id: a.id }));
    const done = await granted(
      owner.client.rpc("complete_session", { p_session_id: b.id }),
    ) as unknown as { completed_on: string };
    const [clock] = await sql<{ today: string }>(
      "select (now() at time zone 'Pacific/Kiritimati')::date::text as today",
    );
    expect(done.completed_on).toBe(clock?.today);
    expect(
      await granted(
        owner.client.from("user_progress")
          .select("status, percent, total_time_spent, sessions_completed, last_session_date")
          .eq("curriculum_id", curriculum.id).single(),
      ),
    ).toEqual({
      status: "completed",
      percent: 100,
      total_time_spent: 21,
      sessions_completed: 2,
      last_session_date: clock?.today,
    });
    expect(await granted(owner.client.rpc("my_streak"))).toMatchObject({
      current_streak: 1,
      today: clock?.today,
      is_today_done: true,
    });
    refused(
      await owner.client.rpc("pause_curriculum", { p_curriculum_id: curriculum.id }),
      409,
      "illegal_transition",
    );
  });
});

describe("others", () => {
  test("see a template, never the curriculum behind it", async () => {
    const curriculum = await make(["A", "B"], { p_background: "I failed twice" });
    const { id } = (await sessionsOf(curriculum))[0] as Session;
    await granted(owner.client.rpc("complete_session", { p_session_id: id }));
    const visitor = createClient(stack().url, stack().publishableKey, {
      db: { schema: "learning" },
    });
    const columns = "*, template_sessions(*)";
    const look = () => visitor.from("templates").select(columns).eq("curriculum_id", curriculum.id);
    const publish = (p_visibility: string | null) =>
      granted(
        owner.client.rpc("share_template", { p_curriculum_id: curriculum.id, p_visibility }),
      );
    await publish("authenticated");
    expect((await look()).data).toEqual([]);
    await publish("public");
    const text = JSON.stringify((await look()).data);
    expect(text).toContain('"title":"B"');
    expect(text).not.toMatch(/failed twice|completed/);
    expect((await visitor.from("curricula").select("id")).status).toBe(401);
    expect((await visitor.rpc("duplicate_curriculum", { p_curriculum_id: curriculum.id })).status)
      .toBe(401);

    const request = { p_curriculum_id: curriculum.id, p_id: crypto.randomUUID() };
    const copies = await Promise.all(
      [1, 2].map(() => granted(stranger.client.rpc("duplicate_curriculum", request))),
    ) as unknown as Curriculum[];
    expect(copies.map((copy) => [copy.id, copy.status])).toEqual(
      copies.map(() => [request.p_id, "active"]),
    );
    expect(await granted(stranger.client.from("curricula").select("id"))).toEqual([
      { id: request.p_id },
    ]);
    refused(
      await stranger.client.rpc("archive_curriculum", { p_curriculum_id: curriculum.id }),
      404,
      "curriculum_not_found",
    );
    await publish(null);
    expect((await look()).data).toEqual([]);
    refused(
      await stranger.client.rpc("duplicate_curriculum", { p_curriculum_id: curriculum.id }),
      404,
      "curriculum_not_found",
    );
  });
});
