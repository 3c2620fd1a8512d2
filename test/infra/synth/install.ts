import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { platform, root } from "./platform.ts";

/**
 * Vitest's global setup, and a command (`node test/infra/synth/install.ts`): brings SST's platform into `.sst`.
 * The switches keep the download to npm: no Pulumi engine and no bun, neither of which the tests need.
 */
export default function install(): void {
  const wanted = pinnedVersion();
  if (installedVersion() === wanted) return;
  console.log(`Installing SST ${wanted} into .sst, once, for about 35 seconds ...`);
  const { status, stdout, stderr } = spawnSync("npx", ["sst", "install", "--stage", "test"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, SST_SKIP_DEPENDENCY_CHECK: "1", SST_NO_BUN: "1", SST_TELEMETRY_DISABLED: "1" },
  });
  if (status !== 0 || installedVersion() !== wanted) {
    throw new Error(`sst install failed with code ${String(status)}:\n${stdout}\n${stderr}`);
  }
}

/** The root pins sst exactly, since the harness leans on its layout. */
function pinnedVersion(): string {
  const file = readFileSync(path.join(root, "package.json"), "utf8");
  return (JSON.parse(file) as { dependencies: { sst: string } }).dependencies.sst;
}

function installedVersion(): string | undefined {
  const file = path.join(platform, "version");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

if (import.meta.main) install();
