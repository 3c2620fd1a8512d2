import { type Catalogue, hasContract, type Product } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { agreementIdOf, licenseArnOf, offerIdOf } from "../identity.ts";
import { overtaken, planEnd, planSuccession, withdraw } from "../notification/plan.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { wholeSecond } from "../time.ts";
import type { Agreement, PurchasedEntitlement } from "./agreement.ts";
import { findActive } from "./find.ts";
import { problemOfPurchase } from "./purchase.ts";
import { endOf, termAsLong } from "./term.ts";

/** What the next agreement has of its own; the rest is taken over. */
export interface Succession {
  readonly offerId?: string | undefined;
  readonly endAtMs?: number | undefined;
  readonly autoRenew?: boolean | undefined;
  readonly entitlements?: readonly PurchasedEntitlement[] | undefined;
}

/**
 * A new agreement takes the place of one whose term is renewed, at `atMs` (Seller Guide, "Amazon EventBridge events";
 * Agreement API reference, `RENEWED`). Refuses an agreement that is over, not active yet or without a term.
 */
export function renew(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  succession: Succession,
  atMs: number,
): Decision<Agreement> {
  const found = findActive(catalogue, state, agreementId, atMs);
  if ("refusal" in found) return found;
  if (found.agreement.endAtMs === null)
    return refused(refusal("no-term", `${agreementId} has no end, so that nothing of it is renewed`));
  const offerId = succession.offerId ?? found.agreement.offerId;
  return succeed(catalogue, state, found, { ...succession, offerId, intent: "RENEW", atMs });
}

/**
 * The buyer accepts another offer in the place of a running agreement, at once (Seller Guide, agreement-based offers:
 * only for listings with a contract). Refuses an agreement that is over or not active yet.
 */
export function replace(
  catalogue: Catalogue,
  state: State,
  agreementId: string,
  succession: Succession,
  atMs: number,
): Decision<Agreement> {
  const found = findActive(catalogue, state, agreementId, atMs);
  if ("refusal" in found) return found;
  if (!hasContract(found.product))
    return refused(refusal("no-contract", "only listings with a contract have replacement offers"));
  const offerId = succession.offerId ?? offerIdOf(state.seed, state.counter + 1);
  return succeed(catalogue, state, found, { ...succession, offerId, intent: "REPLACE", atMs });
}

interface Step extends Succession {
  readonly offerId: string;
  readonly intent: "RENEW" | "REPLACE";
  readonly atMs: number;
}

function succeed(
  catalogue: Catalogue,
  state: State,
  { agreement, product }: { readonly agreement: Agreement; readonly product: Product },
  step: Step,
): Decision<Agreement> {
  const counter = state.counter + 1;
  const next = nextOf(catalogue, product, { seed: state.seed, counter }, agreement, step);
  const problem = problemOfPurchase(product, next);
  if (problem !== undefined) return refused(problem);
  const old = closed(catalogue, product, agreement, next, step.atMs);
  const act = { catalogue, product, state, counter };
  return decided(next, [
    { kind: "counted", counter },
    { kind: "agreement-stored", agreement: old },
    { kind: "agreement-stored", agreement: next },
    ...withdraw(state, agreement.id, step.atMs, overtaken),
    ...planSuccession(act, old, next, step.atMs),
    ...planEnd(act, next, step.atMs),
  ]);
}

/** The old agreement ends on the spot, and its license with it unless the next one holds the same. */
function closed(
  catalogue: Catalogue,
  product: Product,
  agreement: Agreement,
  next: Agreement,
  atMs: number,
): Agreement {
  const status = next.intent === "RENEW" ? "RENEWED" : "REPLACED";
  const { deprovisionedAtMs } = endOf(catalogue, product, atMs, status);
  const goesOn = next.licenseArn === agreement.licenseArn;
  const end = { status, endedAtMs: atMs, deprovisionedAtMs: goesOn ? null : deprovisionedAtMs } as const;
  return { ...agreement, end, updatedAtMs: atMs };
}

function nextOf(
  catalogue: Catalogue,
  product: Product,
  { seed, counter }: { seed: string; counter: number },
  before: Agreement,
  { intent, atMs, offerId, ...change }: Step,
): Agreement {
  const endAtMs =
    change.endAtMs ?? (before.endAtMs === null ? null : termAsLong(before.startAtMs, before.endAtMs, atMs));
  const autoRenew = change.autoRenew ?? before.autoRenew;
  return {
    ...before,
    id: agreementIdOf(seed, counter),
    intent,
    previousAgreementId: before.id,
    offerId,
    licenseArn:
      catalogue.conflicts.licenseAtRenewal === "same" ? before.licenseArn : licenseArnOf(seed, counter),
    acceptedAtMs: atMs,
    startAtMs: atMs,
    endAtMs,
    autoRenew,
    // Usage of this very moment belongs to it, although License Updated says so only later.
    activatedAtMs: wholeSecond(atMs),
    end: endAtMs === null || autoRenew ? null : endOf(catalogue, product, endAtMs, "EXPIRED"),
    updatedAtMs: atMs,
    entitlements: change.entitlements ?? before.entitlements,
    freeTrial: false,
    licenseArnMissing: 0,
  };
}
