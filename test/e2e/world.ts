import { choosePorts } from "@tollhouse/local/port";
import type { Places } from "@tollhouse/local/places";
import { startWorld } from "@tollhouse/local/world";
import configuration from "../../tollhouse.config.ts";
import { hasJava } from "../java.ts";
import { hasChromium } from "./chromium.ts";

/** Whether this machine can show a whole world in a browser; says loudly what is missing when not. */
export const canShow = async (suite: string): Promise<boolean> =>
  hasChromium(suite) && (await hasJava(suite));

/** A local world for a test file, with the example's listings. */
export async function openWorld({ withExample = false } = {}): Promise<{
  readonly places: Places;
  readonly close: () => Promise<void>;
}> {
  const collapsed = new AbortController();
  const world = await startWorld({
    configuration,
    withExample,
    ports: await choosePorts(undefined),
    stopped: collapsed.signal,
    onProgress: () => undefined,
    onLine: (name, line) => {
      if (process.env["TOLLHOUSE_WORLD_LOG"] !== undefined) console.log(`${name} ${line}`);
    },
    onCollapse: (what) => collapsed.abort(new Error(what)),
  });
  return { places: world.places, close: () => world.stop() };
}
