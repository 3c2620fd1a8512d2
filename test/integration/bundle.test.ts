import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { simulatedMarketplace } from "@tollhouse/cli/demo/marketplace";
import type { Narrator } from "@tollhouse/cli/demo/narrator";
import { playStory } from "@tollhouse/cli/demo/story";
import { noTrouble } from "@tollhouse/cli/demo/trouble";
import { meteredListings } from "@tollhouse/cli/demo/usage";
import { type FunctionName, functions } from "@tollhouse/functions/manifest";
import { loadConfiguration } from "@tollhouse/local/configuration";
import { choosePorts } from "@tollhouse/local/port";
import { startWorld } from "@tollhouse/local/world";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../infra/bundle.ts";
import { hasJava } from "../java.ts";

const names = Object.keys(functions) as FunctionName[];
const loader = pathToFileURL(join(import.meta.dirname, "bundle-in-place.ts")).href;

const quietly: Narrator = {
  chapter: () => undefined,
  note: () => undefined,
  explain: () => undefined,
  trouble: () => undefined,
  failed: () => undefined,
  struck: () => undefined,
  bill: () => undefined,
};

/** Minified, in one file, without the repository around it: what Lambda runs is not what the other tests run. */
describe.runIf(await hasJava("the bundles in a world"))("the bundles that are deployed", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tollhouse-bundle-"));
    for (const name of names)
      await bundle({ name, folder, banner: `console.log(${JSON.stringify(`the bundle of ${name}`)});` });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(
    "take a buyer from subscription to the last bill, and billed equals used",
    { timeout: 180_000 },
    async () => {
      const configuration = await loadConfiguration();
      const collapsed = new AbortController();
      const said: string[] = [];
      const world = await startWorld({
        configuration,
        ports: await choosePorts(undefined),
        stopped: collapsed.signal,
        functionEnvironment: { NODE_OPTIONS: `--import=${loader}`, TOLLHOUSE_TEST_BUNDLES: folder },
        onProgress: () => undefined,
        onLine: (_, line) => said.push(line),
        onCollapse: (what) => collapsed.abort(new Error(what)),
      });
      try {
        const marketplace = simulatedMarketplace(world.places.simulatorUrl);
        const told = { narrator: quietly, trouble: noTrouble, over: collapsed.signal };
        const listings = meteredListings(configuration);
        expect(await playStory({ places: world.places, marketplace, ...told }, listings)).toBe(true);
      } finally {
        await world.stop();
      }
      expect(said).toEqual(expect.arrayContaining(names.map((name) => `the bundle of ${name}`)));
    },
  );
});
