import { ConfigurationError } from "@tollhouse/core/configuration/configuration";
import { StartError } from "@tollhouse/local/failure";
import { choosePorts } from "@tollhouse/local/port";
import { startWorld, type World } from "@tollhouse/local/world";
import { Command } from "commander";
import { jsonNarrator, type Narrator, textNarrator } from "./narrator.ts";
import { playStory } from "./story.ts";

export const demoCommand = new Command("demo")
  .description(
    "Play a buyer's story in a world of its own: subscribe, register, use, be billed, cancel. About half a minute.",
  )
  .option("--json", "say everything as JSON lines; the last one is the result", false)
  .addHelpText(
    "after",
    "\nExit codes: 0 billed equals used, 1 it does not or something failed, 2 this machine lacks something.",
  )
  .action(async ({ json }: { json: boolean }) => {
    const narrator = json ? jsonNarrator() : textNarrator();
    process.exitCode = await demo(narrator);
  });

async function demo(narrator: Narrator): Promise<number> {
  let world: World | undefined;
  const stop = async () => {
    await world?.stop();
    world = undefined;
  };
  const interrupted = () => void stop().then(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const { default: configuration } = await import("../../../../tollhouse.config.ts");
    narrator.chapter("Starting a world of its own");
    world = await startWorld({
      configuration,
      ports: await choosePorts(undefined),
      onProgress: (what) => narrator.note(what),
      onLine: (process, line) => {
        if (line.includes('"level":"ERROR"')) narrator.trouble(process, line);
      },
      onCollapse: (what) => narrator.trouble("world", what),
    });
    return (await playStory(world.places, configuration, narrator)) ? 0 : 1;
  } catch (error) {
    narrator.failed(error instanceof Error ? error.message : String(error));
    return error instanceof StartError || error instanceof ConfigurationError ? 2 : 1;
  } finally {
    await stop();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}
