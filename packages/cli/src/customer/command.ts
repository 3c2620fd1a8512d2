import { Command } from "commander";
import { type CommonFlags, respond, withLimit, withSource } from "../respond.ts";
import { confirmation } from "./confirm.ts";
import { erase } from "./erase.ts";
import { listCustomers } from "./list.ts";
import { showCustomer } from "./show.ts";

const list = withLimit(withSource(new Command("list")))
  .description("List registered buyers.")
  .addHelpText(
    "after",
    `
Examples:
  tollhouse customers list --limit 200
  tollhouse customers list --json | jq -r '.customers[].id'`,
  )
  .action((flags: CommonFlags & { readonly limit: number }) =>
    respond(flags, (source) => listCustomers(source, flags.limit)),
  );

const show = withSource(new Command("show"))
  .description("Show a customer with all subscriptions.")
  .argument("<id>", "the customer's id: cus-…")
  .addHelpText("after", "\nExample:\n  tollhouse customers show cus-0123456789abcdef01234567")
  .action((id: string, flags: CommonFlags) => respond(flags, (source) => showCustomer(source, id)));

const eraseCommand = withSource(new Command("erase"))
  .description(
    "Erase what names a customer, and say what remains and why. Refused while AWS still takes usage.",
  )
  .argument("<id>", "the customer's id: cus-…")
  .option("--yes", "without asking; needed where there is no terminal", false)
  .addHelpText(
    "after",
    `
Examples:
  tollhouse customers erase cus-0123456789abcdef01234567
  tollhouse customers erase cus-0123456789abcdef01234567 --yes --json`,
  )
  .action(async (id: string, flags: CommonFlags & { readonly yes: boolean }) => {
    const confirm = confirmation(flags.yes);
    await respond(flags, (source, where) => erase(source, id, where, confirm));
  });

export const customersCommand = new Command("customers")
  .description("Who has registered; and how to erase them.")
  .addCommand(list)
  .addCommand(show)
  .addCommand(eraseCommand);
