// How the project's own server is set up. Written anew at each start, so a change here takes effect.
import { mainDatabase } from "./names.ts";

export interface ServerSettings {
  port: number;
  /** pg_cron works in one database of a server only. */
  cronDatabase?: string;
  /** For a server that is thrown away: what it holds need not outlive a power cut. */
  isThrowaway?: boolean;
}

export function configuration({ port, cronDatabase = mainDatabase, isThrowaway }: ServerSettings) {
  const settings: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port,
    // A socket's path has a limit of 107 bytes, which a project's folder may well exceed.
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: isThrowaway ? "64MB" : "256MB",
    max_wal_size: "2GB",
    timezone: "UTC",
    log_timezone: "UTC",
    shared_preload_libraries: "pg_cron,pg_stat_statements",
    "cron.database_name": cronDatabase,
    // Otherwise pg_cron logs in as a client, and would need the password in a file.
    "cron.use_background_workers": "on",
    max_worker_processes: 24,
    // As on hosted Supabase: wal2json and Realtime read the log.
    wal_level: "logical",
    // Compiling a statement costs more than the short ones of this project take.
    jit: "off",
    log_line_prefix: "%m [%p] %q%u@%d ",
  };
  if (isThrowaway) {
    Object.assign(settings, { fsync: "off", synchronous_commit: "off", full_page_writes: "off" });
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`);
  return `# Written by scripts/postgres/settings.ts at each start.\n${lines.join("\n")}\n`;
}
