import type { Fate, Remedy } from "@tollhouse/core/ledger/fate";
import type { Subscription } from "@tollhouse/core/lifecycle/subscription";
import type { UsageRecord } from "@tollhouse/core/metering/usage-record";
import type { Instant } from "@tollhouse/core/time/instant";
import { absolute } from "../output/time.ts";
import { correctingEvent, refundCommands, trailCommands } from "./aws-command.ts";
import type { RecordExplained, Step } from "./explained-shown.ts";

interface Known {
  readonly subscription: Subscription | undefined;
  readonly awsHas: bigint | undefined;
  readonly now: Instant;
}

/** What became of a record and what to do about it, in words. */
export const wordsOf = (
  record: UsageRecord,
  fate: Fate,
  known: Known,
): Pick<RecordExplained["fate"], "sentence" | "steps" | "whenWrong"> => ({
  sentence: sentenceOf(record, fate, known),
  steps: fate.remedies.map((remedy) => step(remedy, record, fate.tooMuch, known)),
  whenWrong:
    record.outcome.state === "accepted" && known.awsHas === undefined
      ? [...fate.whenTooMuch, ...fate.whenTooLittle].map((remedy) => step(remedy, record, undefined, known))
      : [],
});

const counted = (units: bigint): string => `${units} ${units === 1n ? "unit" : "units"}`;
const size = (units: bigint): bigint => (units < 0n ? -units : units);

function sentenceOf(record: UsageRecord, { tooMuch }: Fate, { awsHas }: Known): string {
  if (awsHas === undefined || tooMuch === undefined) return outcomeSentence(record);
  const told = `AWS has ${awsHas} for this hour by what you found, and the record says ${record.entry.quantity}:`;
  if (tooMuch === 0n) return `${told} the buyer is billed what was used.`;
  if (tooMuch < 0n) return `${told} ${counted(size(tooMuch))} are not billed.`;
  return record.outcome.state === "returned"
    ? `${told} it gave its units back, and another record bills them, so the buyer is billed ${counted(tooMuch)} too many.`
    : `${told} the buyer is billed ${counted(tooMuch)} too many.`;
}

function outcomeSentence({ outcome, attempts, deadlineAt, entry: { quantity } }: UsageRecord): string {
  const units = counted(quantity);
  const why =
    "refusal" in outcome && outcome.refusal !== undefined ? ` AWS's last word: ${outcome.refusal}.` : "";
  switch (outcome.state) {
    case "accepted":
      return `AWS took it at ${absolute(outcome.at)} and bills ${units}.`;
    case "pending": {
      const next = outcome.retryAt === undefined ? "with the next run" : `at ${absolute(outcome.retryAt)}`;
      return attempts === 0
        ? `AWS has not got it yet. It is sent ${next}, and can be taken until ${absolute(deadlineAt)}.${why}`
        : `It was sent, and no answer says that AWS took it. It is sent again ${next}, the same to the byte, until ${absolute(deadlineAt)}.${why}`;
    }
    case "conflict":
      return `AWS answered DuplicateRecord at ${absolute(outcome.at)}: it holds another quantity for this hour, sent by somebody else and first. It does not tell which, and takes no second one. Up to ${units} of ours are not billed; if AWS has more, the buyer is billed too many.`;
    case "not-subscribed":
      return `AWS knew no such subscriber until its window shut at ${absolute(deadlineAt)}: ${units} are not billed.${why}`;
    case "rejected":
      return `AWS refused it until its window shut at ${absolute(deadlineAt)}: ${units} are not billed.${why}`;
    case "expired":
      return attempts === 0
        ? `Its window shut at ${absolute(deadlineAt)} before it was sent: ${units} are not billed.${why}`
        : `It was sent, and its window shut at ${absolute(deadlineAt)} before an answer said that AWS took it: up to ${units} are not billed.${why}`;
    case "returned":
      return `It never reached AWS and never can. Its units went back into the balance at ${absolute(outcome.at)}, and into a later record from there.${why}`;
    default:
      return outcome satisfies never;
  }
}

function step(
  remedy: Remedy,
  record: UsageRecord,
  tooMuch: bigint | undefined,
  { subscription, now }: Known,
): Step {
  const what = tooMuch === undefined ? "the units" : counted(size(tooMuch));
  const less = tooMuch === undefined ? undefined : -tooMuch;
  switch (remedy) {
    case "refund":
      return {
        remedy,
        sentence: `Refund ${what} that are too many with a billing adjustment, once they are invoiced. The agreement is the one that is in force now; ask for an earlier one where it was renewed since.`,
        commands: refundCommands(
          record,
          subscription?.agreementId,
          tooMuch === undefined ? undefined : size(tooMuch),
        ),
      };
    case "correct-by-usage":
      return {
        remedy,
        sentence: `Take ${what} that are too many off the usage that follows, with an event of fewer units than none (and the tags of what it corrects). What no later usage uses up before the grant ends stays owed to the buyer.`,
        commands: [],
        event: correctingEvent(record, less, now),
      };
    case "bill-by-usage":
      return {
        remedy,
        sentence: `Bill ${what} that are missing with an event of now: it goes into the next open hour of the same grant.`,
        commands: [],
        event: correctingEvent(record, less, now),
      };
    case "ask-aws":
      return {
        remedy,
        sentence: `Nothing can be sent any more for ${what} that are missing: its window shut at ${absolute(record.deadlineAt)}, or the grant is over. Ask AWS Support or AWS Marketplace Seller Operations, with the record above.`,
        commands: [],
      };
    case "find-out":
      return {
        remedy,
        sentence:
          "Find out in the seller account what AWS has, then ask again with `--aws-has <quantity>` for what fits.",
        commands: trailCommands(record, now),
      };
    case "mend-cause":
      return {
        remedy,
        sentence: `Mend what AWS refuses it for before ${absolute(record.deadlineAt)}; \`tollhouse subscriptions show ${record.subscriptionId}\` says whether its grant is in force.`,
        commands: [],
      };
    case "wait":
      return { remedy, sentence: "Nothing else is to be done: Tollhouse is still at it.", commands: [] };
    default:
      return remedy satisfies never;
  }
}
