import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { exampleConfiguration } from "@tollhouse/core/memory/example";
import { describe, expect, test } from "vitest";
import { kitDigest, sellerKit } from "./kit.ts";
import { digestOf, maxInlineBytes, type Template } from "./template.ts";

type Product = Configuration["products"][number];
type Change = Partial<Omit<Configuration, "seller">> & { readonly seller?: Partial<Configuration["seller"]> };

const foreign: Configuration = {
  ...exampleConfiguration,
  name: "tollhouse",
  seller: {
    accountId: "111122223333",
    topicAccountId: "287250355862",
    assumeRole: {
      externalId: "0123456789abcdef",
      roles: { registration: "Register", metering: "Meter", lifecycle: "Read", audit: "Look" },
    },
  },
  production: { accountId: "444455556666" },
};
const changed = ({ seller, ...rest }: Change): Configuration => ({
  ...foreign,
  ...rest,
  seller: { ...foreign.seller, ...seller },
});
const product = (code: string, change: Partial<Product> = {}): Product => ({
  code,
  title: code,
  generation: "sns",
  pricing: "contract",
  dimensions: [{ key: "seats", kind: "entitled" }],
  metering: "live",
  plans: [],
  ...change,
});
const old = product("oldlisting");
const fresh = product("newlisting", { generation: "eventbridge" });
const of = (products: readonly Product[], stage = "production") =>
  sellerKit(changed({ products: [...products] }), stage);
