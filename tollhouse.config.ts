import { defineConfiguration } from "@tollhouse/core/configuration/configuration";

/**
 * Everything Tollhouse must know about you. This one is an example with three listings; put your own in its place.
 * `npm start` and `npx sst deploy` check it and say which field is wrong and how to mend it.
 */
export default defineConfiguration({
  name: "tollhouse",
  seller: {
    accountId: "111122223333",
    assumeRole: { externalId: "example-only-replace-me" },
  },
  production: { accountId: "444455556666" },
  products: [
    {
      // Listed before June 2026: SNS notifications, CustomerIdentifier, pay as you go.
      code: "n0123examplemailer0000000",
      title: "Example Mailer",
      generation: "sns",
      pricing: "subscription",
      dimensions: [{ key: "emails_sent", kind: "metered", title: "E-mails sent" }],
    },
    {
      // A new listing: EventBridge, one license per agreement, seats up front and usage on top.
      code: "c0456exampleanalytics0000",
      id: "prod-exampleanalytics",
      title: "Example Analytics",
      generation: "eventbridge",
      pricing: "contract-with-consumption",
      dimensions: [
        { key: "seats", kind: "entitled", title: "Seats" },
        { key: "events_ingested", kind: "metered", title: "Events ingested" },
        { key: "gb_stored", kind: "metered", title: "Gigabytes stored, by the hour" },
      ],
    },
    {
      // A new listing sold as plans: nothing is metered, the plan decides the features.
      code: "k0789examplevault00000000",
      id: "prod-examplevault",
      title: "Example Vault",
      generation: "eventbridge",
      pricing: "contract",
      dimensions: [
        { key: "plan_team", kind: "entitled", title: "Team" },
        { key: "plan_enterprise", kind: "entitled", title: "Enterprise" },
      ],
      plans: [
        { dimension: "plan_team", title: "Team", features: ["secrets", "audit-log"] },
        {
          dimension: "plan_enterprise",
          title: "Enterprise",
          features: ["secrets", "audit-log", "single-sign-on"],
        },
      ],
    },
  ],
  registrationPage: {
    sellerName: "Example Software",
    supportContact: "support@example.com",
    continueUrl: "https://app.example.com/welcome",
    loginUrl: "https://app.example.com/login",
    mail: { from: "no-reply@example.com" },
    texts: {
      nextSteps: "You can invite your colleagues as soon as you have chosen a name for your workspace.",
    },
  },
});
