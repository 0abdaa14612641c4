// Blocks of a study plan for the tests of the calendar.
import type { PlanBlock } from "../../../functions/calendar/plan-schema.ts";

const at = (text: string): number => Date.parse(text) / 1000;

export const planBlock = (over: Partial<PlanBlock> = {}): PlanBlock => ({
  id: "7e0f5f0c-2b1c-4b53-9c0e-3f1f6f6f0b02",
  kind: "path",
  status: "accepted",
  topic: "Cardiology",
  path: "Exam in May",
  planned_count: 20,
  sequence: 3,
  starts_at: at("2026-03-29T00:30:00Z"),
  ends_at: at("2026-03-29T01:30:00Z"),
  created_at: at("2026-03-01T08:00:00Z"),
  updated_at: at("2026-03-02T09:10:11Z"),
  ...over,
});
