import type { Conflicts } from "./conflict.ts";
import type { NotificationDelays } from "./notification/delay.ts";

export interface Dimension {
  readonly key: string;
  /** As buyers read it; the key where there is none. */
  readonly title?: string | undefined;
  readonly types: readonly ("ExternallyMetered" | "Entitled")[];
}

/** One listing of the seller. */
export interface Product {
  readonly code: string;
  /** `prod-…`; it appears in events, and is often mistaken for the code. */
  readonly id: string;
  readonly title: string;
  /**
   * `sns`: listed before June 2026. `eventbridge`: a new listing, with Concurrent Agreements. `migrating`: an old listing
   * that is opting in to Concurrent Agreements and speaks both ways.
   */
  readonly generation: "sns" | "eventbridge" | "migrating";
  readonly pricing: "subscription" | "contract" | "contract-with-consumption";
  readonly dimensions: readonly Dimension[];
  /** Where SNS posts the messages of an old listing; they go to the queue when left out. */
  readonly notificationEndpoint?: string | undefined;
}

/** What does not change while the simulator runs: who sells what, and how the open questions are answered. */
export interface Catalogue {
  readonly sellerAccountId: string;
  /** The account of AWS that owns the SNS topics. */
  readonly topicAccountId: string;
  readonly products: readonly Product[];
  readonly conflicts: Conflicts;
  readonly notificationDelays: NotificationDelays;
  /** How many ResolveCustomer answers about each new agreement leave the license out, as was seen in the wild. */
  readonly licenseArnMissing?: number | undefined;
  /** Whether terms that will end are announced 180, 120, 90, 60 and 30 days before. */
  readonly endingNotices?: boolean | undefined;
}

export const findProduct = (catalogue: Catalogue, code: string): Product | undefined =>
  catalogue.products.find((product) => product.code === code);

/** Dimension identifiers are case-sensitive. */
export const hasDimension = (product: Product, key: string, type: Dimension["types"][number]): boolean =>
  product.dimensions.some((dimension) => dimension.key === key && dimension.types.includes(type));

/** Whether the listing sends SNS messages and knows its buyers by `CustomerIdentifier` and product code. */
export const speaksSns = (product: Product | undefined): boolean =>
  product !== undefined && product.generation !== "eventbridge";

/** Whether the listing sends EventBridge events and knows its buyers by account and license. */
export const speaksEvents = (product: Product): boolean => product.generation !== "sns";

export const hasContract = (product: Product): boolean => product.pricing !== "subscription";
