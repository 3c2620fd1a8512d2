import { grantStates } from "./grant-words.ts";
import { Command, Option } from "commander";
import { type CommonFlags, respond, withLimit, withSource } from "../respond.ts";
import { listSubscriptions, type SubscriptionFilter } from "./list.ts";
import { showSubscriptions } from "./show.ts";

const list = withLimit(withSource(new Command("list")))
  .description("List subscriptions with the state of their grant.")
  .option("--product <code>", "only those of this product")
  .addOption(new Option("--state <state>", "only those whose grant is so").choices(grantStates))
  .option("--unregistered", "only those whose buyer has not registered")
  .addHelpText(
    "after",
    `
Examples:
  tollhouse subscriptions list --state active --unregistered   who pays and has not come to register
  tollhouse subscriptions list --product n0123examplemailer0000000 --json`,
  )
  .action((flags: CommonFlags & SubscriptionFilter) =>
    respond(flags, (source) => listSubscriptions(source, flags)),
  );

const show = withSource(new Command("show"))
  .description("Show a subscription, and every fact that explains its state.")
  .argument(
    "<id>",
    "a subscription's id, a license ARN in any spelling, or a customer's id: then all of the customer's",
  )
  .addHelpText(
    "after",
    `
Examples:
  tollhouse subscriptions show n0123examplemailer0000000/X01EXAMPLEX
  tollhouse subscriptions show arn:aws:license-manager::294406891311:license:l-0123456789abcdef0123456789abcdef
  tollhouse subscriptions show cus-0123456789abcdef01234567 --json`,
  )
  .action((id: string, flags: CommonFlags) => respond(flags, (source) => showSubscriptions(source, id)));

export const subscriptionsCommand = new Command("subscriptions")
  .description("Who has access, since when, and why.")
  .addCommand(list)
  .addCommand(show);
