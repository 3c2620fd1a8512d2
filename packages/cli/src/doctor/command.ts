import { systemClock } from "@tollhouse/aws/clock/clock";
import { loadConfiguration } from "@tollhouse/local/configuration";
import { Command } from "commander";
import { harmless } from "../output/harmless.ts";
import { asJson } from "../output/json.ts";
import { terminalPaint, widthOf } from "../output/view.ts";
import { stageFrom } from "../stage.ts";
import { examine } from "./examine.ts";
import { doctorPlace, sentenceOf } from "./place.ts";

interface DoctorFlags {
  readonly stage?: string;
  readonly region: string;
  readonly json: boolean;
}

async function run({ json, ...flags }: DoctorFlags): Promise<void> {
  const configuration = await loadConfiguration();
  const place = await doctorPlace(configuration, flags);
  if (!json) process.stderr.write(`${terminalPaint(process.stderr).quiet(sentenceOf(place))}\n\n`);
  const { data, text, isWrong } = await examine(place, configuration);
  const view = {
    width: widthOf(process.stdout),
    now: await systemClock.now(),
    paint: terminalPaint(process.stdout),
  };
  process.stdout.write(`${json ? asJson({ source: place, ...data }) : text(harmless(data), view)}\n`);
  if (isWrong === true) process.exitCode = 1;
}

export const doctorCommand = new Command("doctor")
  .description(
    "Try every link of an installation, from the seller's account to the bill, and say what mends those that do not hold.",
  )
  .option("--stage <stage>", "a deployed stage, with your AWS credentials; else the local world", stageFrom)
  .option("--region <region>", "the AWS Region of --stage", "us-east-1")
  .option("--json", "one JSON document for programs", false)
  .addHelpText(
    "after",
    `
It changes nothing. On AWS your credentials need lambda:InvokeFunction on the stage's function doctor, and no more.
docs/doctor.md tells of each finding.

Examples:
  tollhouse doctor
  tollhouse doctor --stage production
  tollhouse doctor --json | jq '.findings[] | select(.status == "fail")'

Exit codes:
  0  every link holds; some may need a look
  1  a link does not hold, or could not be tried
  2  wrong usage, or no doctor to be asked; the message says what to do`,
  )
  .action(run);
