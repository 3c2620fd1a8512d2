import { describe, expect, test } from "vitest";
import example from "../../../../tollhouse.config.ts";
import { type ConfigurationInput, ConfigurationError, defineConfiguration } from "./configuration.ts";
import { findProduct, hasEntitlements, isMetered } from "./product.ts";

const product = {
  code: "n0123examplemailer0000000",
  title: "Example Mailer",
  generation: "sns",
  pricing: "contract-with-consumption",
  dimensions: [
    { key: "seats", kind: "entitled" },
    { key: "emails_sent", kind: "metered" },
  ],
};

const right = {
  name: "tollhouse",
  seller: { accountId: "111122223333", assumeRole: { externalId: "0123456789abcdef" } },
  production: { accountId: "444455556666" },
  products: [product],
  registrationPage: {
    sellerName: "Example Software",
    supportContact: "support@example.com",
    continueUrl: "https://app.example.com/welcome",
  },
};

/** As a person would write it: the types would catch some mistakes, JavaScript and casts none. */
function problemsOf(input: object): readonly string[] {
  try {
    defineConfiguration(input as ConfigurationInput);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

const withProduct = (change: object) => ({ ...right, products: [{ ...product, ...change }] });
const withSettings = (settings: object) => ({ ...right, settings });
const withSeller = (change: object) => ({ ...right, seller: { ...right.seller, ...change } });
const withPage = (change: object) => ({
  ...right,
  registrationPage: { ...right.registrationPage, ...change },
});

describe("the configuration", () => {
  test("of the example is right", () => {
    expect(example.products.map(({ pricing }) => pricing)).toEqual([
      "subscription",
      "contract-with-consumption",
      "contract",
    ]);
  });

  test("is filled up with AWS's windows and safe defaults", () => {
    expect(defineConfiguration(right as ConfigurationInput)).toMatchObject({
      meteringRegion: "us-east-1",
      seller: {
        topicAccountId: "287250355862",
        assumeRole: { roles: { registration: "TollhouseRegistration", metering: "TollhouseMetering" } },
      },
      settings: {
        settleDelayMinutes: 10,
        windowHours: 24,
        monthEndCutoffHour: 6,
        futureToleranceMinutes: 5,
        acceptUsageDays: 35,
        dedupeHours: 6,
        shards: [{ fromHour: 0, count: 4 }],
      },
    });
  });

  test.each<[string, object, string, RegExp]>([
    [
      "a metered dimension included in one that is not entitled",
      withProduct({
        dimensions: [
          { key: "seats", kind: "entitled" },
          { key: "emails_sent", kind: "metered", includedIn: "seatz" },
        ],
      }),
      "products[0].dimensions[1].includedIn",
      /"seatz" is no entitled dimension/,
    ],
    [
      "an entitled dimension that is included in another",
      withProduct({ dimensions: [{ key: "seats", kind: "entitled", includedIn: "seats" }] }),
      "products[0].dimensions[0].includedIn",
      /only for a "metered" dimension of a "contract-with-consumption"/,
    ],
    [
      "metering by license of a listing that does not migrate",
      withProduct({ metersByLicenseFrom: "2026-12-01T00" }),
      "products[0].metersByLicenseFrom",
      /unless generation is "migrating"/,
    ],
    [
      "a way of metering that there is none",
      withProduct({ metering: "off" }),
      "products[0].metering",
      /"dry-run"/,
    ],
    ["a start that is no hour", withProduct({ startAt: "2026-12-01" }), "products[0].startAt", /no UTC hour/],
    ["a policy that there is none", withSettings({ lateUsage: "drop" }), "settings.lateUsage", /"write-off"/],
    [
      "a final hour without time",
      withSettings({ finalSettleMinutes: 50 }),
      "settings.finalSettleMinutes",
      /1 to 35/,
    ],
    [
      "a number for an account",
      withSeller({ accountId: 111_122_223_333 }),
      "seller.accountId",
      /must be a text/,
    ],
    [
      "a queue for a topic",
      { ...right, usageSources: { topicArns: ["arn:aws:sqs:us-east-1:444455556666:usage"] } },
      "usageSources.topicArns[0]",
      /no SNS topic's ARN/,
    ],
    [
      "a role for an account",
      { ...right, usageSources: { accountIds: ["arn:aws:iam::444455556666:role/x"] } },
      "usageSources.accountIds[0]",
      /12 digits/,
    ],
    ["an account with dashes", withSeller({ accountId: "1111-2222-3333" }), "seller.accountId", /12 digits/],
    [
      "no roles for another account",
      withSeller({ assumeRole: undefined }),
      "seller.assumeRole",
      /externalId/,
    ],
    [
      "roles within the same account",
      withSeller({ accountId: right.production.accountId }),
      "seller.assumeRole",
      /left out/,
    ],
    [
      "an external id that can be guessed",
      withSeller({ assumeRole: { externalId: "short" } }),
      "seller.assumeRole.externalId",
      /openssl/,
    ],
    ["an unknown seller field", withSeller({ acountId: "1" }), "seller.acountId", /spelling/],
    ["no products", { ...right, products: [] }, "products", /at least one/],
    ["the same product twice", { ...right, products: [product, product] }, "products[1].code", /twice/],
    ["a product id for a code", withProduct({ code: "prod-0123" }), "products[0].code", /product code/],
    ["a code with blanks", withProduct({ code: "a b" }), "products[0].code", /copy it/],
    [
      "no generation",
      withProduct({ generation: undefined }),
      "products[0].generation",
      /"sns".*"eventbridge"/,
    ],
    ["an unknown pricing", withProduct({ pricing: "free" }), "products[0].pricing", /"subscription"/],
    [
      "no dimensions",
      withProduct({ dimensions: undefined }),
      "products[0].dimensions",
      /missing: give it a list/,
    ],
    [
      "an empty list of dimensions",
      withProduct({ dimensions: [] }),
      "products[0].dimensions",
      /every dimension/,
    ],
    [
      "a dimension twice",
      withProduct({ dimensions: [product.dimensions[1], product.dimensions[1]] }),
      "products[0].dimensions[1].key",
      /remove one/,
    ],
    [
      "a dimension with a blank",
      withProduct({ dimensions: [{ key: "e mails", kind: "metered" }] }),
      "products[0].dimensions[0].key",
      /API identifier/,
    ],
    [
      "something sold up front in a subscription",
      withProduct({ pricing: "subscription" }),
      "products[0].dimensions[0].kind",
      /make it "metered"/,
    ],
    [
      "something metered in a contract",
      withProduct({ pricing: "contract" }),
      "products[0].dimensions[1].kind",
      /make it "entitled"/,
    ],
    [
      "a plan of a metered dimension",
      withProduct({ plans: [{ dimension: "emails_sent", title: "Team" }] }),
      "products[0].plans[0].dimension",
      /no entitled dimension/,
    ],
    [
      "a support contact without @",
      withPage({ supportContact: "help" }),
      "registrationPage.supportContact",
      /e-mail/,
    ],
    [
      "a page without a scheme",
      withPage({ continueUrl: "app.example.com" }),
      "registrationPage.continueUrl",
      /https/,
    ],
    [
      "a page that runs a script",
      withPage({ continueUrl: "javascript:alert(1)" }),
      "registrationPage.continueUrl",
      /https/,
    ],
    [
      "somebody who is to hear the alarms and has no e-mail address",
      { ...right, operations: { alarmEmails: ["ops@example.com", "#on-call"] } },
      "operations.alarmEmails[1]",
      /is no e-mail address: whoever is to hear the alarms/,
    ],
    [
      "more addresses than anybody would keep",
      { ...right, operations: { alarmEmails: Array.from({ length: 21 }, (_, n) => `ops-${n}@example.com`) } },
      "operations.alarmEmails",
      /more than 20 addresses/,
    ],
    [
      "an empty name of the seller",
      withPage({ sellerName: "  " }),
      "registrationPage.sellerName",
      /fill it in/,
    ],
    ["a name with capitals", { ...right, name: "Tollhouse" }, "name", /small letters/],
    [
      "a Region with a zone",
      { ...right, meteringRegion: "us-east-1a" },
      "meteringRegion",
      /e\.g\. us-east-1/,
    ],
    ["a window longer than AWS's", withSettings({ windowHours: 25 }), "settings.windowHours", /from 3 to 24/],
    [
      "a delay that ends with the window",
      withSettings({ settleDelayMinutes: 301 }),
      "settings.settleDelayMinutes",
      /make it at most 300/,
    ],
    [
      "no delay at all",
      withSettings({ settleDelayMinutes: 0 }),
      "settings.settleDelayMinutes",
      /from 1 to 360/,
    ],
    [
      "half a minute",
      withSettings({ settleDelayMinutes: 0.5 }),
      "settings.settleDelayMinutes",
      /whole number from 1 to 360/,
    ],
    ["a misspelled setting", withSettings({ windowHour: 6 }), "settings.windowHour", /spelling/],
    [
      "three shards",
      withSettings({ shards: [{ fromHour: "2026-08-20T14", count: 3 }] }),
      "settings.shards[0].count",
      /power of two/,
    ],
    [
      "an hour that is none",
      withSettings({ shards: [{ fromHour: "2026-08-20", count: 4 }] }),
      "settings.shards[0].fromHour",
      /like 2026-08-20T14/,
    ],
    [
      "a count that is quadrupled",
      withSettings({
        shards: [
          { fromHour: "2026-08-20T14", count: 4 },
          { fromHour: "2026-08-21T14", count: 16 },
        ],
      }),
      "settings.shards[1].count",
      /must be 8/,
    ],
    [
      "shard changes so near to one another that a repeat would have to be looked for in too many",
      withSettings({
        shards: [
          { fromHour: "2026-08-20T14", count: 4 },
          { fromHour: "2026-08-21T01", count: 8 },
        ],
      }),
      "settings.shards[1].fromHour",
      /at least 12 hours after/,
    ],
    [
      "shard changes out of order",
      withSettings({
        shards: [
          { fromHour: "2026-08-21T14", count: 4 },
          { fromHour: "2026-08-20T14", count: 8 },
        ],
      }),
      "settings.shards[1].fromHour",
      /in order/,
    ],
  ])("with %s is refused, naming the field and the remedy", (_, input, field, remedy) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(remedy);
    expect(problems[0]?.split(": ")[0]).toBe(field);
  });

  test("with several mistakes names them all", () => {
    const input = { ...withSettings({ windowHours: 99 }), name: "?", production: undefined };
    expect(problemsOf(input).map((problem) => problem.split(": ")[0])).toEqual([
      "name",
      "production",
      "settings.windowHours",
    ]);
  });

  test("that is none at all is refused in words", () => {
    expect(problemsOf([])[0]).toMatch(/^the configuration: /);
  });
});

describe("a product", () => {
  const configuration = defineConfiguration(right as ConfigurationInput);
  const found = findProduct(configuration, product.code);

  test("is found by its exact code only", () => {
    expect(found?.title).toBe("Example Mailer");
    expect(findProduct(configuration, product.code.toUpperCase())).toBeUndefined();
  });

  test("meters its metered dimensions only", () => {
    if (found === undefined) throw new Error("not found");
    expect(isMetered(found, "emails_sent")).toBe(true);
    expect(isMetered(found, "seats")).toBe(false);
    expect(isMetered(found, "Emails_sent")).toBe(false);
    expect(hasEntitlements(found)).toBe(true);
    expect(hasEntitlements({ ...found, pricing: "subscription" })).toBe(false);
  });
});
