import { type Configuration, defineConfiguration } from "@tollhouse/core/configuration/configuration";
import { dimensions, productCode } from "./record.ts";

/** A seller with one listing, whose records are submitted by license. */
export const benchConfiguration: Configuration = defineConfiguration({
  name: "bench",
  seller: { accountId: "111122223333", assumeRole: { externalId: "example-only-replace-me" } },
  production: { accountId: "444455556666" },
  products: [
    {
      code: productCode,
      title: "Bench",
      generation: "eventbridge",
      pricing: "subscription",
      dimensions: dimensions.map((key) => ({ key, kind: "metered" })),
    },
  ],
  registrationPage: {
    sellerName: "Example Software",
    supportContact: "support@example.com",
    continueUrl: "https://app.example.com/welcome",
  },
});
