import { Command } from "commander";
import { type CommonFlags, respond, withLimit, withSource } from "../respond.ts";
import { listParked } from "./parked.ts";
import { showFacts } from "./show.ts";

type Flags = CommonFlags & { readonly limit: number };

const parked = withLimit(withSource(new Command("parked")))
  .description("List what AWS told that belongs to no subscription yet, or that people should look at.")
  .addHelpText(
    "after",
    `
Examples:
  tollhouse facts parked
  tollhouse facts parked --json | jq '.parked[] | select(.why == "license-awaited")'`,
  )
  .action((flags: Flags) => respond(flags, (source) => listParked(source, flags.limit)));

const show = withLimit(withSource(new Command("show")))
  .description("Show every fact that is filed under a record.")
  .argument(
    "<record>",
    "subscription:<id>, agreement:<id>, buyer:<product code>/<AWS account> or seller:<AWS account>; a license ARN will do",
  )
  .addHelpText(
    "after",
    `
Examples:
  tollhouse facts show agreement:agmt-1
  tollhouse facts show buyer:c0456exampleanalytics0000/123456789012`,
  )
  .action((record: string, flags: Flags) =>
    respond(flags, (source) => showFacts(source, record, flags.limit)),
  );

export const factsCommand = new Command("facts")
  .description("What happened, as it was told; and what of it is still parked.")
  .addCommand(parked)
  .addCommand(show);
