import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { allow } from "./expected-part.ts";
import { picture, type Picture } from "./picture.ts";
import { edited, synth } from "./synth/synth.ts";

const configuration = readFileSync(path.join(import.meta.dirname, "single-account.config.ts"), "utf8");
const synthesis = await synth("production", { overlay: { "tollhouse.config.ts": configuration } });
const { roles, queuePolicies } = picture(synthesis);

const granted = (name: string) =>
  roles[`tollhouse-production-${name}`]?.statements as { Action: string[]; Resource: string[] }[];

/** Who may fill the intake queue. */
const intakeSenders = (policies: Picture["queuePolicies"]) =>
  Object.entries(policies).flatMap(([url, statements]) =>
    url.endsWith("-Intake") ? (statements as Record<string, unknown>[]) : [],
  );

describe("a seller whose production account is the seller account", () => {
  it("synthesises without an error", () => {
    expect(synthesis.errors).toEqual([]);
  });

  const reads = [
    allow("aws-marketplace:GetEntitlements", "*"),
    {
      ...allow("aws-marketplace:SearchAgreements", "*"),
      Condition: {
        StringEquals: { "aws-marketplace:PartyType": ["Proposer"] },
        "ForAllValues:StringEquals": { "aws-marketplace:AgreementType": ["PurchaseAgreement"] },
      },
    },
  ];

  it.each([
    ["registration", [allow("aws-marketplace:ResolveCustomer", "*")]],
    ["entitlement", reads],
    ["reconciliation", reads],
    ["meter", [allow("aws-marketplace:BatchMeterUsage", "*")]],
  ])("%s may do its duty itself, and on every resource nothing else but trace", (name, duty) => {
    expect(granted(name).filter(({ Resource }) => Resource.includes("*"))).toEqual([
      ...duty,
      allow("xray:PutTraceSegments xray:PutTelemetryRecords", "*"),
    ]);
  });

  it.each(["intake", "webhook"])("%s may confirm both topics of an old contract, and no other", (name) => {
    expect(granted(name).filter(({ Action }) => Action.includes("sns:ConfirmSubscription"))).toEqual([
      {
        Effect: "Allow",
        Action: ["sns:ConfirmSubscription"],
        Resource: ["subscription", "entitlement"].map(
          (kind) =>
            `arn:aws:sns:us-east-1:287250355862:aws-mp-${kind}-notification-oldcontract00000000000000`,
        ),
      },
    ]);
  });

  it.each(["intake", "webhook", "relay", "usage", "collector", "access", "fold"])(
    "%s may do nothing on AWS Marketplace",
    (name) => {
      expect(
        granted(name)
          .flatMap(({ Action }) => Action)
          .join(" "),
      ).not.toContain("aws-marketplace");
    },
  );

  it("assumes no role", () => {
    expect(JSON.stringify(Object.values(roles).flatMap(({ statements }) => statements))).not.toContain(
      "AssumeRole",
    );
  });

  it("lets both topics of an old contract and its own rule fill the intake queue, each by its ARN", () => {
    expect(
      intakeSenders(queuePolicies).map(({ Principal, Condition }) => ({ Principal, Condition })),
    ).toEqual([
      {
        Principal: { Service: ["sns.amazonaws.com"] },
        Condition: {
          ArnEquals: {
            "aws:SourceArn": [
              "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-oldcontract00000000000000",
              "arn:aws:sns:us-east-1:287250355862:aws-mp-entitlement-notification-oldcontract00000000000000",
            ],
          },
        },
      },
      {
        Principal: { Service: ["events.amazonaws.com"] },
        Condition: {
          ArnEquals: {
            "aws:SourceArn": ["arn:aws:events:us-east-1:444455556666:rule/tollhouse-production-marketplace"],
          },
        },
      },
    ]);
  });
});

describe("a listing in migration", async () => {
  const overlay = edited(
    "test/infra/single-account.config.ts",
    `generation: "eventbridge"`,
    `generation: "migrating", migratesFromHour: "2026-12-01T00"`,
  );
  const moving = await synth("production", {
    overlay: { "tollhouse.config.ts": Object.values(overlay).join() },
  });

  it("has its topic and the event rule", () => {
    expect(moving.errors).toEqual([]);
    const policies = JSON.stringify(picture(moving).queuePolicies);
    expect(policies).toContain("aws-mp-subscription-notification-newsubscription0000000000");
    expect(policies).toContain("rule/tollhouse-production-marketplace");
  });
});

describe("a seller with new listings only", () => {
  it("lets no topic fill the intake queue, and has none to confirm", async () => {
    const overlay = edited(
      "test/infra/single-account.config.ts",
      `generation: "sns"`,
      `generation: "eventbridge"`,
    );
    const synthesised = await synth("production", {
      overlay: { "tollhouse.config.ts": Object.values(overlay).join() },
    });
    expect(synthesised.errors).toEqual([]);
    const everything = JSON.stringify(picture(synthesised));
    expect(everything).not.toContain("sns.amazonaws.com");
    expect(everything).not.toContain("ConfirmSubscription");
  });
});

describe("a seller with old listings only", () => {
  it("lets no event rule fill the intake queue", async () => {
    const overlay = edited(
      "test/infra/single-account.config.ts",
      `generation: "eventbridge"`,
      `generation: "sns"`,
    );
    const { queuePolicies } = picture(
      await synth("production", {
        overlay: { "tollhouse.config.ts": Object.values(overlay).join() },
      }),
    );
    expect(intakeSenders(queuePolicies).map(({ Principal }) => Principal)).toEqual([
      { Service: ["sns.amazonaws.com"] },
    ]);
  });
});
