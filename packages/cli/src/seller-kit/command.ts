import { systemClock } from "@tollhouse/aws/clock/clock";
import { loadConfiguration } from "@tollhouse/local/configuration";
import { Command } from "commander";
import { harmless } from "../output/harmless.ts";
import { asJson } from "../output/json.ts";
import { terminalPaint, widthOf } from "../output/view.ts";
import { stageFrom } from "../stage.ts";
import { type KitFlags, makeKit } from "./make.ts";

export const sellerKitCommand = new Command("seller-kit")
  .description(
    "Write what the seller's AWS account needs, as a CloudFormation template, and the page that says how to use it.",
  )
  .option("--stage <stage>", "whose functions and queue it is for", stageFrom, "production")
  .option("--out <folder>", "where to write the two files", "seller-kit")
  .option("--overwrite", "also over files that this command did not write for this stage", false)
  .option("--json", "one JSON document for programs", false)
  .addHelpText(
    "after",
    `
It reads tollhouse.config.ts and nothing else: no AWS credentials, no running world. The same configuration gives the same files.

Examples:
  tollhouse seller-kit
  tollhouse seller-kit --stage jane --out /tmp/jane
  tollhouse seller-kit --json | jq -r .digest`,
  )
  .action(async ({ json, ...flags }: KitFlags & { readonly json: boolean }) => {
    const { data, text } = await makeKit(await loadConfiguration(), flags);
    const view = {
      width: widthOf(process.stdout),
      now: await systemClock.now(),
      paint: terminalPaint(process.stdout),
    };
    process.stdout.write(`${json ? asJson(data) : text(harmless(data), view)}\n`);
  });
