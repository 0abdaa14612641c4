// Reviewers in a rush: a review has one holder, nobody holds too many, and a verdict meets the clock.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSound, rush, times } from "./native.ts";
import { only, openReading, type Reading, type Sheet } from "./reading.ts";

let reading: Reading;

beforeAll(async () => {
  reading = await openReading("timetable_reviews");
});
afterAll(() => reading?.database.drop());

describe("one review", () => {
  test("goes to one of four reviewers who claim it ten times each", async () => {
    const [document = ""] = await reading.unsure(1);
    const task = await reading.taskOf(document);
    const { done, refused } = await rush(
      times(40, (i) => reading.claim(reading.reviewer(i), task)),
    );
    only(refused, /review_taken/);
    const [holder] = await reading.database.sql<{ assigned_to: string; lease_token: string }[]>`
      select assigned_to, lease_token from timetable.hitl_tasks where id = ${task}`;
    expect(done).toHaveLength(10);
    expect(new Set(done.map((sheet) => sheet.lease_token)).size, "each claim has its number")
      .toBe(10);
    const verdicts = await rush(
      done.map((sheet) => reading.complete(holder?.assigned_to ?? "", sheet)),
    );
    expect(verdicts.done).toEqual(["completed"]);
    expect(verdicts.refused).toEqual({ "PT409 lease_lost": 9 });
    expect(await reading.statesOf([document])).toEqual(["completed completed"]);
  });

  test("of twelve that wait, none goes to two who take the next", async () => {
    const documents = await reading.unsure(12);
    const { done, refused } = await rush(
      times(24, (i) => reading.claim(reading.reviewer(i), null)),
    );
    only(refused, /nothing_to_review/);
    const taken = done.map((sheet) => sheet.task_id);
    expect(new Set(taken).size).toBe(taken.length);
    // Whoever found all of them locked at that moment asks again.
    for (let i = taken.length; i < 12; i++) await reading.claim(reading.reviewer(i), null)();
    expect(new Set(await reading.statesOf(documents))).toEqual(
      new Set(["hitl_in_progress in_progress"]),
    );
  });

  test("is not held beyond the limit, however fast somebody claims", async () => {
    await reading.database.sql`
      update core.settings set value = '3' where key = 'timetable.max_held_reviews'`;
    await reading.unsure(8);
    const fast = await reading.person("fast", "reviewer");
    const { done, refused } = await rush(times(16, () => reading.claim(fast, null)));
    only(refused, /reviewer_at_capacity/);
    expect(done).toHaveLength(3);
    await reading.database.sql`
      update core.settings set value = '1000' where key = 'timetable.max_held_reviews'`;
    for (let i = 3; i < 8; i++) await reading.claim(reading.reviewer(0), null)();
  });
});

describe("the clock", () => {
  test("takes a review away or lets the verdict through, never both", async () => {
    const documents = await reading.unsure(20);
    const reviewer = reading.reviewer(1);
    const sheets: Sheet[] = [];
    for (const document of documents) {
      sheets.push(await reading.claim(reviewer, await reading.taskOf(document))());
    }
    const end = new Date(Date.now() + 400);
    await reading.database.sql`
      update timetable.hitl_tasks set lease_expires_at = ${end}
      where id = any (${sheets.map((sheet) => sheet.task_id)})`;
    const expire = async () => {
      await reading.database.sql`select private.timetable_expire_reviews()`;
      return "expired";
    };
    await new Promise((resolve) => setTimeout(resolve, 395));
    const { refused } = await rush<string | undefined>([
      ...sheets.slice(0, 10).map((sheet) => reading.complete(reviewer, sheet)),
      ...times(5, () => expire),
      ...sheets.slice(10).map((sheet) => reading.complete(reviewer, sheet)),
    ]);
    only(refused, /lease_lost/);
    await expire();
    const states = await reading.statesOf(documents);
    expect(states).toHaveLength(20);
    for (const state of states) {
      expect(["completed completed", "hitl_pending pending"]).toContain(state);
    }
    // What was taken away is nobody's work yet: no block of it is checked by a reviewer.
    const half = await reading.database.sql`
      select from timetable.timeblocks b
      join timetable.processing_jobs j on j.document_id = b.document_id
      where j.document_id = any (${documents}) and j.status = 'hitl_pending' and b.origin = 'reviewer'`;
    expect(half).toHaveLength(0);
  });
});

test("every invariant holds afterwards", () => expectSound(reading.database));
