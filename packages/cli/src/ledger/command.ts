import { Command } from "commander";
import { type MeteringCommonFlags, respondFromMetering, withLimit, withMetering } from "../respond.ts";
import { checkBooks } from "./check.ts";
import { showLedger } from "./show.ts";
import { tellingOn } from "./telling.ts";

const check = withMetering(new Command("check"))
  .description(
    "Add up everything that was ever accepted and say whether the books balance. Reads the whole Metering table; a difference is looked at three times.",
  )
  .addHelpText(
    "after",
    `
Examples:
  tollhouse ledger check
  tollhouse ledger check --json | jq -r '.differences[]'

Ends with 0 when the books balance, and with 1 when they do not.`,
  )
  .action(async (flags: MeteringCommonFlags) => {
    const telling = tellingOn(process.stderr, flags.json);
    await respondFromMetering(flags, async (source) => {
      try {
        return await checkBooks(source, telling);
      } finally {
        telling.end();
      }
    });
  });

const show = withLimit(withMetering(new Command("show")), "show at most so many of each list")
  .description(
    "Show the books of a subscription: what was counted, what is in the balance, its usage records.",
  )
  .argument(
    "<id>",
    "a subscription's id, a license ARN in any spelling, or a customer's id: then all of the customer's",
  )
  .addHelpText(
    "after",
    `
Examples:
  tollhouse ledger show n0123examplemailer0000000/X01EXAMPLEX
  tollhouse ledger show l-0123456789abcdef0123456789abcdef --json | jq '.ledgers[].books[].records[0]'`,
  )
  .action((id: string, flags: MeteringCommonFlags & { readonly limit: number }) =>
    respondFromMetering(flags, (source) => showLedger(source, id, flags.limit)),
  );

export const ledgerCommand = new Command("ledger")
  .description("Where every unit is that was used.")
  .addCommand(check)
  .addCommand(show);
