// Blocks of a study plan as events. A suggestion is tentative and takes up nobody's time; what was accepted does, and
// rings. Times are in UTC: a block is at a moment, whatever the clocks do around it.

import type { Plan, PlanBlock } from "../plan-schema.ts";
import { wrapCalendar } from "./calendar.ts";
import { utcStamp } from "./clock.ts";
import { escapeText } from "./text.ts";

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

const titleOf = ({ kind, topic }: PlanBlock): string =>
  kind === "review" ? "Review cards" : topic === null ? "Practise" : `Practise: ${topic}`;

const descriptionOf = ({ kind, path, planned_count }: PlanBlock): string =>
  [
    counted(planned_count, kind === "review" ? "card" : "question"),
    ...(path === null ? [] : [`Path: ${path}`]),
  ].join("\n");

const eventLines = (block: PlanBlock): string[] => {
  const isSuggested = block.status === "suggested";
  const summary = `${isSuggested ? "Suggested: " : ""}${titleOf(block)}`;
  const changed = utcStamp(block.updated_at);
  return [
    "BEGIN:VEVENT",
    `UID:${block.id}@plan.lyceum`,
    `DTSTAMP:${changed}`,
    `CREATED:${utcStamp(block.created_at)}`,
    `LAST-MODIFIED:${changed}`,
    `SEQUENCE:${block.sequence}`,
    `STATUS:${isSuggested ? "TENTATIVE" : "CONFIRMED"}`,
    `TRANSP:${isSuggested ? "TRANSPARENT" : "OPAQUE"}`,
    `DTSTART:${utcStamp(block.starts_at)}`,
    `DTEND:${utcStamp(block.ends_at)}`,
    `SUMMARY:${escapeText(summary)}`,
    `DESCRIPTION:${escapeText(descriptionOf(block))}`,
    ...(block.status === "accepted"
      ? [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT5M",
        `DESCRIPTION:${escapeText(summary)}`,
        "END:VALARM",
      ]
      : []),
    "END:VEVENT",
  ];
};

export const writePlan = ({ blocks }: Plan): string =>
  wrapCalendar(
    { name: "My study plan", product: "Plan", method: "PUBLISH" },
    blocks.flatMap(eventLines),
  );
