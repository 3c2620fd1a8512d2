import { Command } from "commander";
import { listQuarantine } from "../quarantine/list.ts";
import { showQuarantined } from "../quarantine/show.ts";
import {
  type CommonFlags,
  type MeteringCommonFlags,
  respond,
  respondFromMetering,
  withLimit,
  withMetering,
  withSource,
} from "../respond.ts";
import { type FollowFlags, followUsage } from "./follow.ts";
import { segmentNamed } from "./segment-name.ts";
import { showSegment } from "./segment.ts";
import { listUnattributed } from "./unattributed.ts";

type Limited<Flags> = Flags & { readonly limit: number };

const tail = withLimit(withMetering(new Command("tail")), "begin with the newest so many")
  .description("Show usage as it comes into the usage log: this hour's and the last's, repeats included.")
  .option("--subject <subject>", "only what names this subject; a license in any spelling")
  .option("--once", "show what is there, and end", false)
  .addHelpText(
    "after",
    `
With --json each event is a line of its own: the segment's key, and the CloudEvent.

Examples:
  tollhouse usage tail --subject cus-0123456789abcdef01234567
  tollhouse usage tail --once --json | jq -r '.event.data.quantity'`,
  )
  .action((flags: FollowFlags) => followUsage(flags));

const segment = withLimit(withMetering(new Command("segment")), "show at most so many totals")
  .description("Show what a segment of the usage log holds, and whether it is whole.")
  .argument("<key...>", "<hour>/<shard>/<id>, as `usage tail --json` says; or its key in DynamoDB")
  .option("--events", "show every event", false)
  .addHelpText(
    "after",
    `
Examples:
  tollhouse usage segment 2026-08-20T14/3/5f0c7c5e-6f6f-5c41-9a8e-2f0a1b2c3d4e-0
  tollhouse usage segment 2026-08-20T14/3/5f0c7c5e-6f6f-5c41-9a8e-2f0a1b2c3d4e-0 --events --json | jq .events

Ends with 1 when the segment is damaged.`,
  )
  .action(async (key: string[], flags: Limited<MeteringCommonFlags> & { readonly events: boolean }) => {
    const name = segmentNamed(key.join(" "));
    await respondFromMetering(flags, (source) =>
      showSegment(source, name, { withEvents: flags.events, limit: flags.limit }),
    );
  });

const quarantineList = withLimit(withSource(new Command("list")))
  .description("List usage that nobody can use, newest first, with the reason.")
  .addHelpText("after", "\nExample:\n  tollhouse usage quarantine list --limit 10")
  .action((flags: Limited<CommonFlags>) =>
    respond(flags, (source) => listQuarantine(source, { door: "usage", limit: flags.limit })),
  );

const quarantineShow = withSource(new Command("show"))
  .description("Show why a message of usage is in the quarantine; with --body the message itself.")
  .argument("<id>", "as `usage quarantine list` names it")
  .option("--body", "print the original to stdout, to the byte; it may hold personal data", false)
  .addHelpText(
    "after",
    "\nExample:\n  tollhouse usage quarantine show usage:0123456789abcdef0123456789abcdef --body",
  )
  .action((id: string, flags: CommonFlags & { readonly body: boolean }) =>
    respond(flags, (source) => showQuarantined(source, id, flags.body)),
  );

const quarantine = new Command("quarantine")
  .description(
    "Messages of usage that nobody can use, whole or in part. Copies of counted events that say something else are in `tollhouse quarantine list --door fold`.",
  )
  .addCommand(quarantineList, { isDefault: true })
  .addCommand(quarantineShow);

const unattributed = withLimit(withMetering(new Command("unattributed")), "read at most so many pieces", 200)
  .description("List usage that waits for somebody it can be counted for, by subject, with the reason.")
  .addHelpText(
    "after",
    `
Examples:
  tollhouse usage unattributed
  tollhouse usage unattributed --json | jq '.unattributed[] | select(.reasons[] == "subject-unknown").subject'`,
  )
  .action((flags: Limited<MeteringCommonFlags>) =>
    respondFromMetering(flags, (source) => listUnattributed(source, flags.limit)),
  );

export const usageCommand = new Command("usage")
  .description("What was used: as it comes in, as it is stored, and what cannot be counted.")
  .addCommand(tail)
  .addCommand(segment)
  .addCommand(quarantine)
  .addCommand(unattributed);
