// The contract of the callback as JSON Schema, for those who write an OCR service in another language. It is made from the
// schema that the callback itself uses: `LYCEUM_WRITE_SCHEMA=1 npm test -- tests/functions/ocr-callback-schema.test.ts`.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { failureSchema, resultSchema } from "../../functions/_shared/ocr/delivery.ts";

const file = "functions/ocr-callback/delivery.schema.json";

test("functions/ocr-callback/delivery.schema.json says what the callback checks", () => {
  const schema = {
    ...z.toJSONSchema(z.union([resultSchema, failureSchema])),
    title: "A delivery to ocr-callback: pages that were read, or why there are none",
  };
  const wanted = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env.LYCEUM_WRITE_SCHEMA) writeFileSync(file, wanted);
  expect(readFileSync(file, "utf8")).toBe(wanted);
  expect(wanted).toContain('"leaseToken"');
  expect(wanted).toContain('"additionalProperties": false');
});
