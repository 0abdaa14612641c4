// The Data API through supabase-js, over a schema of its own (tests/fixtures/platform.sql).
import { beforeAll, describe, expect, test } from "vitest";
import {
  anonymous,
  type Client,
  clientFor,
  type Person,
  service,
  signUp,
  sql,
  stack,
} from "../../setup/stack.ts";

const schema = "platform_test";

async function author(name: string): Promise<Person> {
  const person = await signUp({}, schema);
  const { error } = await person.client.from("authors").insert({ id: person.id, name });
  if (error) throw error;
  return person;
}

describe("tables", () => {
  let ada: Person;
  let notes: Client;
  beforeAll(async () => {
    ada = await author("Ada");
    notes = ada.client;
    const rows = ["a", "b", "c", "d", "e"].map((slug) => ({ slug, body: `note ${slug}` }));
    expect((await notes.from("notes").insert(rows)).error).toBeNull();
  });

  test("insert returns the row, in the types that PostgREST gives", async () => {
    const { data, status } = await notes.from("notes")
      .insert({ slug: "types", body: "x", tags: ["one", "two"], meta: { deep: [1, { a: null }] } })
      .select().single();
    expect(status).toBe(201);
    expect(data).toMatchObject({
      author_id: ada.id,
      score: 4.5,
      tags: ["one", "two"],
      meta: { deep: [1, { a: null }] },
      is_checked: false,
      embedding: null,
    });
    expect(data.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
    await notes.from("notes").delete().eq("slug", "types");
  });

  test("vectors go in and out as text", async () => {
    const { data, error } = await notes.from("notes")
      .insert({ slug: "vector", body: "x", embedding: "[1,2,3]" }).select("embedding").single();
    expect(error).toBeNull();
    expect(data?.embedding).toBe("[1,2,3]");
    await notes.from("notes").delete().eq("slug", "vector");
  });

  test("filters, order and range, with the exact count of all", async () => {
    const { data, count, status } = await notes.from("notes")
      .select("slug", { count: "exact" }).order("slug", { ascending: false }).range(1, 2);
    expect(data).toEqual([{ slug: "d" }, { slug: "c" }]);
    expect(count).toBe(5);
    expect(status).toBe(206);
    const some = await notes.from("notes").select("slug")
      .in("slug", ["a", "b", "c"]).neq("slug", "b").ilike("body", "NOTE%").order("slug");
    expect(some.data).toEqual([{ slug: "a" }, { slug: "c" }]);
    const head = await notes.from("notes").select("*", { count: "exact", head: true });
    expect(head).toMatchObject({ count: 5, data: null, error: null });
  });

  test("maybeSingle and single tell none from one", async () => {
    expect((await notes.from("notes").select().eq("slug", "no").maybeSingle()).data).toBeNull();
    const { error, status } = await notes.from("notes").select().eq("slug", "no").single();
    expect({ code: error?.code, status }).toEqual({ code: "PGRST116", status: 406 });
  });

  test("update, upsert and delete return what they changed", async () => {
    const updated = await notes.from("notes").update({ body: "new" }).eq("slug", "a").select(
      "body",
    );
    expect(updated.data).toEqual([{ body: "new" }]);
    const upserted = await notes.from("notes")
      .upsert([{ slug: "a", body: "newer" }, { slug: "f", body: "added" }], {
        onConflict: "author_id,slug",
        defaultToNull: false,
      }).select("slug, body").order("slug");
    expect(upserted.error).toBeNull();
    expect(upserted.data).toEqual([{ slug: "a", body: "newer" }, { slug: "f", body: "added" }]);
    const deleted = await notes.from("notes").delete().in("slug", ["f", "no"]).select("slug");
    expect(deleted.data).toEqual([{ slug: "f" }]);
    expect((await notes.from("notes").select("*", { count: "exact", head: true })).count).toBe(5);
  });

  test("embeds both ways, with filters inside", async () => {
    const down = await notes.from("authors")
      .select("name, notes(slug)").eq("id", ada.id).in("notes.slug", ["a", "b"])
      .order("slug", { referencedTable: "notes" }).single();
    expect(down.data).toEqual({ name: "Ada", notes: [{ slug: "a" }, { slug: "b" }] });
    const up = await notes.from("notes").select("slug, author:authors!inner(name)").eq("slug", "a")
      .single();
    expect(up.data).toEqual({ slug: "a", author: { name: "Ada" } });
  });

  test("what policies and grants forbid is refused, and nothing is written", async () => {
    const mallory = await author("Mallory");
    const others = await mallory.client.from("notes").select();
    expect(others.data).toEqual([]);
    const stolen = await mallory.client.from("notes").update({ body: "mine" }).eq(
      "author_id",
      ada.id,
    )
      .select();
    expect(stolen.data).toEqual([]);
    const checked = await notes.from("notes").update({ is_checked: true } as never).eq("slug", "a");
    expect(checked).toMatchObject({ status: 403, error: { code: "42501" } });
    const forged = await mallory.client.from("authors").insert({ id: ada.id, name: "Ada II" });
    expect(forged).toMatchObject({ status: 403, error: { code: "42501" } });
    const anon = await anonymous(schema).from("notes").select();
    expect(anon).toMatchObject({ status: 401, error: { code: "42501" } });
    const [row] = await sql<{ body: string; is_checked: boolean }>(
      `select body, is_checked from platform_test.notes where author_id = $1 and slug = 'a'`,
      [ada.id],
    );
    expect(row).toEqual({ body: "newer", is_checked: false });
  });

  test("the secret key passes over row-level security, the publishable one does not", async () => {
    const all = await service(schema).from("notes").select("slug").eq("author_id", ada.id);
    expect(all.data).toHaveLength(5);
    expect((await anonymous(schema).from("authors").select("name").eq("id", ada.id)).data)
      .toEqual([{ name: "Ada" }]);
  });
});

describe("functions", () => {
  test("are called with defaults, by name, by GET, and return tables that can be filtered", async () => {
    const person = await author("Grace");
    const { client } = person;
    expect((await client.rpc("add", { p_a: 1 })).data).toBe(2);
    expect((await client.rpc("add", { p_a: 1, p_b: 5 }, { get: true })).data).toBe(6);
    await client.from("notes").insert([{ slug: "x", body: "x" }, { slug: "y", body: "y" }]);
    const { data } = await client.rpc("my_notes").select("slug").eq("slug", "y");
    expect(data).toEqual([{ slug: "y" }]);
  });

  test("see the caller's claims", async () => {
    const { client, id, email } = await signUp({ full_name: "Grace" }, schema);
    expect((await client.rpc("whoami")).data).toMatchObject({
      uid: id,
      email,
      role: "authenticated",
      user: "authenticated",
      claims: { user_metadata: { full_name: "Grace" } },
    });
    expect((await anonymous(schema).rpc("whoami")).data)
      .toMatchObject({ uid: null, role: "anon", user: "anon" });
    expect((await service(schema).rpc("whoami")).data)
      .toMatchObject({ uid: null, role: "service_role", user: "service_role" });
  });

  test.each([
    ["PT400", 400],
    ["PT401", 401],
    ["PT403", 403],
    ["PT404", 404],
    ["PT409", 409],
    ["PT422", 422],
    ["PT429", 429],
    ["P0001", 400],
    ["23514", 400],
    ["23505", 409],
    ["22023", 400],
    ["40001", 500],
    ["55P03", 500],
  ])("that raise %s answer %i with the body of PostgREST", async (p_sqlstate, expected) => {
    const { error, status } = await anonymous(schema).rpc("fail", { p_sqlstate });
    expect(status).toBe(expected);
    expect(error).toMatchObject({
      code: p_sqlstate,
      message: "the_code",
      details: "What is wrong.",
      hint: "What to do.",
    });
  });

  test("that are not there, or not for the caller, are refused", async () => {
    expect(await anonymous(schema).rpc("no_such")).toMatchObject({
      status: 404,
      error: { code: "PGRST202" },
    });
    expect(await anonymous(schema).rpc("secret_number")).toMatchObject({
      status: 401,
      error: { code: "42501" },
    });
    expect((await service(schema).rpc("secret_number")).data).toBe(42);
  });
});

describe("schemas and keys", () => {
  test("several schemas are served side by side", async () => {
    const { client, id } = await signUp();
    const core = await client.schema("core").from("profiles").select("id").eq("id", id);
    expect(core.error).toBeNull();
    const own = await client.schema(schema).from("authors").select("id").eq("id", id);
    expect({ core: core.data, own: own.data }).toEqual({ core: [{ id }], own: [] });
  });

  test.each(["private", "ops", "auth", "storage", "supabase_migrations"])(
    "%s is not exposed, not even to the secret key",
    async (hidden) => {
      const { error, status } = await clientFor(stack().secretKey, hidden).from("users").select();
      expect({ status, code: error?.code }).toEqual({ status: 406, code: "PGRST106" });
    },
  );

  test("a table looked for in the wrong schema is not offered as a correction of itself", async () => {
    const { error, status } = await clientFor(stack().publishableKey, "public").from("questions")
      .select();
    expect({ status, ...error }).toMatchObject({
      status: 404,
      code: "PGRST205",
      message: "Could not find the table 'public.questions' in the schema cache",
      hint: null,
    });
    const near = await clientFor(stack().publishableKey, "core").from("topicz").select();
    expect(near.error?.hint).toBe("Perhaps you meant the table 'core.topics'");
  });

  test("wrong and missing keys are refused", async () => {
    const wrong = await clientFor("sb_secret_wrong", schema).from("authors").select();
    expect(wrong.status).toBe(401);
    expect((await fetch(`${stack().url}/rest/v1/authors`)).status).toBe(401);
    expect((await fetch(`${stack().url}/no/such/path`)).status).toBe(404);
  });

  test("browsers may call from any origin", async () => {
    const preflight = await fetch(`${stack().url}/rest/v1/rpc/whoami`, {
      method: "OPTIONS",
      headers: {
        Origin: "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "apikey,content-profile,x-custom",
      },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("x-custom");
  });
});
