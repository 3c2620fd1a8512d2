import { setTimeout as delay } from "node:timers/promises";
import { cloudEventOf } from "@tollhouse/core/usage/usage-event";
import { toldToEnd } from "@tollhouse/local/told-to-end";
import { terminalPaint, widthOf } from "../output/view.ts";
import type { MeteringCommonFlags } from "../respond.ts";
import { openMetering, sentence, unreachable } from "../source.ts";
import { eventLines } from "./event-line.ts";
import { type Batch, UsageTail } from "./tail.ts";

export interface FollowFlags extends MeteringCommonFlags {
  readonly subject?: string | undefined;
  readonly limit: number;
  readonly once: boolean;
}

const lookEveryMs = 1_000;

/** Shows usage as it comes, until the reader has had enough. */
export async function followUsage(flags: FollowFlags): Promise<void> {
  const over = toldToEnd();
  const { origin, source } = await openMetering(flags);
  const paint = terminalPaint(process.stderr);
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  const isQuiet = flags.json;
  if (!isQuiet) {
    tell(paint.quiet(sentence(origin)));
    if (!flags.once) tell(paint.quiet("Usage of this hour and the last, as it comes. Ctrl-C ends."));
  }
  const tail = new UsageTail(source, flags.limit, flags.subject);
  // Whoever reads a pipe wants lines whole.
  const width = process.stdout.isTTY ? widthOf(process.stdout) : Infinity;
  const linesOf = flags.json ? jsonLines : textLines(width);
  for (let look = 0; !over.aborted; look += 1) {
    const batch = await source.clock
      .now()
      .then((now) => tail.look(now))
      .catch((error: unknown) => {
        throw unreachable(origin, error);
      });
    for (const sentenceOfDamage of batch.damaged) tell(paint.warn(sentenceOfDamage));
    const lines = linesOf(batch);
    if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
    if (batch.leftOut > 0)
      tell(paint.warn(`${batch.leftOut} more events came in at once and are not shown.`));
    if (flags.once) {
      if (lines.length === 0 && !isQuiet) tell("No usage of this hour and the last is here.");
      return;
    }
    await delay(lookEveryMs, undefined, { signal: over }).catch(() => undefined);
  }
}

const jsonLines = ({ events }: Batch): readonly string[] =>
  events.map(({ segment, event }) => JSON.stringify({ segment, event: cloudEventOf(event) }));

function textLines(width: number): (batch: Batch) => readonly string[] {
  const linesOf = eventLines(width);
  return ({ events }) => linesOf(events.map(({ event }) => event));
}
