// Two people book, move, call off and look back on sessions, through supabase-js; and forty want the same ten slots.
import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { type Person, script, signUp, sql, until } from "../../setup/stack.ts";
import { granted, newExpert, newTopic } from "../core/people.ts";

interface Slot {
  starts_at: string;
}
interface Answer {
  status: number;
  error: { message: string; hint: string | null } | null;
}
interface Row {
  id: string;
  chain_id: string;
  status: string;
  starts_at: string;
  refund_minor: number;
  meeting_link: string | null;
}

let tutor: Person;
let learner: Person;
let free: string;
let paid: string;

const market = ({ client }: Person) => client.schema("market");
const call = async (person: Person, name: string, args: Record<string, unknown>): Promise<Row> =>
  await granted(market(person).rpc(name, args)) as unknown as Row;
const refused = ({ status, error }: Answer, wanted: number, code: string) => {
  expect([status, error?.message]).toEqual([wanted, code]);
  expect(error?.hint).toBeTruthy();
};
const day = 86_400_000;
const slots = async (person: Person, offer: string, from = 2, days = 1): Promise<string[]> => {
  const rows = await granted(
    market(person).rpc("free_slots", {
      p_tutor_id: tutor.id,
      p_offer_id: offer,
      p_from: new Date(Date.now() + from * day).toISOString(),
      p_to: new Date(Date.now() + (from + days) * day).toISOString(),
    }),
  ) as unknown as Slot[];
  return rows.map(({ starts_at }) => starts_at);
};
const hold = (person: Person, offer: string, startsAt: string | undefined, key = randomUUID()) =>
  market(person).rpc("hold_slot", {
    p_offer_id: offer,
    p_starts_at: startsAt,
    p_idempotency_key: key,
  });
const book = async (offer: string, startsAt: string | undefined): Promise<Row> =>
  await granted(hold(learner, offer, startsAt)) as unknown as Row;

beforeAll(async () => {
  tutor = await newExpert(await newTopic());
  learner = await signUp();
  await granted(market(tutor).rpc("become_tutor", { p_meeting_link: "https://meet.test/room" }));
  await granted(
    market(tutor).rpc("set_availability", {
      p_slots: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: "00:00", end: "24:00" })),
    }),
  );
  const offer = { title: "An hour", duration_minutes: 60, minimum_notice_minutes: 0 };
  const made = await granted(
    market(tutor).from("offers").insert([
      { ...offer, price_minor: 0 },
      { ...offer, price_minor: 4500 },
    ]).select("id, price_minor").order("price_minor"),
  ) as { id: string }[];
  [free, paid] = made.map(({ id }) => id) as [string, string];
});
afterEach(async () => {
  const violations = await findViolations((text) => sql(text));
  expect(violations.filter(({ file }) => file.startsWith("market"))).toEqual([]);
});

describe("a slot", () => {
  test("is held until it is paid for, and nobody else gets it meanwhile", async () => {
    const [slot] = await slots(learner, paid);
    const key = randomUUID();
    const held = await granted(hold(learner, paid, slot, key)) as unknown as Row;
    expect(held).toMatchObject({ status: "hold", meeting_link: null });
    expect(await granted(hold(learner, paid, slot, key))).toMatchObject({ id: held.id });
    expect(await slots(learner, paid)).not.toContain(slot);

    const other = await signUp();
    refused(await hold(other, paid, slot), 409, "slot_taken");
    refused(await hold(other, free, slot), 409, "slot_taken");
    refused(await hold(tutor, free, slot), 403, "own_offer");
    refused(
      await market(other).rpc("release_hold", { p_booking_id: held.id }),
      404,
      "booking_not_found",
    );
    const seen = await market(other).from("bookings").select("id");
    expect(seen.data).toEqual([]);

    expect(await call(learner, "release_hold", { p_booking_id: held.id })).toMatchObject({
      status: "cancelled",
    });
    expect(await slots(other, paid)).toContain(slot);
  });

  test("is booked at once when it costs nothing, and both are told", async () => {
    const [slot] = await slots(learner, free, 4);
    const booked = await book(free, slot);
    expect(booked).toMatchObject({ status: "scheduled", meeting_link: "https://meet.test/room" });
    for (const person of [learner, tutor]) {
      const told = await granted(
        person.client.schema("core").from("notifications").select("title, data").eq(
          "type",
          "booking_scheduled",
        )
          .eq("data->>booking_id", booked.id),
      );
      expect(told).toHaveLength(1);
    }
  });

  test("among ten is wanted by two hundred at once: ten have one, the others hear that it is taken", async () => {
    const people = await Promise.all(Array.from({ length: 40 }, () => signUp()));
    const wanted = (await slots(learner, free, 10)).filter((_, index) => index % 2 === 0).slice(
      0,
      10,
    );
    const answers = await Promise.all(
      people.flatMap((person, index) =>
        [0, 1, 2, 3, 4].map((turn) => hold(person, free, wanted[(index + turn) % 10]))
      ),
    );
    const booked = answers.filter(({ error }) => !error).map(({ data }) => data as unknown as Row);
    expect(new Set(booked.map(({ starts_at }) => Date.parse(starts_at))).size).toBe(10);
    expect(booked).toHaveLength(10);
    const refusals = answers.filter(({ error }) => error);
    expect(refusals).toHaveLength(190);
    for (const refusal of refusals) refused(refusal, 409, "slot_taken");
  });
});

