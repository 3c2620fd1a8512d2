import type { Catalogue } from "./catalogue.ts";
import { defaultConflicts } from "./conflict.ts";
import { observedDelays } from "./notification/delay.ts";

/** One listing of each kind, for trying the rules. */
export const exampleCatalogue: Catalogue = {
  sellerAccountId: "111122223333",
  topicAccountId: "287250355862",
  products: [
    {
      code: "old-metered",
      id: "prod-old-metered",
      title: "Sold since before June 2026, pay as you go",
      generation: "sns",
      pricing: "subscription",
      dimensions: [{ key: "emails", types: ["ExternallyMetered"] }],
    },
    {
      code: "old-contract",
      id: "prod-old-contract",
      title: "Sold since before June 2026, contract with consumption",
      generation: "sns",
      pricing: "contract-with-consumption",
      dimensions: [
        { key: "seats", types: ["Entitled"] },
        { key: "calls", types: ["ExternallyMetered"] },
      ],
    },
    {
      code: "new-metered",
      id: "prod-new-metered",
      title: "A new listing, pay as you go",
      generation: "eventbridge",
      pricing: "subscription",
      dimensions: [
        { key: "gb", types: ["ExternallyMetered"] },
        { key: "events", types: ["ExternallyMetered"] },
      ],
    },
    {
      code: "new-contract",
      id: "prod-new-contract",
      title: "A new listing, contract with consumption",
      generation: "eventbridge",
      pricing: "contract-with-consumption",
      dimensions: [
        { key: "seats", types: ["Entitled"] },
        { key: "gb", types: ["ExternallyMetered"] },
      ],
    },
    {
      code: "moving-metered",
      id: "prod-moving-metered",
      title: "An old listing that opts in to Concurrent Agreements, pay as you go",
      generation: "migrating",
      pricing: "subscription",
      dimensions: [{ key: "emails", types: ["ExternallyMetered"] }],
    },
    {
      code: "moving-contract",
      id: "prod-moving-contract",
      title: "An old listing that opts in to Concurrent Agreements, contract with consumption",
      generation: "migrating",
      pricing: "contract-with-consumption",
      dimensions: [
        { key: "seats", types: ["Entitled"] },
        { key: "calls", types: ["ExternallyMetered"] },
      ],
    },
  ],
  conflicts: defaultConflicts,
  notificationDelays: observedDelays,
};
