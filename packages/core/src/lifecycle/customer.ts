import { createHash } from "node:crypto";
import type { Instant } from "../time/instant.ts";

/** Our record of a registered buyer. */
export type CustomerId = string & { readonly __brand: "CustomerId" };

export interface Customer {
  readonly id: CustomerId;
  /** The AWS account that accepts offers. */
  readonly buyerAccountId?: string | undefined;
  /** AWS's opaque name of the buyer, on listings made before June 2026. */
  readonly customerIdentifier?: string | undefined;
  readonly registeredAt: Instant;
}

/** Computed, so that registering again finds the same customer: by AWS account where known, else by AWS's old identifier. */
export function customerIdOf(buyer: {
  buyerAccountId?: string | undefined;
  customerIdentifier?: string | undefined;
}): CustomerId {
  const name =
    buyer.buyerAccountId === undefined
      ? `identifier/${buyer.customerIdentifier ?? ""}`
      : `account/${buyer.buyerAccountId}`;
  return `cus-${createHash("sha256").update(name).digest("hex").slice(0, 24)}` as CustomerId;
}
