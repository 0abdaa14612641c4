// A tutor who is always free, on the shared stack, and what people ask of him through supabase-js.
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { type Person, signUp, sql } from "../../setup/stack.ts";
import { granted, newExpert, newTopic } from "../core/people.ts";

interface Slot {
  starts_at: string;
}
interface Answer {
  status: number;
  error: { message: string; hint: string | null } | null;
}
export interface Row {
  id: string;
  chain_id: string;
  status: string;
  starts_at: string;
  refund_minor: number;
  meeting_link: string | null;
}

const day = 86_400_000;

export const market = ({ client }: Person) => client.schema("market");

export const call = async (
  person: Person,
  name: string,
  args: Record<string, unknown>,
): Promise<Row> => await granted(market(person).rpc(name, args)) as unknown as Row;

export function refused({ status, error }: Answer, wanted: number, code: string): void {
  expect([status, error?.message]).toEqual([wanted, code]);
  expect(error?.hint).toBeTruthy();
}

export const hold = (
  person: Person,
  offer: string,
  startsAt: string | undefined,
  key = randomUUID(),
) =>
  market(person).rpc("hold_slot", {
    p_offer_id: offer,
    p_starts_at: startsAt,
    p_idempotency_key: key,
  });

export async function expectSound(): Promise<void> {
  const violations = await findViolations((text) => sql(text));
  expect(violations.filter(({ file }) => file.startsWith("market"))).toEqual([]);
}

export interface Tutoring {
  tutor: Person;
  learner: Person;
  free: string;
  paid: string;
  /** Beginnings of free slots, a day of them, so many days from now. */
  slots(person: Person, offer: string, from?: number): Promise<string[]>;
  /** The first free slot that many days from now, free of charge. */
  book(from: number): Promise<Row>;
}

export async function openTutoring(): Promise<Tutoring> {
  const tutor = await newExpert(await newTopic());
  const learner = await signUp();
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
  const [free, paid] = made.map(({ id }) => id) as [string, string];

  const slots: Tutoring["slots"] = async (person, offer, from = 2) => {
    const rows = await granted(
      market(person).rpc("free_slots", {
        p_tutor_id: tutor.id,
        p_offer_id: offer,
        p_from: new Date(Date.now() + from * day).toISOString(),
        p_to: new Date(Date.now() + (from + 1) * day).toISOString(),
      }),
    ) as unknown as Slot[];
    return rows.map(({ starts_at }) => starts_at);
  };
  return {
    tutor,
    learner,
    free,
    paid,
    slots,
    book: async (from) => {
      const [first] = await slots(learner, free, from);
      return await granted(hold(learner, free, first)) as unknown as Row;
    },
  };
}
