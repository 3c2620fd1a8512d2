/** The `l-…` at the end of a license ARN: what licenses are compared on, since AWS writes the rest in several ways. */
export type LicenseId = string & { readonly __brand: "LicenseId" };

/**
 * The license id in an ARN, in AWS's documented variants of it, or in the bare id itself. `undefined` when there is none.
 * Seen: `arn:aws:license-manager::294406891311:license:l-…` (events, ResolveCustomer), the same without `arn:` and with a
 * Region (Seller Guide, EventBridge integration, autumn 2026), `…:license/lic-…` (AWS's metering samples).
 */
export function licenseIdOf(text: string): LicenseId | undefined {
  const match = /(?:^|[:/])(l(?:ic)?-[0-9a-zA-Z]{8,64})$/.exec(text.trim());
  return match?.[1] as LicenseId | undefined;
}
