import { defineConfig } from "vitest/config";
import { withFault } from "./planted.ts";

/** Runs the contract of the metering stores with one planted fault, which `TOLLHOUSE_FAULT` names. */
export default defineConfig({
  plugins: [{ name: "planted-fault", enforce: "pre", transform: (text, module) => withFault(module, text) }],
  test: {
    include: ["test/kill/metering-contract.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    bail: 1,
    // Kept, one fault would be found again in the run of the next.
    fsModuleCache: false,
  },
});
