// Storage through supabase-js: everybody has a folder of his own in a private and a public bucket.
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person, service, signUp, sql, stack } from "../../setup/stack.ts";

const text = (content: string) => new Blob([content], { type: "text/plain" });

describe("files of one's own", () => {
  let ada: Person;
  const files = () => ada.client.storage.from("platform-private");
  beforeAll(async () => {
    ada = await signUp();
  });

  test("are uploaded as Blob and as bytes, and come back as they were", async () => {
    const blob = await files().upload(`${ada.id}/blob.txt`, text("from a blob"), {
      cacheControl: "120",
      metadata: { page: 7 },
    });
    expect(blob.error).toBeNull();
    expect(blob.data).toMatchObject({
      path: `${ada.id}/blob.txt`,
      fullPath: `platform-private/${ada.id}/blob.txt`,
      id: expect.any(String),
    });
    const bytes = Uint8Array.from([137, 80, 78, 71, 0, 255]);
    expect((await files().upload(`${ada.id}/raw.png`, bytes, { contentType: "image/png" })).error)
      .toBeNull();

    const first = await files().download(`${ada.id}/blob.txt`);
    expect(await first.data?.text()).toBe("from a blob");
    expect(first.data?.type).toBe("text/plain");
    const second = await files().download(`${ada.id}/raw.png`);
    expect(new Uint8Array(await second.data?.arrayBuffer() ?? [])).toEqual(bytes);
  });

  test("are described, and have their owner and size in the database", async () => {
    const { data } = await files().info(`${ada.id}/blob.txt`);
    expect(data).toMatchObject({
      size: 11,
      contentType: "text/plain",
      cacheControl: "max-age=120",
      metadata: { page: 7 },
      bucketId: "platform-private",
    });
    const [row] = await sql(
      `select owner_id, metadata ->> 'mimetype' as type, (metadata ->> 'size')::int as size
       from storage.objects where name = $1`,
      [`${ada.id}/raw.png`],
    );
    expect(row).toEqual({ owner_id: ada.id, type: "image/png", size: 6 });
    expect((await files().exists(`${ada.id}/blob.txt`)).data).toBe(true);
    expect((await files().exists(`${ada.id}/no.txt`)).data).toBe(false);
  });

  test("are listed as files and folders", async () => {
    await files().upload(`${ada.id}/deep/er/one.txt`, text("1"));
    await files().upload(`${ada.id}/deep/two.txt`, text("2"));
    const top = await files().list(ada.id);
    expect(top.data?.map(({ name, id }) => [name, id !== null])).toEqual([
      ["deep", false],
      ["blob.txt", true],
      ["raw.png", true],
    ]);
    expect(top.data?.[1]?.metadata).toMatchObject({ size: 11, mimetype: "text/plain" });
    const deep = await files().list(`${ada.id}/deep`);
    expect(deep.data?.map(({ name }) => name)).toEqual(["er", "two.txt"]);
    const paged = await files().list(ada.id, { limit: 1, offset: 1 });
    expect(paged.data?.map(({ name }) => name)).toEqual(["blob.txt"]);
    const found = await files().list(ada.id, { search: "raw" });
    expect(found.data?.map(({ name }) => name)).toEqual(["raw.png"]);
    const sorted = await files().list(ada.id, { sortBy: { column: "name", order: "desc" } });
    expect(sorted.data?.map(({ name }) => name)).toEqual(["deep", "raw.png", "blob.txt"]);
  });

  test("are not overwritten unless asked, and are updated, copied, moved and removed", async () => {
    const path = `${ada.id}/change.txt`;
    await files().upload(path, text("one"));
    const twice = await files().upload(path, text("two"));
    expect(twice.error).toMatchObject({ statusCode: "409" });
    expect((await files().upload(path, text("three"), { upsert: true })).error).toBeNull();
    expect((await files().update(path, text("four"))).error).toBeNull();
    expect(await (await files().download(path)).data?.text()).toBe("four");

    const copied = await files().copy(path, `${ada.id}/copy.txt`);
    expect(copied.data).toEqual({ path: `platform-private/${ada.id}/copy.txt` });
    expect((await files().move(path, `${ada.id}/moved.txt`)).error).toBeNull();
    expect((await files().download(path)).error).not.toBeNull();
    expect(await (await files().download(`${ada.id}/moved.txt`)).data?.text()).toBe("four");

    const removed = await files().remove([`${ada.id}/moved.txt`, `${ada.id}/copy.txt`]);
    expect(removed.data?.map(({ name }) => name).sort())
      .toEqual([`${ada.id}/copy.txt`, `${ada.id}/moved.txt`]);
    expect((await files().exists(`${ada.id}/moved.txt`)).data).toBe(false);
  });

  test("may have the names that hosted Storage takes, and no others", async () => {
    const path = `${ada.id}/Die Niere (1) & mehr, v2.0.txt`;
    expect((await files().upload(path, text("kidney"))).error).toBeNull();
    expect(await (await files().download(path)).data?.text()).toBe("kidney");
    const { data } = await files().createSignedUrl(path, 60);
    expect(await (await fetch(data?.signedUrl ?? "")).text()).toBe("kidney");
    const listed = await files().list(ada.id, { search: "Die" });
    expect(listed.data?.map(({ name }) => name)).toEqual(["Die Niere (1) & mehr, v2.0.txt"]);
    expect((await files().remove([path])).data).toHaveLength(1);
    for (const name of ["Über.txt", "50%.txt"]) {
      const { error } = await files().upload(`${ada.id}/${name}`, text("x"));
      expect(error, name).toMatchObject({ status: 400, code: "InvalidKey" });
      const moved = await files().move(`${ada.id}/blob.txt`, `${ada.id}/${name}`);
      expect(moved.error, name).toMatchObject({ status: 400, code: "InvalidKey" });
    }
  });

  test("are refused when too big, of the wrong type, or without a bucket", async () => {
    const big = new Blob(["x".repeat(2049)], { type: "text/plain" });
    expect((await files().upload(`${ada.id}/big.txt`, big)).error)
      .toMatchObject({ statusCode: "413" });
    // A stream declares no length: the limit must hold all the same.
    const stream = big.stream();
    const streamed = await files().upload(`${ada.id}/stream.txt`, stream, {
      contentType: "text/plain",
      duplex: "half",
    });
    expect(streamed.error).toMatchObject({ statusCode: "413" });
    const html = new Blob(["<script>"], { type: "text/html" });
    expect((await files().upload(`${ada.id}/x.html`, html)).error).toMatchObject({
      statusCode: "415",
    });
    const nowhere = await ada.client.storage.from("no-such-bucket").upload(
      `${ada.id}/a`,
      text("a"),
    );
    expect(nowhere.error).toMatchObject({ statusCode: "404" });
    const [left] = await sql<{ count: number }>(
      "select count(*)::int as count from storage.objects where name like $1",
      [`${ada.id}/%.html`],
    );
    expect(left?.count).toBe(0);
  });
});

