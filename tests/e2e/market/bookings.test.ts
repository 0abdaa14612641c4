// Slots of a tutor, held and booked through supabase-js; and forty people who want the same ten.
import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Person, signUp } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import {
  call,
  expectSound,
  hold,
  market,
  openTutoring,
  refused,
  type Row,
  type Tutoring,
} from "./tutoring.ts";

let here: Tutoring;
let tutor: Person;
let learner: Person;
let free: string;
let paid: string;

beforeAll(async () => {
  here = await openTutoring();
  ({ tutor, learner, free, paid } = here);
});
afterEach(expectSound);

describe("a slot", () => {
  test("is held until it is paid for, and nobody else gets it meanwhile", async () => {
    const [slot] = await here.slots(learner, paid);
    const key = randomUUID();
    const held = await granted(hold(learner, paid, slot, key)) as unknown as Row;
    expect(held).toMatchObject({ status: "hold", meeting_link: null });
    expect(await granted(hold(learner, paid, slot, key))).toMatchObject({ id: held.id });
    expect(await here.slots(learner, paid)).not.toContain(slot);

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
    expect(await here.slots(other, paid)).toContain(slot);
  });

  test("is booked at once when it costs nothing, and both are told", async () => {
    const [slot] = await here.slots(learner, free, 4);
    const booked = await granted(hold(learner, free, slot)) as unknown as Row;
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
    const wanted = (await here.slots(learner, free, 10)).filter((_, index) => index % 2 === 0)
      .slice(
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
