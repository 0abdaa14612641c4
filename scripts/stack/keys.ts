// The secrets of one stack: made at random, kept beside the data, so that a frontend which was given
// them still works after a restart.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Keys {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
}

const random = (bytes: number) => randomBytes(bytes).toString("base64url");

const makeKeys = (): Keys => ({
  publishableKey: `sb_publishable_${random(24)}`,
  secretKey: `sb_secret_${random(24)}`,
  jwtSecret: random(48),
});

export function loadKeys(file: string | undefined): Keys {
  if (!file) return makeKeys();
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Keys;
  const keys = makeKeys();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(keys, null, 2), { mode: 0o600 });
  return keys;
}
