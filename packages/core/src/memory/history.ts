import { agreementEnds, type Fact } from "../lifecycle/fact.ts";
import { finalDeadline } from "../lifecycle/subscription.ts";
import { formatInstant, laterBy, secondMs } from "../time/instant.ts";
import { at, customerIdentifier, example, licenseArn, licenseId, mailerCode } from "./example.ts";

/** One license's ARN as AWS spells it here and there. */
export const spellings = [
  licenseArn,
  licenseArn.replace("::", ":us-east-1:"),
  licenseArn.slice("arn:".length),
  licenseId,
] as const;

/** Four numbers from a generator: which kind of fact, when, of which agreement, and a detail. */
export type Draw = readonly [kind: number, second: number, agreement: number, detail: number];

const pick = <Value>(values: readonly [Value, ...Value[]], index: number): Value =>
  values[index % values.length] ?? values[0];

/** Seconds are few, so that many facts share one, as AWS's do. */
const timeOf = (second: number): string =>
  formatInstant(laterBy(at("2026-08-20T10:00:00Z"), (second % 12) * secondMs));

/** When the final window ends that a cut at this time opens. */
const deadlineOf = (time: string): string => formatInstant(finalDeadline(at(time)));

/** A fact about the example license; any set of them is a history that deliveries may tell. */
export function licenseFact([kind, second, agreement, detail]: Draw, index: number): Fact {
  const id = `f-${index}`;
  const time = timeOf(second);
  const agreementId = `agmt-${agreement % 3}`;
  const licensed = { agreementId, licenseArn: pick(spellings, detail), offerId: `offer-${detail % 2}` };
  return pick<() => Fact>(
    [
      () => example.licenseUpdated(id, time, licensed),
      () => example.licenseDeprovisioned(id, time, licensed),
      () => example.agreementEnded(id, time, { agreementId, status: pick(agreementEnds, detail) }),
      () => example.agreementCreated(id, time, { agreementId }),
      () =>
        example.registered(id, time, { licenseArn: licensed.licenseArn, buyerAccountId: `${detail % 2}` }),
      () => example.licenseUpdated(id, time, licensed),
      () => example.windowElapsed(id, deadlineOf(time), { licenseArn: licensed.licenseArn }),
    ],
    kind,
  )();
}

/** A fact about the example customer of the old listing. */
export function topicFact([kind, second, , detail]: Draw, index: number): Fact {
  const id = `f-${index}`;
  const time = timeOf(second);
  const registered = { productCode: mailerCode, customerIdentifier, licenseArn: undefined };
  return pick<() => Fact>(
    [
      () =>
        example.subscribeSucceeded(id, time, { freeTrial: detail % 2 === 0, offerId: `offer-${detail % 2}` }),
      () => example.unsubscribePending(id, time),
      () => example.unsubscribeSucceeded(id, time),
      () => example.subscribeFailed(id, time),
      () => example.registered(id, time, registered),
      () => example.windowElapsed(id, deadlineOf(time), { productCode: mailerCode, customerIdentifier }),
    ],
    kind,
  )();
}

/** The facts in another order and repeated: first as the numbers pick them, then all, so that none is lost. */
export const deliver = (facts: readonly Fact[], picks: readonly number[]): readonly Fact[] => [
  ...picks.flatMap((index) => facts[index % facts.length] ?? []),
  ...facts,
];
