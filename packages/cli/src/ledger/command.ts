import { Command, InvalidArgumentError } from "commander";
import { type MeteringCommonFlags, respondFromMetering, withLimit, withMetering } from "../respond.ts";
import { checkBooks } from "./check.ts";
import { explainLedger } from "./explain.ts";
import { recordNamed } from "./record-named.ts";
import { showLedger } from "./show.ts";
import { tellingHowFar, tellingOn } from "./telling.ts";

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

const wholeNumber = (text: string): bigint => {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError("give a whole number of units, e.g. 120");
  return BigInt(text);
};

const explain = withLimit(withMetering(new Command("explain")), "show at most so many events of each fold")
  .description(
    "Explain a usage record: whose hours' units it holds, the events behind them, what became of it, and how to correct it with AWS.",
  )
  .argument(
    "<record...>",
    "<subscription>/<dimension>/<hour>, as `ledger show --json` and `ledger at-risk` name it; or the three, one after the other",
  )
  .option(
    "--aws-has <quantity>",
    "what AWS holds for the hour, as you found out: says what fits",
    wholeNumber,
  )
  .addHelpText(
    "after",
    `
Examples:
  tollhouse ledger explain l-0123456789abcdef0123456789abcdef/gb_stored/2026-08-20T14
  tollhouse ledger explain n0123examplemailer0000000/X01EXAMPLEX emails_sent 2026-08-20T14
  tollhouse ledger explain l-0123456789abcdef0123456789abcdef/gb_stored/2026-08-20T14 --aws-has 120

Ends with 1 when it does not add up, or when AWS has another quantity.`,
  )
  .action(
    async (
      record: string[],
      flags: MeteringCommonFlags & { readonly limit: number; readonly awsHas?: bigint },
    ) => {
      const place = recordNamed(record);
      const { onProgress, end } = tellingHowFar(process.stderr, flags.json, "hours");
      await respondFromMetering(flags, (source) =>
        explainLedger(source, place, { awsHas: flags.awsHas, limit: flags.limit, onProgress }).finally(end),
      );
    },
  );

export const ledgerCommand = new Command("ledger")
  .description("Where every unit is that was used.")
  .addCommand(check)
  .addCommand(show)
  .addCommand(explain);
