import { type Catalogue, type Product, speaksEvents } from "../catalogue.ts";
import type { State } from "../state.ts";
import { hourMs, hourStart } from "../time.ts";
import { type Agreement, isActivated } from "./agreement.ts";

/**
 * The agreements under which a buyer held one license, or one subscription to an old listing, without a break, oldest
 * first: a renewal goes on where the agreement before it stopped.
 */
export interface Tenure {
  readonly by: "license" | "product-code";
  readonly first: Agreement;
  readonly last: Agreement;
  readonly agreements: readonly Agreement[];
}

const tenureOf = (by: Tenure["by"], agreements: readonly Agreement[]): Tenure[] => {
  const [first, last] = [agreements[0], agreements.at(-1)];
  return first === undefined || last === undefined ? [] : [{ by, first, last, agreements }];
};

/** Who holds and held the license; `undefined` when nobody ever did. */
export const tenureOfLicense = (state: State, licenseArn: string | undefined): Tenure | undefined =>
  tenureOf(
    "license",
    Object.values(state.agreements).filter((agreement) => agreement.licenseArn === licenseArn),
  )[0];

/** The subscriptions among `agreements`, each with its renewals and replacements. */
export function tenuresOf(agreements: readonly Agreement[]): Tenure[] {
  const chains = new Map<string, Agreement[]>();
  for (const agreement of agreements) {
    const chain = chains.get(agreement.initialAgreementId) ?? [];
    chains.set(agreement.initialAgreementId, [...chain, agreement]);
  }
  return [...chains.values()].flatMap((chain) => tenureOf("product-code", chain));
}

/** Under which of its agreements usage of `timestampMs` happened. */
export const agreementAt = ({ agreements, first }: Tenure, timestampMs: number): Agreement =>
  agreements.findLast(({ startAtMs }) => startAtMs <= timestampMs) ?? first;

/** Old listings count from the end that SNS announces; license holders by the events. */
const countsFromEnd = ({ by }: Tenure, product: Product): boolean =>
  !speaksEvents(product) || by === "product-code";

/** From when usage no longer belongs to the license; never while it has no end. */
function usageEndsAtMs(tenure: Tenure, product: Product): number {
  const { end } = tenure.last;
  if (end === null) return Infinity;
  // An old listing's buyer keeps the product through the hour after `unsubscribe-pending`.
  return countsFromEnd(tenure, product) ? end.endedAtMs + hourMs : (end.deprovisionedAtMs ?? Infinity);
}

/**
 * The first instant at which BatchMeterUsage takes nothing more: an hour after the end
 * (Seller Guide, "SaaS EventBridge integration", final usage; "SNS notifications" for old listings).
 */
export function meteringEndsAtMs(catalogue: Catalogue, product: Product, tenure: Tenure): number {
  const { end } = tenure.last;
  if (end === null) return Infinity;
  const atEnded =
    countsFromEnd(tenure, product) || catalogue.conflicts.finalHourStartsAt === "agreement-ended";
  return (atEnded ? end.endedAtMs : (end.deprovisionedAtMs ?? Infinity)) + hourMs;
}

/** Whether BatchMeterUsage takes anything at `nowMs`: from activation to the end of the final hour. */
export const isMeterable = (catalogue: Catalogue, product: Product, tenure: Tenure, nowMs: number): boolean =>
  isActivated(tenure.first, nowMs) && nowMs < meteringEndsAtMs(catalogue, product, tenure);

/** Whether usage of `timestampMs` lies within the license's activation period (API reference: InvalidLicenseException). */
export function isInActivationPeriod(
  catalogue: Catalogue,
  product: Product,
  tenure: Tenure,
  timestampMs: number,
): boolean {
  const { activatedAtMs } = tenure.first;
  if (activatedAtMs === null || timestampMs >= usageEndsAtMs(tenure, product)) return false;
  if (timestampMs >= activatedAtMs) return true;
  return (
    catalogue.conflicts.hourStartBeforeActivation === "accepted" && timestampMs >= hourStart(activatedAtMs)
  );
}
