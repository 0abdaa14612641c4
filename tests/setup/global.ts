// Starts the one stack that every end-to-end test talks to, and a door through which tests run SQL
// as its superuser: the stack lives in vitest's main process, the tests in others.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startStack } from "../../scripts/stack/stack.ts";

export interface ProvidedStack {
  url: string;
  publishableKey: string;
  secretKey: string;
  sqlDoor: string;
  sqlPassword: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    stack: ProvidedStack;
  }
}

export default async function setup(project: TestProject) {
  const started = Date.now();
  const log = (text: string) => process.stderr.write(`[stack] ${text}\n`);
  const stack = await startStack({
    port: 0,
    data: "memory",
    alsoExpose: ["platform_test"],
    // The same tests run on a native Postgres with this.
    databaseUrl: process.env.LYCEUM_TEST_DATABASE_URL,
    progress: process.env.LYCEUM_STACK_DEBUG ? log : undefined,
  });
  // A small schema of its own, so that the tests of the platform do not depend on any module.
  await stack.engine.exec(readFileSync("tests/fixtures/platform.sql", "utf8"));
  await stack.engine.connection.clearSchemaCache();

  const password = randomUUID();
  const door = createServer((request, response) => {
    const answer = async () => {
      if (request.headers.authorization !== password) throw new Error("wrong password");
      if (request.url === "/mails") return stack.mails;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { text, params, script } = JSON.parse(Buffer.concat(chunks).toString()) as {
        text: string;
        params?: unknown[];
        script?: boolean;
      };
      if (!script) return { rows: await stack.sql(text, params) };
      await stack.engine.exec(text);
      await stack.engine.connection.clearSchemaCache();
      return { rows: [] };
    };
    answer().then(
      (answer) => response.end(JSON.stringify(answer, bigintsAsNumbers)),
      (error: Error & { code?: string; detail?: string }) =>
        response.writeHead(400).end(
          JSON.stringify({ message: error.message, code: error.code, detail: error.detail }),
        ),
    );
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  const { port } = door.address() as AddressInfo;
  project.provide("stack", {
    url: stack.url,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    sqlDoor: `http://127.0.0.1:${port}/`,
    sqlPassword: password,
  });
  log(`ready in ${((Date.now() - started) / 1000).toFixed(1)} s at ${stack.url}`);

  return async () => {
    door.close();
    door.closeAllConnections();
    await stack.stop();
  };
}

const bigintsAsNumbers = (_key: string, value: unknown) =>
  typeof value === "bigint" ? Number(value) : value;
