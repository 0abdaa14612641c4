// Files of questions in and out, as a frontend does it, and what answers add up to.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person, signUp, sql, stack } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { learner } from "./material.ts";
import type { Session } from "./practice.ts";

interface Answer {
  status: number;
  type: string | null;
  bytes: Uint8Array<ArrayBuffer>;
  code?: string;
  imported?: number;
  question_ids: (string | null)[];
  problems: { line: number; file?: string; code: string }[];
  skipped: { line: number; question_id: string }[];
  detail?: { problems: { line: number; code: string }[] };
}

let ann: Person;
let ben: Person;
let educator: Person;
/** A word that only the keys of these questions hold. */
const KEY = `zyxkey${randomUUID().slice(0, 8)}`;
const tag = randomUUID().slice(0, 8);

async function call(by: Person | null, path: string, body?: BodyInit, type = "text/plain") {
  const response = await fetch(`${stack().url}/functions/v1/question-bank${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      apikey: stack().publishableKey,
      ...(body === undefined ? {} : { "content-type": type }),
      ...(by ? { authorization: `Bearer ${by.accessToken}` } : {}),
    },
    ...(body === undefined ? {} : { body }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const contentType = response.headers.get("content-type");
  const json = contentType?.startsWith("application/json")
    ? JSON.parse(new TextDecoder().decode(bytes)) as object
    : {};
  return { status: response.status, type: contentType, bytes, ...json } as Answer;
}

const send = (by: Person | null, query: string, file: BodyInit) =>
  call(by, `/import?${query}`, file);
const text = ({ bytes }: Answer) => new TextDecoder().decode(bytes);
const fetchAs = (by: Person, format: string, ids: string[]) =>
  call(by, "/export", JSON.stringify({ format, question_ids: ids }), "application/json");

const gift = (...names: string[]) =>
  names.map((name) =>
    `// [tag:difficulty:hard]\n::${name}::${name} ${tag}, is it {\n=right#${KEY} because\n~wrong\n~other\n####${KEY} in short\n} ?\n`
  ).join("\n");

beforeAll(async () => {
  [ann, ben, educator] = await Promise.all([learner(), learner(), signUp({}, "study")]);
  await sql("insert into core.user_roles (user_id, role) values ($1, 'educator')", [educator.id]);
});

describe("import", () => {
  test("takes a file, all of it, and the next time nothing of it", async () => {
    const first = await send(ann, "format=gift", gift("One", "Two"));
    expect([first.status, first.imported, first.problems]).toEqual([201, 2, []]);
    const { data } = await ann.client.from("questions").select("source, difficulty, status")
      .in("id", first.question_ids as string[]);
    expect(data).toEqual(
      Array(2).fill({ source: "import", difficulty: "hard", status: "published" }),
    );
    const again = await send(ann, "format=gift", gift("One", "Two", "Three"));
    expect([again.imported, again.skipped.map(({ line }) => line)]).toEqual([1, [2, 10]]);
  });

  test("names every line that is wrong, and writes nothing", async () => {
    const before = await ann.client.from("questions").select("*", { count: "exact", head: true });
    const header = "vignette,option_1,option_2,correct,topic";
    const file =
      `${header}\nGood ${tag}?,a,b,1,\n"No key\n${tag}?",a,b,,\nEqual ${tag}?,a, A,1,\nTopic?,a,b,1,no-such-topic\nKey?,a,b,7,\n`;
    const answer = await send(ann, "format=csv", file);
    expect([answer.status, answer.code]).toEqual([422, "import_invalid"]);
    expect(answer.detail?.problems.map(({ line, code }) => [line, code])).toEqual([
      [3, "question_key_invalid"],
      [5, "question_options_equal"],
      [6, "unknown_topic"],
      [7, "correct_invalid"],
    ]);
    const after = await ann.client.from("questions").select("*", { count: "exact", head: true });
    expect(after.count).toBe(before.count);
    const trial = await send(ann, "format=csv&dry_run=true", file);
    expect([trial.status, trial.imported, trial.problems.length]).toEqual([200, 1, 4]);
  });

  test("refuses what is no file of the kind", async () => {
    const refusals = [
      [await send(null, "format=csv", "x"), 401, "not_authenticated"],
      [await send(ann, "format=xlsx", "x"), 422, "invalid_input"],
      [await send(ann, "format=gift", new Uint8Array([0xff, 0xfe])), 422, "encoding_invalid"],
      [await send(ann, "format=gift", "// nothing"), 422, "import_size_invalid"],
      [
        await send(ann, "format=qti", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        422,
        "import_invalid",
      ],
      [
        await send(ann, `format=gift&material_id=${randomUUID()}`, gift("M")),
        404,
        "material_not_found",
      ],
      [await call(ann, "/import?format=csv"), 405, "method_not_allowed"],
      [await call(ann, "/other"), 404, "not_found"],
    ] as const;
    for (const [answer, status, code] of refusals) {
      expect([answer.status, answer.code]).toEqual([status, code]);
    }
  });

  test("is behind an account for the RPCs, too", async () => {
    const { error } = await anonymous("study").rpc("import_questions", { p_items: [] });
    expect(error?.code).toBe("42501");
  });
});

describe("export", () => {
  test("gives each format back as it came", async () => {
    const { question_ids } = await send(ann, "format=gift", gift("Four", "Five"));
    const ids = question_ids as string[];
    for (const format of ["csv", "gift", "qti"]) {
      const file = await fetchAs(ann, format, ids);
      expect(file.status).toBe(200);
      // It is hers already; it is new to him.
      const back = await send(ann, `format=${format}`, file.bytes);
      expect([back.imported, back.skipped.map(({ question_id }) => question_id)]).toEqual([0, ids]);
      const other = await learner();
      const copies = (await send(other, `format=${format}`, file.bytes)).question_ids as string[];
      const of = async (by: Person, which: string[]) => {
        const items = await granted(by.client.rpc("export_questions", { p_question_ids: which }));
        return (items as { id: string }[]).map(({ id: _, ...item }) => item);
      };
      expect(await of(other, copies)).toEqual(await of(ann, ids));
    }
    const single = await call(ann, `/export?format=qti-item&ids=${ids[0]}`);
    expect([single.status, single.type]).toEqual([200, "application/xml; charset=utf-8"]);
    expect((await send(ben, "format=qti", single.bytes)).imported).toBe(1);
  });

  test("gives learners what they may read, without its key", async () => {
    const made = await send(ann, "format=gift&visibility=authenticated&submit=true", gift("Six"));
    const [id = ""] = made.question_ids as string[];
    expect((await fetchAs(ben, "csv", [id])).status).toBe(404);
    await granted(
      educator.client.rpc("decide_question", {
        p_question_id: id,
        p_version_no: 1,
        p_decision: "publish",
      }),
    );
    for (const format of ["csv", "gift", "qti-item"]) {
      const file = await fetchAs(ben, format, [id]);
      expect(file.status).toBe(200);
      expect(text(file)).toContain(`Six ${tag}`);
      expect(text(file)).not.toContain(KEY);
      expect(text(file)).not.toMatch(/=right|correctResponse/);
      expect(text(await fetchAs(educator, format, [id]))).toContain(KEY);
    }
  });
});

describe("statistics", () => {
  test("grow with what learners answer, told to each as far as it is his", async () => {
    const made = await send(ann, "format=gift&visibility=authenticated&submit=true", gift("Seven"));
    const [id = ""] = made.question_ids as string[];
    await granted(
      educator.client.rpc("decide_question", {
        p_question_id: id,
        p_version_no: 1,
        p_decision: "publish",
      }),
    );
    const people = await Promise.all(Array.from({ length: 5 }, learner));
    for (const [i, person] of people.entries()) {
      const session = await granted(
        person.client.rpc("start_practice", { p_question_ids: [id] }),
      ) as unknown as Session;
      await granted(person.client.rpc("answer_question", {
        p_session_id: session.id,
        p_question_id: id,
        p_selected: [i < 2 ? 0 : 1],
      }));
    }
    // As the task does every ten seconds; it may be at it this moment.
    await expect.poll(async () => {
      await sql("select private.fold_question_statistics()");
      const { data } = await ben.client.from("questions").select("times_answered, times_correct")
        .eq("id", id).single();
      return data;
    }, { timeout: 20_000 }).toEqual({ times_answered: 5, times_correct: 2 });
    const of = async (by: Person) => {
      const rows = await granted(by.client.rpc("question_statistics_of", { p_question_ids: [id] }));
      return (rows as Record<string, unknown>[])[0];
    };
    expect(await of(ben)).toMatchObject({
      times_answered: 5,
      facility: 0.4,
      options: null,
      discrimination: null,
    });
    expect(await of(ann)).toMatchObject({
      first_answers: 5,
      options: [{ chosen: 2, share: 0.4, is_correct: true }, { chosen: 3, share: 0.6 }, {
        chosen: 0,
      }],
    });
    // What is wrong with it, those say who met it.
    const [first = ben] = people;
    await granted(first.client.rpc("flag_question", { p_question_id: id, p_reason: "unclear" }));
    const { data } = await educator.client.from("questions").select("is_flagged").eq("id", id)
      .single();
    expect(data).toEqual({ is_flagged: true });
  });
});
