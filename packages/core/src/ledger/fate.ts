import type { Subscription } from "../lifecycle/subscription.ts";
import type { UsageRecord } from "../metering/usage-record.ts";
import type { Instant } from "../time/instant.ts";

/**
 * How a difference between what was used and what AWS bills can be mended. `refund`: a billing adjustment once it is invoiced.
 * `correct-by-usage`: a usage event with fewer units than none, while later usage follows from which they go off. `bill-by-usage`: an
 * event of now, which goes into the next open hour. `ask-aws`: nothing can be sent any more, so AWS Support or Seller Operations.
 * `find-out`: look up who sent what. `wait`: Tollhouse is still at it. `mend-cause`: what refuses it can be mended in time.
 */
export type Remedy =
  "refund" | "correct-by-usage" | "bill-by-usage" | "ask-aws" | "find-out" | "wait" | "mend-cause";

/** What AWS bills of a record, as far as is known, and what to do about it. */
export interface Fate {
  /** Units that AWS holds for the hour, at least and at most; without `most`, nobody here can know. */
  readonly billed: { readonly least: bigint; readonly most: bigint | undefined };
  /** What AWS holds beyond the record, or fewer than none; known when AWS's quantity is. */
  readonly tooMuch: bigint | undefined;
  /** What fits, best first; empty when all is well. */
  readonly remedies: readonly Remedy[];
  /** The same should the record itself turn out to say too much, or too little. */
  readonly whenTooMuch: readonly Remedy[];
  readonly whenTooLittle: readonly Remedy[];
}

interface Known {
  readonly now: Instant;
  readonly subscription: Subscription | undefined;
  /** What AWS holds for the hour, as somebody has found out. */
  readonly awsHas: bigint | undefined;
}

/** Decides what became of a record, and what can be done when it is not as it should be. */
export function fateOf(record: UsageRecord, known: Known): Fate {
  const { awsHas } = known;
  const [whenTooMuch, whenTooLittle] = [overBilled(known), underBilled(record, known)];
  const guess = guessed(record, whenTooLittle);
  if (awsHas === undefined) return { ...guess, tooMuch: undefined, whenTooMuch, whenTooLittle };
  const { state } = record.outcome;
  // What it gave back is billed by another record.
  const tooMuch = awsHas - (state === "returned" ? 0n : record.entry.quantity);
  const tooLittle = state === "pending" ? guess.remedies : whenTooLittle;
  const remedies = tooMuch === 0n ? [] : tooMuch > 0n ? whenTooMuch : tooLittle;
  return { billed: { least: awsHas, most: awsHas }, tooMuch, remedies, whenTooMuch, whenTooLittle };
}

function guessed(record: UsageRecord, whenTooLittle: readonly Remedy[]): Pick<Fate, "billed" | "remedies"> {
  const { quantity } = record.entry;
  const nothing = { least: 0n, most: 0n };
  const perhaps = { least: 0n, most: quantity };
  const { outcome, attempts } = record;
  switch (outcome.state) {
    case "accepted":
      return { billed: { least: quantity, most: quantity }, remedies: [] };
    case "pending":
      return {
        billed: attempts > 0 ? perhaps : nothing,
        remedies: outcome.refusedAs === undefined ? ["wait"] : ["mend-cause", "wait"],
      };
    case "conflict":
      return { billed: { least: 0n, most: undefined }, remedies: ["find-out"] };
    case "not-subscribed":
    case "rejected":
      return { billed: nothing, remedies: whenTooLittle };
    case "expired":
      return attempts > 0
        ? { billed: perhaps, remedies: ["find-out", ...whenTooLittle] }
        : { billed: nothing, remedies: whenTooLittle };
    case "returned":
      return { billed: nothing, remedies: [] };
    default:
      return outcome satisfies never;
  }
}

/** Usage that is sent now is only billed while the grant goes on. */
const goesOn = ({ subscription, now }: Known): boolean => {
  const grant = subscription?.grant;
  return grant?.state === "active" || (grant?.state === "cancelling" && now < grant.cutAt);
};

const overBilled = (known: Known): readonly Remedy[] =>
  goesOn(known) ? ["correct-by-usage", "refund"] : ["refund"];

/** What belongs to an hour whose window has shut is AWS's to bill; until then the buyer still sees it beside its day. */
const underBilled = ({ deadlineAt }: UsageRecord, known: Known): readonly Remedy[] =>
  goesOn(known) && known.now < deadlineAt ? ["bill-by-usage"] : ["ask-aws"];
