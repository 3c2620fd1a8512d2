import type { QuarantineLine } from "@tollhouse/core/quarantine/quarantine";
import { Command, Option } from "commander";
import { type CommonFlags, respond, withLimit, withSource } from "../respond.ts";
import { listQuarantine } from "./list.ts";
import { showQuarantined } from "./show.ts";

type Door = QuarantineLine["door"];
const everyDoor = { intake: true, usage: true, entitlement: true, fold: true } satisfies Record<Door, true>;
const doors = Object.keys(everyDoor);

const list = withLimit(withSource(new Command("list")))
  .description("List messages that nobody can use, newest first, with the reason.")
  .addOption(new Option("--door <door>", "only those that came in there").choices(doors))
  .addHelpText(
    "after",
    `
Examples:
  tollhouse quarantine list --door usage --limit 10
  tollhouse quarantine list --json | jq -r '.quarantined[].reason' | sort | uniq -c`,
  )
  .action((flags: CommonFlags & { readonly door?: Door; readonly limit: number }) =>
    respond(flags, (source) => listQuarantine(source, flags)),
  );

const show = withSource(new Command("show"))
  .description("Show why a message is in the quarantine; with --body the message itself.")
  .argument("<id>", "as `quarantine list` names it")
  .option("--body", "print the original to stdout, to the byte; it may hold personal data", false)
  .addHelpText(
    "after",
    `
Examples:
  tollhouse quarantine show intake:5f0c7c5e-6f6f-5c41-9a8e-2f0a1b2c3d4e
  tollhouse quarantine show intake:5f0c7c5e-6f6f-5c41-9a8e-2f0a1b2c3d4e --body > message.json`,
  )
  .action((id: string, flags: CommonFlags & { readonly body: boolean }) =>
    respond(flags, (source) => showQuarantined(source, id, flags.body)),
  );

export const quarantineCommand = new Command("quarantine")
  .description("Messages that nobody can use, kept with the reason.")
  .addCommand(list)
  .addCommand(show);
