/** What is left of a rate at an instant. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * Calls a second that AWS admits of each account and Region (API references, service quotas of the Metering, Entitlement
 * and Agreement services). Others have no published limit.
 */
export const callsPerSecond: Readonly<Record<string, number>> = {
  BatchMeterUsage: 10,
  GetEntitlements: 20,
  SearchAgreements: 5,
  DescribeAgreement: 5,
  GetAgreementEntitlements: 10,
};

/**
 * Whether one more call is admitted at `nowMs`, and what is left then. A second's worth may come at once; after that,
 * calls are admitted as fast as the rate allows.
 */
export function admit(
  before: Bucket | undefined,
  perSecond: number,
  nowMs: number,
): { readonly admitted: boolean; readonly bucket: Bucket } {
  const refilled = before && before.tokens + ((nowMs - before.atMs) * perSecond) / 1_000;
  const tokens = Math.min(refilled ?? perSecond, perSecond);
  return tokens >= 1
    ? { admitted: true, bucket: { tokens: tokens - 1, atMs: nowMs } }
    : { admitted: false, bucket: { tokens, atMs: nowMs } };
}
