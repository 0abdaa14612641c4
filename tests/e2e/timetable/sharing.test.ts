// A teacher's timetable as her colleagues see it: written directly, shared, taken back by a block, made active, copied for
// the next term.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../setup/realtime.ts";
import { type Person, signUp, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { makePlan, type Occurrence, refused, term } from "./plans.ts";

let owner: Person;
let friend: Person;
let stranger: Person;
let plan: string;

beforeAll(async () => {
  [owner, friend, stranger] = [
    await signUp({ full_name: "Ms. Johnson" }, "timetable"),
    await signUp({}, "timetable"),
    await signUp({}, "timetable"),
  ];
  plan = await makePlan(owner);
});

describe("with people", () => {
  test("a colleague hears of it, reads it, finds it, and changes nothing", async () => {
    expect((await friend.client.from("timetables").select("id").eq("id", plan)).data).toEqual([]);
    const listener = await listen(friend.client, `user:${friend.id}`);
    await granted(
      owner.client.rpc("share_timetable", { p_timetable_id: plan, p_user_id: friend.id }),
    );
    const told = await until(
      () => listener.heard.find(({ event }) => event === "notification"),
      "the notification",
    );
    expect(told.payload).toMatchObject({ type: "timetable.shared", link: `/timetables/${plan}` });

    const read = await granted(
      friend.client.from("timetables").select("name, cycle_weeks, timeblocks (name, duration)")
        .eq("id", plan).single(),
    );
    expect(read).toMatchObject({ name: "Class 2EJ", cycle_weeks: 2 });
    expect(
      (read as unknown as { timeblocks: { name: string; duration: number | null }[] }).timeblocks,
    )
      .toEqual(
        expect.arrayContaining([{ name: "Camp", duration: 540 }, { name: "Bell", duration: null }]),
      );
    const found = await granted(
      friend.client.schema("core").rpc("search", {
        p_query: "Class 2EJ maths",
        p_kinds: ["timetable"],
      }),
    ) as unknown as { entity_id: string }[];
    expect(found.map(({ entity_id }) => entity_id)).toContain(plan);

    const changed = await friend.client.from("timeblocks").update({ name: "Mine" })
      .eq("timetable_id", plan).select("id");
    expect(changed.data).toEqual([]);
    const added = await friend.client.from("timeblocks").insert({
      timetable_id: plan,
      name: "Mine",
      day_of_week: "Monday",
      start_time: "11:00",
    });
    expect([added.status, added.error?.code]).toEqual([403, "42501"]);
    refused(
      await friend.client.rpc("share_link", { p_timetable_id: plan, p_kind: "view" }),
      403,
      "timetable_owner_required",
    );
  });

  test("a stranger finds nothing at all", async () => {
    for (const table of ["timetables", "timeblocks", "timetable_exceptions", "timetable_shares"]) {
      expect((await stranger.client.from(table).select("*")).data, table).toEqual([]);
    }
    refused(
      await stranger.client.rpc("occurrences", { p_timetable_id: plan, ...term }),
      404,
      "timetable_not_found",
    );
    refused(
      await stranger.client.rpc("copy_timetable", { p_id: plan }),
      404,
      "timetable_not_found",
    );
  });

  test("who may edit does, until a block ends it", async () => {
    await granted(
      owner.client.rpc("share_timetable", {
        p_timetable_id: plan,
        p_user_id: friend.id,
        p_can_edit: true,
      }),
    );
    const { data } = await friend.client.from("timeblocks").update({ notes: "Bring paper" })
      .eq("timetable_id", plan).eq("name", "Art").select("notes, origin");
    expect(data).toEqual([{ notes: "Bring paper", origin: "person" }]);
    await granted(
      friend.client.schema("core").from("blocks").insert({
        blocker_id: friend.id,
        blocked_id: owner.id,
      }).select(),
    );
    expect((await friend.client.from("timetables").select("id").eq("id", plan)).data).toEqual([]);
    expect((await owner.client.from("timetable_shares").select("user_id")).data).toEqual([]);
    refused(
      await owner.client.rpc("share_timetable", { p_timetable_id: plan, p_user_id: friend.id }),
      409,
      "person_unavailable",
    );
  });
});

describe("over the terms", () => {
  test("overlaps are flagged in a draft and refused in what holds", async () => {
    const { id } = await granted(
      owner.client.from("timeblocks").insert({
        timetable_id: plan,
        name: "Choir",
        day_of_week: "Monday",
        start_time: "09:30",
        end_time: "10:15",
      }).select("id").single(),
    );
    const overlaps = await granted(owner.client.rpc("overlaps", { p_timetable_id: plan }));
    expect(overlaps).toMatchObject([{ day_of_week: "Monday", from_time: "09:30:00", minutes: 30 }]);
    refused(await owner.client.rpc("activate_timetable", { p_id: plan }), 409, "blocks_overlap");
    await granted(owner.client.from("timeblocks").delete().eq("id", id).select("id"));
    expect(await granted(owner.client.rpc("activate_timetable", { p_id: plan }))).toMatchObject({
      status: "active",
    });
    const week = await granted(
      owner.client.rpc("my_week", { p_date: "2026-03-04" }),
    ) as unknown as Occurrence[];
    expect(week.map(({ name }) => name)).toEqual(["Maths", "Bell", "Camp"]);
    const { data: active } = await owner.client.from("active_timetables").select(
      "name, timeblock_count",
    );
    expect(active).toEqual([{ name: "Class 2EJ", timeblock_count: 4 }]);
  });

  test("copied twice at once it is one copy", async () => {
    const request = {
      p_id: plan,
      p_name: "Summer",
      p_starts_on: "2026-04-27",
      p_ends_on: "2026-07-17",
      p_new_id: randomUUID(),
    };
    const copies = await Promise.all(
      [1, 2, 3].map(() => granted(owner.client.rpc("copy_timetable", request))),
    ) as unknown as { id: string; status: string }[];
    expect(new Set(copies.map(({ id }) => id))).toEqual(new Set([request.p_new_id]));
    expect(copies[0]?.status).toBe("draft");
    const { data } = await owner.client.from("timeblocks").select("id").eq(
      "timetable_id",
      request.p_new_id,
    );
    expect(data).toHaveLength(4);
  });
});
