import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { plant, plantedFaults } from "./faults.ts";

/**
 * `node --import ./test/simulation/planted/load.ts`: loads `core` with the fault that PLANTED_FAULT names. The files stay as
 * they are.
 */
const name = process.env["PLANTED_FAULT"];
const fault = plantedFaults.find((planted) => planted.name === name);
if (fault === undefined) throw new Error(`There is no planted fault ${name}.`);

registerHooks({
  load(url, context, next) {
    if (!url.endsWith(`/packages/core/src/${fault.file}`)) return next(url, context);
    const source = readFileSync(fileURLToPath(url), "utf8");
    return { format: "module-typescript", source: plant(source, fault), shortCircuit: true };
  },
});
