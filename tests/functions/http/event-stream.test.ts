// Server-sent events: numbered, named, one JSON each; what happens when the reader goes, or the work fails.
import { describe, expect, it } from "vitest";
import { eventStream, ok } from "../../../functions/_shared/http/index.ts";
import { allEvents, eventsOf } from "../../fixtures/sse.ts";
import { build, call } from "./caller.ts";

const onError = () => ({ code: "internal_error" });
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("a stream of events", () => {
  it("goes through the boundary as it is, with its headers", async () => {
    const { serve } = build({}, () =>
      Promise.resolve(eventStream((events) => {
        events.send("one", { text: "line\nbreak\r\n\n and é" });
        events.send("two", null);
        return Promise.resolve();
      }, { onError })));
    const response = await serve(call());
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("x-request-id")).toBeTruthy();
    const heard = await allEvents(response);
    expect(heard.map(({ id, event, data }) => [id, event, data])).toEqual([
      [1, "one", { text: "line\nbreak\r\n\n and é" }],
      [2, "two", null],
    ]);
  });

  it("is heard while it is written", async () => {
    let goOn: () => void = () => undefined;
    const response = eventStream(async (events) => {
      events.send("first", {});
      await new Promise<void>((resolve) => (goOn = resolve));
      events.send("second", {});
    }, { onError });
    const heard: string[] = [];
    for await (const { event } of eventsOf(response)) {
      heard.push(event);
      if (event === "first") goOn();
    }
    expect(heard).toEqual(["first", "second"]);
  });

  it("keeps the connection open by comments, and stops doing so", async () => {
    const text = await eventStream(() => wait(40), { onError, heartbeatMs: 5 }).text();
    expect(text).toMatch(/^(: \n\n){2,}$/);
  });

  it("ends with what the work threw, masked", async () => {
    const response = eventStream(() => Promise.reject(new Error("password 123")), { onError });
    expect((await allEvents(response)).map(({ event, data }) => [event, data])).toEqual([
      ["error", { code: "internal_error" }],
    ]);
  });

  it("tells the work when nobody reads any more, and takes what it says without harm", async () => {
    let reason: unknown;
    let isDone = false;
    const response = eventStream(async (events) => {
      events.send("first", {});
      await new Promise<void>((resolve) =>
        events.signal.addEventListener("abort", () => resolve())
      );
      reason = events.signal.reason;
      events.send("late", {});
      events.end();
      isDone = true;
    }, { onError, heartbeatMs: 1 });
    for await (const _event of eventsOf(response)) break;
    await expect.poll(() => isDone).toBe(true);
    expect(reason).toMatchObject({ name: "AbortError" });
  });

  it("may end before the work does", async () => {
    let isDone = false;
    const response = eventStream(async (events) => {
      events.send("only", {});
      events.end();
      events.send("late", {});
      await wait(20);
      isDone = true;
    }, { onError });
    expect((await allEvents(response)).map(({ event }) => event)).toEqual(["only"]);
    expect(isDone).toBe(false);
    await expect.poll(() => isDone).toBe(true);
  });

  it("leaves other answers as they are", async () => {
    const { serve } = build({}, () => Promise.resolve(ok({ fine: true })));
    expect(await (await serve(call())).json()).toEqual({ fine: true });
  });
});