const typesOf = ({ Resources }: Template) => Object.values(Resources).map(({ Type }) => Type.slice(5));
const roles = ["IAM::Role", "IAM::Role", "IAM::Role", "IAM::Role"];
const events = ["IAM::Role", "SQS::Queue", "SQS::QueuePolicy", "Events::Rule", "Events::Archive"];
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("what a seller's kit makes", () => {
  test("is subscriptions for old listings, a rule for new ones, and both for one that moves", () => {
    const topics = ["SNS::Subscription", "SNS::Subscription"];
    expect(typesOf(of([old]).template)).toEqual([...roles, ...topics]);
    expect(typesOf(of([fresh]).template)).toEqual([...roles, ...events]);
    expect(typesOf(of([{ ...old, generation: "migrating" }]).template)).toEqual([
      ...roles,
      ...events,
      ...topics,
    ]);
  });

  test("has no roles where production is the seller's account", () => {
    const { accountId, topicAccountId } = foreign.seller;
    const { template } = sellerKit(
      { ...foreign, seller: { accountId, topicAccountId }, products: [old, fresh] },
      "production",
    );
    expect(typesOf(template)).toEqual([
      ...["SQS::Queue", "SQS::QueuePolicy", "Events::Rule", "Events::Archive"],
      ...["SNS::Subscription", "SNS::Subscription"],
    ]);
  });

  test("takes topics of the account that the configuration names", () => {
    const kit = sellerKit(
      changed({ products: [old], seller: { topicAccountId: "123456789012" } }),
      "production",
    );
    expect(kit.text.match(/arn:aws:sns:[^"]*/g)).toEqual([
      "arn:aws:sns:us-east-1:123456789012:aws-mp-subscription-notification-oldlisting",
      "arn:aws:sns:us-east-1:123456789012:aws-mp-entitlement-notification-oldlisting",
    ]);
    expect(kit.text).not.toContain("287250355862");
  });

  test("leaves every other subscription as it is when a listing goes", () => {
    const subscriptions = (template: Template) =>
      Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::SNS::Subscription");
    const similar = [product("a-b"), product("ab"), product("a.b")];
    const [first, ...others] = similar;
    const before = subscriptions(of(similar).template);
    const after = subscriptions(of(others).template);
    expect(before).toHaveLength(6);
    expect(
      before.filter(([, { Properties }]) => !JSON.stringify(Properties).includes(`-${first?.code ?? ""}"`)),
    ).toEqual(after);
  });
});

describe("a kit's digest", () => {
  test("is the same for the same configuration, in tags, outputs, metadata and the rule's description", () => {
    const { template, text, digest } = of([old, fresh]);
    expect(of([old, fresh]).text).toBe(text);
    expect(kitDigest(changed({ products: [old, fresh] }), "production")).toBe(digest);
    expect(template.Resources["AuditRole"]?.Properties["Tags"]).toContainEqual({
      Key: "tollhouse:kit-digest",
      Value: digest,
    });
    expect(template.Outputs["KitDigest"]?.Value).toBe(digest);
    expect(template.Metadata.Tollhouse["digest"]).toBe(digest);
    expect(template.Resources["MarketplaceRule"]?.Properties["Description"]).toContain(digest);
  });

  test("is of all that the template says besides", () => {
    const { text, digest } = of([old, fresh]);
    expect(digestOf(text.replaceAll(digest, ""))).toBe(digest);
  });

  test("is another after every change that reaches the seller's account, and the same after others", () => {
    const products = [old, fresh];
    const roles = { registration: "Register", metering: "Meter", lifecycle: "Read", audit: "Listen" };
    const externalId = "0123456789abcdeg";
    const digests = [
      kitDigest(changed({ products }), "production"),
      kitDigest(changed({ products }), "jane"),
      kitDigest(changed({ products, name: "other" }), "production"),
      kitDigest(changed({ products: [old] }), "production"),
      kitDigest(changed({ products, production: { accountId: "777788889999" } }), "production"),
      kitDigest(changed({ products, seller: { accountId: "777788889999" } }), "production"),
      kitDigest(changed({ products, seller: { assumeRole: { externalId, roles } } }), "production"),
      kitDigest(
        changed({ products, seller: { assumeRole: { externalId: "0123456789abcdef", roles } } }),
        "production",
      ),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    const renamed = [{ ...old, title: "Another title" }, fresh];
    expect(kitDigest(changed({ products: renamed }), "production")).toBe(digests[0]);
  });
});

describe("AWS's limits", () => {
  const longest = changed({
    name: "t".repeat(20),
    products: [product("n".repeat(25)), fresh],
    seller: {
      assumeRole: {
        externalId: "x".repeat(1_224),
        roles: {
          registration: "R".repeat(64),
          metering: "M".repeat(64),
          lifecycle: "L".repeat(64),
          audit: "A".repeat(64),
        },
      },
    },
  });

  test("are kept with the longest names, stage and external id that the configuration takes", () => {
    const { Resources, Description } = sellerKit(longest, "s".repeat(20)).template;
    expect(Description.length).toBeLessThanOrEqual(1_024);
    for (const [name, { Properties }] of Object.entries(Resources)) {
      const { RoleName = "", Name = "", QueueName = "", Description: description = "" } = Properties;
      expect(String(RoleName).length, name).toBeLessThanOrEqual(64);
      expect(String(Name).length, name).toBeLessThanOrEqual(64);
      expect(String(QueueName).length, name).toBeLessThanOrEqual(80);
      // A role's may have 1,000 characters, a rule's and an archive's 512.
      expect(String(description).length, name).toBeLessThanOrEqual(512);
      // An account's quota that may be raised; and that of all policies in a role (IAM guide, "IAM and STS quotas").
      if (RoleName !== "") {
        expect(bytesOf(Properties["AssumeRolePolicyDocument"]), name).toBeLessThanOrEqual(2_048);
        expect(bytesOf(Properties["Policies"]), name).toBeLessThanOrEqual(10_240);
      }
    }
  });

  test("let sixty old subscriptions go with the request, and sixty old contracts through a bucket", () => {
    const listings = (pricing: Product["pricing"]) =>
      Array.from({ length: 60 }, (_, index) =>
        product(`n${String(index).padStart(4, "0")}examplelisting00000`, { pricing }),
      );
    expect(Buffer.byteLength(of([...listings("subscription"), fresh]).text)).toBeLessThanOrEqual(
      maxInlineBytes,
    );
    const contracts = Buffer.byteLength(of([...listings("contract"), fresh]).text);
    expect(contracts).toBeGreaterThan(maxInlineBytes);
    expect(contracts).toBeLessThan(1_000_000);
  });

  test("are named when there are more listings than a template can hold", () => {
    const many = Array.from({ length: 249 }, (_, index) => product(`listing${index}`));
    expect(() => of(many)).toThrow("The kit would have 502 resources, and CloudFormation takes 500");
    expect(() => of(many.slice(1))).not.toThrow();
  });
});

test.each([
  [
    "another duty's",
    { registration: "Same", metering: "Meter", lifecycle: "same", audit: "Look" },
    "seller.assumeRole.roles.registration",
  ],
  [
    "the rule's",
    { registration: "R", metering: "M", lifecycle: "L", audit: "tollhouse-production-marketplace" },
    "the event rule's role",
  ],
])("a role that has %s name is refused with the field's", (_, roles, other) => {
  const configuration = changed({ seller: { assumeRole: { externalId: "0123456789abcdef", roles } } });
  expect(() => sellerKit(configuration, "production")).toThrow(other);
  expect(() => sellerKit(configuration, "production")).toThrow(
    /^seller\.assumeRole\.roles\.(lifecycle|audit) in tollhouse/,
  );
});
