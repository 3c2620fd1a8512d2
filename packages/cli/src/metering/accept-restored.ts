import { billableTwice, findRestored, type Restored, safeStart } from "@tollhouse/core/metering/restore";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { indented } from "../output/paragraph.ts";
import { absolute } from "../output/time.ts";
import type { MeteringSource } from "../source.ts";

export type RestoreReads = Pick<MeteringSource, "runs" | "runWitness" | "configuration">;

/** What `metering show` says above all products, or nothing. */
export async function restoredSentence(
  source: Omit<RestoreReads, "configuration">,
): Promise<string | undefined> {
  const restored = await findRestored(source);
  return restored === undefined ? undefined : sentenceOf(restored);
}

function sentenceOf({ ours, witnessed }: Restored): string {
  const since = ours === undefined ? "" : ` from ${absolute(ours.at)}`;
  return (
    `The Metering table is a backup${since}; the meter last ran at ${absolute(witnessed.at)}. Nothing is sealed or sent, so that nothing ` +
    "is billed twice. docs/operations.md, Restoring a table, says what to do; `tollhouse metering accept-restored` ends it."
  );
}

interface Accepted {
  readonly changed: boolean;
  readonly sentence: string;
}

/**
 * Lets the meter go on with books that were restored from a backup.
 * @throws CommandError while a product could be billed again for usage that AWS has been sent
 */
export async function acceptRestored({
  runs,
  runWitness,
  configuration,
}: RestoreReads): Promise<Answer<Accepted>> {
  const restored = await findRestored({ runs, runWitness });
  if (restored === undefined)
    return answer({
      changed: false,
      sentence: "The Metering table is as the meter left it: nothing to accept.",
    });
  const billable = billableTwice(configuration.products, restored);
  if (billable.length > 0)
    throw new CommandError(
      "refused",
      `Usage that AWS was sent after that backup could be billed again of ${billable.map(({ title }) => title).join(", ")}. Set startAt: "${safeStart(restored)}" or later ` +
        "for each of them in tollhouse.config.ts and deploy; then say this again. Nothing before that hour is sent any more: docs/operations.md, Restoring a table.",
    );
  await runs.raise(restored.witnessed);
  return answer({
    changed: true,
    sentence:
      "Accepted: the meter goes on with its next run. `tollhouse ledger check` shows whether the books agree with the usage they hold.",
  });
}

const answer = (data: Accepted): Answer<Accepted> => ({
  data,
  text: ({ sentence }, view) => indented(sentence, 0, view.width).join("\n"),
});
