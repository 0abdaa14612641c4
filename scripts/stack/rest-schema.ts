// Lite looks up relationships by the names of tables alone: where two schemas have a table of one name, it embeds the
// wrong one. PostgREST knows only the schema that a request asks for, and so does lite with this.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Connection } from "@supabase/lite";

const requested = new AsyncLocalStorage<string>();

/** Serves a request with the relationships of the schema that it names in its profile header. */
export function withinSchema<T>(request: Request, fallback: string, work: () => T): T {
  const header = request.method === "GET" || request.method === "HEAD"
    ? "Accept-Profile"
    : "Content-Profile";
  return requested.run(request.headers.get(header) ?? fallback, work);
}

const parts = ["foreign_keys", "primary_keys", "unique_constraints", "columns", "indexes"] as const;

type Introspection = Awaited<ReturnType<Connection["introspect"]>>;

/** Narrows what the connection knows of the database to the schema of the request. */
export function narrowToSchema(connection: Connection): void {
  const whole = connection.introspect.bind(connection);
  let source: Introspection | undefined;
  let narrowed = new Map<string, Introspection>();
  connection.introspect = async (...options) => {
    const all = await whole(...options);
    const schema = requested.getStore();
    if (schema === undefined) return all;
    if (source !== all) {
      source = all;
      narrowed = new Map();
    }
    const known = narrowed.get(schema);
    if (known) return known;
    const copy: Record<string, unknown> = { ...all };
    for (const part of parts) {
      const rows = (all as unknown as Record<string, unknown>)[part];
      if (Array.isArray(rows)) {
        copy[part] = rows.filter((row: { schema?: string }) =>
          row.schema === undefined || row.schema === schema
        );
      }
    }
    narrowed.set(schema, copy as unknown as Introspection);
    return copy as unknown as Introspection;
  };
}
