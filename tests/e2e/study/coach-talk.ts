// How tests talk to the coach: over HTTP, and what comes back.
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { allEvents, type Heard, only } from "../../fixtures/sse.ts";
import { type Person, stack } from "../../setup/stack.ts";

export const post = (person: Person | null, body: unknown, path = "", init: RequestInit = {}) =>
  fetch(`${stack().url}/functions/v1/coach${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      apikey: stack().publishableKey,
      ...(person ? { authorization: `Bearer ${person.accessToken}` } : {}),
    },
    body: JSON.stringify(body),
    ...init,
  });
export const ask = async (
  person: Person,
  content: string,
  more: Record<string, unknown> = { start: {} },
) => {
  const response = await post(person, { client_id: randomUUID(), content, ...more });
  expect(response.status).toBe(200);
  return await allEvents(response);
};
export const answerOf = (heard: Heard[]) =>
  only(heard, "done")[0]?.answer as { id: string; conversation_id: string; content: string };
export const refusal = async (
  response: Response,
) => [response.status, (await response.json()).code];
