import { Command, InvalidArgumentError } from "commander";
import { type MeteringCommonFlags, respondFromMetering, withLimit, withMetering } from "../respond.ts";
import { listAtRisk } from "./at-risk.ts";
import { checkBooks } from "./check.ts";
import { explainLedger } from "./explain.ts";
import { recordNamed } from "./record-named.ts";
import { showRehearsal } from "./rehearsal.ts";
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

const hoursFrom = (text: string): number => {
  const hours = Number(text);
  if (text.trim() === "" || !Number.isFinite(hours) || hours < 0 || hours > 1_000)
    throw new InvalidArgumentError("give a number of hours from 0 to 1000");
  return hours;
};

interface RiskFlags extends MeteringCommonFlags {
  readonly product?: string;
  readonly limit: number;
  readonly within: number;
  readonly conflicts: boolean;
}

const atRisk = withLimit(withMetering(new Command("at-risk")))
  .description(
    "List units that AWS has not accepted yet, nearest deadline first, with the reason; and conflicts of the last 45 days.",
  )
  .option("--product <code>", "only of this product")
  .option("--within <hours>", "ends with 1 when something is lost within so many hours", hoursFrom, 1)
  .option("--no-conflicts", "leave out conflicts, for which every record of 45 days is read")
  .addHelpText(
    "after",
    `
A unit in a balance is lost when it is written off. While its grant goes on and late usage is carried forward, it goes into a
later record however long it takes, and has no deadline.

Examples:
  tollhouse ledger at-risk
  tollhouse ledger at-risk --within 3 --no-conflicts || page-somebody     in a cron job
  tollhouse ledger at-risk --json | jq -r '.risks[] | select(.deadlineAt) | .name'

Ends with 0 when nothing is lost within --within hours, and with 1 when something is.`,
  )
  .action(async ({ within, conflicts, ...flags }: RiskFlags) => {
    const { onProgress, end } = tellingHowFar(process.stderr, flags.json, "books or subscriptions");
    await respondFromMetering(flags, (source) =>
      listAtRisk(source, {
        ...{ product: flags.product, limit: flags.limit, withinHours: within },
        ...{ withConflicts: conflicts, onProgress },
      }).finally(end),
    );
  });

const rehearsal = withLimit(withMetering(new Command("rehearsal")))
  .description(
    "Show what would be sealed now if nothing held it up: of a product in a dry run, what it would send. Writes nothing.",
  )
  .option("--product <code>", "only of this product")
  .addHelpText(
    "after",
    `
Usage that was rehearsed is never sent: to go live, set the product's metering to "live" and its startAt to a later hour.

Examples:
  tollhouse ledger rehearsal --product c0456exampleanalytics0000
  tollhouse ledger rehearsal --json | jq '.byDimension'`,
  )
  .action(async (flags: MeteringCommonFlags & { readonly product?: string; readonly limit: number }) => {
    const { onProgress, end } = tellingHowFar(process.stderr, flags.json, "books");
    await respondFromMetering(flags, (source) =>
      showRehearsal(source, { product: flags.product, limit: flags.limit, onProgress }).finally(end),
    );
  });

export const ledgerCommand = new Command("ledger")
  .description("Where every unit is that was used.")
  .addCommand(check)
  .addCommand(show)
  .addCommand(explain)
  .addCommand(atRisk)
  .addCommand(rehearsal);
