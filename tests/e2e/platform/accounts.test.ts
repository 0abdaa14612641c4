// The accounts that `npm start` prints: each must be able to sign in, in the roles that it says.
import { describe, expect, test } from "vitest";
import { readAccounts } from "../../../scripts/stack/accounts.ts";
import { anonymous, sql } from "../../setup/stack.ts";

const accounts = readAccounts();

describe("the demo accounts", () => {
  test("are of every kind that the main job needs", () => {
    const roles = new Set(accounts.flatMap((account) => account.roles));
    for (const role of ["student", "expert", "moderator", "admin"]) {
      expect(roles).toContain(role);
    }
  });

  test.each(accounts)("$email signs in, and has the roles $roles", async (account) => {
    const { email, password, roles, full_name } = account;
    const client = anonymous();
    const { data, error } = await client.auth.signInWithPassword({ email, password });
    expect(error).toBeNull();
    const id = data.user?.id;
    const profile = await client.schema("core").from("profiles").select("full_name").eq("id", id)
      .single();
    expect(profile.data).toEqual({ full_name });
    const rows = await sql<{ role: string }>(
      "select role from core.user_roles where user_id = $1",
      [id],
    );
    expect(rows.map(({ role }) => role).sort()).toEqual([...roles].sort());
  });
});
