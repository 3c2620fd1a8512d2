import type { Product } from "../configuration/configuration.ts";
import { hourStart } from "../time/utc-hour.ts";
import type { Instant } from "../time/instant.ts";
import type { Fact } from "./fact.ts";

/** How AWS Marketplace tells of a listing: SNS topics (made before June 2026) or EventBridge. */
export type Generation = "sns" | "eventbridge";

/** The generation that a fact is of; `undefined` for the buyer's visit and for what we note ourselves. */
export function generationOf({ kind }: Pick<Fact, "kind">): Generation | undefined {
  switch (kind) {
    case "subscribe-succeeded":
    case "subscribe-failed":
    case "unsubscribe-pending":
    case "unsubscribe-succeeded":
    case "entitlement-updated":
      return "sns";
    case "agreement-created":
    case "agreement-amended":
    case "agreement-ended":
    case "license-updated":
    case "license-deprovisioned":
      return "eventbridge";
    case "customer-registered":
    case "notice":
    case "window-elapsed":
    case "start-reached":
      return undefined;
    default:
      return kind satisfies never;
  }
}

/** The generation whose facts move a product's subscriptions at an instant; those of the other one are kept as evidence. */
export function generationAt({ generation, migratesFromHour }: Product, at: Instant): Generation {
  if (generation !== "migrating") return generation;
  return migratesFromHour !== undefined && at >= hourStart(migratesFromHour) ? "eventbridge" : "sns";
}

export const moves = (product: Product, fact: Fact): boolean => {
  const generation = generationOf(fact);
  return generation === undefined || generation === generationAt(product, fact.at);
};
