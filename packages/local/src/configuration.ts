import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { StartError } from "./failure.ts";

/** @throws ConfigurationError naming each field that is wrong, or StartError when tollhouse.config.ts exports nothing */
export const loadConfiguration = async (): Promise<Configuration> =>
  configurationIn(await import("../../../tollhouse.config.ts"));

/** A module's default export. @throws StartError when there is none */
export function configurationIn(module: { readonly default?: Configuration }): Configuration {
  if (module.default !== undefined) return module.default;
  throw new StartError(
    "configuration-missing",
    "tollhouse.config.ts has no default export: write `export default defineConfiguration({ … })`.",
  );
}
