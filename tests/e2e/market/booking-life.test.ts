// What becomes of a booking: moved, called off, talked about, over, rated. Through supabase-js.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Person, script, signUp, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import {
  call,
  expectSound,
  market,
  openTutoring,
  refused,
  type Row,
  type Tutoring,
} from "./tutoring.ts";

let here: Tutoring;
let tutor: Person;
let learner: Person;

beforeAll(async () => {
  here = await openTutoring();
  ({ tutor, learner } = here);
});
afterEach(expectSound);

describe("a booking", () => {
  test("is moved by its learner, and calendars, lists and reminders follow", async () => {
    const first = await here.book(5);
    const [target] = await here.slots(learner, here.free, 6);
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
    const booked = await here.book(7);
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
    const booked = await here.book(8);
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
    const booked = await here.book(9);
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
