// What the rest of the code may ask for when it wants a curriculum planned, whoever plans it.

import type { CallContext, CallResult, Passage } from "./types.ts";

export interface PlanPassage extends Passage {
  /** The headings that it stands under, outermost first; may be empty. */
  headings: string[];
  /** The document that it is part of, and which part. */
  source: { id: string; no: number };
  /** Filed under the topic that the learner named, so it need not share words with the subject. */
  isOfTopic: boolean;
}

export interface PlanRequest extends CallContext {
  subject: string;
  /** Name of the topic that the learner chose. */
  topic: string | null;
  goals: string;
  background: string;
  skillLevel: "beginner" | "intermediate" | "advanced";
  /** ISO 639; the plan's language. */
  language: string;
  totalSessions: number;
  sessionMinutes: number;
  /** Best first. */
  passages: PlanPassage[];
  /** How far it is, from 0 to 1; false stops it. */
  onProgress?: (share: number) => Promise<void>;
}

export interface PlannedSession {
  title: string;
  objectives: string[];
  materials: string;
  notes: string;
  /** Null: as long as the learner asked for. Never longer. */
  minutes: number | null;
  /** Numbers, from 1, of sessions before this one. */
  requires: number[];
  /** Each of them was given; a quote stands in it word for word, or is empty. */
  passages: { passageId: string; quote: string }[];
}

export interface Plan extends CallResult {
  title: string;
  /** As many as were asked for, or none when the material does not do. */
  sessions: PlannedSession[];
  /** For how many sessions the material does; given by who has nothing else to go by. */
  enoughFor?: number;
}

export interface PlanModel {
  readonly provider: string;
  readonly model: string;
  plan(request: PlanRequest): Promise<Plan>;
}

/** Stands in the notes of the first session, so that nobody takes a plan for a teacher's. */
export const PLANNED_BY_RULES =
  "No language model wrote this plan: it was put together by rules from the passages that its sessions name.";
export const PLANNED_BY_AI =
  "An AI wrote this plan. Check what it says against the passages that its sessions name.";
