import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** Where `sst install` puts SST's own sources and the Pulumi packages they run on. */
export const root = path.resolve(import.meta.dirname, "../../..");
export const sstFolder = path.join(root, ".sst");
export const platform = path.join(sstFolder, "platform");

/** Loads a package from SST's platform: two copies of Pulumi in one process do not know each other's resources. */
export const requireFromPlatform = createRequire(path.join(platform, "package.json"));

/** SST's aliases of the provider packages, e.g. `aws` for `@pulumi/aws`. */
export function providers(): { alias: string; package: string }[] {
  const lock = readFileSync(path.join(sstFolder, "provider-lock.json"), "utf8");
  return JSON.parse(lock) as { alias: string; package: string }[];
}
