// The cards that are due, reviewed one after the other; some again within minutes, and some reviews taken back.
import type postgres from "postgres";
import { about, chance } from "../chance.ts";
import { firstRating, habitsOf, MOST_LIKELY, ratingOf, SECONDS } from "../people.ts";
import type { Minds } from "../truths/index.ts";
import { CARDS_OF_EACH, type Person } from "./people.ts";

const MOST_ROUNDS = 8;
const BETWEEN_ROUNDS = 600_000;
const UNDONE = 0.01;
/** Cards of questions are kept in mind in the same way, behind those of one's own. */
export const MINDS_OF_EACH = CARDS_OF_EACH + 50;

interface Due {
  card_id: string;
  own: number | null;
  question_id: string | null;
  review_no: number;
}

export interface Sitting {
  seed: number;
  person: Person;
  day: number;
  minds: Minds;
  /** Which questions have which place in mind, and on what day each place was seen last. */
  places: Map<string, number>;
  seenOn: Int32Array;
  counts: Record<string, number>;
}

const dueOf = (tx: postgres.TransactionSql, { id }: Person, at: Date) =>
  tx<Due[]>`
    select d.card_id, c.question_id, case when c.source = 'note' then right(split_part(c.id::text, '-', 4), 3)::integer end as own,
      coalesce((select max(l.review_no) from study.review_logs as l where l.card_id = c.id and l.undone_at is null), 0) + 1 as review_no
    from private.study_due(${id}, ${at}) as d
    join study.sm2_review_cards as c on c.id = d.card_id
    order by d.phase_no, d.sort_key, d.card_id`;

function placeOf({ places, person }: Sitting, { own, question_id }: Due): number {
  if (own !== null) return person.no * MINDS_OF_EACH + own;
  const known = places.get(question_id!) ?? places.size % 50;
  places.set(question_id!, known);
  return person.no * MINDS_OF_EACH + CARDS_OF_EACH + known;
}

function rate(sitting: Sitting, due: Due, minute: number): number {
  const { seed, person, day, minds, seenOn } = sitting;
  const place = placeOf(sitting, due);
  const last = seenOn[place]!;
  let rating = firstRating(seed, person.no, place);
  if (last >= 0) {
    const likely = Math.min(minds.chance(place, day, minute), last === day ? MOST_LIKELY : 1);
    const isRecalled = chance(seed, about.recall, place, day, minute) < likely;
    rating = ratingOf(
      isRecalled,
      likely,
      chance(seed, about.mood, place, day, minute),
      habitsOf(seed, person.no),
    );
  }
  minds.review(place, rating, day, minute);
  seenOn[place] = day;
  return rating;
}

/** Returns when the sitting is over. */
export async function reviewDue(
  tx: postgres.TransactionSql,
  sitting: Sitting,
  from: Date,
): Promise<Date> {
  const { seed, person, day, counts } = sitting;
  let at = from.getTime();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const due = await dueOf(tx, person, new Date(at));
    if (due.length === 0) break;
    // Sent one behind the other, without waiting for each: what is rated how does not depend on the replies.
    const sent = due.map((one) => {
      const rating = rate(sitting, one, Math.floor((at - from.getTime()) / 60_000));
      const ms = SECONDS[rating - 1]! * 1000;
      at += ms;
      return tx`select private.study_review_card(
        ${person.id}, ${one.card_id}, ${rating}, null, ${ms}, ${one.review_no}, ${new Date(
        at,
      )}) is null`;
    });
    await Promise.all(sent);
    counts.reviews! += due.length;
    const last = due.at(-1)!;
    if (chance(seed, about.mood, person.no, day, round) < UNDONE * due.length) {
      at += 2000;
      await tx`select private.study_undo_review(${person.id}, ${last.card_id}, ${last.review_no}, ${new Date(
        at,
      )}) is null`;
      counts.undone! += 1;
    }
    at += BETWEEN_ROUNDS;
  }
  return new Date(at);
}
