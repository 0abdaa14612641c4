// An expert becomes a tutor, says what he offers and when, and is found by those whom he suits: through supabase-js, as
// an application would.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { type Person, service, signUp, sql } from "../../setup/stack.ts";
import { granted, newExpert, newTopic } from "../core/people.ts";

interface Found {
  tutors: {
    id: string;
    from_price_minor: number;
    next_free: { offer_id: string; starts_at: string; local_start: string } | null;
  }[];
  cursor: string | null;
}
interface Answer {
  status: number;
  error: { message: string; hint: string | null } | null;
}

let topic: string;
let tutor: Person;
let other: Person;
let learner: Person;

const refused = ({ status, error }: Answer, wanted: number, code: string) => {
  expect([status, error?.message]).toEqual([wanted, code]);
  expect(error?.hint).toBeTruthy();
};
const market = (person: Person) => person.client.schema("market");
const search = async (person: Person, filter: Record<string, unknown> = {}): Promise<Found> =>
  await granted(market(person).rpc("search_tutors", { p_topic: topic, ...filter })) as Found;
const found = async (person: Person, filter: Record<string, unknown> = {}): Promise<string[]> =>
  (await search(person, filter)).tutors.map(({ id }) => id);
const hour = {
  title: "An hour",
  duration_minutes: 60,
  price_minor: 4500,
  minimum_notice_minutes: 0,
};
const allWeek = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: "00:00", end: "24:00" }));

beforeAll(async () => {
  topic = await newTopic();
  [tutor, other, learner] = [await newExpert(topic), await newExpert(topic), await signUp()];
});

describe("becoming a tutor", () => {
  test("is for verified experts", async () => {
    refused(await market(learner).rpc("become_tutor"), 403, "expert_required");
    refused(await market(learner).from("offers").insert(hour), 403, "tutor_required");
    const forced = await market(learner).from("tutors").insert({ id: learner.id });
    expect(forced.error?.code).toBe("42501");
  });

  test("happens once, however often it is asked for", async () => {
    const ask = () =>
      granted(
        market(tutor).rpc("become_tutor", {
          p_about: "I teach this.",
          p_meeting_link: "https://meet.test/room",
        }),
      );
    const all = await Promise.all([ask(), ask(), ask()]) as { id: string; about: string }[];
    expect(new Set(all.map(({ id, about }) => `${id} ${about}`)).size).toBe(1);
    expect(await found(learner)).toEqual([]);
  });

  test("keeps the meeting link to oneself", async () => {
    const own = await granted(market(tutor).rpc("my_tutor").single()) as {
      default_meeting_link: string;
    };
    expect(own.default_meeting_link).toBe("https://meet.test/room");
    for (const person of [tutor, learner]) {
      const { error } = await market(person).from("tutors").select("default_meeting_link");
      expect(error?.code).toBe("42501");
    }
    const seen = await granted(
      market(learner).from("tutors").select("about, offers (title)").eq("id", tutor.id).single(),
    );
    expect(seen).toEqual({ about: "I teach this.", offers: [] });
  });
});

