// The demo accounts that the seed makes, for those who start the stack to try them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.ts";

export interface DemoAccount {
  email: string;
  password: string;
  roles: string[];
  full_name: string;
}

export function readAccounts(): DemoAccount[] {
  const file = join(root, "sql", "seed", "accounts.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as DemoAccount[] : [];
}
