import type { Dimension } from "../../rules/catalogue.ts";
import type { Listing } from "../../rules/listing.ts";

/** What the generation of a listing means, for who has never sold on AWS. */
export const generations = {
  sns: {
    name: "Old listing",
    short: "Listed before June 2026: AWS tells the seller by SNS messages.",
    meaning:
      "Listed before June 2026. AWS tells the seller what happens by SNS messages, which name the buyer by a customer identifier. A buyer holds one agreement at a time.",
  },
  eventbridge: {
    name: "New listing",
    short: "AWS tells the seller by EventBridge events; each agreement has its own license.",
    meaning:
      "AWS tells the seller what happens by EventBridge events. Each agreement has a license of its own, and a buyer may hold several at once (Concurrent Agreements).",
  },
  migrating: {
    name: "Old listing, moving",
    short: "On its way to the new ways: AWS tells the seller by SNS messages and by EventBridge events.",
    meaning:
      "AWS tells the seller everything twice, by SNS messages and by EventBridge events, until the seller needs the old ones no more. A buyer may hold several agreements (Concurrent Agreements).",
  },
} as const satisfies Record<Listing["generation"], { name: string; short: string; meaning: string }>;

export const pricings = {
  subscription: {
    name: "Pay as you go",
    term: "SaaS Subscription",
    meaning: "The buyer pays for what is used, hour by hour, until the agreement is cancelled.",
  },
  contract: {
    name: "Contract",
    term: "SaaS Contract",
    meaning: "The buyer pays in advance for a term. Nothing is metered.",
  },
  "contract-with-consumption": {
    name: "Contract with consumption",
    term: "SaaS Contract with Consumption",
    meaning: "The buyer pays in advance for a term, and hour by hour for usage beside it.",
  },
} as const satisfies Record<Listing["pricing"], { name: string; term: string; meaning: string }>;

export const dimensionTitle = ({ title, key }: Dimension): string => title ?? key;

/** The dimension as buyers read it, wherever only its key is known. */
export const titleOf = (listing: Listing | undefined, key: string): string =>
  listing?.dimensions.find((dimension) => dimension.key === key)?.title ?? key;

export const isEntitled = ({ types }: Dimension): boolean => types.includes("Entitled");

/** Where a listing's own page is; a product code may hold a slash. */
export const listingPath = (code: string): string => `/storefront/listings/${encodeURIComponent(code)}`;