describe("offers and times", () => {
  test("an offer is found with its price as soon as it is there", async () => {
    const id = randomUUID();
    const offer = { ...hour, id };
    expect(await granted(market(tutor).from("offers").insert(offer).select("currency, tutor_id")))
      .toEqual([{ currency: "EUR", tutor_id: tutor.id }]);
    // The answer was lost and the client asks again.
    expect((await market(tutor).from("offers").insert(offer)).status).toBe(409);
    const { tutors } = await search(learner, { p_max_price_minor: 4500, p_currency: "EUR" });
    expect(tutors).toMatchObject([{ id: tutor.id, from_price_minor: 4500, next_free: null }]);
    expect(await found(learner, { p_max_price_minor: 4499, p_currency: "EUR" })).toEqual([]);
    refused(
      await market(tutor).from("offers").insert({ ...hour, currency: "USD" }),
      422,
      "currency_differs",
    );
    refused(
      await market(tutor).from("offers").insert({ ...hour, price_minor: 1 }),
      422,
      "price_too_low",
    );
    expect(
      (await market(other).from("offers").update({ price_minor: 0 }).eq("id", id).select()).data,
    )
      .toEqual([]);
  });

  test("two weeks written at once: one of them stands, whole", async () => {
    const half = allWeek.map(({ weekday }) => ({ weekday, start: "08:00", end: "12:00" }));
    await Promise.all(
      [allWeek, half, allWeek, half].map((p_slots) =>
        granted(market(tutor).rpc("set_availability", { p_slots }))
      ),
    );
    const rows = await granted(
      market(learner).from("expert_availability").select("weekday, start_time").eq(
        "tutor_id",
        tutor.id,
      ),
    );
    expect(rows).toHaveLength(7);
    expect(new Set(rows.map(({ start_time }) => start_time as string)).size).toBe(1);
    await granted(market(tutor).rpc("set_availability", { p_slots: allWeek }));
    refused(
      await market(tutor).rpc("set_availability", {
        p_slots: [{ weekday: 42, start: "lunch", end: "later" }],
      }),
      422,
      "slots_invalid",
    );
  });

  test("free time is searched for, and what is away is not found", async () => {
    const from = new Date(Date.now() + 5 * 86_400_000);
    const to = new Date(from.getTime() + 4 * 3_600_000);
    const window = { p_free_from: from.toISOString(), p_free_to: to.toISOString() };
    const { tutors: [free] } = await search(learner, { ...window, p_zone: "Asia/Kathmandu" });
    expect(free?.id).toBe(tutor.id);
    const { starts_at, local_start } = free?.next_free ?? { starts_at: "", local_start: "" };
    expect(Date.parse(starts_at)).toBeGreaterThanOrEqual(from.getTime());
    expect(Date.parse(`${local_start}Z`) - Date.parse(starts_at)).toBe(5.75 * 3_600_000);

    const { id } = await granted(
      market(tutor).from("out_of_office")
        .insert({ starts_at: from.toISOString(), ends_at: to.toISOString(), reason: "Dentist" })
        .select("id").single(),
    );
    expect(await found(learner, window)).toEqual([]);
    expect((await market(learner).from("out_of_office").select("reason")).data).toEqual([]);
    await granted(market(tutor).from("out_of_office").delete().eq("id", id as string).select("id"));
    expect(await found(learner, window)).toEqual([tutor.id]);
  });
});

describe("being seen", () => {
  test("a page tells everything but what is private", async () => {
    const page = await granted(market(learner).rpc("tutor_page", { p_tutor_id: tutor.id }));
    expect(page).toMatchObject({
      about: "I teach this.",
      topics: [{ slug: topic, proficiency: 3 }],
      offers: [{ title: "An hour", price_minor: 4500 }],
      reviews: [],
      is_me: false,
    });
    expect(JSON.stringify(page)).not.toContain("meet.test");
  });

  test("tutors come page by page, nobody twice", async () => {
    await granted(market(other).rpc("become_tutor"));
    await granted(market(other).from("offers").insert(hour).select("id"));
    const first = await search(learner, { p_limit: 1 });
    const second = await search(learner, { p_limit: 1, p_cursor: first.cursor });
    expect([...first.tutors, ...second.tutors].map(({ id }) => id).sort())
      .toEqual([tutor.id, other.id].sort());
    expect(second.cursor).toBeNull();
  });

  test("a decision, a block and a deleted account take effect at once", async () => {
    await granted(
      learner.client.schema("core").from("blocks").insert({
        blocker_id: learner.id,
        blocked_id: other.id,
      }).select(),
    );
    expect(await found(learner)).toEqual([tutor.id]);
    refused(
      await market(learner).rpc("tutor_page", { p_tutor_id: other.id }),
      404,
      "tutor_not_found",
    );
    await granted(
      service("core").rpc("decide_expert", {
        p_expert_id: tutor.id,
        p_decision: "suspended",
        p_reason: "For a test.",
      }),
    );
    expect(await found(learner)).toEqual([]);
    expect((await market(learner).from("offers").select("id").eq("tutor_id", tutor.id)).data)
      .toEqual([]);
    await service().auth.admin.deleteUser(tutor.id);
    expect(await sql("select from market.tutor_cards where tutor_id = $1", [tutor.id])).toEqual([]);
  });

  test("no promise is broken", async () => {
    const broken = await findViolations((text) => sql(text));
    expect(broken.filter(({ file }) => file.startsWith("market_tutors"))).toEqual([]);
  });
});
