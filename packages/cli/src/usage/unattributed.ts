import { type WaitingReason, waitingReasons } from "@tollhouse/core/metering/attribute";
import { someday } from "@tollhouse/core/time/instant";
import type { Answer } from "../answer.ts";
import { indented } from "../output/paragraph.ts";
import type { View } from "../output/view.ts";
import type { MeteringSource } from "../source.ts";
import { type WaitingSubject, waitingSubjects, waitingTable } from "./waiting-subject.ts";

interface Unattributed {
  readonly unattributed: readonly WaitingSubject[];
  /** Whether more waits than was read. */
  readonly isMore: boolean;
}

/** What waits for somebody it can be counted for, by subject: of at most `limit` pieces, the least recently looked at. */
export async function listUnattributed(
  { waiting, configuration }: Pick<MeteringSource, "waiting" | "configuration">,
  limit: number,
): Promise<Answer<Unattributed>> {
  const found = await waiting.due(someday, limit + 1);
  const unattributed = waitingSubjects(found.slice(0, limit), configuration.settings);
  return {
    data: { unattributed, isMore: found.length > limit },
    text: (data, view) => unattributedText(data, limit, view),
  };
}

const remedies: Record<WaitingReason, string> = {
  "subject-unknown":
    "Compare the name with `tollhouse subscriptions list` and `tollhouse customers list`. It is counted by itself when the buyer registers under that reference, or when AWS's notification arrives.",
  "dimension-not-metered":
    'Compare the dimension with tollhouse.config.ts. When the listing meters it, name it there as "metered" and deploy.',
  "outside-grant":
    "See `tollhouse subscriptions show <subject>` for when it was in force. A fact that arrives late may still cover it.",
  "several-subscriptions": "Let the seller's service name the license or the subscription as the subject.",
};

function unattributedText({ unattributed, isMore }: Unattributed, limit: number, view: View): string {
  if (unattributed.length === 0) return "Nothing waits: all usage that was folded is somebody's.";
  const reasons = [...new Set(unattributed.flatMap((each) => each.reasons))];
  return [
    waitingTable(unattributed, view),
    ...(isMore ? indented(moreSentence(limit), 0, view.width, view.paint.warn) : []),
    ...reasons.flatMap((reason) => [
      "",
      ...indented(`${reason}: ${waitingReasons[reason]}.`, 0, view.width, view.paint.strong),
      ...indented(remedies[reason], 2, view.width),
    ]),
  ].join("\n");
}

const moreSentence = (limit: number): string =>
  `More waits than this: only the ${limit} pieces that were looked at longest ago were read. --limit ${limit * 2} reads more, \`tollhouse ledger check\` adds up all.`;
