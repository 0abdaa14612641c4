import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // `npm run test:postgres` says where the server is.
    exclude: [
      ...configDefaults.exclude,
      ...(process.env.LYCEUM_TEST_TEMPLATE_URL ? [] : ["tests/postgres/**"]),
    ],
    // One local stack for the whole run: starting one takes seconds, a test milliseconds.
    globalSetup: ["tests/setup/global.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ["default"],
  },
});
