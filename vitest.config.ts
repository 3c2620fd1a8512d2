import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/infra/synth/install.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // CI counts what passed and failed from the report; see .ci/run.
    reporters:
      process.env["CI"] === "true"
        ? ["default", ["json", { outputFile: ".tollhouse/test-report.json" }]]
        : ["default"],
  },
});
