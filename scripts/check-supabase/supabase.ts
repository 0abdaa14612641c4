// Runs the official CLI: as a program would, without telemetry, and never asking for anything.
import { join } from "node:path";
import { root } from "../stack/paths.ts";
import { type Ran, run } from "../postgres/system.ts";

const cli = join(root, "node_modules", "supabase", "dist", "supabase.js");

export const supabase = (args: string[], env: Record<string, string> = {}): Promise<Ran> =>
  // Without --agent it answers otherwise to whoever looks like a program.
  run(process.execPath, [cli, ...args, "--agent", "no"], {
    cwd: root,
    env: {
      DO_NOT_TRACK: "1",
      NO_COLOR: "1",
      SUPABASE_TELEMETRY_DISABLED: "1",
      SUPABASE_NO_UPDATE_NOTIFIER: "1",
      ...env,
    },
  });

export const remote = (url: string): string => `--remote=${url}?sslmode=disable`;

/** The JSON that is somewhere in the output, between lines for people. */
export function readJson<T>(output: string, opening: "[" | "{"): T | undefined {
  const lines = output.split("\n");
  const from = lines.findIndex((line) => line.startsWith(opening));
  if (from < 0) return undefined;
  const closing = opening === "[" ? "]" : "}";
  for (let to = lines.length; to > from; to--) {
    if (!lines[to - 1]?.endsWith(closing)) continue;
    try {
      return JSON.parse(lines.slice(from, to).join("\n")) as T;
    } catch {
      // A later line for people ends like that, too.
    }
  }
  return undefined;
}
