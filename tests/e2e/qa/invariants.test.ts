// The queries of sql/invariants find what they are there for: each promise is broken by force, past all
// triggers and constraints, and must be named. On a platform of its own, and rolled back each time.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  findViolations,
  invariantFiles,
  type Violation,
} from "../../../scripts/demo/invariants.ts";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";

const pendingReviews =
  `insert into qa.expert_reviews (answer_id, question_id, expert_id, expires_at)
  select answer_id, question_id, expert_id, now() from qa.expert_reviews`;
const reopened = (status: string) =>
  `update qa.questions set status = '${status}', delivered_at = null, rated_at = null`;
const lateVersions =
  `insert into qa.answer_versions (answer_id, version_no, stage, content, provenance)
   select answer_id, version_no + 100, 'ai', content, provenance from qa.answer_versions where stage = 'ai'`;

const sabotage: Record<string, string> = {
  balance_is_sum_of_entries: "update qa.clients set credits_available = credits_available + 1",
  balance_is_never_negative:
    `alter table qa.clients drop constraint clients_credits_available_check;
    update qa.clients set credits_available = -1`,
  held_is_price_of_open_questions: "update qa.clients set credits_held = 5",
  entry_belongs_to_client_of_question:
    "update qa.credit_entries e set client_id = (select c.id from qa.clients c where c.id <> e.client_id limit 1)",
  total_questions_is_count: "update qa.clients set total_questions = 99",
  settled_as_the_question_ended: "delete from qa.credit_entries where entry_type = 'capture'",
  entries_are_of_the_price: "update qa.questions set credits_cost = 7",
  hold_comes_first: `alter table qa.credit_entries alter column id drop identity;
    update qa.credit_entries set id = -id where entry_type = 'capture'`,
  one_active_review:
    `drop index qa.expert_reviews_one_active_idx; ${pendingReviews}; ${pendingReviews}`,
  expert_within_his_limit: `update core.experts set max_concurrent_reviews = 1; ${pendingReviews}`,
  nobody_reviews_his_own_question:
    `update qa.expert_reviews r set expert_id = c.user_id from qa.questions q join qa.clients c on c.id = q.client_id
     where q.id = r.question_id`,
  active_review_only_in_expert_review: pendingReviews,
  assigned_expert_has_the_review: `${reopened("expert_review")}; ${pendingReviews};
    update qa.questions set assigned_expert_id = null`,
  approval_has_one_review: "delete from qa.expert_reviews",
  revisions_are_counted: "update qa.questions set revision_count = 2",
  total_reviews_is_count: "update core.experts set total_reviews = 99",
  rating_totals_are_sums:
    "update core.experts set rating_sum = rating_sum - 1 where rating_sum > total_ratings",
  rated_means_one_rating: "delete from qa.ratings",
  open_question_has_a_next_step: `${reopened("processing")}; delete from ops.queue_items`,
  closed_question_waits_for_nothing: "update qa.questions set waiting_since = now()",
  one_text_a_stage_and_round: lateVersions,
  final_version_iff_approved: "delete from qa.answer_versions where stage = 'final'",
  final_version_is_newest: lateVersions,
  versions_are_numbered_without_gaps: lateVersions,
  marker_has_its_citation: "delete from qa.answer_citations",
  final_version_says_who_wrote_it: "update qa.answer_versions set provenance = '{}'",
  delivered_answer_has_fingerprints: "delete from qa.fingerprint_sources where kind = 'answer'",
  timeline_begins_with_submitted: "delete from qa.question_events where from_status is null",
  move_follows_on_the_one_before: "delete from qa.question_events where to_status = 'processing'",
  move_is_legal: "delete from qa.question_transitions where to_status = 'rated'",
  timeline_ends_where_the_question_is: "delete from qa.question_events where to_status = 'rated'",
};

class RolledBack extends Error {}
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ port: 0, data: "memory", workers: 0, quiet: true });
});
afterAll(() => stack?.stop());

async function violationsAfter(script: string): Promise<Violation[]> {
  let found: Violation[] = [];
  await stack.engine.transaction(async (session) => {
    await session.exec(`set local session_replication_role = replica; ${script}`);
    found = await findViolations((text) => session.query(text));
    throw new RolledBack();
  }).catch((error) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return found;
}

describe("invariants of qa", () => {
  test("hold for the ten questions of the seed", async () => {
    const [seed] = await stack.sql<{ rated: number }>(
      "select count(*)::int as rated from qa.questions where status = 'rated'",
    );
    expect(seed?.rated).toBe(10);
    expect(await violationsAfter("")).toEqual([]);
  });

  test.each(Object.entries(sabotage))("%s is found broken", async (rule, script) => {
    const found = await violationsAfter(script);
    expect(found.map((violation) => violation.row.rule)).toContain(rule);
  });

  test("all of them were tried", () => {
    const folder = join(import.meta.dirname, "../../../sql/invariants");
    const rules = invariantFiles().filter((file) => file.startsWith("qa_")).flatMap((file) =>
      [
        ...readFileSync(join(folder, file), "utf8").matchAll(
          /^\s*(?:select\s+)?'([a-z_]+)'(?: as rule)?,/gm,
        ),
      ]
        .map((match) => match[1])
    );
    expect(rules.sort()).toEqual(Object.keys(sabotage).sort());
  });
});
