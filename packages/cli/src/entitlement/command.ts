import { Command } from "commander";
import { type CommonFlags, respond, withLimit, withSource } from "../respond.ts";
import { listEntitlements } from "./list.ts";
import { showEntitlements } from "./show.ts";

const list = withLimit(withSource(new Command("list")))
  .description("List what was bought up front, and how old that reading is.")
  .option("--product <code>", "only those of this product")
  .addHelpText(
    "after",
    `
Examples:
  tollhouse entitlements list --product c0456exampleanalytics0000
  tollhouse entitlements list --json | jq '.entitlements[] | select(.snapshot.emptySince)'`,
  )
  .action((flags: CommonFlags & { readonly product?: string; readonly limit: number }) =>
    respond(flags, (source) => listEntitlements(source, flags)),
  );

const show = withSource(new Command("show"))
  .description("Show each entitlement with its type and expiry, and whether it is in doubt.")
  .argument("<subscription>", "a subscription's id, a license ARN in any spelling, or a customer's id")
  .addHelpText("after", "\nExample:\n  tollhouse entitlements show l-0123456789abcdef0123456789abcdef")
  .action((name: string, flags: CommonFlags) => respond(flags, (source) => showEntitlements(source, name)));

export const entitlementsCommand = new Command("entitlements")
  .description("What was bought up front, as AWS last answered.")
  .addCommand(list)
  .addCommand(show);
