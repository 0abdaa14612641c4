// Where the story plays and who is in it.
import type { Stack } from "../stack/stack.ts";
import type { Person, Place } from "./people.ts";

export interface Stage extends Place {
  stack: Stack;
  student: Person;
  experts: Person[];
  admin: Person;
  /** The stack's own job runner: the worker that the platform normally has. */
  worker: { start(): Promise<void>; stop(): Promise<void> };
}
