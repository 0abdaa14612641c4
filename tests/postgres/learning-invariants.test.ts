// What sql/invariants says of learning finds what it is there for: each promise is broken by force, past all triggers and
// constraints, and must be named.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asUser, copyOf, type Database, expectSound, loadHelpers } from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("TEMPLATE", "learning_invariants");
  await loadHelpers(database.sql);
  const [person] = await database.sql<{ id: string }[]>`
    select tests.create_user('learn-invariants@race.test') as id`;
  await asUser(database, person?.id ?? "", async (tx) => {
    await tx`select learning.create_curriculum('Broken', 'S', 30, p_sessions => '[
      {"title": "a"}, {"title": "b"}, {"title": "c"}]')`;
    await tx`select learning.share_template(id, 'public') from learning.curricula`;
    await tx`select learning.complete_session(id) from learning.sessions where title = 'a'`;
    await tx`select learning.start_session(id) from learning.sessions where title = 'b'`;
    await tx`select learning.pause_session(id) from learning.sessions where title = 'b'`;
  });
});
afterAll(async () => {
  await expectSound(database);
  await database?.drop();
});

describe("the invariants", () => {
  const anyWork = "(select id from learning.session_work where not is_unmeasured limit 1)";
  const sabotage: Record<string, string> = {
    "sessions not numbered from 1 without gaps":
      "update learning.sessions set session_number = session_number + 1",
    "total_sessions that are not there": "update learning.curricula set total_sessions = 77",
    "prerequisite that does not come before":
      `insert into learning.session_prerequisites select a.id, b.id, a.curriculum_id from learning.sessions a
       join learning.sessions b using (curriculum_id) where a.session_number = 1 and b.session_number = 2`,
    "completed curriculum with open sessions, or active one without":
      "update learning.curricula set status = 'completed', completed_at = now()",
    "work or note of somebody who does not follow the session":
      `update learning.session_work set user_id = gen_random_uuid() where id = ${anyWork}`,
    "more minutes than passed":
      `update learning.session_work set minutes = 1440 where id = ${anyWork}`,
    "work that runs on what is completed, paused or put away":
      `update learning.curricula set status = 'paused' where status = 'active';
       update learning.session_work set ended_at = null where id = ${anyWork}`,
    "estimate beside measured time, or of an open session":
      `update learning.session_work set is_unmeasured = true;
       update learning.sessions set completed_at = null, completed_on = null`,
    "template that is not as its curriculum says":
      "update learning.templates set copies_count = copies_count + 1",
    "template without its sessions": "delete from learning.template_sessions",
    "template that shows material which its readers may not read":
      `insert into core.search_documents (module, kind, entity_id, title, body, visibility, owner_id)
       select 'study', 'passage', gen_random_uuid(), 'Private', 'A private passage.', 'owner', t.user_id from learning.templates t limit 1;
       update learning.template_sessions set resources = (
         select jsonb_build_array(jsonb_build_object('title', 'Private', 'document_id', d.id))
         from core.search_documents d where d.title = 'Private' limit 1
       )`,
    "search that does not know a template as it is":
      "delete from core.search_documents where kind = 'curriculum'",
  };
  const text = readFileSync(
    join(import.meta.dirname, "../../sql/invariants/learning_curricula.sql"),
    "utf8",
  );

  test.each(Object.entries(sabotage))("%s is found broken", async (rule, script) => {
    let rules: string[] = [];
    await database.sql.begin(async (tx) => {
      await tx.unsafe(`set local session_replication_role = replica; ${script}`);
      rules = (await tx.unsafe<{ rule: string }[]>(text)).map((row) => row.rule);
      throw new Error("rolled back");
    }).catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== "rolled back") throw error;
    });
    expect(rules).toContain(rule);
  });

  test("all of them were tried", () => {
    const rules = [...text.matchAll(/^select '([^']+)'(?: as rule)?,/gm)].map((match) => match[1]);
    expect(rules.sort()).toEqual(Object.keys(sabotage).sort());
  });
});
