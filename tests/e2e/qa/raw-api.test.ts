// A malicious client needs no library: the REST API itself must hold.
import { beforeAll, describe, expect, test } from "vitest";
import { sql, stack } from "../../setup/stack.ts";
import { newExpert, newStudent, newTopic, type Person } from "../core/people.ts";
import { ask, balanceOf, claim, deliver, find, type Question, verdict } from "./flow.ts";

let student: Person;
let expert: Person;
let victim: Person;
let open: Question;
let rated: Question;

interface Call {
  schema?: string;
  method?: string;
  body?: unknown;
  as?: Person;
  headers?: Record<string, string>;
}

async function rest(path: string, call: Call = {}) {
  const { schema = "qa", method = "GET", body, as, headers = {} } = call;
  const response = await fetch(`${stack().url}/rest/v1/${path}`, {
    method,
    headers: {
      apikey: stack().publishableKey,
      "Content-Type": "application/json",
      [method === "GET" ? "Accept-Profile" : "Content-Profile"]: schema,
      ...(as ? { Authorization: `Bearer ${as.accessToken}` } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

const errorShape = {
  code: expect.any(String),
  message: expect.any(String),
  details: expect.toSatisfy((value) => value === null || typeof value === "string"),
  hint: expect.toSatisfy((value) => value === null || typeof value === "string"),
};

function expectDenied(answer: { status: number; body: unknown }, status = 403): void {
  expect(answer.body).toEqual(errorShape);
  expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, "42501"]);
}

beforeAll(async () => {
  const topic = await newTopic();
  [student, victim, expert] = [await newStudent(), await newStudent(), await newExpert(topic)];
  rated = await deliver(victim, expert, topic);
  open = await ask(victim, topic);
});

describe("writing past the RPCs", () => {
  const own = () => `user_id=eq.${student.id}`;
  const attempts: [string, () => string, string, unknown][] = [
    ["crediting oneself", () => `clients?${own()}`, "PATCH", { credits_available: 1000 }],
    ["changing one's plan", () => `clients?${own()}`, "PATCH", { plan: "premium" }],
    ["a ledger entry", () => "credit_entries", "POST", { entry_type: "grant", available_delta: 9 }],
    ["erasing the ledger", () => "credit_entries?id=gt.0", "DELETE", undefined],
    ["a question without its price", () => "questions", "POST", { content: "Free?" }],
    ["delivering", () => `questions?id=eq.${open.id}`, "PATCH", { status: "delivered" }],
    ["assigning", () => `questions?id=eq.${open.id}`, "PATCH", { assigned_expert_id: null }],
    ["erasing a question", () => `questions?id=eq.${open.id}`, "DELETE", undefined],
    ["a rating", () => "ratings", "POST", { overall_score: 5 }],
    ["a review", () => "expert_reviews", "POST", { review_status: "approved" }],
    ["another text", () => "answer_versions?version_no=gt.0", "PATCH", { content: "x" }],
    ["another price", () => "sla_policies?priority=eq.normal", "PATCH", { credits_cost: 0 }],
    ["another rule", () => "question_transitions", "POST", { from_status: "submitted" }],
  ];
  test.each(attempts)("%s is denied", async (_what, path, method, body) => {
    expectDenied(await rest(path(), { method, body, as: student }));
    expectDenied(await rest(path(), { method, body, as: victim }));
    expectDenied(await rest(path(), { method, body }), 401);
  });

  test("and nothing came of it", async () => {
    expect(await balanceOf(student)).toEqual([3, 0]);
    expect((await find(open.id)).status).not.toBe("delivered");
    expect(await sql("select from qa.sla_policies where credits_cost = 0")).toEqual([]);
  });

  test.each([
    ["profiles", { is_active: true }],
    ["user_roles", { role: "admin" }],
    ["experts", { verification_status: "verified" }],
    ["experts", { total_ratings: 100 }],
    ["notifications", { read_at: "2020-01-01T00:00:00Z" }],
  ])("core.%s: %o is denied", async (table, body) => {
    const path = table === "user_roles" ? table : `${table}?${own().replace("user_id", "id")}`;
    const method = table === "user_roles" ? "POST" : "PATCH";
    const row = table === "user_roles" ? { ...body, user_id: student.id } : body;
    expectDenied(await rest(path, { schema: "core", method, body: row, as: student }));
  });
});

describe("calling what is the workers' and the administrators'", () => {
  test.each([
    ["qa", "begin_generation"],
    ["qa", "deliver_answer"],
    ["core", "heartbeat_job"],
  ])("%s.%s is denied", async (schema, name) => {
    const lease = { p_job_id: open.id, p_lease_token: 1 };
    const body = schema === "qa" ? { p_question_id: open.id, ...lease } : lease;
    expectDenied(await rest(`rpc/${name}`, { schema, method: "POST", body, as: student }));
    expectDenied(await rest(`rpc/${name}`, { schema, method: "POST", body }), 401);
  });

  test("core.claim_jobs is denied", async () => {
    const body = { p_worker: "me" };
    const call = { schema: "core", method: "POST", body };
    expectDenied(await rest("rpc/claim_jobs", { ...call, as: student }));
    expectDenied(await rest("rpc/claim_jobs", call), 401);
  });

  test("an administrator's RPC says which role it needs", async () => {
    const answer = await rest("rpc/queue_health", { schema: "core", method: "POST", as: student });
    expect(answer).toEqual({
      status: 403,
      body: {
        code: "PT403",
        message: "role_required",
        details: expect.any(String),
        hint: expect.any(String),
      },
    });
  });
});

describe("looking where nothing is to be seen", () => {
  test.each(["private", "ops", "auth", "storage", "realtime", "vault"])(
    "the schema %s is not exposed",
    async (schema) => {
      const answer = await rest("queue_items", { schema, as: student });
      expect(answer.body).toEqual(errorShape);
      expect([answer.status, answer.body.code]).toEqual([406, "PGRST106"]);
    },
  );

  test.each(["questions", "question_events", "answers", "answer_versions", "credit_entries"])(
    "qa.%s: others' rows are not there, own rows are",
    async (table) => {
      const key = table === "questions" ? "id" : table === "answer_versions" ? "" : "question_id";
      const path = key ? `${table}?${key}=eq.${rated.id}` : table;
      const mine = await rest(path, { as: victim });
      expect([mine.status, mine.body.length > 0]).toEqual([200, true]);
      const theirs = await rest(path, { as: student });
      expect(theirs).toEqual({ status: 200, body: [] });
      expectDenied(await rest(path), 401);
    },
  );

  test("the fingerprints of answers are nobody's", async () => {
    expectDenied(await rest("fingerprints", { as: student }));
    expectDenied(await rest("fingerprint_sources", { as: student }));
  });

  test("embedding does not widen what one sees", async () => {
    const path = "ratings?select=*,question:questions(content,client:clients(user_id))";
    expect(await rest(path, { as: student })).toEqual({ status: 200, body: [] });
  });

  test("a forged token is refused, and so is one without its signature", async () => {
    const [head, , signature] = student.accessToken.split(".");
    const claims = Buffer.from(
      JSON.stringify({ sub: victim.id, role: "service_role", exp: 4102444800 }),
    ).toString("base64url");
    for (const token of [`${head}.${claims}.${signature}`, `${head}.${claims}.`, "nonsense"]) {
      const forger = { ...student, accessToken: token };
      const answer = await rest("questions", { as: forger });
      expect(answer.status).toBe(401);
    }
  });

  test("an expert sees a question while he reviews it, and no answer of others", async () => {
    const other = await newExpert(await newTopic());
    expect((await rest(`questions?id=eq.${open.id}`, { as: other })).body).toEqual([]);
    const sheet = await claim(expert, open.id);
    expect((await rest(`questions?id=eq.${open.id}`, { as: expert })).body).toHaveLength(1);
    expect((await rest(`clients?select=*`, { as: expert })).body).toEqual([
      expect.objectContaining({ user_id: expert.id }),
    ]);
    await verdict(expert, sheet, { p_verdict: "approved" });
  });
});
