// The ledger of the student, as he may read it, and what it must add up to.
import { expectEqual, step } from "./steps.ts";
import type { Person } from "./people.ts";
import { table } from "./print.ts";

interface Entry {
  entry_type: string;
  question_id: string | null;
  available_delta: number;
  held_delta: number;
  available_after: number;
  held_after: number;
  reason: string;
}

interface Balance {
  credits_available: number;
  credits_held: number;
}

export async function readBalance(student: Person): Promise<Balance> {
  const { data } = await student.client.schema("qa").from("clients")
    .select("credits_available, credits_held").single().throwOnError();
  return data as Balance;
}

async function readLedger(student: Person): Promise<Entry[]> {
  const { data } = await student.client.schema("qa").from("credit_entries")
    .select("*").order("id").throwOnError();
  return data as Entry[];
}

/** `settled` is how the hold of this question must have ended. */
export async function showSettlement(
  student: Person,
  questionId: string,
  settled: "capture" | "release",
): Promise<void> {
  const what = `the ledger says hold, then ${settled}`;
  await step(
    what,
    async () => {
      const entries = (await readLedger(student)).filter((e) => e.question_id === questionId);
      expectEqual("entries of the question", entries.map((e) => e.entry_type), ["hold", settled]);
      const held = entries.reduce((sum, entry) => sum + entry.held_delta, 0);
      expectEqual("credits still held for it", held, 0);
      return await readBalance(student);
    },
    (balance) => `${what}: ${balance.credits_available} available, ${balance.credits_held} held`,
  );
}

export async function showLedger(student: Person, wanted: Balance): Promise<void> {
  const entries = await step("the ledger adds up to the balance", async () => {
    const entries = await readLedger(student);
    const balance = await readBalance(student);
    const sum = (of: (entry: Entry) => number) => entries.reduce((n, e) => n + of(e), 0);
    expectEqual("the balance", balance, wanted);
    expectEqual("the sums of the entries", {
      credits_available: sum((e) => e.available_delta),
      credits_held: sum((e) => e.held_delta),
    }, wanted);
    return entries;
  });
  table(
    ["entry", "available", "held", "balance", "held after", "question"],
    entries.map((e) => [
      e.entry_type,
      e.available_delta,
      e.held_delta,
      e.available_after,
      e.held_after,
      e.question_id?.slice(0, 8) ?? "",
    ]),
  );
}
