import { describe, expect, it } from "vitest";
import { createLocalEmbeddings } from "../../../functions/_shared/ai/embeddings-local.ts";
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import type { EmbeddingModel } from "../../../functions/_shared/ai/types.ts";
import { fail, ok, type Result } from "../../../functions/_shared/http/index.ts";
import { search, type SearchDeps, type Vector } from "../../../functions/search/handler.ts";
import { type Search, searchSchema } from "../../../functions/search/schema.ts";

const LOCAL = { provider: "local", model: "local-lexical-1", dimensions: 384 };

interface World extends Partial<Omit<SearchDeps, "index">> {
  active?: typeof LOCAL | null | Error;
  admitted?: Result<unknown>;
  found?: Result<unknown[]>[];
}

function world(
  { active = LOCAL, admitted = ok(true), found = [ok(["passage"])], ...over }: World = {},
) {
  const [asked, said]: [[Search, Vector | null][], string[]] = [[], []];
  let made = 0;
  const deps: SearchDeps = {
    index: {
      admit: () => Promise.resolve(admitted),
      activeModel: () => active instanceof Error ? Promise.reject(active) : Promise.resolve(active),
      find: (wanted, vector) => {
        asked.push([wanted, vector]);
        return Promise.resolve(found[Math.min(asked.length, found.length) - 1] ?? ok([]));
      },
    },
    embeddings: () => {
      made += 1;
      return createLocalEmbeddings();
    },
    warn: (_message, details) => said.push(String(details.error)),
    signal: new AbortController().signal,
    ...over,
  };
  return { run: search(deps), asked, said, made: () => made };
}

/** Answers when it is told to stop, as a provider that hangs. */
const hanging: EmbeddingModel = {
  ...LOCAL,
  embed: (_texts, options) =>
    new Promise((_resolve, reject) => {
      const stop = () => reject(options?.signal?.reason as Error);
      if (options?.signal?.aborted) stop();
      options?.signal?.addEventListener("abort", stop);
    }),
};
const failing = (error: Error): EmbeddingModel => ({
  ...LOCAL,
  embed: () => Promise.reject(error),
});

describe("a search", () => {
  it("asks by words and by the vector of the model that answers", async () => {
    const { run, asked, said } = world();
    expect(await run({ query: "mitral valve", limit: 5 })).toMatchObject({
      ok: true,
      data: { results: ["passage"], mode: "words_and_vectors" },
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.[0]).toEqual({ query: "mitral valve", limit: 5 });
    expect(asked[0]?.[1]?.model).toBe("local-lexical-1");
    expect(JSON.parse(asked[0]?.[1]?.embedding ?? "[]")).toHaveLength(384);
    expect(said).toEqual([]);
  });

  it("makes no vector for whoever has used up his searches", async () => {
    const { run, asked, made } = world({ admitted: fail(429, "rate_limited") });
    expect(await run({ query: "mitral" })).toMatchObject({ status: 429, code: "rate_limited" });
    expect([asked.length, made()]).toEqual([0, 0]);
  });

  it("nor for nothing, nor while there are none", async () => {
    for (const [query, active] of [["  \n", LOCAL], ["mitral", null]] as const) {
      const { run, asked, made } = world({ active });
      expect(await run({ query })).toMatchObject({ data: { mode: "words" } });
      expect([asked[0]?.[1], made()]).toEqual([null, 0]);
    }
  });

  it("embeds the beginning of a long text, whole characters only", async () => {
    let given = "";
    const model: EmbeddingModel = {
      ...LOCAL,
      embed: (texts, options) => {
        given = texts[0] ?? "";
        return createLocalEmbeddings().embed(texts, options);
      },
    };
    const { run, asked } = world({ embeddings: () => model });
    const query = `${"x".repeat(3999)}🫀 and more`;
    await run({ query });
    expect([given.length, given.isWellFormed()]).toEqual([4000, true]);
    expect(asked[0]?.[0].query).toBe(query);
  });

  it.each([
    ["a provider that hangs", { embeddings: () => hanging, patienceMs: 20 }, /TimeoutError/],
    [
      "one that fails",
      { embeddings: () => failing(new AiError("unavailable", "down")) },
      /^unavailable$/,
    ],
    [
      "a setting that is wrong",
      {
        embeddings: () => {
          throw new AiError("not_configured", "no key");
        },
      },
      /^not_configured$/,
    ],
    ["another model than the one that answers", {
      embeddings: () => ({ ...createLocalEmbeddings(), model: "other" }),
    }, /^model_not_available$/],
    ["one of other dimensions", {
      embeddings: () => ({ ...createLocalEmbeddings(), dimensions: 8 }),
    }, /^model_not_available$/],
    ["a database that does not say which", { active: new Error("gone") }, /gone/],
  ])("has words left with %s", async (_what, over: World, reason) => {
    const { run, asked, said } = world(over);
    expect(await run({ query: "mitral" })).toMatchObject({ ok: true, data: { mode: "words" } });
    expect(asked.map(([, vector]) => vector)).toEqual([null]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(reason);
  });

  it("asks again by words when another model takes over in between", async () => {
    const { run, asked } = world({
      found: [fail(409, "embedding_model_mismatch"), ok(["by words"])],
    });
    expect(await run({ query: "mitral" })).toMatchObject({
      data: { results: ["by words"], mode: "words" },
    });
    expect(asked.map(([, vector]) => vector === null)).toEqual([false, true]);
  });

  it("hands on what the database refuses", async () => {
    const { run, asked } = world({ found: [fail(422, "text_too_long")] });
    expect(await run({ query: "x" })).toMatchObject({ status: 422, code: "text_too_long" });
    expect(asked).toHaveLength(1);
  });

  it("stops when its caller has gone", async () => {
    const caller = new AbortController();
    const { run, asked } = world({ embeddings: () => hanging, signal: caller.signal });
    const running = run({ query: "mitral" });
    caller.abort(new Error("gone"));
    await expect(running).rejects.toThrow("gone");
    expect(asked).toEqual([]);
  });
});

describe("what is asked", () => {
  it("is a text that Postgres keeps", () => {
    expect(searchSchema.parse({ query: "a\0b \ud83e" })).toEqual({ query: "a b \ufffd" });
  });

  it.each([
    [{}],
    [{ query: 7 }],
    [{ query: "x", limit: 0 }],
    [{ query: "x", limit: 101 }],
    [{ query: "x", material_ids: ["x"] }],
    [{ query: "x", material_ids: Array.from({ length: 1001 }, () => crypto.randomUUID()) }],
    [{ query: "x", p_for_user: crypto.randomUUID() }],
  ])("%o is refused", (body) => {
    expect(searchSchema.safeParse(body).success).toBe(false);
  });
});
