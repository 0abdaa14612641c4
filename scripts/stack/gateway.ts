// The one port: hands each request to the service that its path names, as the gateway of hosted
// Supabase does, and puts right where lite's answers differ from it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { StackError } from "./database.ts";

export type Service = (request: Request) => Promise<Response>;

export interface Routes {
  /** By the first part of the path, say "rest". */
  services: Map<string, Service>;
  /** Functions get the raw request, so that bodies stream through in both directions. */
  functions?: (request: IncomingMessage, response: ServerResponse) => void;
  upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

const corsHeaders = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD",
  "Access-Control-Max-Age": "3600",
};
const exposed = "Content-Range, Content-Location, Preference-Applied, X-Sb-Error-Code";

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...corsHeaders, "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

function toRequest(message: IncomingMessage, origin: string): Request {
  const headers = new Headers();
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i] ?? "", message.rawHeaders[i + 1] ?? "");
  }
  const method = message.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(new URL(message.url ?? "/", origin), {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(message) as ReadableStream, duplex: "half" } : {}),
  } as RequestInit);
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = { ...Object.fromEntries(answer.headers) };
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  headers["access-control-allow-origin"] ??= "*";
  headers["access-control-expose-headers"] ??= exposed;
  response.writeHead(answer.status, headers);
  if (!answer.body) return void response.end();
  for await (const chunk of answer.body) {
    if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve));
    if (response.destroyed) return;
  }
  response.end();
}

export interface Gateway {
  url: string;
  server: Server;
  close(): Promise<void>;
}

export async function openGateway(port: number, routes: Routes): Promise<Gateway> {
  let url = "";
  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    const path = (message.url ?? "/").split("?")[0] ?? "/";
    const [, name, version] = path.split("/");
    // As on hosted Supabase, functions say themselves who may call them from a browser.
    if (name === "functions" && version === "v1" && routes.functions) {
      return routes.functions(message, response);
    }
    if (message.method === "OPTIONS") {
      const asked = message.headers["access-control-request-headers"] ?? "*";
      response.writeHead(204, { ...corsHeaders, "Access-Control-Allow-Headers": asked });
      return void response.end();
    }
    const service = version === "v1" ? routes.services.get(name ?? "") : undefined;
    if (service) return await send(await service(toRequest(message, url)), response);
    json(response, 404, { message: "no Route matched with those values" });
  };

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      console.error(`${message.method} ${message.url}:`, error);
      if (!response.headersSent) json(response, 500, { message: "The local stack failed." });
      else response.destroy();
    });
  });
  server.keepAliveTimeout = 30_000;
  server.on("upgrade", (message, socket, head) => {
    if (routes.upgrade) routes.upgrade(message, socket as Socket, head);
    else socket.destroy();
  });
  await listen(server, port);
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("The gateway has no port.");
  url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return reject(error);
      const reason = error.code === "EADDRINUSE" ? "is taken by another program" : "is not allowed";
      reject(new StackError(`Port ${port} ${reason}. Choose another: npm start -- --port 54421`));
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
