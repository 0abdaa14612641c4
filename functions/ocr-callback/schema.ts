import { failureSchema, resultSchema } from "../_shared/ocr/delivery.ts";

/** Which of the two a delivery is meant to be; the schema of that one then names what is wrong with it. */
export const schemaFor = (value: unknown) =>
  typeof value === "object" && value !== null && "error" in value ? failureSchema : resultSchema;
