// Where an OCR worker plugs in: here the test is that worker.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, sql } from "../../setup/stack.ts";
import { granted, newExpert, newStudent, newTopic, type Person } from "../core/people.ts";
import { ask, claim, coveredQuestion, expectInvariants, reach, verdict } from "./flow.ts";
import { png, uploaded } from "./pictures.ts";

let topic: string;
let student: Person;
let expert: Person;

beforeAll(async () => {
  topic = await newTopic();
  [student, expert] = [await newStudent(), await newExpert(topic)];
});
afterAll(expectInvariants);

describe("the seam for reading text in images", () => {
  test("once the job type is on, each picture is a job, and the last text starts the answer", async () => {
    const setEnabled = (isOn: boolean) =>
      sql("update ops.job_types set is_enabled = $1 where job_type = 'ocr.read_image'", [isOn]);
    const paths = [await uploaded(student, png()), await uploaded(student, png())];
    await setEnabled(true);
    const question = await ask(student, topic, "", { p_image_paths: paths })
      .finally(() => setEnabled(false));
    const worker = service("core");
    const jobs = await granted(
      worker.rpc("claim_jobs", { p_worker: "ocr-test", p_queue: "ocr", p_limit: 10 }),
    ) as { id: string; lease_token: number; resource_id: string; payload: { file_id: string } }[];
    const mine = jobs.filter((job) => job.resource_id === question.id);
    expect(mine).toHaveLength(2);
    for (const [index, job] of mine.entries()) {
      const lease = { p_job_id: job.id, p_lease_token: job.lease_token };
      const recorded = await granted(
        worker.schema("qa").rpc("record_image_text", {
          ...lease,
          p_question_id: question.id,
          p_file_id: job.payload.file_id,
          p_text: index === 0 ? coveredQuestion : "",
          p_confidence: 0.9,
        }),
      );
      expect(recorded).toEqual({ recorded: true, images_left: 1 - index });
      await granted(worker.rpc("complete_job", lease).then((a) => ({ ...a, data: true })));
    }
    const sheet = await claim(expert, question.id);
    expect(sheet.question.is_covered).toBe(true);
    await granted(verdict(expert, sheet, { p_verdict: "approved" }));
    await reach(question.id, "delivered");
  });
});
