// A management API on loopback that takes what `supabase functions deploy` uploads, and keeps it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const projectRef = "abcdefghijklmnopqrst";

export interface Upload {
  slug: string;
  metadata: { entrypoint_path?: string; import_map_path?: string; verify_jwt?: boolean };
  /** By the path under which the function would find it. */
  files: Map<string, string>;
}

export interface ManagementApi {
  url: string;
  uploads: Upload[];
  /** Requests that it does not know. */
  strange: string[];
  close(): Promise<void>;
}

const project = {
  id: projectRef,
  ref: projectRef,
  name: "lyceum",
  organization_id: "lyceum",
  organization_slug: "lyceum",
  region: "eu-central-1",
  status: "ACTIVE_HEALTHY",
  created_at: "2026-01-01T00:00:00Z",
  database: { host: "localhost", version: "17", postgres_engine: "17", release_channel: "ga" },
};

export async function openManagementApi(): Promise<ManagementApi> {
  const uploads: Upload[] = [];
  const strange: string[] = [];
  const base = `/v1/projects/${projectRef}`;

  const answer = async (method: string, url: URL, body: Request): Promise<[number, unknown]> => {
    if (method === "GET" && url.pathname === base) return [200, project];
    if (method === "GET" && url.pathname === `${base}/functions`) return [200, []];
    if (method === "POST" && url.pathname === `${base}/functions/deploy`) {
      const upload = await readUpload(url.searchParams.get("slug") ?? "", await body.formData());
      uploads.push(upload);
      return [201, deployed(upload)];
    }
    if (method === "PUT" && url.pathname === `${base}/functions`) {
      return [200, { functions: uploads.map(deployed) }];
    }
    strange.push(`${method} ${url.pathname}`);
    return [404, { message: "There is no such path here." }];
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const { method = "GET", url = "/", headers } = request;
      const address = new URL(url, "http://127.0.0.1");
      const body = new Request(address, {
        method: "POST",
        headers: { "content-type": headers["content-type"] ?? "text/plain" },
        body: Buffer.concat(chunks),
      });
      const [status, said] = await answer(method, address, body).catch((error: Error) =>
        [500, { message: error.message }] as [number, unknown]
      );
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    uploads,
    strange,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readUpload(slug: string, form: FormData): Promise<Upload> {
  const files = new Map<string, string>();
  for (const part of form.getAll("file")) {
    if (typeof part !== "string") files.set(part.name, await part.text());
  }
  const metadata = form.get("metadata");
  const text = typeof metadata === "string" ? metadata : await metadata?.text() ?? "{}";
  return { slug, files, metadata: JSON.parse(text) as Upload["metadata"] };
}

const deployed = ({ slug, metadata }: Upload) => ({
  id: slug,
  slug,
  name: slug,
  status: "ACTIVE",
  version: 1,
  created_at: 1,
  updated_at: 1,
  verify_jwt: metadata.verify_jwt ?? true,
  import_map: metadata.import_map_path !== undefined,
  entrypoint_path: metadata.entrypoint_path,
});
