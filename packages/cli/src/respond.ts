import { formatInstant } from "@tollhouse/core/time/instant";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Answer } from "./answer.ts";
import { harmless } from "./output/harmless.ts";
import { asJson } from "./output/json.ts";
import { terminalPaint, widthOf } from "./output/view.ts";
import { openSource, sentence, type Source, type SourceFlags } from "./source.ts";

export interface CommonFlags extends SourceFlags {
  readonly json: boolean;
}

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

const limitFrom = (text: string): number => {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError("give a whole number from 1 to 10000");
  return limit;
};

export const withLimit = (command: Command): Command =>
  command.option("--limit <count>", "show at most so many", limitFrom, 50);

/** Opens what is to be read, asks, and shows the answer: data on stdout, for people where it comes from on stderr. */
export async function respond<Data extends object>(
  flags: CommonFlags,
  ask: (source: Source, where: string) => Promise<Answer<Data>>,
): Promise<void> {
  const { origin, source } = await openSource(flags);
  const paint = terminalPaint(process.stderr);
  if (!flags.json) process.stderr.write(`${paint.quiet(sentence(origin))}\n`);
  const { data, text, raw } = await ask(source, sentence(origin));
  const now = await source.clock.now();
  if (flags.json) {
    process.stdout.write(`${asJson({ source: origin, now: formatInstant(now), ...data })}\n`);
    return;
  }
  const stream = raw === undefined ? process.stdout : process.stderr;
  stream.write(`${text(harmless(data), { width: widthOf(stream), now, paint: terminalPaint(stream) })}\n`);
  if (raw !== undefined) process.stdout.write(raw);
}
