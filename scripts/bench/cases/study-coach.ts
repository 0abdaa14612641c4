// The first word of the coach against the first word of the model that it asks: signing in, limits, search and recording
// are what lies between. The model is a server on loopback that takes 300 ms, as quick ones do.
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { createClient } from "@supabase/supabase-js";
import { type Stack, startStack } from "../../stack/stack.ts";
import { median, pair } from "../measure.ts";
import type { BenchCase, Comparison } from "../types.ts";

const MODEL_MS = 300;
const FACT = "The mitral valve has two leaflets.";
const ANSWER = JSON.stringify({
  covered: true,
  confidence: 0.9,
  citations: [{ passage: 1, quote: FACT }],
  answer: "It has two leaflets [1]. And more.",
});

const chunk = (content: string, finish: string | null = null) =>
  `data: ${
    JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })
  }\n\n`;

async function startModel(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      void wait(MODEL_MS).then(() => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(chunk(ANSWER));
        response.end(`${chunk("", "stop")}data: [DONE]\n\n`);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

/** Returns with the first event of this name; the rest is read to its end by `drained`. */
async function firstOf(response: Response, sign: string) {
  if (!response.ok || !response.body) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(sign)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`no ${sign} in ${text}`);
    text += value;
  }
  return async () => {
    while (!(await reader.read()).done);
  };
}

async function prepare(stack: Stack) {
  await stack.sql(
    `update core.settings set value = '{"messages": 1000000, "input_tokens": 1000000000, "output_tokens": 1000000000, "cost_micro_usd": 1000000000, "seconds": 1000000}'
     where key = 'study.coach_limits'`,
  );
  await stack.sql(
    `update core.settings set value = jsonb_set(value, '{coach}', '{"burst": 1000000, "per_hour": 1000000}') where key = 'study.limits'`,
  );
  await stack.sql(
    "select private.index_document('study', 'passage', gen_random_uuid(), 'Valves', $1, null, '{}')",
    [`${FACT} It lies on the left side.`],
  );
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const email = `${randomUUID()}@lyceum.test`;
  const { data, error } = await client.auth.signUp({ email, password: "correct-horse-battery" });
  if (error || !data.session) throw error ?? new Error("no session");
  return data.session.access_token;
}

export const coachCase: BenchCase = {
  name: "study-coach",
  about: "the coach's first word against that of the model which it asks",
  run: async (bench) => {
    const model = await startModel();
    const stack = await startStack({
      port: 0,
      data: "memory",
      databaseUrl: await bench.scratch(),
      seed: false,
      workers: 0,
      quiet: true,
      env: { AI_PROVIDER: "openai", OPENAI_BASE_URL: model.url, AI_MODEL: "bench" },
    });
    try {
      const token = await prepare(stack);
      let drained: Promise<void> = Promise.resolve();
      const ours = async () => {
        await drained;
        const response = await fetch(`${stack.url}/functions/v1/coach`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
          body: JSON.stringify({
            client_id: randomUUID(),
            start: {},
            content: "How many leaflets has the mitral valve?",
          }),
        });
        drained = (await firstOf(response, "event: delta"))();
      };
      const against = async () => {
        const response = await fetch(`${model.url}/chat/completions`, {
          method: "POST",
          body: "{}",
        });
        await (await firstOf(response, "answer"))();
      };
      const turns = { rounds: bench.rounds, milliseconds: 6000, least: 9 };
      const compared = await pair(ours, against, turns);
      await drained;
      const over = median(compared.measured.ours) - median(compared.measured.against);
      const comparison: Comparison = {
        case: "study-coach",
        what: "time to the first word",
        ours: "the coach",
        against: "its model",
        ...compared,
        target: { atMost: 1.5 },
        note: `${over.toFixed(0)} ms more than the model's ${MODEL_MS}`,
      };
      return [comparison];
    } finally {
      await stack.stop();
      model.server.closeAllConnections();
      model.server.close();
    }
  },
};
