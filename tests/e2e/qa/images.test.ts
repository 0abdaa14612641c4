// Pictures in questions: uploaded to Storage, looked into by the worker, handed on to the expert.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, sql } from "../../setup/stack.ts";
import { expectRefusal, granted, newExpert, newStudent, newTopic } from "../core/people.ts";
import type { Person } from "../core/people.ts";
import {
  ask,
  balanceOf,
  claim,
  coveredQuestion,
  entriesOf,
  expectInvariants,
  reach,
  submission,
  verdict,
} from "./flow.ts";
import { bucket, png, script, upload, uploaded } from "./pictures.ts";

let topic: string;
let student: Person;
let expert: Person;

const fileOf = async (path: string) => {
  const [file] = await sql<{ status: string; detected_mime: string; sha256: string }>(
    "select status, detected_mime, sha256 from core.files where path = $1",
    [path],
  );
  return file;
};

beforeAll(async () => {
  topic = await newTopic();
  [student, expert] = [await newStudent(10), await newExpert(topic)];
});
afterAll(expectInvariants);

describe("a real picture", () => {
  test("makes the question mixed, is found clean, and the expert may look at it", async () => {
    const path = await uploaded(student, png());
    const question = await ask(student, topic, undefined, { p_image_paths: [path] });
    expect(question.question_type).toBe("mixed");
    const sheet = await claim(expert, question.id);
    expect(await fileOf(path)).toMatchObject({
      status: "clean",
      detected_mime: "image/png",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { data, error } = await expert.client.storage.from(bucket).download(path);
    expect(error).toBeNull();
    expect(Buffer.from(await data!.arrayBuffer()).equals(png())).toBe(true);
    await granted(verdict(expert, sheet, { p_verdict: "approved" }));
    await reach(question.id, "delivered");
  });

  test("nobody else may look at it, list it or take it away", async () => {
    const path = await uploaded(student, png());
    const stranger = await newStudent();
    for (const person of [stranger, expert]) {
      expect((await person.client.storage.from(bucket).download(path)).error).not.toBeNull();
      // The expert's list names what he reviewed before; this one is nobody's question yet.
      const { data } = await person.client.storage.from(bucket).list(student.id);
      expect((data ?? []).map((file) => `${student.id}/${file.name}`)).not.toContain(path);
      await person.client.storage.from(bucket).remove([path]);
    }
    expect((await student.client.storage.from(bucket).download(path)).error).toBeNull();
  });

  test("alone it is an image question, which an expert answers until images are read", async () => {
    const question = await ask(student, topic, "", {
      p_image_paths: [await uploaded(student, png())],
    });
    expect(question.question_type).toBe("image");
    const sheet = await claim(expert, question.id);
    expect(sheet.question.is_covered).toBe(false);
    await granted(
      verdict(expert, sheet, { p_verdict: "approved", p_corrections: "A grey square." }),
    );
    await reach(question.id, "delivered");
  });
});

describe("a script that calls itself .png", () => {
  test("alone: the question is rejected and the credit is back", async () => {
    const before = await balanceOf(student);
    const path = await uploaded(student, script);
    const question = await ask(student, topic, "", { p_image_paths: [path] });
    const rejected = await reach(question.id, "rejected");
    expect(rejected.rejection_reason).toContain("text/html");
    expect((await fileOf(path))?.status).toBe("rejected");
    expect(await entriesOf(student, question.id)).toEqual(["hold", "release"]);
    expect(await balanceOf(student)).toEqual(before);
    const notices = await granted(
      student.client.schema("core").from("notifications").select("data")
        .eq("type", "question_rejected"),
    ) as { data: { question_id: string } }[];
    expect(notices.map((notice) => notice.data.question_id)).toContain(question.id);
  });

  test("beside a text: the text is answered, the file is marked", async () => {
    const path = await uploaded(student, script);
    const question = await ask(student, topic, undefined, { p_image_paths: [path] });
    const sheet = await claim(expert, question.id);
    expect(sheet.question.is_covered).toBe(true);
    expect((await fileOf(path))?.status).toBe("rejected");
    await granted(verdict(expert, sheet, { p_verdict: "approved" }));
  });
});

describe("what Storage refuses", () => {
  test("another one's folder, another type, too much", async () => {
    const stranger = await newStudent();
    expect((await upload(student, png(), stranger.id)).error).not.toBeNull();
    expect((await upload(student, png(), `../${stranger.id}`)).error).not.toBeNull();
    expect((await upload(student, script, student.id, "text/html")).error).not.toBeNull();
    const huge = Buffer.concat([png(), Buffer.alloc(10 * 1024 * 1024)]);
    expect((await upload(student, huge)).error).not.toBeNull();
    const { data } = await service().storage.from(bucket).list(stranger.id);
    expect(data).toEqual([]);
  });
});

describe("what submit_question refuses", () => {
  test("foreign paths, invented paths, too many, and a picture used before", async () => {
    const stranger = await newStudent();
    const theirs = await uploaded(stranger, png());
    const own = await uploaded(student, png());
    const before = await balanceOf(student);
    const submit = (paths: unknown) =>
      student.client.rpc(
        "submit_question",
        submission(coveredQuestion, { p_topic: topic, p_image_paths: paths }),
      );
    expectRefusal(await submit([theirs]), 422, "file_not_found");
    expectRefusal(await submit([`${student.id}/none.png`]), 422, "file_not_found");
    expectRefusal(await submit([`${student.id}/../${theirs}`]), 422, "file_not_found");
    expectRefusal(await submit(["/etc/passwd"]), 422, "file_not_found");
    expectRefusal(await submit([null]), 422, "file_not_found");
    expectRefusal(await submit(Array(6).fill(own)), 422, "too_many_images");
    expectRefusal(await submit([own, own]), 409, "image_already_used");
    expect(await balanceOf(student)).toEqual(before);

    const question = await ask(student, topic, undefined, { p_image_paths: [own] });
    expectRefusal(await submit([own]), 409, "image_already_used");
    await granted(student.client.rpc("cancel_question", { p_question_id: question.id }));
  });
});

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
