// What nobody may read before an answer is graded: through no table, embedding, filter, RPC or error of the Data API.
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person } from "../../setup/stack.ts";
import { learner } from "./material.ts";
import { answer, ask, KEYWORD, start, subject } from "./practice.ts";

let ann: Person;
let inside: string;

beforeAll(async () => {
  const [author, reader] = await Promise.all([learner(), learner()]);
  ann = reader;
  inside = await ask(author, await subject(), "Inside?");
});

describe("before the answer", () => {
  test.each(["tutor", "review", "timed", "test"])("nothing tells the key: %s", async (mode) => {
    const person = await learner();
    const session = await start(person, { p_session_type: mode, p_question_ids: [inside] });
    const heard: string[] = [JSON.stringify(session)];
    if (mode === "timed" || mode === "test") {
      heard.push(JSON.stringify(await answer(person, session.id, inside, [1])));
    }
    const version = session.questions[0]?.version_id;
    for (const client of [person.client, anonymous("study")]) {
      // Every way in which tables hang together, and the tables themselves.
      for (
        const [table, select] of [
          ["question_keys", "*"],
          ["question_explanations", "*"],
          ["question_sources", "*"],
          ["question_statistics", "*"],
          ["question_options", "*, question_keys(*)"],
          ["question_options", "*, question_keys!inner(is_correct)"],
          ["question_versions", "*, question_options(*, question_keys(*))"],
          ["question_versions", "*, question_explanations(*)"],
          ["question_versions", "*, question_sources(*)"],
          [
            "questions",
            "*, question_versions(*, question_options(*, question_keys(is_correct, rationale)))",
          ],
          ["questions", "*, question_versions(question_explanations(correct_explanation))"],
          [
            "practice_session_questions",
            "*, question_versions(question_options(question_keys(*)))",
          ],
          [
            "practice_sessions",
            "*, practice_session_questions(*, questions(*, question_versions(question_sources(*))))",
          ],
          ["user_question_attempts", "*, question_versions(question_explanations(*))"],
        ] as const
      ) {
        const answered = await client.from(table).select(select);
        if (/keys|explanations|sources/.test(`${table} ${select}`)) {
          expect(answered.error, `${table} ${select}`).not.toBeNull();
        }
        heard.push(JSON.stringify([answered.data, answered.error]));
      }
      // Filters and orders ask for columns, too.
      const keys = await client.from("question_options").select(
        "option_index, question_keys!inner()",
      )
        .eq("version_id", version ?? "").eq("question_keys.is_correct", true);
      expect(keys.error).not.toBeNull();
    }
    for (const name of ["practice_session", "practice_result", "abandon_practice"]) {
      const told = await person.client.rpc(name, { p_session_id: session.id });
      heard.push(JSON.stringify([told.data, told.error]));
    }
    for (const name of ["answered_question", "question_for_editing"]) {
      const told = await person.client.rpc(name, { p_question_id: inside });
      expect([404, 409]).toContain(told.status);
      heard.push(JSON.stringify([told.data, told.error]));
    }
    expect(heard.join("\n")).not.toContain(KEYWORD);
  });

  test("the schema behind the functions is nobody's", async () => {
    const hidden = await ann.client.schema("private" as never).rpc("study_answer_question", {});
    expect(hidden.status).toBe(406);
  });
});
