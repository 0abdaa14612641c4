// Access tokens as hosted Supabase Auth issues them. Lite signs the same secret without a key id and
// with fewer claims, which policies on `app_metadata` and @supabase/server both stumble over: the
// gateway signs its tokens once more, with the rest.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Session } from "./engine.ts";

export interface Claims extends Record<string, unknown> {
  sub?: string;
  role?: string;
  session_id?: string;
  exp?: number;
}

export const keyId = "local";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const hmac = (text: string, secret: string) => createHmac("sha256", secret).update(text).digest();

export function signToken(claims: Claims, secret: string): string {
  const unsigned = `${encode({ alg: "HS256", typ: "JWT", kid: keyId })}.${encode(claims)}`;
  return `${unsigned}.${hmac(unsigned, secret).toString("base64url")}`;
}

/** The claims of a genuine token that is still valid, or nothing. */
export function verifyToken(token: string, secret: string): Claims | undefined {
  const [header, body, signature] = token.split(".");
  if (!header || !body || !signature) return undefined;
  const expected = hmac(`${header}.${body}`, secret);
  const given = Buffer.from(signature, "base64url");
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  try {
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg?: string };
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Claims;
    const isOld = typeof claims.exp === "number" && claims.exp * 1000 <= Date.now();
    return alg === "HS256" && !isOld ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** The public form of the secret, for those who verify tokens themselves. */
export const jwks = (secret: string) =>
  JSON.stringify({
    keys: [{ kty: "oct", alg: "HS256", kid: keyId, k: Buffer.from(secret).toString("base64url") }],
  });

export async function enrichToken(
  token: string,
  options: { secret: string; issuer: string; session: Session; method: string },
): Promise<string> {
  const claims = verifyToken(token, options.secret);
  if (!claims?.sub) return token;
  const [user] = await options.session.query<{ app: unknown; user: unknown; phone: string | null }>(
    `select raw_app_meta_data as app, raw_user_meta_data as user, phone
     from auth.users where id = $1`,
    [claims.sub],
  );
  const enriched: Claims = {
    ...claims,
    iss: options.issuer,
    phone: user?.phone ?? "",
    app_metadata: user?.app ?? {},
    user_metadata: user?.user ?? {},
    aal: "aal1",
    amr: [{ method: options.method, timestamp: Math.floor(Date.now() / 1000) }],
    is_anonymous: false,
  };
  return signToken(enriched, options.secret);
}
