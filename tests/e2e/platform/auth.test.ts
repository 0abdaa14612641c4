// Supabase Auth through supabase-js: the flows that the project relies on.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { anonymous, clientFor, signUp, sql, stack, until } from "../../setup/stack.ts";

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;
const newEmail = () => `person-${randomUUID()}@lyceum.test`;

describe("sign-up", () => {
  test("gives a session, an identity and the metadata that the caller sent", async () => {
    const { client, id, email } = await signUp({ full_name: "Ada Lovelace" });
    const { data } = await client.auth.getUser();
    expect(data.user).toMatchObject({ id, email, user_metadata: { full_name: "Ada Lovelace" } });
    expect(data.user?.app_metadata).toMatchObject({ provider: "email", providers: ["email"] });
    expect(data.user?.identities).toHaveLength(1);
  });

  test("stores JSON as objects, which triggers and policies can read", async () => {
    const { id } = await signUp({ full_name: "Ada" });
    const stored = await sql(
      `select jsonb_typeof(u.raw_user_meta_data) as meta, jsonb_typeof(u.raw_app_meta_data) as app,
         jsonb_typeof(i.identity_data) as identity
       from auth.users u join auth.identities i on i.user_id = u.id where u.id = $1`,
      [id],
    );
    expect(stored).toEqual([{ meta: "object", app: "object", identity: "object" }]);
  });

  test("tokens carry what hosted Auth puts into them", async () => {
    const { accessToken, id, email } = await signUp({ full_name: "Ada" });
    const header = JSON.parse(Buffer.from(accessToken.split(".")[0] ?? "", "base64url").toString());
    expect(header).toMatchObject({ alg: "HS256", typ: "JWT", kid: expect.any(String) });
    expect(claimsOf(accessToken)).toMatchObject({
      iss: `${stack().url}/auth/v1`,
      sub: id,
      email,
      aud: "authenticated",
      role: "authenticated",
      aal: "aal1",
      amr: [{ method: "password", timestamp: expect.any(Number) }],
      session_id: expect.any(String),
      is_anonymous: false,
      app_metadata: { provider: "email" },
      user_metadata: { full_name: "Ada" },
    });
  });

  test("refuses a taken address, a weak password and a broken address", async () => {
    const { email } = await signUp();
    const taken = await anonymous().auth.signUp({ email, password: "another-password" });
    expect(taken.error?.code).toBe("user_already_exists");
    const weak = await anonymous().auth.signUp({ email: newEmail(), password: "short" });
    expect(weak.error?.code).toBe("weak_password");
    const broken = await anonymous().auth.signUp({
      email: "no address",
      password: "long-enough-1",
    });
    expect(broken.error?.status).toBe(400);
  });

  test("metadata reaches the database as an object, not as a quoted string", async () => {
    const { id } = await signUp({ full_name: "Ada" });
    const [row] = await sql<{ name: string; provider: string }>(
      `select raw_user_meta_data ->> 'full_name' as name, raw_app_meta_data ->> 'provider' as provider
       from auth.users where id = $1`,
      [id],
    );
    expect(row).toEqual({ name: "Ada", provider: "email" });
  });
});

describe("sign-in", () => {
  test("works with the password and with no other", async () => {
    const { email, password, id } = await signUp();
    const right = await anonymous().auth.signInWithPassword({ email, password });
    expect(right.error).toBeNull();
    expect(right.data.user?.id).toBe(id);
    const wrong = await anonymous().auth.signInWithPassword({ email, password: "wrong-password" });
    expect(wrong.error).toMatchObject({ status: 400, code: "invalid_credentials" });
    const nobody = await anonymous().auth.signInWithPassword({ email: newEmail(), password });
    expect(nobody.error?.code).toBe("invalid_credentials");
  });

  test("works for an account that SQL has made, as the seed does", async () => {
    const [id, email] = [randomUUID(), newEmail()];
    await sql(
      `with person as (
         insert into auth.users (
           instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
           raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
           confirmation_token, recovery_token, email_change_token_new, email_change
         ) values (
           '00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', $2,
           extensions.crypt('by-sql-123', extensions.gen_salt('bf')), now(),
           '{"provider": "email", "providers": ["email"]}', '{"full_name": "By SQL"}', now(), now(),
           '', '', '', ''
         ) returning id, email
       )
       insert into auth.identities (
         user_id, provider_id, provider, identity_data, last_sign_in_at, created_at, updated_at
       )
       select id, id::text, 'email',
         jsonb_build_object('sub', id, 'email', email, 'email_verified', true), now(), now(), now()
       from person`,
      [id, email],
    );
    const client = anonymous();
    const { data, error } = await client.auth.signInWithPassword({ email, password: "by-sql-123" });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ id, user_metadata: { full_name: "By SQL" } });
    expect((await client.auth.refreshSession()).error).toBeNull();
    const wrong = await anonymous().auth.signInWithPassword({ email, password: "by-sql-124" });
    expect(wrong.error?.code).toBe("invalid_credentials");
  });
});

