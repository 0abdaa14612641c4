// People vote while voters, posts and authors are deleted and while counters are repaired: no deadlock, no vote lost.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSound, rush, times } from "./native.ts";
import { openVoting, type Voting } from "./voting.ts";

let voting: Voting;

beforeAll(async () => {
  voting = await openVoting("votes_deletions");
});
afterAll(() => voting?.database.drop());

describe("while others vote", () => {
  test("voters are deleted, also those who are voting themselves", async () => {
    const posts = await Promise.all(times(4, () => voting.post()));
    const voters = await voting.people("leaving", 24);
    await rush(
      voters.flatMap((voter) => posts.map((id) => () => voting.vote(voter, id, "upvote"))),
    );
    const leaving = voters.slice(0, 8);
    const { refused } = await rush<unknown>([
      ...leaving.map((voter) => () => voting.sql`delete from auth.users where id = ${voter}`),
      ...voters.flatMap((voter) =>
        posts.map((id, index) => () => voting.vote(voter, id, index % 2 ? "downvote" : "upvote"))
      ),
    ]);
    // Somebody who is gone is nobody; no deadlock, no broken key.
    expect(Object.keys(refused).filter((refusal) => refusal !== "PT401 not_authenticated"))
      .toEqual([]);
    await voting.fold();
    for (const id of posts) {
      const { likes_count, dislikes_count, upvotes, downvotes } = await voting.counts(id);
      expect([likes_count, dislikes_count]).toEqual([upvotes, downvotes]);
      expect((upvotes ?? 0) + (downvotes ?? 0)).toBe(16);
    }
    expect(await voting.wrongCounters()).toEqual([]);
  });

  test("a post and its author are deleted", async () => {
    const [gone, leaver] = [await voting.person("gone"), await voting.person("leaver")];
    const [dropped, kept, left] = [
      await voting.post(gone),
      await voting.post(gone),
      await voting.post(leaver),
    ];
    const voters = await voting.people("late", 30);
    const { refused } = await rush<unknown>([
      ...voters.slice(0, 15).flatMap((voter) =>
        [dropped, kept, left].map((id) => () => voting.vote(voter, id, "upvote"))
      ),
      () => voting.sql`delete from social.posts where id = ${dropped}`,
      () => voting.sql`delete from auth.users where id = ${leaver}`,
      ...voters.slice(15).flatMap((voter) =>
        [dropped, kept, left].map((id) => () => voting.vote(voter, id, "upvote"))
      ),
    ]);
    expect(Object.keys(refused).filter((refusal) => refusal !== "PT404 content_not_found"))
      .toEqual([]);
    expect(await voting.likesOf(gone), "the likes of the post that is left").toBe(30);
    await voting.fold();
    expect(await voting.counts(kept)).toMatchObject({ likes_count: 30 });
    expect(await voting.counts(left)).toMatchObject({ likes_count: 30 });
    expect(await voting.wrongCounters()).toEqual([]);
  });

  test("an author is deleted who is held up halfway: no deadlock", async () => {
    const [leaver, voter] = [await voting.person("halfway"), await voting.person("halfway-voter")];
    const [older, newer] = [await voting.post(leaver), await voting.post(leaver)];
    const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
    const { both } = await voting.sql.begin(async (tx) => {
      // Deleting takes the newer post first, and waits there; the vote comes upon the older one.
      await tx`select from social.posts where id = ${newer} for no key update`;
      const deleting = voting.sql`delete from auth.users where id = ${leaver}`.execute();
      await pause();
      const ballot = voting.vote(voter, older, "upvote");
      await pause();
      return { both: Promise.allSettled([deleting, ballot]) };
    });
    expect((await both).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await voting.counts(older)).toMatchObject({ likes_count: 1, upvotes: 1 });
  });

  test("counters are repaired and folded by several at once, and no vote is lost", async () => {
    const repaired = await voting.post();
    const voters = await voting.people("meanwhile", 60);
    await voting.sql`update social.posts set likes_count = 1000 where id = ${repaired}`;
    const { refused, done } = await rush<unknown>([
      ...voters.slice(0, 30).map((voter) => () => voting.vote(voter, repaired, "upvote")),
      ...times(3, () => () => voting.sql`select * from social.repair_counters()`),
      ...times(3, () => () => voting.sql`select private.social_fold_counters()`),
      ...voters.slice(30).map((voter) => () => voting.vote(voter, repaired, "upvote")),
    ]);
    expect(refused).toEqual({});
    const found = done.flat().filter((row) => (row as { wrong_rows?: number })?.wrong_rows === 1);
    expect(found, "one repair finds it, the others nothing").toHaveLength(1);
    await voting.fold();
    expect(await voting.counts(repaired)).toMatchObject({ likes_count: 60, upvotes: 60 });
    expect(await voting.wrongCounters()).toEqual([]);
  });
});

test("every invariant holds afterwards", () => expectSound(voting.database));
