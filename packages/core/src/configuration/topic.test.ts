import { describe, expect, test } from "vitest";
import { defineConfiguration } from "./configuration.ts";
import { topicArns } from "./topic.ts";

const listing = (
  code: string,
  generation: "sns" | "eventbridge" | "migrating",
  pricing: "subscription" | "contract",
) => ({
  ...{ code, title: code, generation, pricing },
  dimensions: [{ key: "units", kind: pricing === "contract" ? ("entitled" as const) : ("metered" as const) }],
  ...(generation === "migrating" && { migratesFromHour: "2026-12-01T00" }),
});

const configuration = (seller: object = {}) =>
  defineConfiguration({
    name: "tollhouse",
    seller: { accountId: "111122223333", ...seller },
    production: { accountId: "111122223333" },
    products: [
      listing("oldusage", "sns", "subscription"),
      listing("oldcontract", "sns", "contract"),
      listing("moving", "migrating", "contract"),
      listing("newcontract", "eventbridge", "contract"),
    ],
    registrationPage: {
      sellerName: "Example Software",
      supportContact: "support@example.com",
      continueUrl: "https://app.example.com/welcome",
    },
  });

describe("the topics we listen to", () => {
  test("are those of listings that SNS tells of, of entitlements only where something is sold up front", () => {
    expect(topicArns(configuration())).toEqual([
      "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-oldusage",
      "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-oldcontract",
      "arn:aws:sns:us-east-1:287250355862:aws-mp-entitlement-notification-oldcontract",
      "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-moving",
      "arn:aws:sns:us-east-1:287250355862:aws-mp-entitlement-notification-moving",
    ]);
  });

  test("belong to the account that the configuration names", () => {
    const arns = topicArns(configuration({ topicAccountId: "999900001111" }));
    expect(new Set(arns.map((arn) => arn.split(":")[4]))).toEqual(new Set(["999900001111"]));
  });
});
