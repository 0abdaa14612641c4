// What the races of money share: bookings that are to be paid for, events of the provider, and balances.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { copyOf, type Database, loadHelpers, warmUp } from "./native.ts";

export async function text(rows: PromiseLike<Record<string, unknown>[]>): Promise<string> {
  return String((await rows)[0]?.value);
}

/** A copy of the project's database in which limits and delays do not hide what happens to money. */
export async function moneyDatabase(): Promise<Database> {
  const database = await copyOf("TEMPLATE", "ledger");
  const { sql } = database;
  await loadHelpers(sql);
  for (const file of ["000_helpers_market.sql", "000_helpers_market_money.sql"]) {
    await sql.unsafe(readFileSync(join(import.meta.dirname, "..", "db", file), "utf8"));
  }
  await sql`update core.settings set value = '1000000' where key like 'market.checkout%'`;
  await sql`update core.settings set value = '0' where key = 'market.payout_delay_days'`;
  await warmUp(sql, 40);
  return database;
}

export function moneyOn({ sql }: Database) {
  let people = 0;
  let hours = 100;
  const newTutor = () => text(sql`select tests.tutor(${`t${people++}@race.test`}) as value`);
  const newLearner = () =>
    text(sql`select tests.create_user(${`l${people++}@race.test`}) as value`);
  const offerOf = (tutor: string) => text(sql`select tests.offer(${tutor}, 10001) as value`);

  return {
    newTutor,
    newLearner,
    offerOf,
    newOffer: async () => await offerOf(await newTutor()),

    async booking(status: string, offer: string, learner?: string): Promise<string> {
      const who = learner ?? await newLearner();
      const at = status === "hold" || status === "scheduled" ? hours++ : -(hours++);
      return await text(
        sql`select tests.booking(${offer}, ${who}, tests.hour(${at}), ${status}) as value`,
      );
    },

    begin: (id: string) =>
      text(sql`
        select market.begin_checkout(id, learner_id, 'local') ->> 'payment_id' as value
        from market.bookings where id = ${id}`),

    captured: (payment: string, event: string) =>
      text(sql`
        select market.record_payment_event('local', ${event}, 'payment_captured', jsonb_build_object(
          'payment_id', ${payment}::text, 'provider_payment_id', ${`pi_${payment}`}::text,
          'amount_minor', 10001, 'currency', 'EUR'), now()) as value`),

    event: (id: string, type: string, data: Record<string, string | number>) =>
      text(sql`
        select tests.money_event(${id}, ${type}, ${JSON.stringify(data)}::text::jsonb) as value`),

    moneyOf: (id: string) => text(sql`select tests.money_of(${id}) as value`),

    settle: (id: string) =>
      sql.begin(async (tx) => {
        await tx`select private.booking_enter(${id}, null)`;
        await tx`
          update market.bookings set status = 'completed', completed_at = now()
          where id = ${id} and status = 'scheduled'`;
        await tx`select private.booking_settle(${id})`;
      }),

    refund: (id: string, amount: number, key: string) =>
      text(sql`
        select id as value from market.refund_booking(${id}, ${amount}, 'In a race', ${key})`),
  };
}
