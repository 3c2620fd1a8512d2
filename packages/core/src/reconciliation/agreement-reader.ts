import type { Instant } from "../time/instant.ts";

/** Every status that the Agreement API gives (DescribeAgreement reference, autumn 2026). */
export const agreementStatuses = [
  "ACTIVE",
  "ARCHIVED",
  "CANCELLED",
  "EXPIRED",
  "RENEWED",
  "REPLACED",
  "ROLLED_BACK",
  "SUPERSEDED",
  "TERMINATED",
] as const;

/** An agreement as AWS Marketplace shows it when asked. */
export interface ObservedAgreement {
  readonly agreementId: string;
  /** `undefined`: one that this version does not know. */
  readonly status: (typeof agreementStatuses)[number] | undefined;
  readonly buyerAccountId: string;
  readonly offerId?: string | undefined;
  readonly startsAt?: Instant | undefined;
  /** `undefined` for pay as you go. */
  readonly endsAt?: Instant | undefined;
  /** When AWS changed it last: the instant of whatever it shows. */
  readonly changedAt?: Instant | undefined;
  readonly licenseArns: readonly string[];
}

/** The agreements that the seller proposed. Those of channel partners cannot be seen (Seller Guide, private offers through partners). */
export interface AgreementReader {
  /** Every agreement for a product, by its `prod-…` id, that changed at `since` or later; asked for page by page as it is read. */
  agreements(productId: string, since: Instant): AsyncIterable<ObservedAgreement>;
}