describe("sessions", () => {
  test("are refreshed with a new token that works", async () => {
    const { client, id, accessToken } = await signUp();
    await new Promise((resolve) => setTimeout(resolve, 1100)); // tokens count whole seconds
    const { data, error } = await client.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.access_token).not.toBe(accessToken);
    expect(claimsOf(data.session?.access_token ?? "")).toMatchObject({ sub: id, aal: "aal1" });
    expect((await client.schema("platform_test").rpc("whoami")).data).toMatchObject({ uid: id });
  });

  test("a wrong refresh token is refused", async () => {
    const { error } = await anonymous().auth.refreshSession({ refresh_token: "no-such-token" });
    expect(error?.status).toBe(400);
  });

  test("end with sign-out: neither token is any good at Auth", async () => {
    const { client, accessToken } = await signUp();
    const { data: { session } } = await client.auth.getSession();
    expect((await client.auth.signOut()).error).toBeNull();
    const again = await anonymous().auth.refreshSession({
      refresh_token: session?.refresh_token ?? "",
    });
    expect(again.error?.status).toBe(400);
    const user = await anonymous().auth.getUser(accessToken);
    expect(user.error?.name).toBe("AuthSessionMissingError");
    expect(user.data.user).toBeNull();
  });

  test("a forged, an expired and a garbled token are refused by the Data API", async () => {
    const { accessToken } = await signUp();
    const [header, , signature] = accessToken.split(".");
    const claims = { ...claimsOf(accessToken), role: "service_role" };
    const forged = [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature];
    for (const token of [forged.join("."), "garbage", `${accessToken}x`]) {
      const response = await fetch(`${stack().url}/rest/v1/rpc/whoami`, {
        method: "POST",
        headers: {
          apikey: stack().publishableKey,
          Authorization: `Bearer ${token}`,
          "Content-Profile": "platform_test",
        },
      });
      expect(response.status).toBe(401);
    }
  });
});

describe("forgotten password", () => {
  test("the mailed link signs in, and a new password can be set", async () => {
    const { email } = await signUp();
    const asked = await anonymous().auth.resetPasswordForEmail(email);
    expect(asked.error).toBeNull();
    const mail = await until(async () => (await mailsTo(email)).at(-1), "the mail");
    const link = /https?:\/\/\S+\/auth\/v1\/verify\?\S+/.exec(mail.text)?.[0].replaceAll(
      "&amp;",
      "&",
    );
    expect(link?.startsWith(stack().url)).toBe(true);

    const answer = await fetch(link ?? "", { redirect: "manual" });
    expect(answer.status).toBe(303);
    const tokens = new URLSearchParams(new URL(answer.headers.get("Location") ?? "").hash.slice(1));
    const client = clientFor();
    const session = await client.auth.setSession({
      access_token: tokens.get("access_token") ?? "",
      refresh_token: tokens.get("refresh_token") ?? "",
    });
    expect(session.error).toBeNull();
    expect((await client.auth.updateUser({ password: "a-new-password" })).error).toBeNull();

    const renewed = await anonymous().auth.signInWithPassword({
      email,
      password: "a-new-password",
    });
    expect(renewed.error).toBeNull();
    const old = await anonymous().auth.signInWithPassword({
      email,
      password: "correct-horse-battery",
    });
    expect(old.error?.code).toBe("invalid_credentials");
    expect((await fetch(link ?? "", { redirect: "manual" })).headers.get("Location"))
      .toContain("error_code=otp_expired");
  });

  test("the mailed code works once as well", async () => {
    const { email, id } = await signUp();
    await anonymous().auth.resetPasswordForEmail(email);
    const mail = await until(async () => (await mailsTo(email)).at(-1), "the mail");
    const token = /\b\d{6}\b/.exec(mail.text)?.[0] ?? "";
    const client = anonymous();
    const verified = await client.auth.verifyOtp({ email, token, type: "recovery" });
    expect(verified.error).toBeNull();
    expect(verified.data.user?.id).toBe(id);
    const again = await anonymous().auth.verifyOtp({ email, token, type: "recovery" });
    expect(again.error?.code).toBe("otp_expired");
  });

  test("an unknown address gets the same answer and no mail", async () => {
    const email = newEmail();
    expect((await anonymous().auth.resetPasswordForEmail(email)).error).toBeNull();
    expect(await mailsTo(email)).toEqual([]);
  });
});

async function mailsTo(email: string): Promise<{ to: string; text: string }[]> {
  const response = await fetch(`${stack().sqlDoor}mails`, {
    headers: { authorization: stack().sqlPassword },
  });
  const mails = await response.json() as { to: string; text: string }[];
  return mails.filter(({ to }) => to === email);
}
