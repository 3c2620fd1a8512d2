import { type Catalogue, findProduct, hasContract, hasDimension, type Product } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { agreementIdOf, licenseArnOf, offerIdOf, registrationTokenOf } from "../identity.ts";
import { planBeginning, planEnd, withdraw } from "../notification/plan.ts";
import { type Refusal, refusal } from "../refusal.ts";
import type { Change, State } from "../state.ts";
import { secondMs, wholeSecond } from "../time.ts";
import { type Agreement, isEnded, type PurchasedEntitlement } from "./agreement.ts";

export interface Purchase {
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly offerId?: string | undefined;
  /** A channel partner's account; the seller itself when left out. */
  readonly proposerAccountId?: string | undefined;
  readonly startAtMs?: number | undefined;
  readonly endAtMs?: number | undefined;
  readonly entitlements?: readonly PurchasedEntitlement[] | undefined;
  readonly freeTrial?: boolean | undefined;
}

export interface Subscribed {
  readonly agreement: Agreement;
  readonly registrationToken: string;
}

/** API reference, Agreement service quotas: active agreements for one product in one account. */
const maxConcurrentAgreements = 100;

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
  const product = findProduct(catalogue, purchase.productCode);
  if (product === undefined)
    return refused(refusal("product-unknown", `no product has the code ${purchase.productCode}`));
  const problem = problemOf(product, purchase, nowMs) ?? tooMany(state, product, purchase, nowMs);
  if (problem !== undefined) return refused(problem);

  const counter = state.counter + 1;
  const agreement = agreementOf(catalogue, product, state.seed, counter, purchase, nowMs);
  const registrationToken = registrationTokenOf(state.seed, counter);
  return decided({ agreement, registrationToken }, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement },
    { kind: "token-issued", token: registrationToken, agreementId: agreement.id, issuedAtMs: nowMs },
    ...resubscription(state, product, purchase, nowMs),
    ...planBeginning(catalogue, product, state, agreement, counter),
    ...planEnd(catalogue, product, state, agreement, counter),
  ]);
}

function agreementOf(
  catalogue: Catalogue,
  product: Product,
  seed: string,
  counter: number,
  purchase: Purchase,
  nowMs: number,
): Agreement {
  const delays = catalogue.notificationDelays;
  const startAtMs = Math.max(purchase.startAtMs ?? nowMs, nowMs);
  const endAtMs = purchase.endAtMs ?? (hasContract(product) ? aYearAfter(startAtMs) : null);
  const delaySeconds =
    product.generation === "sns" ? delays.subscribeSuccessSeconds : delays.licenseUpdatedSeconds;
  return {
    id: agreementIdOf(seed, counter),
    productCode: product.code,
    buyerAccountId: purchase.buyerAccountId,
    proposerAccountId: purchase.proposerAccountId ?? catalogue.sellerAccountId,
    offerId: purchase.offerId ?? offerIdOf(seed, counter),
    licenseArn: licenseArnOf(seed, counter),
    acceptedAtMs: nowMs,
    startAtMs,
    endAtMs,
    activatedAtMs: wholeSecond(startAtMs + delaySeconds * secondMs),
    end: endAtMs === null ? null : endOf(catalogue, product, endAtMs, "EXPIRED"),
    entitlements: purchase.entitlements ?? [],
    freeTrial: purchase.freeTrial ?? false,
  };
}

function aYearAfter(atMs: number): number {
  const at = new Date(atMs);
  return at.setUTCFullYear(at.getUTCFullYear() + 1);
}

/** When an agreement that is over at `atMs` is announced as ended, and its license as deprovisioned. */
export function endOf(
  catalogue: Catalogue,
  product: Product,
  atMs: number,
  status: "CANCELLED" | "EXPIRED",
): NonNullable<Agreement["end"]> {
  const delays = catalogue.notificationDelays;
  const endedSeconds =
    product.generation === "sns" ? delays.unsubscribePendingSeconds : delays.agreementEndedSeconds;
  return {
    status,
    endedAtMs: atMs + endedSeconds * secondMs,
    deprovisionedAtMs: atMs + delays.licenseDeprovisionedSeconds * secondMs,
  };
}

/** A buyer who returns before `unsubscribe-success` was sent makes AWS leave it out (Seller Guide, SNS notifications). */
const resubscription = (state: State, product: Product, purchase: Purchase, nowMs: number): Change[] =>
  product.generation === "sns"
    ? ofBuyer(state, purchase).flatMap(({ id }) => withdraw(state, id, nowMs, ["unsubscribe-success"]))
    : [];

const ofBuyer = (state: State, { productCode, buyerAccountId }: Purchase): Agreement[] =>
  Object.values(state.agreements).filter(
    (agreement) => agreement.productCode === productCode && agreement.buyerAccountId === buyerAccountId,
  );

function tooMany(state: State, product: Product, purchase: Purchase, nowMs: number): Refusal | undefined {
  const running = ofBuyer(state, purchase).filter((agreement) => !isEnded(agreement, nowMs)).length;
  if (product.generation === "sns" && running > 0)
    return refusal(
      "already-subscribed",
      "an old listing has one agreement a buyer: cancel the running one first",
    );
  if (running >= maxConcurrentAgreements)
    return refusal(
      "too-many-agreements",
      `a buyer may hold ${maxConcurrentAgreements} agreements for one product`,
    );
  return undefined;
}

function problemOf(product: Product, purchase: Purchase, nowMs: number): Refusal | undefined {
  const startAtMs = Math.max(purchase.startAtMs ?? nowMs, nowMs);
  if (purchase.endAtMs !== undefined && purchase.endAtMs <= startAtMs)
    return refusal("end-before-start", "the agreement would end before it starts: choose a later endAt");
  return problemOfEntitlements(product, purchase.entitlements ?? []);
}

/** Why `product` cannot sell these entitlements, if it cannot. */
export function problemOfEntitlements(
  product: Product,
  entitlements: readonly PurchasedEntitlement[],
): Refusal | undefined {
  const keys = entitlements.map(({ dimension }) => dimension);
  const unknown = keys.find((key) => !hasDimension(product, key, "Entitled"));
  if (unknown !== undefined)
    return refusal("dimension-unknown", `${product.code} sells no entitlement of dimension ${unknown}`);
  if (new Set(keys).size < keys.length)
    return refusal("dimension-repeated", "name each dimension once: AWS keeps one entitlement for each");
  return undefined;
}
