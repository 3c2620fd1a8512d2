import { defineConfiguration } from "@tollhouse/core/configuration/configuration";

/** More than AWS takes in one call. */
export const manyDimensions = Array.from({ length: 26 }, (_, index) => `dimension_${index + 1}`);

/** Listings that meter, for worlds of tests; `other-configuration.ts` gives it to the functions. */
export default defineConfiguration({
  name: "metered",
  seller: { accountId: "111122223333", assumeRole: { externalId: "for-these-tests-only" } },
  production: { accountId: "444455556666" },
  products: [
    {
      code: "n0001letters0000000000000",
      title: "Letters",
      generation: "sns",
      pricing: "subscription",
      dimensions: [{ key: "letters", kind: "metered" }],
    },
    {
      code: "c0002requests000000000000",
      id: "prod-examplerequests",
      title: "Requests",
      generation: "eventbridge",
      pricing: "subscription",
      dimensions: [{ key: "requests", kind: "metered" }],
    },
    {
      code: "c0003many0000000000000000",
      id: "prod-examplemany",
      title: "Many",
      generation: "eventbridge",
      pricing: "subscription",
      dimensions: manyDimensions.map((key) => ({ key, kind: "metered" as const })),
    },
  ],
  registrationPage: {
    sellerName: "Example Software",
    supportContact: "support@example.com",
    continueUrl: "https://app.example.com/welcome",
  },
});

export const letters = "n0001letters0000000000000";
export const requests = "c0002requests000000000000";
export const many = "c0003many0000000000000000";
