// Questions from a file to the learner: made by the worker, looked at by an educator, flagged when the text changes. And
// whatever a client tries, the key stays where it is.
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../setup/realtime.ts";
import { anonymous, type Client, type Person, service, sql, until } from "../../setup/stack.ts";
import { expectRefusal, granted } from "../core/people.ts";
import { CHAPTERS } from "../../functions/questions/material.ts";
import { learner, type Material, passagesOf, settled, takeIn, upload } from "./material.ts";

interface Generation {
  id: string;
  status: string;
  progress: number;
  error_code: string | null;
  result: { written: number; refused: Record<string, number> };
}
interface Question {
  id: string;
  status: string;
  visibility: string;
  source: string;
  difficulty: string;
  stale_at: string | null;
  question_versions: {
    vignette: string;
    provider: string;
    question_options: { option_index: number; option_text: string }[];
  }[];
}
interface Editable {
  content: {
    options: { text: string; is_correct: boolean; rationale: string }[];
    sources: { quote: string; chunk_id: string; char_start: number; stale_at: string | null }[];
    explanation: { correct_explanation: string };
  };
}

const book = (replace: (text: string) => string = (text) => text): string =>
  CHAPTERS.map(({ content }, i) => `# Chapter ${i + 1}\n\n${replace(content)}`).join("\n\n");

let ann: Person;
let ben: Person;
let educator: Person;
let material: Material;

const educatorOf = async (): Promise<Person> => {
  const person = await learner();
  await sql("insert into core.user_roles (user_id, role) values ($1, 'educator')", [person.id]);
  return person;
};
const ended = (client: Client, id: string): Promise<Generation> =>
  until(async () => {
    const { data } = await client.from("material_processing_jobs").select("*").eq("id", id)
      .single();
    const job = data as Generation | null;
    return job !== null && !["pending", "running"].includes(job.status) && job;
  }, `generation ${id} to end`);
const generate = async (by: Person, more: Record<string, unknown> = {}): Promise<Generation> => {
  const { id } = await granted(
    by.client.rpc("generate_questions", { p_material_id: material.id, ...more }),
  ) as Generation;
  return await ended(by.client, id);
};
const questionsOf = async (by: Person): Promise<Question[]> =>
  await granted(
    by.client.from("questions")
      .select(
        "*, question_versions(vignette, provider, question_options(option_index, option_text))",
      )
      .eq("material_id", material.id).order("created_at"),
  ) as Question[];
const editable = async (by: Person, id: string): Promise<Editable> =>
  await granted(by.client.rpc("question_for_editing", { p_question_id: id })) as Editable;

beforeAll(async () => {
  [ann, ben, educator] = [await learner(), await learner(), await educatorOf()];
  material = await takeIn(ann, "organs.md", book());
});

