import { formatInstant } from "@tollhouse/core/time/instant";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Answer } from "./answer.ts";
import { harmless } from "./output/harmless.ts";
import { asJson } from "./output/json.ts";
import { terminalPaint, widthOf } from "./output/view.ts";
import {
  type MeteringFlags,
  type MeteringSource,
  openMetering,
  openSource,
  type Origin,
  sentence,
  type Source,
  type SourceFlags,
  unreachable,
} from "./source.ts";

export interface CommonFlags extends SourceFlags {
  readonly json: boolean;
}

export interface MeteringCommonFlags extends CommonFlags, MeteringFlags {}

/** The options of every command that reads. */
export const withSource = (command: Command): Command =>
  command
    .option("--json", "one JSON document for programs", false)
    .addOption(
      new Option("--table <name>", "the Lifecycle table of a deployed stack, with your AWS credentials").env(
        "TOLLHOUSE_LIFECYCLE_TABLE",
      ),
    )
    .option("--region <region>", "the AWS Region of --table", "us-east-1");

/** The options of every command that reads what was used. */
export const withMetering = (command: Command): Command =>
  withSource(command).addOption(
    new Option("--metering-table <name>", "the Metering table of the same stack").env(
      "TOLLHOUSE_METERING_TABLE",
    ),
  );

const limitFrom = (text: string): number => {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError("give a whole number from 1 to 10000");
  return limit;
};

export const withLimit = (command: Command, what = "show at most so many", limit = 50): Command =>
  command.option("--limit <count>", what, limitFrom, limit);

type Ask<From, Data extends object> = (source: From, where: string) => Promise<Answer<Data>>;

/** Opens what is to be read, asks, and shows the answer: data on stdout, for people where it comes from on stderr. */
export const respond = async <Data extends object>(
  flags: CommonFlags,
  ask: Ask<Source, Data>,
): Promise<void> => show(flags, await openSource(flags), ask);

/** The same of what was used. */
export const respondFromMetering = async <Data extends object>(
  flags: MeteringCommonFlags,
  ask: Ask<MeteringSource, Data>,
): Promise<void> => show(flags, await openMetering(flags), ask);

async function show<From extends Source, Data extends object>(
  flags: CommonFlags,
  { origin, source }: { readonly origin: Origin; readonly source: From },
  ask: Ask<From, Data>,
): Promise<void> {
  const paint = terminalPaint(process.stderr);
  if (!flags.json) process.stderr.write(`${paint.quiet(sentence(origin))}\n`);
  const { data, text, raw, isWrong } = await ask(source, sentence(origin)).catch((error: unknown) => {
    // The SDK's own errors carry this; such a table can be opened and then not be read, e.g. for want of dynamodb:Scan.
    throw error instanceof Error && "$metadata" in error ? unreachable(origin, error) : error;
  });
  if (isWrong === true) process.exitCode = 1;
  const now = await source.clock.now();
  if (flags.json) {
    process.stdout.write(`${asJson({ source: origin, now: formatInstant(now), ...data })}\n`);
    return;
  }
  const stream = raw === undefined ? process.stdout : process.stderr;
  stream.write(`${text(harmless(data), { width: widthOf(stream), now, paint: terminalPaint(stream) })}\n`);
  if (raw !== undefined) process.stdout.write(raw);
}
