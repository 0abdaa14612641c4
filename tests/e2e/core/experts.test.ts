// Experts apply; an administrator decides; the role follows.
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "./inbox.ts";
import { expectRefusal, granted, newAdmin, newStudent, newTopic, type Person } from "./people.ts";

let topic: string;
let admin: Person;
let applicant: Person;

const apply = (by: Person, more: Record<string, unknown> = {}) =>
  by.client.schema("core").rpc("apply_as_expert", {
    p_headline: "Keeper of a lighthouse",
    p_topics: [topic],
    p_experience_years: 12,
    ...more,
  });
const decide = (by: Person, decision: string, who = applicant) =>
  by.client.schema("core").rpc("decide_expert", {
    p_expert_id: who.id,
    p_decision: decision,
    p_reason: "The papers say so.",
  });
const rolesOf = async (person: Person) =>
  await granted(person.client.schema("core").rpc("my_roles")) as string[];

beforeAll(async () => {
  topic = await newTopic();
  [admin, applicant] = [await newAdmin(), await newStudent()];
});

describe("an application", () => {
  test("is refused when it is not one", async () => {
    expectRefusal(await apply(applicant, { p_headline: " " }), 422, "text_required");
    expectRefusal(await apply(applicant, { p_headline: "<b>Best</b>" }), 422, "markup_not_allowed");
    expectRefusal(await apply(applicant, { p_topics: [] }), 422, "topics_required");
    expectRefusal(await apply(applicant, { p_topics: ["no-such"] }), 422, "unknown_topic");
    expectRefusal(
      await apply(applicant, { p_experience_years: -1 }),
      422,
      "expert_application_invalid",
    );
    expectRefusal(await decide(admin, "verified"), 404, "expert_not_found");
  });

  test("waits, gives no right, and is decided by administrators alone", async () => {
    expect(await granted(apply(applicant))).toMatchObject({ verification_status: "pending" });
    expect(await rolesOf(applicant)).toEqual(["student"]);
    expectRefusal(await applicant.client.schema("qa").rpc("claim_review"), 403, "role_required");
    expectRefusal(await decide(applicant, "verified"), 403, "role_required");
    const stranger = await newStudent();
    const experts = () =>
      granted(stranger.client.schema("core").from("experts").select("id").eq("id", applicant.id));
    expect(await experts()).toEqual([]);

    const hears = await listen(applicant);
    expectRefusal(await decide(admin, "excellent"), 422, "decision_invalid");
    await granted(decide(admin, "rejected"));
    await granted(apply(applicant, { p_headline: "Keeper of two lighthouses" }));
    await granted(decide(admin, "verified"));
    await hears.next("notification", (notice) => notice.type === "expert_verified");
    await hears.close();
    expect(await rolesOf(applicant)).toEqual(["expert", "student"]);
    expect(await experts()).toEqual([{ id: applicant.id }]);
    expectRefusal(await apply(applicant), 409, "expert_already_verified");
  });

  test("an expert describes himself, and nothing more", async () => {
    const mine = () => applicant.client.schema("core").from("experts");
    await granted(
      mine().update({ headline: "Retired keeper", is_available: false }).eq("id", applicant.id)
        .select("id"),
    );
    for (
      const forged of [
        { verification_status: "verified" },
        { total_ratings: 99 },
        { rating_sum: 495 },
        { max_concurrent_reviews: 100 },
        { decided_by: applicant.id },
      ]
    ) {
      const { status, error } = await mine().update(forged).eq("id", applicant.id);
      expect([status, error?.code], JSON.stringify(forged)).toEqual([403, "42501"]);
    }
  });

  test("suspension takes the role, with the reason in the history", async () => {
    await granted(decide(admin, "suspended"));
    expect(await rolesOf(applicant)).toEqual(["student"]);
    const history = await granted(
      applicant.client.schema("core").from("role_change_history")
        .select("change, changed_by").eq("role", "expert").order("changed_at"),
    );
    expect(history).toEqual([
      { change: "granted", changed_by: admin.id },
      { change: "revoked", changed_by: admin.id },
    ]);
    const both = await newAdmin();
    await granted(apply(both));
    expectRefusal(await decide(both, "verified", both), 403, "own_expert_application");
  });
});