describe("questions of a material", () => {
  test("are made, told of as they come, and rest on words of their passage", async () => {
    const heard = await listen(ann.client, `user:${ann.id}`);
    const job = await generate(ann, { p_count: 5, p_difficulty: "easy" });
    expect(job).toMatchObject({
      status: "completed",
      progress: 100,
      error_code: null,
      result: { written: 5 },
    });
    await expect.poll(() =>
      heard.heard.filter(({ event }) => event === "question_progress").at(-1)?.payload
    )
      .toMatchObject({ generation_id: job.id, status: "completed", written: 5 });
    expect(JSON.stringify(heard.heard)).not.toContain("is_correct");

    const questions = await questionsOf(ann);
    expect(questions.length).toBe(5);
    const passages = await passagesOf(ann, material.id);
    for (const question of questions) {
      expect(question).toMatchObject({
        status: "in_review",
        visibility: "material",
        source: "generated",
      });
      const [version] = question.question_versions;
      expect(version).toMatchObject({ provider: "local" });
      expect(version?.question_options.length).toBe(4);
      const { content } = await editable(ann, question.id);
      expect(content.options.filter(({ is_correct }) => is_correct).length).toBe(1);
      for (const { rationale } of content.options) expect(rationale).not.toBe("");
      const [source] = content.sources;
      const passage = passages.find(({ id }) => id === source?.chunk_id);
      expect(passage?.content).toContain(source?.quote);
      expect(passage?.content.slice((source?.char_start ?? 0) - (passage?.char_start ?? 0)))
        .toMatch(new RegExp(`^${source?.quote.slice(0, 20)}`));
    }
    const [row] = await granted(
      ann.client.from("materials").select("question_count").eq("id", material.id),
    );
    expect(row).toEqual({ question_count: 5 });
  });

  test("asked for again, they are others", async () => {
    const before = (await questionsOf(ann)).map(({ question_versions }) =>
      question_versions[0]?.vignette
    );
    const job = await generate(ann, { p_count: 3, p_again: true });
    expect(job.result.written).toBeGreaterThan(0);
    const after = (await questionsOf(ann)).map(({ question_versions }) =>
      question_versions[0]?.vignette
    );
    expect(new Set(after).size).toBe(after.length);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  test("twice with one key: one job", async () => {
    const key = crypto.randomUUID();
    const ask = () =>
      ann.client.rpc("generate_questions", {
        p_material_id: material.id,
        p_count: 1,
        p_idempotency_key: key,
      });
    const answers = await Promise.all([ask(), ask(), ask()]);
    const ids = new Set(answers.map(({ data }) => (data as Generation | null)?.id));
    expect(ids.size).toBe(1);
    await ended(ann.client, [...ids][0] ?? "");
  });

  test("a stranger asks for none, and sees none", async () => {
    expectRefusal(
      await ben.client.rpc("generate_questions", { p_material_id: material.id }),
      404,
      "material_not_found",
    );
    expect(await questionsOf(ben)).toEqual([]);
    expect(
      (await anonymous("study").rpc("generate_questions", { p_material_id: material.id })).error,
    ).not
      .toBeNull();
    expect(
      (await ben.client.rpc("begin_generation", {
        p_job_id: crypto.randomUUID(),
        p_lease_token: 1,
      })).error?.code,
    )
      .toBe("42501");
  });

  test("of a text that carries none, it says so", async () => {
    const plain = await takeIn(
      ann,
      "poem.txt",
      "It was there. They saw it. And then it was gone, as all of it goes in time.\n".repeat(3),
    );
    const { id } = await granted(
      ann.client.rpc("generate_questions", { p_material_id: plain.id }),
    ) as Generation;
    expect(await ended(ann.client, id)).toMatchObject({
      status: "failed",
      error_code: "generation_nothing_found",
    });
  });
});

describe("the key", () => {
  test("is behind no table, embedding, filter, order or error", async () => {
    await sql("insert into study.material_shares (material_id, user_id) values ($1, $2)", [
      material.id,
      educator.id,
    ]);
    const [question] = await questionsOf(educator);
    if (!question) throw new Error("the educator sees no question");
    await granted(
      educator.client.rpc("decide_question", {
        p_question_id: question.id,
        p_version_no: 1,
        p_decision: "publish",
      }),
    );
    await sql("insert into study.material_shares (material_id, user_id) values ($1, $2)", [
      material.id,
      ben.id,
    ]);
    expect((await questionsOf(ben)).map(({ id }) => id)).toEqual([question.id]);

    for (const person of [ben.client, ann.client, educator.client, anonymous("study")]) {
      for (const table of ["question_keys", "question_explanations", "question_sources"]) {
        expect((await person.from(table).select("*")).error?.code).toBe("42501");
        expect((await person.from(table).select("count")).error).not.toBeNull();
      }
      for (
        const embedding of [
          "id, question_versions(question_options(question_keys(is_correct)))",
          "id, question_versions(question_explanations(*))",
          "id, question_versions(question_sources(quote))",
        ]
      ) {
        const { data, error } = await person.from("questions").select(embedding);
        expect(data).toBeNull();
        expect(error?.code).toMatch(/^(?:42501|PGRST200|PGRST201)$/);
        expect(JSON.stringify(error)).not.toMatch(/"is_correct":|rationale/);
      }
      const filtered = await person.from("question_options").select(
        "option_text, question_keys!inner(is_correct)",
      )
        .eq("question_keys.is_correct", true);
      expect(filtered.data).toBeNull();
      const written = await person.from("question_keys").insert({
        version_id: crypto.randomUUID(),
        option_index: 0,
        is_correct: true,
      });
      expect(written.error?.code).toBe("42501");
    }
    expectRefusal(
      await ben.client.rpc("question_for_editing", { p_question_id: question.id }),
      404,
      "question_not_found",
    );
    // Behind the functions.
    expect(
      (await ben.client.schema("private").rpc("study_question_content", {
        p_version_id: question.id,
      })).error,
    )
      .not.toBeNull();
    const audit = await ben.client.schema("ops").from("audit_logs").select("*");
    expect(audit.error).not.toBeNull();
    // Where options stand says nothing: the worker sends the right one first.
    const rows = await sql<{ option_index: number }>(
      `select k.option_index from study.question_keys as k join study.question_versions as v on v.id = k.version_id
       join study.questions as q on q.id = v.question_id where q.material_id = $1 and k.is_correct`,
      [material.id],
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(new Set(rows.map(({ option_index }) => option_index)).size).toBeGreaterThan(1);
  });

  test("a version does not change, even for services", async () => {
    const bank = service("study");
    const { error } = await bank.from("question_keys").update({ is_correct: true }).neq(
      "option_index",
      -1,
    );
    expect(error?.code).toBe("42501");
    const { error: added } = await bank.from("question_options").insert({
      version_id: (await sql<{ id: string }>("select id from study.question_versions limit 1"))[0]
        ?.id,
      option_index: 9,
      option_text: "Added later",
    });
    expect(added?.message).toBe("question_version_fixed");
  });
});

describe("a text that changes", () => {
  test("flags the questions that it no longer carries, and no others", async () => {
    const before = await questionsOf(ann);
    expect(before.every(({ stale_at }) => stale_at === null)).toBe(true);
    const contents = await Promise.all(
      before.map(async ({ id }) => ({ id, ...(await editable(ann, id)).content })),
    );
    const hit = contents[0]?.sources[0]?.quote ?? "";
    const path = await upload(
      ann,
      "organs.md",
      book((text) => text.replace(hit, "This chapter was rewritten from scratch.")),
    );
    await granted(
      ann.client.rpc("replace_material_file", { p_material_id: material.id, p_path: path }),
    );
    await until(
      async () => (await settled(ann.client, material.id)).ready_revision === 2,
      "the new version",
    );
    const stale = (await questionsOf(ann)).filter(({ stale_at }) => stale_at !== null).map((
      { id },
    ) => id);
    expect(stale).toEqual(
      contents.filter(({ sources }) => sources[0]?.quote === hit).map(({ id }) => id),
    );
    const told = await granted(
      ann.client.schema("core").from("notifications").select("type").eq("type", "material_changed"),
    );
    expect(told.length).toBe(1);
  });

  test("deleted, its questions stay with their author", async () => {
    const before = await questionsOf(ann);
    await granted(ann.client.rpc("delete_material", { p_material_id: material.id }));
    const after = await granted(
      ann.client.from("questions").select("id, material_id, visibility, stale_at").eq(
        "source",
        "generated",
      ),
    ) as { id: string; material_id: null; visibility: string; stale_at: string | null }[];
    expect(after.length).toBe(before.length);
    expect(
      after.every((row) =>
        row.material_id === null && row.visibility === "private" && row.stale_at !== null
      ),
    )
      .toBe(true);
    expect(await questionsOf(ben)).toEqual([]);
  });

  test("an author who goes takes his questions along, over the real path", async () => {
    const gone = await learner();
    const own = await takeIn(gone, "organs.md", book());
    const { id } = await granted(
      gone.client.rpc("generate_questions", { p_material_id: own.id, p_count: 2 }),
    ) as Generation;
    await ended(gone.client, id);
    await sql("delete from auth.users where id = $1", [gone.id]);
    expect(
      await sql("select id from study.questions where author_id = $1 or material_id = $2", [
        gone.id,
        own.id,
      ]),
    )
      .toEqual([]);
  });
});
