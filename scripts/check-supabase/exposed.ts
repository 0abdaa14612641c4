// PostgREST's setting, where hosted Supabase keeps it: several lints look only at schemas that the
// Data API exposes, and would find nothing without it.
import postgres from "postgres";

export async function exposeSchemas(url: string, schemas: string[]): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    const name = new URL(url).pathname.slice(1);
    await sql.unsafe(`alter database "${name}" set pgrst.db_schemas = '${schemas.join(", ")}'`);
  } finally {
    await sql.end();
  }
}
