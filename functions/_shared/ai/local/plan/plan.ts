// A plan without a model: the passages about the subject, grouped by heading, from basics to details, with reviews.

import { collapseWhitespace, truncate } from "../../../text/normalise.ts";
import type { PlannedSession, PlanRequest } from "../../curriculum-types.ts";
import { plainText } from "../../plain-text.ts";
import { groupPassages } from "./groups.ts";
import { mostParts, type Part, partsOf } from "./parts.ts";
import { contentSession, practiceSession, reviewSession } from "./sessions.ts";

export interface LocalPlan {
  title: string;
  sessions: PlannedSession[];
  enoughFor: number;
}

/** A last review from four sessions on; a long curriculum stops now and then to look back. */
export const reviewsIn = (sessions: number): number =>
  sessions < 4 ? 0 : sessions < 8 ? 1 : Math.floor(sessions / 5) + (sessions < 10 ? 1 : 0);

const MAX_REQUIRED = 3;

type Step =
  | { kind: "content"; part: Part }
  | { kind: "practice"; part: Part }
  | { kind: "review" };

/** Practice behind the parts that hold most, one each; reviews at even distances, the last one at the end. */
const stepsOf = (parts: readonly Part[], practices: number, reviews: number): Step[] => {
  const practised = new Set(
    [...parts].sort((a, b) => b.lines.length - a.lines.length).slice(0, practices),
  );
  const work = parts.flatMap((part): Step[] => [
    { kind: "content", part },
    ...(practised.has(part) ? [{ kind: "practice", part } as const] : []),
  ]);
  const steps: Step[] = [];
  for (let at = 0, done = 0; at < reviews; at += 1) {
    let upTo = Math.round((at + 1) * work.length / reviews);
    // Not between what is read and its practice.
    while (work[upTo]?.kind === "practice") upTo += 1;
    steps.push(...work.slice(done, upTo), { kind: "review" });
    done = upTo;
  }
  return reviews === 0 ? work : steps;
};

/** What a part speaks of that an earlier session was about; and the piece before it. */
const requiredBy = (part: Part, before: readonly { no: number; part: Part }[]): number[] => {
  const terms = new Set(part.lines.flatMap(({ sentence }) => sentence.terms));
  const isNeeded = (other: Part): boolean =>
    part.piece && part.piece.no > 1 && other.groups[0] === part.groups[0]
      ? other.piece?.no === part.piece.no - 1
      : other.groups.some(({ names }) =>
        names.length > 0 && names.every((name) => terms.has(name)) &&
        !part.groups.some((own) => own.names.join() === names.join())
      );
  return before.filter(({ part: other }) => isNeeded(other)).map(({ no }) => no)
    .slice(-MAX_REQUIRED);
};

export const planFromPassages = (request: PlanRequest): LocalPlan => {
  const title = truncate(collapseWhitespace(plainText(request.subject)), 255) || "Curriculum";
  const groups = groupPassages(request);
  if (groups.length === 0) return { title, sessions: [], enoughFor: 0 };
  const reviews = reviewsIn(request.totalSessions);
  const wanted = request.totalSessions - reviews;
  const most = mostParts(groups);
  const parts = partsOf(groups, Math.min(wanted, most));
  // One session of practice for each of reading at most: more would be going round in circles.
  if (parts.length * 2 < wanted) {
    return { title, sessions: [], enoughFor: parts.length * 2 };
  }
  const sessions: PlannedSession[] = [];
  const read: { no: number; part: Part }[] = [];
  let reviewed = 0;
  for (const step of stepsOf(parts, wanted - parts.length, reviews)) {
    const no = sessions.length + 1;
    if (step.kind === "content") {
      sessions.push(contentSession(step.part, request, requiredBy(step.part, read)));
      read.push({ no, part: step.part });
    } else if (step.kind === "practice") {
      const own = read.find(({ part }) => part === step.part)?.no ?? no - 1;
      sessions.push(practiceSession(step.part, own));
    } else {
      const since = read.slice(reviewed);
      reviewed = read.length;
      const covered = since.length > 0 ? since : read;
      sessions.push(reviewSession(covered.map(({ part }) => part), covered.map((one) => one.no)));
    }
  }
  return { title, sessions, enoughFor: request.totalSessions };
};
