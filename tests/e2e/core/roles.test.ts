// Roles are granted and revoked by administrators only, each change with its actor and reason.
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, service } from "../../setup/stack.ts";
import { expectRefusal, granted, newAdmin, newStudent, type Person } from "./people.ts";

let admin: Person;
let student: Person;

const change = (
  by: Person,
  name: "grant_role" | "revoke_role",
  role: string | null,
  reason = "For a test.",
) => by.client.schema("core").rpc(name, { p_user_id: student.id, p_role: role, p_reason: reason });
const rolesOf = async (person: Person) =>
  await granted(person.client.schema("core").rpc("my_roles")) as string[];

beforeAll(async () => {
  [admin, student] = [await newAdmin(), await newStudent()];
});

describe("sign-up", () => {
  test("makes a profile and the role student, whatever the metadata asks for", async () => {
    const client = anonymous();
    const { data, error } = await client.auth.signUp({
      email: `climber-${Date.now()}@lyceum.test`,
      password: "a-long-password",
      options: { data: { role: "admin", roles: ["admin"], username: "admin", is_admin: true } },
    });
    expect(error).toBeNull();
    const profile = await granted(
      client.from("profiles").select("username").eq("id", data.user!.id).single(),
    ) as { username: string };
    expect(profile.username).not.toBe("admin");
    expect(await granted(client.rpc("my_roles"))).toEqual(["student"]);
  });

  test("a taken username is no reason to fail", async () => {
    const names: string[] = [];
    for (const at of [1, 2]) {
      const client = anonymous();
      const { data } = await client.auth.signUp({
        email: `twin${at}-${Date.now()}@lyceum.test`,
        password: "a-long-password",
        options: { data: { username: "twin_of_a_test" } },
      });
      const profile = await granted(
        client.from("profiles").select("username").eq("id", data.user!.id).single(),
      ) as { username: string };
      names.push(profile.username);
    }
    expect(names[0]).toBe("twin_of_a_test");
    expect(names[1]).not.toBe(names[0]);
  });
});

describe("granting and revoking", () => {
  test("an administrator does, and the person has the role at once", async () => {
    expect(await granted(change(admin, "grant_role", "moderator", "Helps on weekends."))).toBe(
      true,
    );
    expect(await granted(change(admin, "grant_role", "moderator", "Again."))).toBe(false);
    expect(await rolesOf(student)).toEqual(["moderator", "student"]);
    expect(await granted(change(admin, "revoke_role", "moderator", "The season is over."))).toBe(
      true,
    );
    expect(await rolesOf(student)).toEqual(["student"]);
  });

  test("the history names actor and reason, and the person reads his own", async () => {
    const history = await granted(
      student.client.schema("core").from("role_change_history")
        .select("change, role, changed_by, changed_via, reason, previous_roles, new_roles")
        .eq("role", "moderator").order("changed_at"),
    );
    expect(history).toEqual([
      {
        change: "granted",
        role: "moderator",
        changed_by: admin.id,
        changed_via: "user",
        reason: "Helps on weekends.",
        previous_roles: ["student"],
        new_roles: ["moderator", "student"],
      },
      {
        change: "revoked",
        role: "moderator",
        changed_by: admin.id,
        changed_via: "user",
        reason: "The season is over.",
        previous_roles: ["moderator", "student"],
        new_roles: ["student"],
      },
    ]);
    const stranger = await newStudent();
    expect(
      await granted(
        stranger.client.schema("core").from("role_change_history").select("*")
          .eq("user_tombstone", student.id),
      ),
    ).toEqual([]);
  });

  test("the history is never changed, not even with the secret key", async () => {
    const { error } = await service("core").from("role_change_history")
      .update({ reason: "Nothing happened." }).eq("user_id", student.id);
    expect(error).not.toBeNull();
    const gone = await service("core").from("role_change_history").delete()
      .eq("user_id", student.id);
    expect(gone.error).not.toBeNull();
  });

  test("nobody else does", async () => {
    expectRefusal(await change(student, "grant_role", "admin"), 403, "role_required");
    expectRefusal(await change(student, "revoke_role", "student"), 403, "role_required");
    expect(await rolesOf(student)).toEqual(["student"]);
  });

  test("not without a reason, not an invented role, not the role of an expert", async () => {
    expectRefusal(await change(admin, "grant_role", "moderator", " "), 422, "reason_required");
    expectRefusal(await change(admin, "grant_role", "emperor"), 422, "unknown_role");
    expectRefusal(await change(admin, "grant_role", null), 422, "unknown_role");
    expectRefusal(await change(admin, "grant_role", "expert"), 409, "expert_role_is_decided");
    expectRefusal(
      await admin.client.schema("core").rpc("grant_role", {
        p_user_id: "00000000-0000-4000-8000-000000000000",
        p_role: "moderator",
        p_reason: "Nobody is here.",
      }),
      404,
      "user_not_found",
    );
  });
});
