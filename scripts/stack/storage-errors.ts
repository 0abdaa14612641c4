// Refusals of Storage, with the codes that storage-js looks at.

interface Refusal {
  statusCode: string;
  error: string;
  message: string;
  code?: string;
}

const codes: Record<string, string> = {
  "Bucket not found": "NoSuchBucket",
  Duplicate: "KeyAlreadyExists",
  InvalidJWT: "InvalidJWT",
  "Invalid key": "InvalidKey",
  "Payload too large": "EntityTooLarge",
  Unauthorized: "AccessDenied",
  invalid_mime_type: "InvalidMimeType",
  not_found: "NoSuchKey",
};

export const refusal = (statusCode: number, error: string, message: string): Response =>
  Response.json({ statusCode: String(statusCode), error, message, code: codes[error] ?? error }, {
    status: 400,
  });

/** Lite leaves the code out. */
export async function withCode(response: Response): Promise<Response> {
  if (response.ok || !response.headers.get("Content-Type")?.includes("json")) return response;
  const body = await response.json() as Partial<Refusal>;
  const headers = new Headers(response.headers);
  headers.delete("Content-Length");
  const code = body.error && codes[body.error];
  return new Response(JSON.stringify(code ? { ...body, code } : body), {
    status: response.status,
    headers,
  });
}

/** The names that hosted Storage takes: what is safe in S3, and slashes. */
export function isValidName(name: string): boolean {
  return name.length > 0 && name.length <= 1024 && /^[\w/!\-.*'() &$@=;:+,?]+$/.test(name) &&
    !name.startsWith("/") && !name.split("/").includes("..");
}
