import { ConfigurationError } from "@tollhouse/core/configuration/configuration";
import { StartError } from "@tollhouse/local/failure";
import { Command, CommanderError } from "commander";
import { buyerKeysCommand } from "./buyer-keys/command.ts";
import { customersCommand } from "./customer/command.ts";
import { demoCommand } from "./demo/command.ts";
import { entitlementsCommand } from "./entitlement/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { CommandError, exitCodes } from "./failure.ts";
import { factsCommand } from "./fact/command.ts";
import { ledgerCommand } from "./ledger/command.ts";
import { meteringCommand } from "./metering/command.ts";
import { quarantineCommand } from "./quarantine/command.ts";
import { sellerKitCommand } from "./seller-kit/command.ts";
import { subscriptionsCommand } from "./subscription/command.ts";
import { usageCommand } from "./usage/command.ts";

const program = new Command("tollhouse")
  .description("Sell SaaS on AWS Marketplace: buyers in, usage metered, billed equals used.")
  .addCommand(subscriptionsCommand)
  .addCommand(customersCommand)
  .addCommand(entitlementsCommand)
  .addCommand(factsCommand)
  .addCommand(usageCommand)
  .addCommand(ledgerCommand)
  .addCommand(meteringCommand)
  .addCommand(quarantineCommand)
  .addCommand(sellerKitCommand)
  .addCommand(buyerKeysCommand)
  .addCommand(doctorCommand)
  .addCommand(demoCommand)
  .addHelpText(
    "after",
    `
Commands read the local world that \`npm start\` runs, or with --table (and --metering-table) a deployed stack's tables.

Examples:
  tollhouse subscriptions list --unregistered
  tollhouse subscriptions show <license ARN>     why has this buyer access, or none?
  tollhouse usage tail                           what is used right now?
  tollhouse ledger check                         is everything that was used where it belongs?
  tollhouse ledger at-risk                       is money about to be lost?
  tollhouse doctor --stage production            does every link of the installation hold?

Exit codes:
  0  done
  1  not found, refused, or something is wrong; the output says why
  2  wrong usage, or nothing to talk to; the message says what to do`,
  );

/** Commander itself ends with 1 on wrong usage; here that means "not found". */
function onWrongUsage(command: Command): void {
  command.showHelpAfterError(`(${nameOf(command)} --help shows how)`).exitOverride();
  for (const child of command.commands) onWrongUsage(child);
}

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandError) return exitCodes[error.code];
  return error instanceof StartError || error instanceof ConfigurationError ? 2 : 1;
}

/** A mistake of the user gets a sentence, a mistake of ours its stack. */
function complain(error: unknown): void {
  if (error instanceof CommanderError) return;
  const expected =
    error instanceof CommandError || error instanceof StartError || error instanceof ConfigurationError;
  process.stderr.write(
    `${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
}

/** Whoever reads our output may stop at any time, as `head` does. */
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });

onWrongUsage(program);
await program.parseAsync().catch((error: unknown) => {
  complain(error);
  process.exitCode = exitCodeOf(error);
});
