// qa, social and later modules have tables of the same name: each request embeds those of its own schema.
import { expect, test } from "vitest";
import { signUp, sql } from "../../setup/stack.ts";

test("embeds the tables of the schema that was asked for", async () => {
  const asker = await signUp();
  const social = asker.client.schema("social");
  const { data: question } = await social.rpc("ask_question", {
    p_title: "Why do leaves turn red?",
    p_content: "In autumn, and not in summer.",
  });
  const { data, error } = await social.from("questions")
    .select("title, answers!question_id(content), topics:question_topics(topic:topics(slug))")
    .eq("id", question?.id ?? "").single();
  expect(error).toBeNull();
  expect(data).toEqual({ title: "Why do leaves turn red?", answers: [], topics: [] });
  await sql("delete from auth.users where id = $1", [asker.id]);
});