describe("signed URLs", () => {
  test("open one file to whoever has them, until they expire", async () => {
    const { client, id } = await signUp();
    const files = client.storage.from("platform-private");
    await files.upload(`${id}/secret.txt`, text("secret"));
    const { data } = await files.createSignedUrl(`${id}/secret.txt`, 60, { download: "name.txt" });
    const answer = await fetch(data?.signedUrl ?? "");
    expect(await answer.text()).toBe("secret");
    expect(answer.headers.get("content-disposition")).toContain("attachment; filename=name.txt");
    const foreign = (data?.signedUrl ?? "").replace("secret.txt", "other.txt");
    expect((await fetch(foreign)).ok).toBe(false);
    expect((await fetch(`${data?.signedUrl.split("?")[0]}?token=forged`)).status).toBe(400);
    const short = await files.createSignedUrl(`${id}/secret.txt`, 1);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await fetch(short.data?.signedUrl ?? "")).status).toBe(400);
  });

  test("come in numbers, each with its own error", async () => {
    const { client, id } = await signUp();
    const files = client.storage.from("platform-private");
    await files.upload(`${id}/a.txt`, text("a"));
    const { data } = await files.createSignedUrls([`${id}/a.txt`, `${id}/no.txt`], 60);
    expect(await (await fetch(data?.[0]?.signedUrl ?? "")).text()).toBe("a");
    expect(data?.[1]).toMatchObject({ path: `${id}/no.txt`, signedUrl: null });
    expect(data?.[1]?.error).toBeTruthy();
  });

  test("take an upload without a session", async () => {
    const { client, id } = await signUp();
    const files = client.storage.from("platform-private");
    const { data, error } = await files.createSignedUploadUrl(`${id}/later.txt`);
    expect(error).toBeNull();
    const put = await anonymous().storage.from("platform-private")
      .uploadToSignedUrl(`${id}/later.txt`, data?.token ?? "", text("later"));
    expect(put.error).toBeNull();
    expect(put.data?.fullPath).toBe(`platform-private/${id}/later.txt`);
    expect(await (await files.download(`${id}/later.txt`)).data?.text()).toBe("later");
    const forged = await anonymous().storage.from("platform-private")
      .uploadToSignedUrl(`${id}/forged.txt`, "no-token", text("x"));
    expect(forged.error).not.toBeNull();
  });
});

