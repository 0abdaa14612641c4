// Whoever owns the database can change the audit, but not unseen. On a platform of its own: a broken chain
// would break the invariants of all other tests.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "@supabase/supabase-js";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";
import { granted } from "../core/people.ts";

interface Chain {
  is_valid: boolean;
  first_broken_id: number | null;
  reason: string | null;
}

let stack: Stack;
let rowId: number;

beforeAll(async () => {
  stack = await startStack({ port: 0, data: "memory", seed: false, workers: 0, quiet: true });
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  for (const name of ["one", "two", "three"]) {
    const { error } = await client.auth.signUp({
      email: `${name}@lyceum.test`,
      password: "a-long-password",
    });
    if (error) throw error;
  }
  const rows = await stack.sql<{ id: number }>(
    "select id::int from ops.audit_logs where table_name = 'core.user_roles' order by id",
  );
  rowId = rows[1]!.id;
});
afterAll(() => stack?.stop());

async function verify(): Promise<Chain> {
  const service = createClient(stack.url, stack.secretKey, { auth: { persistSession: false } });
  const [chain] = await granted(service.schema("core").rpc("verify_audit_chain")) as Chain[];
  return chain!;
}

/** As the owner of the database can: past every trigger. */
const tamper = (script: string) =>
  stack.engine.transaction((session) =>
    session.exec(`set local session_replication_role = replica; ${script}`)
  );

describe("a tampered audit", () => {
  test("is whole before", async () => {
    expect(await verify()).toMatchObject({ is_valid: true, first_broken_id: null, reason: null });
  });

  test("names the first row that was changed, and is whole when it is as it was", async () => {
    const set = (action: string) =>
      tamper(`update ops.audit_logs set action = '${action}' where id >= ${rowId}
        and table_name = 'core.user_roles'`);
    await set("delete");
    expect(await verify()).toMatchObject({
      is_valid: false,
      first_broken_id: rowId,
      reason: "row_changed",
    });
    await set("insert");
    expect(await verify()).toMatchObject({ is_valid: true });
  });

  test("names a row that is gone", async () => {
    await tamper(`delete from ops.audit_logs where id = ${rowId}`);
    expect(await verify()).toMatchObject({
      is_valid: false,
      first_broken_id: rowId,
      reason: "row_removed",
    });
  });
});
