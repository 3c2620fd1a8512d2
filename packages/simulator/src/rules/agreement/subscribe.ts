import { type Catalogue, hasContract, type Product, speaksEvents, speaksSns } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { agreementIdOf, licenseArnOf, offerIdOf, registrationTokenOf } from "../identity.ts";
import { findListing } from "../listing.ts";
import { planBeginning, planEnd, withdraw } from "../notification/plan.ts";
import { refusal } from "../refusal.ts";
import type { Change, State } from "../state.ts";
import { secondMs, wholeSecond } from "../time.ts";
import type { Agreement } from "./agreement.ts";
import { problemOfNumber, problemOfPurchase, type Purchase } from "./purchase.ts";
import { aYearAfter, endOf } from "./term.ts";

export interface Subscribed {
  readonly agreement: Agreement;
  readonly registrationToken: string;
}

/**
 * A buyer accepts an offer at `nowMs`. Gives the agreement with a registration token, and plans the messages.
 * Refuses what no listing could sell, and a second subscription to an old listing.
 */
export function subscribe(
  catalogue: Catalogue,
  state: State,
  purchase: Purchase,
  nowMs: number,
): Decision<Subscribed> {
  const product = findListing(catalogue, state, purchase.productCode);
  if (product === undefined)
    return refused(refusal("product-unknown", `no product has the code ${purchase.productCode}`));
  const counter = state.counter + 1;
  const ofBuyer = Object.values(state.agreements).filter(
    ({ productCode, buyerAccountId }) =>
      productCode === product.code && buyerAccountId === purchase.buyerAccountId,
  );
  const agreement = agreementOf(catalogue, product, { seed: state.seed, counter }, purchase, nowMs);
  const problem = problemOfPurchase(product, agreement) ?? problemOfNumber(product, ofBuyer, nowMs);
  if (problem !== undefined) return refused(problem);

  const act = { catalogue, product, state, counter };
  const registrationToken = registrationTokenOf(state.seed, counter);
  return decided({ agreement, registrationToken }, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement },
    { kind: "token-issued", token: registrationToken, agreementId: agreement.id, issuedAtMs: nowMs },
    ...resubscription(state, product, ofBuyer, nowMs),
    ...planBeginning(act, agreement),
    ...planEnd(act, agreement, nowMs),
  ]);
}

function agreementOf(
  catalogue: Catalogue,
  product: Product,
  { seed, counter }: { seed: string; counter: number },
  purchase: Purchase,
  nowMs: number,
): Agreement {
  const { paymentFails = false, autoRenew = false } = purchase;
  const id = agreementIdOf(seed, counter);
  const startAtMs = Math.max(purchase.startAtMs ?? nowMs, nowMs);
  const endAtMs = purchase.endAtMs ?? (hasContract(product) ? aYearAfter(startAtMs) : null);
  const activatedAtMs = activationOf(catalogue, product, startAtMs);
  return {
    id,
    intent: "NEW",
    initialAgreementId: id,
    previousAgreementId: null,
    productCode: product.code,
    buyerAccountId: purchase.buyerAccountId,
    proposerAccountId: purchase.proposerAccountId ?? catalogue.sellerAccountId,
    offerId: purchase.offerId ?? offerIdOf(seed, counter),
    licenseArn: licenseArnOf(seed, counter),
    acceptedAtMs: nowMs,
    startAtMs,
    endAtMs,
    autoRenew,
    renewalDisabledBy: null,
    activatedAtMs: paymentFails ? null : activatedAtMs,
    end: firstEnd(catalogue, product, { paymentFails, autoRenew, endAtMs, failsAtMs: activatedAtMs }),
    updatedAtMs: nowMs,
    entitlements: purchase.entitlements ?? [],
    freeTrial: purchase.freeTrial ?? false,
    paymentFails,
    licenseArnMissing: purchase.licenseArnMissing ?? catalogue.licenseArnMissing ?? 0,
  };
}

function activationOf({ notificationDelays }: Catalogue, product: Product, startAtMs: number): number {
  const { licenseUpdatedSeconds, subscribeSuccessSeconds } = notificationDelays;
  const delaySeconds = speaksEvents(product) ? licenseUpdatedSeconds : subscribeSuccessSeconds;
  return wholeSecond(startAtMs + delaySeconds * secondMs);
}

/** The end that is known at acceptance: a failed payment's, or that of a term which is not renewed. */
function firstEnd(
  catalogue: Catalogue,
  product: Product,
  known: { paymentFails: boolean; autoRenew: boolean; endAtMs: number | null; failsAtMs: number },
): Agreement["end"] {
  // Agreement API reference, DescribeAgreement: TERMINATED is AWS's own doing, for example after a payment failure.
  if (known.paymentFails)
    return { status: "TERMINATED", endedAtMs: known.failsAtMs, deprovisionedAtMs: known.failsAtMs };
  return known.endAtMs === null || known.autoRenew
    ? null
    : endOf(catalogue, product, known.endAtMs, "EXPIRED");
}

/** A buyer who returns before `unsubscribe-success` was sent makes AWS leave it out (Seller Guide, SNS notifications). */
const resubscription = (
  state: State,
  product: Product,
  ofBuyer: readonly Agreement[],
  nowMs: number,
): Change[] =>
  speaksSns(product) ? ofBuyer.flatMap(({ id }) => withdraw(state, id, nowMs, ["unsubscribe-success"])) : [];
