// The links as the database keeps them: only the hash of a token reaches it.

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../_shared/db/types.ts";
import { failFrom, ok, type Result } from "../_shared/http/index.ts";
import { sha256Hex } from "../_shared/text/hash.ts";
import { type Opened, openedSchema } from "./schema.ts";

export type LinkKind = "calendar" | "view";

export interface OpenLink {
  token: string;
  kind: LinkKind;
  /** Who asks, as far as that is known: counted when the link is none. */
  client: string;
  /** What the caller has already. */
  version: string | null;
}

export interface Links {
  open(link: OpenLink): Promise<Result<Opened>>;
}

export const linkStore = (admin: SupabaseClient<Database>): Links => ({
  async open({ token, kind, client, version }) {
    const { data, error } = await admin.schema("timetable").rpc("open_link", {
      p_token_hash: await sha256Hex(token),
      p_kind: kind,
      p_client: client,
      p_version: version ?? undefined,
    });
    return error ? failFrom(error) : ok(openedSchema.parse(data));
  },
});