describe("a booking", () => {
  test("is moved by its learner, and calendars, lists and reminders follow", async () => {
    const first = await book(free, (await slots(learner, free, 5))[0]);
    const [target] = await slots(learner, free, 6);
    const move = { p_booking_id: first.id, p_starts_at: target };
    refused(await market(tutor).rpc("reschedule_booking", move), 403, "learner_required");
    const moved = await call(learner, "reschedule_booking", move);
    expect(moved).toMatchObject({ chain_id: first.chain_id, status: "scheduled" });
    expect(Date.parse(moved.starts_at)).toBe(Date.parse(target ?? ""));
    expect(await call(learner, "reschedule_booking", move)).toMatchObject({ id: moved.id });
    refused(
      await market(learner).rpc("cancel_booking", { p_booking_id: first.id }),
      409,
      "booking_moved",
    );
    const list = await granted(
      market(learner).rpc("my_bookings", { p_status: ["scheduled", "cancelled"] }),
    ) as unknown as Row[];
    expect(list.filter(({ chain_id }) => chain_id === first.chain_id).map(({ id }) => id))
      .toEqual([moved.id]);
    const jobs = await sql(
      "select from ops.queue_items where job_type = 'market.remind' and resource_id = $1",
      [moved.id],
    );
    expect(jobs).toHaveLength(2);
  });

  test("is called off by its tutor, and its learner is told", async () => {
    const booked = await book(free, (await slots(learner, free, 7))[0]);
    const cancelled = await call(tutor, "cancel_booking", {
      p_booking_id: booked.id,
      p_reason: "I am ill",
    });
    expect(cancelled).toMatchObject({ status: "cancelled", refund_minor: 0 });
    const told = await granted(
      learner.client.schema("core").from("notifications").select("id").eq(
        "type",
        "booking_cancelled",
      )
        .eq("data->>booking_id", booked.id),
    );
    expect(told).toHaveLength(1);
    refused(
      await market(tutor).rpc("complete_booking", { p_booking_id: booked.id }),
      409,
      "booking_state",
    );
  });

  test("is talked about in notes, of which each shares what he likes", async () => {
    const booked = await book(free, (await slots(learner, free, 8))[0]);
    const notes = (person: Person) => market(person).from("booking_notes");
    await granted(
      notes(learner).insert([
        { booking_id: booked.id, content: "For me" },
        { booking_id: booked.id, content: "For both", is_shared: true },
      ]).select(),
    );
    const seen = await granted(
      notes(tutor).select("content").eq("booking_id", booked.id),
    );
    expect(seen).toEqual([{ content: "For both" }]);
    const stranger = await signUp();
    const forced = await notes(stranger).insert({ booking_id: booked.id, content: "Hello" });
    expect(forced.error?.code).toBe("42501");
    expect((await notes(stranger).select().eq("booking_id", booked.id)).data).toEqual([]);
  });

  test("that is over is completed by the clock, rated once and replied to", async () => {
    const booked = await book(free, (await slots(learner, free, 9))[0]);
    // As time would do it, past the trigger that keeps its terms.
    await script(`do $do$ begin
      perform set_config('session_replication_role', 'replica', true);
      update market.bookings set starts_at = starts_at - interval '11 days', ends_at = ends_at - interval '11 days',
        blocked_from = blocked_from - interval '11 days', blocked_to = blocked_to - interval '11 days'
      where id = '${booked.id}';
      perform set_config('session_replication_role', 'origin', true);
    end $do$`);
    await sql("select private.market_close_due()");
    await until(async () => {
      const [row] = await sql<Row>("select status from market.bookings where id = $1", [booked.id]);
      return row?.status === "completed";
    }, "the booking is completed");

    const feedback = { p_booking_id: booked.id, p_rating: 5, p_review: "Patient and clear" };
    await market(learner).rpc("give_feedback", feedback);
    refused(
      await market(learner).rpc("give_feedback", { ...feedback, p_rating: 1 }),
      409,
      "feedback_given",
    );
    await market(tutor).rpc("reply_to_feedback", { p_booking_id: booked.id, p_reply: "Thanks" });
    const stranger = await signUp();
    const read = await granted(
      market(stranger).from("session_feedback").select("rating, review, reply").eq(
        "booking_id",
        booked.id,
      ),
    );
    expect(read).toEqual([{ rating: 5, review: "Patient and clear", reply: "Thanks" }]);
    const named = await market(stranger).from("session_feedback").select("learner_id");
    expect(named.error?.code).toBe("42501");
    const page = await granted(market(learner).rpc("booking_page", { p_booking_id: booked.id }));
    expect(page).toMatchObject({ role: "learner", feedback: { rating: 5 }, refund_now_minor: 0 });
  });
});
