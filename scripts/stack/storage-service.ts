// /storage/v1 in the words of storage-js. Lite stores files and asks the policies; what it expects
// and answers differs in places, and is translated here.
import type { Engine } from "./engine.ts";
import type { Service } from "./gateway.ts";
import { isValidName, refusal, withCode } from "./storage-errors.ts";
import { listFolder, type ListRequest, type StoredObject } from "./storage-list.ts";
import { asDownload, bucketSettings, infoOf, objectOf } from "./storage-shapes.ts";
import { readUpload } from "./storage-upload.ts";
import { verifyToken } from "./tokens.ts";

const prefix = "/storage/v1";

interface Call {
  request: Request;
  url: URL;
  method: string;
  /** Below /storage/v1. */
  path: string;
}

async function translate(
  response: Response,
  change: (body: never, headers: Headers) => unknown,
): Promise<Response> {
  if (!response.ok) return response;
  const headers = new Headers(response.headers);
  headers.delete("Content-Length");
  const body = change(await response.json() as never, headers);
  return new Response(JSON.stringify(body), { status: response.status, headers });
}

const encodePath = (name: string) => name.split("/").map(encodeURIComponent).join("/");
const relative = (signedUrl: string) => signedUrl.replace(prefix, "");

export function storageService(lite: Service, engine: Engine, jwtSecret: string): Service {
  const forward = ({ request, url }: Call, path: string, init: RequestInit = {}) => {
    const target = new URL(`${prefix}${path}${url.search}`, url);
    return lite(new Request(target, { method: request.method, headers: request.headers, ...init }));
  };
  const withBody = async (call: Call, path: string, change: (body: never) => unknown) => {
    const headers = new Headers(call.request.headers);
    headers.delete("Content-Length");
    const body = JSON.stringify(change(await call.request.json() as never));
    return await forward(call, path, { headers, body });
  };

  const upload = async (call: Call, signed: boolean) => {
    const { name } = objectOf(call.path, signed);
    if (!isValidName(name)) return refusal(400, "Invalid key", `Invalid key: ${name}`);
    const { headers, bytes, userMetadata } = await readUpload(call.request);
    const response = await forward(call, call.path, { headers, body: bytes as BodyInit });
    return await keepUserMetadata(engine, call, signed, response, userMetadata);
  };

  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const call: Call = {
      request,
      url,
      method: request.method,
      path: url.pathname.slice(prefix.length),
    };
    const { method, path } = call;
    const post = method === "POST";

    if (/^\/object\/list\/[^/]+$/.test(path) && post) {
      const asked = await request.json() as ListRequest;
      const all = await forward(call, path, {
        headers: jsonHeaders(request),
        // Folders are made of all the names below, so that the page can only be cut afterwards.
        body: JSON.stringify({ prefix: asked.prefix ?? "", limit: 100_000, offset: 0 }),
      });
      return await translate(all, (objects: StoredObject[]) => listFolder(objects, asked));
    }
    if (/^\/object\/sign\/[^/]+$/.test(path) && post) {
      const { expiresIn, paths } = await request.json() as { expiresIn: number; paths: string[] };
      const sign = async (name: string) => {
        const response = await forward(call, `${path}/${encodePath(name)}`, {
          headers: jsonHeaders(request),
          body: JSON.stringify({ expiresIn }),
        });
        const { signedUrl } = await response.json() as { signedUrl?: string };
        const error = "Either the object does not exist or you do not have access to it";
        return signedUrl
          ? { path: name, error: null, signedURL: relative(signedUrl) }
          : { path: name, error, signedURL: null };
      };
      return Response.json(await Promise.all(paths.map(sign)));
    }
    if (path.startsWith("/object/sign/") && post) {
      return await translate(await lite(request), (body: { signedUrl: string }) => ({
        signedURL: relative(body.signedUrl),
      }));
    }
    if (path.startsWith("/object/upload/sign/")) {
      if (method === "PUT") {
        return verifyToken(url.searchParams.get("token") ?? "", jwtSecret)
          ? await upload(call, true)
          : refusal(400, "InvalidJWT", "The signed URL is not valid (any more).");
      }
      return await translate(await lite(request), (body: { signedUrl: string; token: string }) => ({
        url: relative(body.signedUrl),
        token: body.token,
      }));
    }
    if (/^\/object\/(copy|move)$/.test(path) && post) {
      const asked = await request.clone().json() as Record<string, string | undefined>;
      const { bucketId, destinationBucket = bucketId, destinationKey = "" } = asked;
      if (!isValidName(destinationKey)) {
        return refusal(400, "Invalid key", `Invalid key: ${destinationKey}`);
      }
      if (path === "/object/move") return await lite(request);
      return await translate(await lite(request), (body: { key: string }) => ({
        Key: `${destinationBucket}/${body.key}`,
      }));
    }
    if (path.startsWith("/object/info/") && method === "GET") {
      const target = path.replace(/^\/object\/info\/(public|authenticated)\//, "/object/info/");
      return await translate(await forward(call, target), infoOf);
    }
    if (path === "/bucket" && post || /^\/bucket\/[^/]+$/.test(path) && method === "PUT") {
      return await withBody(call, path, bucketSettings);
    }
    if (/^\/object\/(?!move$|copy$)/.test(path) && (post || method === "PUT")) {
      return await upload(call, false);
    }
    if (method === "GET" || method === "HEAD") {
      const token = url.searchParams.get("token");
      if (path.startsWith("/object/sign/") && !(token && verifyToken(token, jwtSecret))) {
        return refusal(400, "InvalidJWT", "The signed URL is not valid (any more).");
      }
      const target = path
        .replace(/^\/render\/image\//, "/object/")
        .replace(/^\/object\/authenticated\//, "/object/");
      return asDownload(await forward(call, target), url, target);
    }
    return await lite(request);
  };
  return async (request) => {
    try {
      return await withCode(await answer(request));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return refusal(400, "InvalidRequest", "The body is no JSON.");
    }
  };
}

function jsonHeaders(request: Request): Headers {
  const headers = new Headers(request.headers);
  headers.delete("Content-Length");
  headers.set("Content-Type", "application/json");
  return headers;
}

/** Lite drops the metadata that the uploader sent along, and answers a signed upload without bucket. */
async function keepUserMetadata(
  engine: Engine,
  call: Call,
  signed: boolean,
  response: Response,
  userMetadata: unknown,
): Promise<Response> {
  const { bucket, name } = objectOf(call.path, signed);
  if (response.ok && userMetadata !== undefined) {
    await engine.query(
      "update storage.objects set user_metadata = $3::jsonb where bucket_id = $1 and name = $2",
      [bucket, name, JSON.stringify(userMetadata)],
    );
  }
  return await translate(response, (body: Record<string, unknown>) => ({
    ...body,
    Key: `${bucket}/${name}`,
  }));
}
