// Searching material as a frontend does: through the function `search`, and by the RPC with words alone.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person, sql, stack } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { learner, type Material, takeIn } from "./material.ts";

interface Hit {
  material_id: string;
  content: string;
  headline: string;
  heading_path: string[];
  char_start: number;
  char_end: number;
  score: number;
  explanation: { words?: { rank: number; terms: { found: string }[] }; vector?: { rank: number } };
}

let ann: Person;
let ben: Person;
let heart: Material;
/** A word that is nowhere else, so that the files of other tests do not matter. */
const secret = `quibbleton${randomUUID().replace(/[^a-f]/g, "")}`;

const TEXT = `# The heart

The mitral valve has two leaflets and lies between the left atrium and the left ventricle.

## Vessels

The coronary arteries leave the aorta just above its valve, as ${secret} showed in 1911. They fill while the heart
rests, which is why a fast pulse is bad for them.
`;

async function post(by: Person | null, body: unknown) {
  const response = await fetch(`${stack().url}/functions/v1/search`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      apikey: stack().publishableKey,
      ...(by ? { authorization: `Bearer ${by.accessToken}` } : {}),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answer = await response.json() as { code?: string; results: Hit[]; mode?: string };
  return { status: response.status, ...answer };
}

const byWords = (by: Person, query: string, more: Record<string, unknown> = {}) =>
  granted(by.client.rpc("search_chunks", { p_query: query, ...more })) as Promise<Hit[]>;

beforeAll(async () => {
  [ann, ben] = await Promise.all([learner(), learner()]);
  heart = await takeIn(ann, "heart.md", TEXT, { p_title: "The heart" });
  expect(heart.processing_status).toBe("completed");
  // As the task does every ten seconds.
  await sql("select private.fold_study_terms()");
});

describe("a learner", () => {
  test("finds her passage with its place, by words and by vectors", async () => {
    const { status, mode, results } = await post(ann, {
      query: `Who is ${secret}?`,
      explain: true,
    });
    expect([status, mode]).toEqual([200, "words_and_vectors"]);
    const [best] = results;
    expect(best).toMatchObject({ material_id: heart.id, heading_path: ["The heart"] });
    expect(best?.headline).toContain(`**${secret}**`);
    // Words are told as they stand in the index: without their endings.
    expect(best?.explanation.words?.terms.some(({ found }) => secret.startsWith(found))).toBe(true);
    expect(best?.explanation.vector?.rank).toBeGreaterThan(0);
    expect(best?.char_end).toBe((best?.char_start ?? 0) + (best?.content.length ?? 0));
    expect(results.every(({ material_id }) => material_id === heart.id)).toBe(true);
  });

  test("the same by words, without the function", async () => {
    const [best] = await byWords(ann, secret);
    expect(best).toMatchObject({ material_id: heart.id, explanation: null });
  });

  test("a slip does not matter", async () => {
    const slip = secret.replace("quibble", "quible");
    expect((await byWords(ann, slip))[0]?.headline).toContain(`**${secret}**`);
  });

  test("filters", async () => {
    const found = async (more: Record<string, unknown>) =>
      (await post(ann, { query: secret, ...more })).results.length;
    expect(await found({ material_ids: [heart.id] })).toBeGreaterThan(0);
    expect(await found({ material_ids: [randomUUID()] })).toBe(0);
    expect(await found({ material_ids: [] })).toBe(0);
    expect(await found({ owner_id: ann.id })).toBeGreaterThan(0);
    expect(await found({ owner_id: ben.id })).toBe(0);
    expect(await found({ topic_id: randomUUID() })).toBe(0);
    expect(await found({ limit: 1 })).toBe(1);
  });

  test("questions of all kinds are answered, whatever is in them", async () => {
    for (
      const query of [
        "",
        " ",
        "the and of",
        "!!! & | <-> ' \" \\ %",
        "🫀",
        "心臓",
        "x".repeat(10_000),
      ]
    ) {
      expect([query.slice(0, 9), (await post(ann, { query })).status]).toEqual([
        query.slice(0, 9),
        200,
      ]);
    }
    const { status, results } = await post(ann, `{"query": "${secret}\\u0000 \\ud83e &"}`);
    expect([status, results[0]?.material_id]).toEqual([200, heart.id]);
  });

  test.each([
    [{}, 422, "invalid_input"],
    [{ query: 1 }, 422, "invalid_input"],
    [{ query: "x", limit: 1000 }, 422, "invalid_input"],
    [{ query: "x", for_user: randomUUID() }, 422, "invalid_input"],
    [{ query: "x".repeat(10_001) }, 422, "text_too_long"],
    [{ query: "x".repeat(70_000) }, 413, "payload_too_large"],
    ["{", 400, "invalid_input"],
  ])("%o is refused", async (body, status, code) => {
    expect(await post(ann, body)).toMatchObject({ status, code });
  });
});

describe("a stranger", () => {
  test("finds nothing of it, neither by words nor by vectors nor by its id", async () => {
    const asked = [
      { query: secret },
      { query: "mitral valve leaflets", material_ids: [heart.id] },
      { query: "mitral", owner_id: ann.id },
    ];
    for (const body of asked) expect((await post(ben, body)).results).toEqual([]);
    expect(await byWords(ben, secret)).toEqual([]);
    // Nor does a slip lead there.
    expect(await byWords(ben, secret.replace("quibble", "quible"))).toEqual([]);
  });

  test("until it is shared with him, and no longer than that", async () => {
    const share = await granted(
      ann.client.rpc("share_material", { p_material_id: heart.id, p_user_id: ben.id }),
    ) as { id: string };
    expect((await post(ben, { query: secret })).results[0]?.material_id).toBe(heart.id);
    await granted(ann.client.rpc("unshare_material", { p_share_id: share.id }));
    expect((await post(ben, { query: secret })).results).toEqual([]);
  });

  test("cannot search for another, nor read the words of all", async () => {
    const asAnn = await ben.client.rpc("retrieve_chunks", {
      p_for_user: ann.id,
      p_query: secret,
    });
    expect(asAnn.error?.code).toBe("42501");
    for (const table of ["terms", "chunk_terms", "term_deltas", "synonyms"]) {
      expect((await ben.client.from(table).select("*")).error?.code).toBe("42501");
    }
  });
});

test("nobody without an account searches", async () => {
  expect((await post(null, { query: secret })).status).toBe(401);
  const { error } = await anonymous("study").rpc("search_chunks", { p_query: secret });
  expect(error?.code).toBe("42501");
});

test("who asks without end has to wait", async () => {
  const cleo = await learner();
  await sql(
    "select count(private.limit_action('study.limits', 'search', $1::text)) from generate_series(1, 120)",
    [cleo.id],
  );
  expect(await post(cleo, { query: "mitral" })).toMatchObject({
    status: 429,
    code: "rate_limited",
  });
});
