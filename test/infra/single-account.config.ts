import { defineConfiguration } from "@tollhouse/core/configuration/configuration";

/** Stands in for `tollhouse.config.ts`: production runs in the seller's own account, and an old listing has a contract. */
export default defineConfiguration({
  name: "tollhouse",
  seller: { accountId: "444455556666" },
  production: { accountId: "444455556666" },
  products: [
    {
      code: "oldcontract00000000000000",
      title: "Old contract",
      generation: "sns",
      pricing: "contract-with-consumption",
      dimensions: [
        { key: "seats", kind: "entitled" },
        { key: "calls", kind: "metered" },
      ],
    },
    {
      code: "newsubscription0000000000",
      title: "New subscription",
      generation: "eventbridge",
      pricing: "subscription",
      dimensions: [{ key: "calls", kind: "metered" }],
    },
  ],
  registrationPage: {
    sellerName: "Example Software",
    supportContact: "support@example.com",
    continueUrl: "https://app.example.com/welcome",
  },
});
