// The audit: every change of money, questions, reviews and roles, in one chain.
import { beforeAll, describe, expect, test } from "vitest";
import { service, sql } from "../../setup/stack.ts";
import {
  expectRefusal,
  granted,
  newAdmin,
  newExpert,
  newStudent,
  newTopic,
} from "../core/people.ts";
import type { Person } from "../core/people.ts";
import { deliver, type Question } from "../qa/flow.ts";

interface Chain {
  is_valid: boolean;
  checked_links: number;
  checked_rows: number;
  first_broken_id: number | null;
  reason: string | null;
}

let admin: Person;
let student: Person;
let expert: Person;
let question: Question;

const verify = async (): Promise<Chain> => {
  const [chain] = await granted(admin.client.schema("core").rpc("verify_audit_chain")) as Chain[];
  return chain!;
};

beforeAll(async () => {
  const topic = await newTopic();
  [admin, student, expert] = [await newAdmin(), await newStudent(), await newExpert(topic)];
  question = await deliver(student, expert, topic);
});

describe("what is in it", () => {
  test("every move of a question, with who made it", async () => {
    const moves = await sql<{ status: string; actor_kind: string; actor_id: string | null }>(
      `select new_values ->> 'status' as status, actor_kind, actor_id from ops.audit_logs
       where table_name = 'qa.questions' and row_key = $1 and new_values ? 'status'
       order by occurred_at, id`,
      [question.id],
    );
    expect(moves.map((move) => move.status).filter((status) => status !== "submitted")).toEqual([
      "processing",
      "ai_generated",
      "humanized",
      "expert_review",
      "approved",
      "delivered",
    ]);
    const approval = moves.find((move) => move.status === "approved");
    expect(approval).toMatchObject({ actor_kind: "user", actor_id: expert.id });
    expect(moves.find((move) => move.status === "delivered")?.actor_kind).toBe("service");
  });

  test("the ledger and the roles, but no word that people wrote", async () => {
    const [counts] = await sql<Record<string, number>>(
      `select count(*) filter (where a.table_name = 'qa.credit_entries')::int as entries,
         count(*) filter (where a.table_name = 'core.user_roles' and a.row_key like $2)::int as roles
       from ops.audit_logs a where a.actor_id = $1 or a.row_key like $2`,
      [student.id, `${student.id}:%`],
    );
    expect(counts?.entries).toBeGreaterThan(0);
    expect(counts?.roles).toBeGreaterThan(0);
    const texts = await sql(
      "select from ops.audit_logs a where a.new_values ? 'content' or a.old_values ? 'content'",
    );
    expect(texts).toEqual([]);
  });
});

describe("the chain", () => {
  test("is whole, says an administrator's check; nobody else may ask", async () => {
    expect(await verify()).toMatchObject({ is_valid: true, first_broken_id: null, reason: null });
    expectRefusal(
      await student.client.schema("core").rpc("verify_audit_chain"),
      403,
      "role_required",
    );
  });

  test("no client and no secret key reaches the rows", async () => {
    const { error } = await service("ops").from("audit_logs").delete().gt("id", 0);
    expect(error?.code).toBe("PGRST106");
    await expect(sql("delete from ops.audit_logs")).rejects.toThrow();
    await expect(sql("update ops.audit_logs set new_values = '{}'")).rejects.toThrow();
  });
});
