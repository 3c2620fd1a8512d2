import { type Agreement, isActivated, meteringEndsAtMs, usageEndsAtMs } from "../agreement/agreement.ts";
import type { Catalogue, Product } from "../catalogue.ts";
import { hourStart } from "../time.ts";

/** Whether BatchMeterUsage takes anything for the agreement at `nowMs`: from activation to the end of the final hour. */
export const isMeterable = (
  catalogue: Catalogue,
  product: Product,
  agreement: Agreement,
  nowMs: number,
): boolean => isActivated(agreement, nowMs) && nowMs < meteringEndsAtMs(agreement, product, catalogue);

/** Whether usage of `timestampMs` lies within the license's activation period (API reference: InvalidLicenseException). */
export function isInActivationPeriod(
  catalogue: Catalogue,
  product: Product,
  agreement: Agreement,
  timestampMs: number,
): boolean {
  if (agreement.activatedAtMs === null || timestampMs >= usageEndsAtMs(agreement, product)) return false;
  if (timestampMs >= agreement.activatedAtMs) return true;
  return (
    catalogue.conflicts.hourStartBeforeActivation === "accepted" &&
    timestampMs >= hourStart(agreement.activatedAtMs)
  );
}