describe("files of others", () => {
  test("cannot be read, listed, written, signed or removed", async () => {
    const [ada, mallory] = [await signUp(), await signUp()];
    const path = `${ada.id}/private.txt`;
    expect((await ada.client.storage.from("platform-private").upload(path, text("mine"))).error)
      .toBeNull();
    for (const client of [mallory.client, anonymous()]) {
      const files = client.storage.from("platform-private");
      expect((await files.download(path)).error).not.toBeNull();
      expect((await files.list(ada.id)).data ?? []).toEqual([]);
      expect((await files.createSignedUrl(path, 60)).error).not.toBeNull();
      expect((await files.remove([path])).data ?? []).toEqual([]);
      const planted = await files.upload(`${ada.id}/planted.txt`, text("evil"));
      expect(planted.error).toMatchObject({ statusCode: "403" });
      expect((await files.upload(path, text("evil"), { upsert: true })).error).not.toBeNull();
    }
    const names = await sql("select name from storage.objects where name like $1", [`${ada.id}/%`]);
    expect(names).toEqual([{ name: path }]);
    const own = await ada.client.storage.from("platform-private").download(path);
    expect(await own.data?.text()).toBe("mine");
  });

  test("are readable by URL in a public bucket, and writable to nobody else there", async () => {
    const [ada, mallory] = [await signUp(), await signUp()];
    const bucket = ada.client.storage.from("platform-public");
    await bucket.upload(`${ada.id}/face.txt`, text("public"));
    const { data } = bucket.getPublicUrl(`${ada.id}/face.txt`);
    expect(data.publicUrl.startsWith(stack().url)).toBe(true);
    expect(await (await fetch(data.publicUrl)).text()).toBe("public");
    const evil = await mallory.client.storage.from("platform-public")
      .upload(`${ada.id}/face.txt`, text("evil"), { upsert: true });
    expect(evil.error).not.toBeNull();
    const asPublic = `${stack().url}/storage/v1/object/public/platform-private/${ada.id}/x`;
    expect((await fetch(asPublic)).ok).toBe(false);
  });

  test("are all open to the secret key, which also makes and removes buckets", async () => {
    const { client, id } = await signUp();
    await client.storage.from("platform-private").upload(`${id}/a.txt`, text("a"));
    const admin = service().storage;
    expect(await (await admin.from("platform-private").download(`${id}/a.txt`)).data?.text()).toBe(
      "a",
    );
    const made = await admin.createBucket("platform-made", { public: false, fileSizeLimit: "1MB" });
    expect(made.error).toBeNull();
    expect((await admin.getBucket("platform-made")).data?.file_size_limit).toBe(1024 * 1024);
    await admin.from("platform-made").upload("a.txt", text("a"));
    expect((await admin.deleteBucket("platform-made")).error).not.toBeNull();
    expect((await admin.emptyBucket("platform-made")).error).toBeNull();
    expect((await admin.deleteBucket("platform-made")).error).toBeNull();
    expect((await client.storage.createBucket("mine")).error).not.toBeNull();
  });

  test("the buckets are those of supabase/config.toml, with their limits", async () => {
    const { data } = await service().storage.listBuckets();
    const of = (id: string) => data?.find((bucket) => bucket.id === id);
    expect(of("question-images")).toMatchObject({ public: false, file_size_limit: 10 * 1024 ** 2 });
    expect(of("question-images")?.allowed_mime_types).toEqual([
      "image/png",
      "image/jpeg",
      "image/webp",
    ]);
    expect(of("avatars")).toMatchObject({ public: true, file_size_limit: 2 * 1024 ** 2 });
  });
});
