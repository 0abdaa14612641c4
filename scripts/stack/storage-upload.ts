// An upload in whichever of its two forms (the raw body, or a form with the file in a nameless
// field), as the raw body that lite reads. The length is counted, because lite holds a bucket's
// limit against the declared length only.

export interface Upload {
  headers: Headers;
  bytes: Uint8Array;
  userMetadata: unknown;
}

function parse(text: string | null): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function readUpload(request: Request): Promise<Upload> {
  const headers = new Headers(request.headers);
  const isForm = headers.get("Content-Type")?.startsWith("multipart/form-data") ?? false;
  let bytes: Uint8Array;
  let userMetadata: unknown;
  if (isForm) {
    const form = await request.formData();
    const file = [...form.values()].find((value) => value instanceof File);
    bytes = new Uint8Array(await file?.arrayBuffer() ?? new ArrayBuffer(0));
    headers.set("Content-Type", file?.type || "application/octet-stream");
    const maxAge = form.get("cacheControl");
    if (typeof maxAge === "string") headers.set("Cache-Control", `max-age=${maxAge}`);
    const metadata = form.get("metadata");
    userMetadata = parse(typeof metadata === "string" ? metadata : null);
  } else {
    bytes = new Uint8Array(await request.arrayBuffer());
    const encoded = headers.get("x-metadata");
    userMetadata = parse(encoded && Buffer.from(encoded, "base64").toString());
    // `image/png; charset=…` is still a picture for the bucket's list of types.
    const type = headers.get("Content-Type") ?? "application/octet-stream";
    headers.set(
      "Content-Type",
      /^(image|video|audio)\//.test(type) ? type.split(";")[0] ?? type : type,
    );
  }
  headers.set("Content-Length", String(bytes.byteLength));
  headers.delete("Transfer-Encoding");
  return { headers, bytes, userMetadata };
}
