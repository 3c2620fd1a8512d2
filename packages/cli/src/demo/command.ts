import { ConfigurationError } from "@tollhouse/core/configuration/configuration";
import { loadConfiguration } from "@tollhouse/local/configuration";
import { StartError } from "@tollhouse/local/failure";
import { choosePorts } from "@tollhouse/local/port";
import { toldToEnd } from "@tollhouse/local/told-to-end";
import { startWorld } from "@tollhouse/local/world";
import { Command } from "commander";
import { jsonNarrator, type Narrator, textNarrator } from "./narrator.ts";
import { simulatedMarketplace } from "./marketplace.ts";
import { playStory } from "./story.ts";
import { chaos, noTrouble } from "./trouble.ts";
import { meteredListings } from "./usage.ts";

export const demoCommand = new Command("demo")
  .description(
    "Play a buyer's story in a world of its own: subscribe, register, use, be billed, cancel, be billed the last hour. About half a minute.",
  )
  .option(
    "--chaos",
    "the same while AWS's notifications and calls go wrong and functions are killed; says at the end what struck. About a minute",
    false,
  )
  .option("--json", "say everything as JSON lines; the last one is the result", false)
  .addHelpText(
    "after",
    `
Exit codes:
  0    billed equals used
  1    it does not, or something failed
  2    this machine or the configuration lacks something; the message says what
  130  ended by you before the story's end: Ctrl-C, SIGTERM, a closed terminal or pipe`,
  )
  .action(async ({ json, chaos: isChaos }: { json: boolean; chaos: boolean }) => {
    const narrator = json ? jsonNarrator() : textNarrator();
    process.exitCode = await demo(narrator, isChaos);
  });

/** A message that a killed worker had taken comes back so soon in chaos. */
const visibilitySecondsInChaos = 5;

async function demo(narrator: Narrator, isChaos: boolean): Promise<number> {
  const told = toldToEnd();
  const collapsed = new AbortController();
  const over = AbortSignal.any([told, collapsed.signal]);
  let isTold = false;
  try {
    const configuration = await loadConfiguration();
    const listings = meteredListings(configuration);
    narrator.chapter("Starting a world of its own");
    const world = await startWorld({
      configuration,
      ports: await choosePorts(undefined),
      ...(isChaos ? { visibilitySeconds: visibilitySecondsInChaos } : {}),
      stopped: over,
      onProgress: (what) => narrator.note(what),
      onLine: (process, line) => {
        // In chaos they are what was asked for, and told at the end; behind the bill they are of a world that is being stopped.
        if (!isChaos && !isTold && line.includes('"level":"ERROR"')) narrator.trouble(process, line);
      },
      onCollapse: (what) => collapsed.abort(new Error(`${what}.`)),
    });
    try {
      const marketplace = simulatedMarketplace(world.places.simulatorUrl);
      const trouble = isChaos ? chaos(marketplace, () => world.places.processes, narrator) : noTrouble;
      const isEqual = await playStory(
        { places: world.places, marketplace, narrator, trouble, over },
        listings,
      );
      isTold = true;
      // A process that died under the story's last lines counts as well.
      over.throwIfAborted();
      return isEqual ? 0 : 1;
    } finally {
      await world.stop();
    }
  } catch (thrown) {
    if (told.aborted) return 130;
    const error: unknown = collapsed.signal.aborted ? collapsed.signal.reason : thrown;
    narrator.failed(error instanceof Error ? error.message : String(error));
    return error instanceof StartError || error instanceof ConfigurationError ? 2 : 1;
  }
}
