// Votes under concurrency: nobody waits, nothing is lost, and the totals are exact before the fold and after it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSound, rush, times } from "./native.ts";
import { openVoting, type Voting } from "./voting.ts";

let voting: Voting;

beforeAll(async () => {
  voting = await openVoting("votes");
});
afterAll(() => voting?.database.drop());

describe("eight who vote on one post without a pause", () => {
  test("are counted to the last one, whether they found the post free or not", async () => {
    const hot = await voting.post();
    const voters = await voting.people("hot", 160);
    const before = await voting.likesOf(voting.author) ?? 0;
    let mostWaiting = 0;
    const lanes = times(8, (lane) => async () => {
      for (const [index, voter] of voters.entries()) {
        if (index % 8 !== lane) continue;
        await voting.vote(voter, hot, index % 4 === 3 ? "downvote" : "upvote");
        const seen = await voting.counts(hot);
        mostWaiting = Math.max(
          mostWaiting,
          (seen.likes_waiting ?? 0) + (seen.dislikes_waiting ?? 0),
        );
        expect((seen.likes_count ?? 0) + (seen.likes_waiting ?? 0)).toBe(seen.upvotes);
        expect((seen.dislikes_count ?? 0) + (seen.dislikes_waiting ?? 0)).toBe(seen.downvotes);
      }
    });
    expect((await rush(lanes)).refused).toEqual({});
    expect(mostWaiting, "somebody found the post locked").toBeGreaterThan(0);
    await voting.fold();
    expect(await voting.counts(hot)).toMatchObject({
      likes_count: 120,
      dislikes_count: 40,
      upvotes: 120,
    });
    expect(await voting.likesOf(voting.author)).toBe(before + 120);
  });

  test("wait for none who holds the post", async () => {
    const held = await voting.post();
    const voter = await voting.person("impatient");
    await voting.sql.begin(async (tx) => {
      await tx`select from social.posts where id = ${held} for no key update`;
      await tx`select from social.profile_stats where user_id = ${voting.author} for no key update`;
      expect(await voting.vote(voter, held, "upvote"))
        .toEqual({ likes_count: 1, dislikes_count: 0, votes_count: 1, my_vote: "upvote" });
      expect(await voting.counts(held)).toMatchObject({ likes_count: 0, likes_waiting: 1 });
      // Nor does the fold, which leaves it for the next time.
      await voting.sql`select private.social_fold_counters()`;
      expect(await voting.counts(held)).toMatchObject({ likes_count: 0, likes_waiting: 1 });
    });
    await voting.fold();
    expect(await voting.counts(held)).toMatchObject({ likes_count: 1, likes_waiting: 0 });
  });
});

describe("one person on several connections", () => {
  test("has one vote, and the totals are those of his last word", async () => {
    const [fickle, other, torn] = [
      await voting.person("fickle"),
      await voting.person("other"),
      await voting.post(),
    ];
    const choices = ["upvote", "downvote", null, "downvote", "upvote"] as const;
    await voting.vote(other, torn, "upvote");
    const { done, refused } = await rush(
      times(60, (index) => () => voting.vote(fickle, torn, choices[index % 5] ?? null)),
    );
    expect(refused).toEqual({});
    for (const totals of done) {
      const mine = totals?.my_vote;
      expect(totals).toMatchObject({
        likes_count: mine === "upvote" ? 2 : 1,
        dislikes_count: mine === "downvote" ? 1 : 0,
      });
    }
    const rows = await voting.sql`select vote_type from social.votes where votable_id = ${torn}`;
    expect(rows.length).toBeLessThanOrEqual(2);
    await voting.fold();
    const { likes_count, dislikes_count, upvotes, downvotes } = await voting.counts(torn);
    expect([likes_count, dislikes_count]).toEqual([upvotes, downvotes]);
  });

  test("who sends the same vote thirty times at once votes once", async () => {
    const [eager, liked] = [await voting.person("eager"), await voting.post()];
    const { done, refused } = await rush(
      times(30, () => () => voting.vote(eager, liked, "upvote")),
    );
    expect(refused).toEqual({});
    expect(new Set(done.map((totals) => totals?.likes_count))).toEqual(new Set([1]));
  });
});

test("every invariant holds afterwards", () => expectSound(voting.database));
