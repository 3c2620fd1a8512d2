import { Command, InvalidArgumentError } from "commander";
import { tellingHowFar } from "../ledger/telling.ts";
import { type MeteringCommonFlags, respondFromMetering, withMetering } from "../respond.ts";
import { pauseMetering, resumeMetering } from "./pause.ts";
import { showMetering } from "./show.ts";

const show = withMetering(new Command("show"))
  .description(
    "Show of each product whether it is metered, what holds it up since when, what waits, and when the first of it is lost.",
  )
  .option("--product <code>", "only this product")
  .addHelpText(
    "after",
    `
Examples:
  tollhouse metering show
  tollhouse metering show --json | jq '.products[] | select(.paused)'`,
  )
  .action(async (flags: MeteringCommonFlags & { readonly product?: string }) => {
    const { onProgress, end } = tellingHowFar(process.stderr, flags.json, "books");
    await respondFromMetering(flags, (source) =>
      showMetering(source, flags.product, onProgress).finally(end),
    );
  });

const mostCharacters = 500;
const reasonFrom = (text: string): string => {
  const reason = text.trim();
  if (reason === "" || reason.length > mostCharacters)
    throw new InvalidArgumentError(
      `say in 1 to ${mostCharacters} characters why, for whoever finds it paused`,
    );
  return reason;
};

const pause = withMetering(new Command("pause"))
  .description(
    "Stop sealing and sending a product's usage, from the meter's next run on. It is still taken and counted.",
  )
  .argument("<product>", "its product code")
  .requiredOption("--reason <text>", "why; shown wherever something waits for it", reasonFrom)
  .addHelpText(
    "after",
    `
AWS takes an hour's record for 24 hours. What is lost when the pause lasts, and when, is said; see it again with metering show.

Example:
  tollhouse metering pause c0456exampleanalytics0000 --reason "the exporter counts twice since noon"`,
  )
  .action((product: string, flags: MeteringCommonFlags & { readonly reason: string }) =>
    respondFromMetering(flags, (source) => pauseMetering(source, product, flags.reason)),
  );

const resume = withMetering(new Command("resume"))
  .description("Let a paused product's metering go on, with the meter's next run.")
  .argument("<product>", "its product code")
  .addHelpText("after", "\nExample:\n  tollhouse metering resume c0456exampleanalytics0000")
  .action((product: string, flags: MeteringCommonFlags) =>
    respondFromMetering(flags, (source) => resumeMetering(source, product)),
  );

export const meteringCommand = new Command("metering")
  .description("Whether usage of each product is sealed and sent, and what holds it up.")
  .addCommand(show, { isDefault: true })
  .addCommand(pause)
  .addCommand(resume);
