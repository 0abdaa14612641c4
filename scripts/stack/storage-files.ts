// Where uploaded files live: one file an object under the data folder, with its content type beside
// it. Names are percent-encoded, so that no path of a client can leave the folder.
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "@supabase/lite";

export type StorageAdapter = NonNullable<App["_storageAdapter"]>;

type Metadata = Awaited<ReturnType<StorageAdapter["headObject"]>>;
type Body = Parameters<StorageAdapter["uploadObject"]>[3];

interface Kept {
  mimetype: string;
  cacheControl: string;
  eTag: string;
}

const encode = (name: string) => encodeURIComponent(name).replace(/[.*'()!~]/g, hex);
const hex = (char: string) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

async function bytesOf(body: Body): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body as BodyInit).arrayBuffer());
}

export function fileStorage(folder: string): StorageAdapter {
  // A long path would not fit into one file name: its hash does.
  const pathOf = (bucket: string, key: string) => {
    const name = encode(key);
    const short = name.length <= 200 ? name : createHash("sha256").update(key).digest("hex");
    return join(folder, encode(bucket), short);
  };
  const metadataOf = async (path: string): Promise<Metadata> => {
    const [{ size, mtime }, kept] = await Promise.all([
      stat(path),
      readFile(`${path}.meta`, "utf8").then((text) => JSON.parse(text) as Kept),
    ]);
    return { ...kept, size, contentLength: size, lastModified: mtime, httpStatusCode: 200 };
  };
  const deleteObject = async (bucket: string, key: string) => {
    const path = pathOf(bucket, key);
    await Promise.all([rm(path, { force: true }), rm(`${path}.meta`, { force: true })]);
  };

  return {
    driver: undefined,
    async getObject(bucket, key) {
      const path = pathOf(bucket, key);
      const metadata = await metadataOf(path);
      return { metadata, httpStatusCode: 200, body: new Blob([await readFile(path)]).stream() };
    },
    async uploadObject(bucket, key, _version, body, mimetype, cacheControl) {
      const bytes = await bytesOf(body);
      const path = pathOf(bucket, key);
      const eTag = `"${createHash("md5").update(bytes).digest("hex")}"`;
      await mkdir(join(folder, encode(bucket)), { recursive: true });
      // Written aside first: a reader sees the old file or the new one, never a half.
      const aside = `${path}.${randomUUID()}`;
      await writeFile(aside, bytes);
      await writeFile(`${path}.meta`, JSON.stringify({ mimetype, cacheControl, eTag }));
      await rename(aside, path);
      return metadataOf(path);
    },
    deleteObject,
    async deleteObjects(bucket, keys) {
      await Promise.all(keys.map((key) => deleteObject(bucket, key)));
    },
    async copyObject(bucket, key, _version, toBucket, toKey) {
      const from = pathOf(bucket, key);
      const to = pathOf(toBucket, toKey);
      await mkdir(join(folder, encode(toBucket)), { recursive: true });
      await Promise.all([copyFile(from, to), copyFile(`${from}.meta`, `${to}.meta`)]);
      const { eTag, lastModified } = await metadataOf(to);
      return { httpStatusCode: 200, eTag, lastModified };
    },
    headObject: (bucket, key) => metadataOf(pathOf(bucket, key)),
    privateAssetUrl: (bucket, key) => {
      const path = pathOf(bucket, key);
      if (!existsSync(path)) throw new Error(`No file for ${bucket}/${key}`);
      return Promise.resolve(`file://${path}`);
    },
  } as StorageAdapter;
}
