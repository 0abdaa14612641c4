// Runs inside Deno: serves every function of the project from one process, each under its name, as
// the edge runtime of hosted Supabase does. Started and watched by functions.ts.
//
// Says `{"port": …}` on standard output once it listens. Ends when its standard input ends, so that
// it cannot outlive the stack, however that ends.

interface Module {
  default?: { fetch?: (request: Request) => Response | Promise<Response> };
}

const folder = new URL(Deno.args[0] ?? "", "file:");
const modules = new Map<string, Promise<Module>>();

const answer = (status: number, code: string, message: string, detail?: string) =>
  Response.json({ code, message, ...(detail ? { detail } : {}) }, { status });

function names(): string[] {
  let entries: Deno.DirEntry[] = [];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    // A project without functions answers 404 to all.
  }
  return entries.filter(({ name, isDirectory }) => isDirectory && /^[a-z0-9]/i.test(name))
    .map(({ name }) => name)
    .filter((name) => {
      try {
        return Deno.statSync(new URL(`${name}/index.ts`, folder)).isFile;
      } catch {
        return false;
      }
    });
}

function load(name: string): Promise<Module> {
  let module = modules.get(name);
  if (!module) {
    module = import(new URL(`${name}/index.ts`, folder).href) as Promise<Module>;
    // Told once here; every call of it is told again by `serve`.
    module.catch((error: unknown) =>
      console.error(`Function ${name} does not load: ${text(error)}`)
    );
    modules.set(name, module);
  }
  return module;
}

const text = (error: unknown) => error instanceof Error ? error.message : String(error);

async function serve(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const name = decodeURIComponent(url.pathname.split("/")[1] ?? "");
  if (!names().includes(name)) {
    return answer(404, "NOT_FOUND", "Requested function was not found");
  }
  let module: Module;
  try {
    module = await load(name);
  } catch (error) {
    return answer(503, "BOOT_ERROR", "Function failed to start (please check logs)", text(error));
  }
  const handler = module.default?.fetch;
  if (!handler) {
    const detail = `functions/${name}/index.ts has no \`export default { fetch }\``;
    return answer(503, "BOOT_ERROR", "Function failed to start (please check logs)", detail);
  }
  try {
    return await handler.call(module.default, request);
  } catch (error) {
    console.error(`Function ${name} failed:`, error);
    return answer(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  }
}

// What one function leaves unhandled must not end the others.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  console.error("A function left a rejected promise unhandled:", event.reason);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, serve);

// The first call of a function need not wait for its modules.
for (const name of names()) load(name).catch(() => {});

for await (const _ of Deno.stdin.readable) { /* nothing is ever said */ }
Deno.exit(0);
