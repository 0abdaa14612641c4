import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Json } from "../_shared/db/types.ts";
import type { DatabaseError } from "../_shared/http/index.ts";
import type { Delivery } from "../_shared/ocr/delivery.ts";

export interface DeliveryStore {
  /** One transaction: the signature is spent, the lease checked and the effect written, or nothing is. */
  receive(
    delivery: Delivery,
    signature: string,
  ): Promise<{ data: Json; error: DatabaseError | null }>;
}

export const createDeliveryStore = (admin: SupabaseClient<Database>): DeliveryStore => ({
  receive: async (delivery, signature) =>
    await admin.schema("timetable").rpc("receive_delivery", {
      p_signature: signature,
      p_delivery: delivery as unknown as Json,
    }),
});
