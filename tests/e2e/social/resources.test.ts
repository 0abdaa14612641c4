// Sharing a file as a frontend does it: upload, share, wait for the check, and others fetch it by a signed URL.
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person, service, signUp, sql, until } from "../../setup/stack.ts";
import { DOCX, office, pdf } from "../../fixtures/office.ts";
import { expectRefusal, granted, newTopic } from "../core/people.ts";

interface Resource {
  id: string;
  status: "checking" | "ready" | "rejected";
  rejected_reason: string | null;
  downloads_count: number;
  file_size: number;
}
interface Place {
  bucket: string;
  path: string;
  file_name: string;
}

let ann: Person, ben: Person, topic: string;

const upload = (by: Person, name: string, bytes: Uint8Array, contentType: string) =>
  by.client.storage.from("resources").upload(
    `${by.id}/${crypto.randomUUID()}/${name}`,
    bytes as Uint8Array<ArrayBuffer>,
    { contentType },
  );

async function uploaded(by: Person, name: string, bytes: Uint8Array, contentType: string) {
  const { data, error } = await upload(by, name, bytes, contentType);
  if (error) throw error;
  return data.path;
}

const share = (by: Person, path: string, more: Record<string, unknown> = {}) =>
  by.client.rpc("create_resource", { p_path: path, p_title: "Notes on the heart", ...more });

/** Once the worker has looked into it. */
const checked = (by: Person, id: string) =>
  until(async () => {
    const { data } = await by.client.from("resources").select("*").eq("id", id).single();
    return (data as Resource | null)?.status !== "checking" && (data as Resource);
  }, `the check of resource ${id}`);

async function shared(by: Person, more: Record<string, unknown> = {}): Promise<Resource> {
  const path = await uploaded(by, "heart.pdf", pdf(), "application/pdf");
  const { id } = await granted(share(by, path, more)) as Resource;
  return await checked(by, id);
}

const place = (by: Person, id: string) => by.client.rpc("download_resource", { p_id: id });

const sign = (by: Person, { bucket, path, file_name }: Place) =>
  by.client.storage.from(bucket).createSignedUrl(path, 60, { download: file_name });

/** Column and what waits to be added to it. */
async function downloads(id: string): Promise<number> {
  const [row] = await sql<{ n: number }>(
    `select (r.downloads_count + coalesce((select sum(d.delta) from social.counter_deltas as d
       where d.entity_id = r.id), 0))::integer as n from social.resources as r where r.id = $1`,
    [id],
  );
  return row?.n ?? -1;
}

beforeAll(async () => {
  [ann, ben] = await Promise.all([signUp({}, "social"), signUp({}, "social")]);
  topic = await newTopic();
  await sql("update core.profiles set created_at = now() - interval '1 year' where id = any ($1)", [
    [ann.id, ben.id],
  ]);
});

