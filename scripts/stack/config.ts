// Reads supabase/config.toml: the one place for what the local stack and hosted Supabase share.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.ts";

export interface BucketConfig {
  id: string;
  public: boolean;
  fileSizeLimit: number | null;
  allowedMimeTypes: string[] | null;
}

export interface StackConfig {
  schemas: string[];
  searchPath: string[];
  maxRows: number;
  storageLimit: string;
  buckets: BucketConfig[];
  seedPaths: string[];
  /** Functions whose caller must bring a valid token before they run at all. */
  functionsBehindToken: Set<string>;
  auth: {
    siteUrl: string;
    redirectUrls: string[];
    jwtExpiry: number;
    enableSignup: boolean;
    enableConfirmations: boolean;
    minimumPasswordLength: number;
    refreshTokenRotation: boolean;
    otpExpiry: number;
  };
}

type Value = string | number | boolean | Value[];
type Tables = Map<string, Map<string, Value>>;

/** The part of TOML that config.toml uses: tables, strings, numbers, booleans and lists. */
export function parseToml(text: string): Tables {
  const tables: Tables = new Map([["", new Map()]]);
  let current = "";
  const lines = text.split("\n");
  for (let number = 0; number < lines.length; number++) {
    let line = withoutComment(lines[number] ?? "");
    const start = number + 1;
    if (line === "") continue;
    const header = /^\[([^[\]]+)\]$/.exec(line);
    if (header) {
      current = (header[1] ?? "").replaceAll('"', "").trim();
      tables.set(current, new Map());
      continue;
    }
    while (/=\s*\[/.test(line) && !line.endsWith("]") && number + 1 < lines.length) {
      line += withoutComment(lines[++number] ?? "");
    }
    const pair = /^([\w-]+)\s*=\s*(.+)$/.exec(line);
    if (!pair?.[1] || !pair[2]) {
      throw new Error(`supabase/config.toml:${start}: cannot read "${line}"`);
    }
    try {
      tables.get(current)?.set(pair[1], JSON.parse(pair[2].replace(/,\s*\]$/, "]")) as Value);
    } catch {
      throw new Error(`supabase/config.toml:${start}: cannot read the value of ${pair[1]}`);
    }
  }
  return tables;
}

/** A # inside a quoted string is no comment. */
function withoutComment(line: string): string {
  return (/^((?:"(?:[^"\\]|\\.)*"|[^"#])*)/.exec(line)?.[1] ?? "").trim();
}

function bytes(size: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|[KMG]i?B)$/.exec(size);
  if (!match?.[1] || !match[2]) throw new Error(`supabase/config.toml: ${size} is no size`);
  const base = match[2].includes("i") ? 1024 : 1000;
  return Number(match[1]) * base ** "BKMG".indexOf(match[2][0] ?? "B");
}

export function readConfig(path = join(root, "supabase", "config.toml")): StackConfig {
  const tables = parseToml(readFileSync(path, "utf8"));
  const get = <T extends Value>(table: string, key: string, otherwise: T): T =>
    (tables.get(table)?.get(key) as T | undefined) ?? otherwise;
  const named = (prefix: string) =>
    [...tables.keys()].filter((name) => name.startsWith(prefix)).map((name) =>
      name.slice(prefix.length)
    );
  return {
    schemas: get("api", "schemas", ["public"]),
    searchPath: get("api", "extra_search_path", ["public", "extensions"]),
    maxRows: get("api", "max_rows", 1000),
    storageLimit: get("storage", "file_size_limit", "50MiB"),
    buckets: named("storage.buckets.").map((id) => {
      const table = `storage.buckets.${id}`;
      const limit = get(table, "file_size_limit", "");
      const types = get<string[]>(table, "allowed_mime_types", []);
      return {
        id,
        public: get(table, "public", false),
        fileSizeLimit: limit === "" ? null : bytes(limit),
        allowedMimeTypes: types.length === 0 ? null : types,
      };
    }),
    seedPaths: get("db.seed", "sql_paths", []),
    functionsBehindToken: new Set(
      named("functions.").filter((name) => get(`functions.${name}`, "verify_jwt", true)),
    ),
    auth: {
      siteUrl: get("auth", "site_url", "http://127.0.0.1:3000"),
      redirectUrls: get("auth", "additional_redirect_urls", []),
      jwtExpiry: get("auth", "jwt_expiry", 3600),
      enableSignup: get("auth", "enable_signup", true),
      enableConfirmations: get("auth.email", "enable_confirmations", false),
      minimumPasswordLength: get("auth", "minimum_password_length", 6),
      refreshTokenRotation: get("auth", "enable_refresh_token_rotation", true),
      otpExpiry: get("auth.email", "otp_expiry", 3600),
    },
  };
}
