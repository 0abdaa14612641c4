// A market on a stack of its own: tutors who are always free, learners, payments along the real path, and time that passes
// when a test says so.
import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { expect } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { type Stack, type StackOptions, startStack } from "../../../scripts/stack/stack.ts";
import { type Client, until } from "../../setup/stack.ts";

export interface Somebody {
  id: string;
  client: Client;
  token: string;
}

export interface Booking {
  id: string;
  chain_id: string;
  status: string;
  payment_status: string;
  price_minor: number;
  commission_minor: number;
  refund_minor: number;
  settled_at: string | null;
}

/** What the functions answer, all together: each test says which of it there must be. */
export interface Answer {
  status: number;
  body: {
    code: string;
    outcome: string;
    status: string;
    payment_id: string;
    account_id: string;
    url: string;
    actions: Record<"pay" | "fail" | "expire" | "dispute", string>;
  };
}

const clientOf = (stack: Stack, key: string) =>
  createClient(stack.url, key, {
    db: { schema: "market" },
    auth: { persistSession: false, autoRefreshToken: false },
  }) as Client;

export type Market = Awaited<ReturnType<typeof openMarket>>;

export async function openMarket(options: StackOptions = {}) {
  const stack = await startStack({
    port: 0,
    data: "memory",
    seed: false,
    quiet: !process.env.LYCEUM_STACK_DEBUG,
    ...options,
  });
  const service = clientOf(stack, stack.secretKey);
  // Tests do not wait a week for their money.
  await stack.sql("update core.settings set value = '0' where key = 'market.payout_delay_days'");

  const call = async (
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    method = "POST",
  ): Promise<Answer> => {
    const response = await fetch(
      path.startsWith("http") ? path : `${stack.url}/functions/v1${path}`,
      {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(method === "GET"
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      },
    );
    return { status: response.status, body: await response.json() as Answer["body"] };
  };
  const as = ({ token }: Somebody) => ({ authorization: `Bearer ${token}` });

  const somebody = async (): Promise<Somebody> => {
    const client = clientOf(stack, stack.publishableKey);
    const email = `${randomUUID()}@lyceum.test`;
    const { data, error } = await client.auth.signUp({ email, password: "correct-horse-battery" });
    if (error || !data.session || !data.user) throw error ?? new Error("no session");
    return { id: data.user.id, client, token: data.session.access_token };
  };
  const granted = async <T>(
    answer: PromiseLike<{ data: unknown; error: { message: string; details?: string } | null }>,
  ): Promise<T> => {
    const { data, error } = await answer;
    if (error) throw new Error(`${error.message}: ${error.details ?? ""}`);
    return data as T;
  };

  /** Verified, and free at all hours. */
  const tutor = async (): Promise<Somebody> => {
    const person = await somebody();
    await stack.sql(
      "insert into core.experts (id, verification_status, headline, currency, time_zone) values ($1, 'verified', 'Teaches', 'EUR', 'UTC')",
      [person.id],
    );
    await granted(person.client.rpc("become_tutor"));
    const p_slots = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
      weekday,
      start: "00:00",
      end: "24:00",
    }));
    await granted(person.client.rpc("set_availability", { p_slots }));
    return person;
  };
  const offer = async (of: Somebody, price_minor = 4000): Promise<string> => {
    const { id } = await granted<{ id: string }>(
      of.client.from("offers").insert({
        title: "An hour of algebra",
        duration_minutes: 60,
        price_minor,
        currency: "EUR",
        minimum_notice_minutes: 0,
        cancellation_policy: "moderate",
      }).select("id").single(),
    );
    return id;
  };
  let slot = 0;
  /** A slot so many hours from now; without a number always another one. */
  const hold = async (learner: Somebody, offerId: string, inHours = 48 + 2 * ++slot) => {
    const hour = 3_600_000;
    const starts = new Date(Math.ceil(Date.now() / hour) * hour + inHours * hour).toISOString();
    return await granted<Booking>(
      learner.client.rpc("hold_slot", {
        p_offer_id: offerId,
        p_starts_at: starts,
        p_idempotency_key: randomUUID(),
      }),
    );
  };
  const find = async (id: string): Promise<Booking> => {
    const [booking] = await stack.sql<Booking>("select * from market.bookings where id = $1", [id]);
    if (!booking) throw new Error(`no booking ${id}`);
    return booking;
  };
  /** Past the trigger that keeps its terms, as time would. */
  const passTime = async (bookingId: string, hours: number) => {
    expect(bookingId).toMatch(/^[0-9a-f-]{36}$/);
    await stack.sql(`do $do$ begin
      perform set_config('session_replication_role', 'replica', true);
      update market.bookings set
        starts_at = starts_at - interval '${hours} hours', ends_at = ends_at - interval '${hours} hours',
        blocked_from = blocked_from - interval '${hours} hours', blocked_to = blocked_to - interval '${hours} hours'
      where id = '${bookingId}';
      perform set_config('session_replication_role', 'origin', true);
    end $do$`);
  };
  /** What an account holds, in minor units. */
  const balance = async (kind: string, owner: string | null): Promise<number> => {
    const [row] = await stack.sql<{ sum: string }>(
      "select coalesce(sum(balance_minor), 0) as sum from market.accounts where kind = $1 and ($2::uuid is null or owner_id = $2)",
      [kind, owner],
    );
    return Number(row?.sum);
  };

  return {
    stack,
    service,
    call,
    as,
    somebody,
    granted,
    tutor,
    offer,
    hold,
    find,
    passTime,
    balance,
    checkout: (learner: Somebody, bookingId: string) =>
      call("/payments/checkout", { booking_id: bookingId }, as(learner)),
    reach: (id: string, check: (booking: Booking) => boolean, what: string) =>
      until(
        async () => {
          const booking = await find(id);
          return check(booking) && booking;
        },
        what,
        20_000,
      ),
    /** Every promise about money and bookings holds, whatever a test did. */
    async expectSound() {
      const violations = await findViolations((text) => stack.sql(text));
      expect(violations.filter(({ file }) => file.startsWith("market"))).toEqual([]);
    },
  };
}