describe("a shared file", () => {
  test("is checked, then found, fetched by others, and counted once", async () => {
    const resource = await shared(ann, {
      p_topics: [topic],
      p_description: "Skerrymore ventricle",
    });
    expect(resource).toMatchObject({ status: "ready", file_size: pdf().length });

    const listed = await granted(
      anonymous("social").from("resources").select("title, resource_topics(topics(slug))")
        .eq("id", resource.id).single(),
    );
    expect(listed).toEqual({
      title: "Notes on the heart",
      resource_topics: [{ topics: { slug: topic } }],
    });
    const found = await granted(
      ben.client.schema("core").rpc("search", { p_query: "skerrymore", p_kinds: ["resource"] }),
    ) as { entity_id: string }[];
    expect(found.map((hit) => hit.entity_id)).toEqual([resource.id]);

    const at = await granted(place(ben, resource.id)) as Place;
    expect(at).toMatchObject({ bucket: "resources", file_name: "heart.pdf" });
    const { data } = await sign(ben, at);
    const response = await fetch(data!.signedUrl);
    expect(response.headers.get("content-disposition")).toContain("heart.pdf");
    expect(Buffer.from(await response.arrayBuffer()).equals(pdf())).toBe(true);

    await Promise.all([place(ben, resource.id), place(ben, resource.id), place(ann, resource.id)]);
    expect(await downloads(resource.id)).toBe(1);
  });

  test("stays as it was looked at: nobody overwrites, moves or removes it", async () => {
    const { id } = await shared(ann);
    const { bucket, path } = await granted(place(ann, id)) as Place;
    const mine = ann.client.storage.from(bucket);
    const other = new TextEncoder().encode("%PDF- something else") as Uint8Array<ArrayBuffer>;
    const options = { contentType: "application/pdf" };
    expect((await mine.upload(path, other, { ...options, upsert: true })).error).not.toBeNull();
    expect((await mine.update(path, other, options)).error).not.toBeNull();
    expect((await mine.move(path, `${ann.id}/elsewhere.pdf`)).error).not.toBeNull();
    await mine.remove([path]);
    const { data } = await service().storage.from(bucket).download(path);
    expect(Buffer.from(await data!.arrayBuffer()).equals(pdf())).toBe(true);
  });

  test("that is private is nobody else's: no row, no place, no URL, no hit", async () => {
    const resource = await shared(ann, { p_is_public: false, p_title: "Corrievreckan alone" });
    expect(resource.status).toBe("ready");
    const at = await granted(place(ann, resource.id)) as Place;
    expect((await sign(ann, at)).error).toBeNull();

    expectRefusal(await place(ben, resource.id), 404, "content_not_found");
    expect((await sign(ben, at)).error).not.toBeNull();
    expect((await ben.client.storage.from(at.bucket).download(at.path)).error).not.toBeNull();
    expect(await granted(ben.client.from("resources").select("id").eq("id", resource.id)))
      .toEqual([]);
    const search = async ({ client }: Person) =>
      await granted(client.schema("core").rpc("search", { p_query: "corrievreckan" })) as unknown[];
    expect(await search(ben)).toEqual([]);
    expect(await search(ann)).toHaveLength(1);

    await granted(
      ann.client.from("resources").update({ is_public: true }).eq("id", resource.id).select("id"),
    );
    expect((await sign(ben, at)).error).toBeNull();
    expect(await search(ben)).toHaveLength(1);
  });

  test("is gone for everybody once its author deletes it, and its file in the end", async () => {
    const { id } = await shared(ann);
    const at = await granted(place(ben, id)) as Place;
    await granted(ann.client.rpc("delete_content", { p_type: "resource", p_id: id }));
    expect((await sign(ben, at)).error).not.toBeNull();
    expect((await sign(ann, at)).error).not.toBeNull();
    expectRefusal(await place(ann, id), 409, "content_removed");

    await sql("alter table core.files disable trigger _900_touch_updated_at");
    await sql("update core.files set updated_at = now() - interval '2 days' where path = $1", [
      at.path,
    ]).finally(() => sql("alter table core.files enable trigger _900_touch_updated_at"));
    await sql("select private.tend_files()");
    await until(
      async () => (await service().storage.from(at.bucket).download(at.path)).error !== null,
      "the removal of the file",
    );
    await until(
      async () => (await sql("select from core.files where path = $1", [at.path])).length === 0,
      "its row to go",
    );
  });
});

describe("what is not taken", () => {
  test.each<[string, Uint8Array, string, string]>([
    ["page.pdf", new TextEncoder().encode("<html></html>"), "application/pdf", "text/html"],
    ["old.docx", pdf(), DOCX, "application/pdf"],
    [
      "macro.docx",
      office(DOCX, { more: [{ name: "word/vbaProject.bin", content: "x" }] }),
      DOCX,
      "macros",
    ],
  ])(
    "%s is refused by the check, with a reason, and never seen by others",
    async (name, bytes, type, why) => {
      const path = await uploaded(ann, name, bytes, type);
      const { id } = await granted(share(ann, path)) as Resource;
      const resource = await checked(ann, id);
      expect(resource).toMatchObject({
        status: "rejected",
        rejected_reason: expect.stringContaining(why),
      });
      expect(await granted(ben.client.from("resources").select("id").eq("id", id))).toEqual([]);
      expect((await sign(ben, { bucket: "resources", path, file_name: name })).error).not
        .toBeNull();
      expect((await sign(ann, { bucket: "resources", path, file_name: name })).error).not
        .toBeNull();
    },
  );

  test("other types, other folders, and what is no file of one's own", async () => {
    expect((await upload(ann, "a.zip", pdf(), "application/zip")).error).not.toBeNull();
    const foreign = ben.client.storage.from("resources").upload(
      `${ann.id}/a.pdf`,
      pdf() as Uint8Array<ArrayBuffer>,
      { contentType: "application/pdf" },
    );
    expect((await foreign).error).not.toBeNull();
    const path = await uploaded(ann, "heart.pdf", pdf(), "application/pdf");
    expectRefusal(await share(ben, path), 422, "file_not_found");
    const odd = await uploaded(ann, "heart.exe", pdf(), "application/pdf");
    expectRefusal(await share(ann, odd), 422, "file_type_not_allowed");
    const p_id = crypto.randomUUID();
    const [one, two] = await Promise.all([share(ann, path, { p_id }), share(ann, path, { p_id })]);
    expect([one.data?.id, two.data?.id]).toEqual([p_id, p_id]);
    expectRefusal(await share(ann, path), 409, "file_already_shared");
  });
});
