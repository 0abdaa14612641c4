// Single requests and answers of Storage, in the shape that hosted Storage gives them.
import type { StoredObject } from "./storage-list.ts";

/** `?download` and `?download=name` make a browser save the file. */
export function asDownload(response: Response, url: URL, path: string): Response {
  const name = url.searchParams.get("download");
  if (name === null || !response.ok) return response;
  const headers = new Headers(response.headers);
  const fileName = encodeURIComponent(name || decodeURIComponent(path.split("/").at(-1) ?? ""));
  headers.set(
    "Content-Disposition",
    `attachment; filename=${fileName}; filename*=UTF-8''${fileName};`,
  );
  return new Response(response.body, { status: response.status, headers });
}

export function bucketSettings(body: Record<string, unknown>): Record<string, unknown> {
  const settings = Object.entries(body).filter(([name, value]) =>
    value !== null && name !== "type"
  );
  return Object.fromEntries(settings.map(([name, value]) => {
    const size = name === "file_size_limit" && typeof value === "string"
      ? /^(\d+)\s*(B|KB|MB|GB)?$/i.exec(value)
      : null;
    if (!size) return [name, value];
    const factor = 1024 ** ["B", "KB", "MB", "GB"].indexOf((size[2] ?? "B").toUpperCase());
    return [name, Number(size[1]) * factor];
  }));
}

export function infoOf(
  object: StoredObject & { bucket_id: string; version: string; user_metadata: unknown },
) {
  const metadata = object.metadata ?? {};
  return {
    id: object.id,
    name: object.name,
    version: object.version,
    bucket_id: object.bucket_id,
    size: metadata.size,
    content_type: metadata.mimetype,
    cache_control: metadata.cacheControl,
    etag: metadata.eTag,
    metadata: object.user_metadata,
    last_modified: metadata.lastModified,
    created_at: object.created_at,
  };
}

export function objectOf(path: string, signed: boolean): { bucket: string; name: string } {
  const start = signed ? "/object/upload/sign/" : "/object/";
  const [bucket = "", ...rest] = path.slice(start.length).split("/");
  try {
    return { bucket, name: decodeURIComponent(rest.join("/")) };
  } catch {
    return { bucket, name: "" }; // a percent sign that encodes nothing
  }
}
