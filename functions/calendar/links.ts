// The links as the database keeps them: only the hash of a token reaches it.

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../_shared/db/types.ts";
import { failFrom, ok, type Result } from "../_shared/http/index.ts";
import { sha256Hex } from "../_shared/text/hash.ts";
import { type OpenedBookings, openedBookingsSchema } from "./bookings-schema.ts";
import { type OpenedPlan, openedPlanSchema } from "./plan-schema.ts";
import { type Opened, openedSchema } from "./schema.ts";

/** A timetable as a calendar or as a page; somebody's sessions or study plan as a calendar. */
export type LinkKind = "calendar" | "view" | "bookings" | "study";

export interface OpenLink {
  token: string;
  /** Who asks, as far as that is known: counted when the link is none. */
  client: string;
  /** What the caller has already. */
  version: string | null;
}

export interface OpenTimetable extends OpenLink {
  kind: Exclude<LinkKind, "bookings" | "study">;
}

export interface Links {
  open(link: OpenTimetable): Promise<Result<Opened>>;
  openBookings(link: OpenLink): Promise<Result<OpenedBookings>>;
  openPlan(link: OpenLink): Promise<Result<OpenedPlan>>;
}

export const linkStore = (admin: SupabaseClient<Database>): Links => {
  const common = async ({ token, client, version }: OpenLink) => ({
    p_token_hash: await sha256Hex(token),
    p_client: client,
    p_version: version ?? undefined,
  });
  return {
    async open(link) {
      const { data, error } = await admin.schema("timetable").rpc("open_link", {
        ...await common(link),
        p_kind: link.kind,
      });
      return error ? failFrom(error) : ok(openedSchema.parse(data));
    },
    async openBookings(link) {
      const { data, error } = await admin.schema("market").rpc(
        "open_calendar_link",
        await common(link),
      );
      return error ? failFrom(error) : ok(openedBookingsSchema.parse(data));
    },
    async openPlan(link) {
      const { data, error } = await admin.schema("study").rpc(
        "open_plan_link",
        await common(link),
      );
      return error ? failFrom(error) : ok(openedPlanSchema.parse(data));
    },
  };
};
