// The only place that reads the environment, for Deno (edge functions) and for Node (tests, scripts).
// Everything else takes an `Env`, so that a test passes a plain object and nothing ambient leaks in.

export type Env = (name: string) => string | undefined;

interface Runtime {
  Deno?: { env: { get(name: string): string | undefined } };
  process?: { env: Record<string, string | undefined> };
}

/** The real environment. An empty value counts as unset: `.env` files are full of `KEY=`. */
export const runtimeEnv: Env = (name) => {
  const runtime = globalThis as unknown as Runtime;
  const value = runtime.Deno ? runtime.Deno.env.get(name) : runtime.process?.env[name];
  return value === undefined || value.trim() === "" ? undefined : value.trim();
};

/** An environment made of a plain object, for tests and scripts. */
export const envFrom = (values: Record<string, string | undefined>): Env => (name) => {
  const value = values[name]?.trim();
  return value ? value : undefined;
};

/** A setting is missing or wrong; the message names the variable and what it accepts. */
export class ConfigError extends Error {
  readonly variable: string;

  constructor(variable: string, message: string) {
    super(message);
    this.name = "ConfigError";
    this.variable = variable;
  }
}

export const readText = (env: Env, name: string, fallback: string): string => env(name) ?? fallback;

export const readRequired = (env: Env, name: string, why: string): string => {
  const value = env(name);
  if (value === undefined) throw new ConfigError(name, `${name} is not set: ${why}`);
  return value;
};

export const readInteger = (
  env: Env,
  name: string,
  options: { fallback: number; min: number; max: number },
): number => {
  const raw = env(name);
  if (raw === undefined) return options.fallback;
  const value = Number(raw);
  if (!Number.isInteger(value) || value < options.min || value > options.max) {
    throw new ConfigError(
      name,
      `${name} must be a whole number from ${options.min} to ${options.max}, not "${raw}".`,
    );
  }
  return value;
};

export const readChoice = <T extends string>(
  env: Env,
  name: string,
  choices: readonly T[],
  fallback: T,
): T => {
  const raw = env(name);
  if (raw === undefined) return fallback;
  const choice = choices.find((candidate) => candidate === raw.toLowerCase());
  if (choice === undefined) {
    throw new ConfigError(name, `${name} is "${raw}"; it must be one of: ${choices.join(", ")}.`);
  }
  return choice;
};

export const readUrl = (env: Env, name: string, fallback: string): string => {
  const raw = env(name) ?? fallback;
  if (!URL.canParse(raw) || !/^https?:$/.test(new URL(raw).protocol)) {
    throw new ConfigError(name, `${name} must be an http or https address, not "${raw}".`);
  }
  return raw.replace(/\/+$/, "");
};
