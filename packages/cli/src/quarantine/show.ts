import { quarantineDays } from "@tollhouse/aws/dynamodb/key";
import type { QuarantineLine } from "@tollhouse/core/quarantine/quarantine";
import { dayMs, type Instant, laterBy } from "@tollhouse/core/time/instant";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { indented, nameValues } from "../output/paragraph.ts";
import { both } from "../output/time.ts";
import type { Source } from "../source.ts";

interface ShownEntry extends QuarantineLine {
  readonly expiresAt: Instant;
  readonly bodyBytes: number;
  /** Only when it was asked for, since it may hold personal data. */
  readonly body?: string;
}

/** @throws CommandError when there is no such entry, or none any more */
export async function showQuarantined(
  { quarantine }: Pick<Source, "quarantine">,
  id: string,
  withBody: boolean,
): Promise<Answer<{ readonly entry: ShownEntry }>> {
  const found = await quarantine.get(id);
  if (found === undefined)
    throw new CommandError(
      "not-found",
      `There is nothing ${id} in the quarantine, or not any more: entries go after ${quarantineDays} days. ` +
        `\`tollhouse quarantine list\` names them.`,
    );
  const { body, ...head } = found;
  const entry: ShownEntry = {
    ...head,
    expiresAt: laterBy(head.quarantinedAt, quarantineDays * dayMs),
    bodyBytes: Buffer.byteLength(body),
    ...(withBody && { body }),
  };
  const note = withBody
    ? "The body may hold personal data: keep it no longer than you need it."
    : "--body prints the body, to the byte. It may hold personal data.";
  return {
    data: { entry },
    raw: withBody ? body : undefined,
    text: ({ entry: shown }, { now, paint, width }) =>
      [
        paint.strong(shown.id),
        ...nameValues(
          [
            ["door", shown.door],
            ["since", both(shown.quarantinedAt, now)],
            ["goes", both(shown.expiresAt, now)],
            ["body", `${shown.bodyBytes} bytes`],
            ["reason", shown.reason],
          ],
          width,
        ),
        "",
        ...indented(note, 0, width, paint.warn),
      ].join("\n"),
  };
}
