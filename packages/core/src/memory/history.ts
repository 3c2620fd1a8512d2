import { agreementEnds, type Fact } from "../lifecycle/fact.ts";
import { customerKey, finalDeadline, licenseKey } from "../lifecycle/subscription.ts";
import { formatInstant, laterBy, secondMs } from "../time/instant.ts";
import { hourStart } from "../time/utc-hour.ts";
import {
  analyticsCode,
  archiveCode,
  at,
  customerIdentifier,
  example,
  hour,
  licenseArn,
  licenseId,
  mailerCode,
  migratesFrom,
} from "./example.ts";

const topicId = customerKey(mailerCode, customerIdentifier).id;

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
      () => example.windowElapsed(id, deadlineOf(time)),
      () => example.agreementCreated(id, time, { agreementId, startsAt: at(timeOf(detail)) }),
      () => example.startReached(id, timeOf(detail)),
      () => example.notice(id, time, { agreementId }),
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
      () => example.windowElapsed(id, deadlineOf(time), { productCode: mailerCode, subscriptionId: topicId }),
    ],
    kind,
  )();
}

type Owned = { readonly name: string; readonly account: string; readonly customer: string };
/** Each license belongs to one account and to one customer identifier. */
const marketLicenses: readonly [Owned, ...Owned[]] = [
  { name: "a", account: "111111111111", customer: "X01" },
  { name: "b", account: "111111111111", customer: "X01" },
  { name: "c", account: "222222222222", customer: "X02" },
];

const licenseName = (product: string, name: string): string =>
  `arn:aws:license-manager::294406891311:license:l-${product.slice(0, 5)}${name}00000000`;

/** A fact about any of several buyers, licenses and agreements of a listing of any generation. */
export function marketFact([kind, second, agreement, detail]: Draw, index: number): Fact {
  const id = `f-${index}`;
  const productCode = pick([analyticsCode, archiveCode, mailerCode], Math.floor(kind / 16));
  // Around the hour from which the migrating listing is told by EventBridge.
  const time = formatInstant(laterBy(hourStart(hour(migratesFrom)), ((second % 12) - 6) * secondMs));
  const { name, account, customer } = pick(marketLicenses, detail);
  const agreementId = `${productCode}-agmt-${agreement % 4}`;
  const licenseArn = licenseName(productCode, name);
  const licensed = { productCode, licenseArn, agreementId, buyerAccountId: account };
  const identified = { productCode, customerIdentifier: customer };
  const buyer = { productCode, buyerAccountId: account, licenseArn: undefined };
  const visit = `visit-${second % 3}`;
  const subscriptionId = pick(
    [
      customerKey(productCode, customer).id,
      licenseKey(licenseArn)?.id ?? customerKey(productCode, customer).id,
    ],
    second,
  );
  return pick<() => Fact>(
    [
      () => example.licenseUpdated(id, time, licensed),
      () => example.licenseUpdated(id, time, { ...licensed, reconciled: true }),
      () => example.licenseDeprovisioned(id, time, licensed),
      () => example.agreementEnded(id, time, { agreementId, status: pick(agreementEnds, second) }),
      () =>
        example.agreementCreated(id, time, {
          agreementId,
          intent: pick(["NEW", "RENEW", "REPLACE"], second),
          previousAgreementId:
            second % 2 === 0 ? undefined : `${productCode}-agmt-${(agreement + 1 + (detail % 2)) % 4}`,
        }),
      () => example.registered(id, time, { ...buyer, licenseArn, visit }),
      () => example.registered(id, time, { ...buyer, visit }),
      () => example.registered(id, time, { ...buyer, licenseArn, customerIdentifier: customer, visit }),
      () => example.registered(id, time, { ...buyer, customerIdentifier: customer, visit }),
      () => example.subscribeSucceeded(id, time, identified),
      () => example.unsubscribePending(id, time, identified),
      () => example.unsubscribeSucceeded(id, time, identified),
      () => example.subscribeFailed(id, time, identified),
      () => example.windowElapsed(id, deadlineOf(time), { productCode, subscriptionId }),
      () => example.agreementAmended(id, time, { agreementId, autoRenews: second % 2 === 0 }),
      () => example.notice(id, time, { agreementId, known: second % 2 === 0 }),
    ],
    kind % 16,
  )();
}

/** The facts in another order and repeated: first as the numbers pick them, then all, so that none is lost. */
export const deliver = (facts: readonly Fact[], picks: readonly number[]): readonly Fact[] => [
  ...picks.flatMap((index) => facts[index % facts.length] ?? []),
  ...facts,
];
