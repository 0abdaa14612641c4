// The last administrator stays. A platform of its own, because elsewhere there are several.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "@supabase/supabase-js";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";
import { expectRefusal, granted } from "./people.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ port: 0, data: "memory", seed: false, workers: 0, quiet: true });
});
afterAll(() => stack?.stop());

async function signUp(email: string) {
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const { data, error } = await client.auth.signUp({ email, password: "a-long-password" });
  if (error || !data.user) throw error ?? new Error("no user");
  return { id: data.user.id, core: client.schema("core") };
}

describe("administrators of a new platform", () => {
  test("the first comes from a direct session, and only the first", async () => {
    const [one, two] = [await signUp("one@lyceum.test"), await signUp("two@lyceum.test")];
    const reason = { p_role: "admin", p_reason: "For a test." };
    expectRefusal(
      await one.core.rpc("grant_role", { p_user_id: one.id, ...reason }),
      403,
      "role_required",
    );
    await stack.sql("select private.bootstrap_admin($1)", ["one@lyceum.test"]);
    await expect(stack.sql("select private.bootstrap_admin($1)", ["two@lyceum.test"]))
      .rejects.toThrow("admin_exists");

    const revokeOne = { p_user_id: one.id, ...reason };
    expectRefusal(await one.core.rpc("revoke_role", revokeOne), 409, "last_admin");
    // Whichever way he would go.
    const suspend = stack.sql("update core.profiles set is_active = false where id = $1", [one.id]);
    await expect(suspend).rejects.toThrow("last_admin");
    await expect(stack.sql("delete from auth.users where id = $1", [one.id]))
      .rejects.toThrow("last_admin");

    await granted(one.core.rpc("grant_role", { p_user_id: two.id, ...reason }));
    expectRefusal(await two.core.rpc("revoke_role", revokeOne), 403, "super_admin_required");
    expect(await granted(one.core.rpc("revoke_role", revokeOne))).toBe(true);
    expectRefusal(
      await two.core.rpc("revoke_role", { p_user_id: two.id, ...reason }),
      409,
      "last_admin",
    );
    expect(await granted(two.core.rpc("my_roles"))).toEqual(["admin", "student"]);
    expect(await granted(one.core.rpc("my_roles"))).toEqual(["student"]);
  });
});
