import { type Catalogue, findProduct, type Product, speaksSns } from "./catalogue.ts";
import type { State } from "./state.ts";

/** A product as it stands now: an old listing may have been opted in to Concurrent Agreements since it was configured. */
export interface Listing extends Product {
  readonly optedInAtMs: number | null;
}

export function findListing(catalogue: Catalogue, state: State, code: string): Listing | undefined {
  const product = findProduct(catalogue, code);
  return product && asListed(state, product);
}

export function asListed(state: State, product: Product): Listing {
  const optedInAtMs = state.optIns[product.code] ?? null;
  // The old messages go on after an opt-in, and events come beside them.
  const isMigrating = optedInAtMs !== null && product.generation === "sns";
  return { ...product, optedInAtMs, generation: isMigrating ? "migrating" : product.generation };
}

/**
 * Whether BatchMeterUsage takes the product's code. From the opt-in on, AWS answers "ProductCode is not supported" (AWS blog,
 * "Complete guide to upgrading your SaaS product to AWS Marketplace Concurrent Agreements").
 */
export const takesProductCode = (listing: Listing): boolean =>
  speaksSns(listing) && listing.optedInAtMs === null;
