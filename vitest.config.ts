import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { compiledFolder } from "./packages/local/src/compiled-folder.ts";

const report = process.env["TOLLHOUSE_TEST_REPORT"];

/** Files that take half a minute and more, the longest first: begun late, one of them would go on alone in the end. */
const longest = [
  "infra/mutation",
  "bench/bench",
  "integration/doctor.test",
  "integration/demo",
  "simulation/planted",
  "integration/ending",
  "kill/planted",
  "integration/cli",
  "integration/rivals-metering.test",
  "kill/kill",
  "integration/start",
  "e2e",
  "integration/in-the-way",
  "simulation/simulation",
  "integration/bundle",
  "contract/store/dynamodb",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = longest.findIndex((name) => moduleId.includes(`/test/${name}`));
      return index === -1 ? longest.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    globalSetup: ["test/infra/synth/install.ts"],
    projects: [
      {
        extends: true,
        // Two hundred small files; each in a process of its own would load the same modules, which takes as long as the tests.
        test: { name: "packages", include: ["packages/*/src/**/*.test.ts"], isolate: false },
      },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"] } },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Tests start hundreds of processes, each of which would compile the same modules.
    env: { NODE_COMPILE_CACHE: compiledFolder },
    // .ci/run counts what passed and failed from this report.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
