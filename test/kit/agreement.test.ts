import { sellerKit } from "@tollhouse/aws/seller/kit";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { synth, type Synthesis } from "../infra/synth/synth.ts";
import { deployedKit, intakePolicy, stackRoles } from "./deployed.ts";
import { oneAccount, twoAccounts, withListings } from "./example.ts";
import { evaluate } from "./iam/evaluate.ts";
import type { Statement } from "./iam/policy.ts";

/* The kit and the stack are made from one configuration and never see each other: what one names, the other must make. */

const valuesOf = (statements: readonly Statement[], operator: keyof Statement["Condition"], key: string) =>
  statements.flatMap(({ Condition }) => Condition[operator]?.[key] ?? []);

function bothSides(configuration: Configuration, stage: string, synthesis: Synthesis) {
  const { seller, production } = configuration;
  const intake = intakePolicy(synthesis).Statement;
  const stack = stackRoles(synthesis, production.accountId);
  return {
    kit: deployedKit(sellerKit(configuration, stage).template, seller.accountId),
    stack,
    intakeArn: synthesis.stackOutputs["intakeQueue"],
    topicsLetIn: valuesOf(
      intake.filter(({ Principal }) => Principal?.Service.includes("sns.amazonaws.com") === true),
      "ArnEquals",
      "aws:SourceArn",
    ),
    rulesLetIn: valuesOf(
      intake.filter(({ Principal }) => Principal?.Service.includes("events.amazonaws.com") === true),
      "ArnEquals",
      "aws:SourceArn",
    ),
    rolesLetIn: valuesOf(intake, "ArnEquals", "aws:PrincipalArn"),
    /** By the role that is taken on: who of the stack may ask for it. */
    assumed: [...stack.values()].flatMap(({ arn, policies }) =>
      policies
        .flatMap(({ Statement }) => Statement)
        .filter(({ Action }) => Action.includes("sts:AssumeRole"))
        .flatMap(({ Resource = [] }) => Resource.map((role) => ({ role, by: arn }))),
    ),
    confirmable: [...stack.values()].flatMap(({ policies }) =>
      policies
        .flatMap(({ Statement }) => Statement)
        .filter(({ Action }) => Action.includes("sns:ConfirmSubscription"))
        .map(({ Resource = [] }) => Resource),
    ),
  };
}

const byText = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));

describe.each(["production", "jane"])("two accounts, stage %s", async (stage) => {
  const synthesis = await synth(stage);
  const { kit, stack, assumed, ...sides } = bothSides(twoAccounts, stage, synthesis);
  const duties = kit.roles.filter(({ name }) => !name.endsWith("-marketplace"));

  it("synthesises", () => {
    expect(synthesis.errors).toEqual([]);
  });

  it("lets in roles that the stack makes, each where the stack asks, and no others", () => {
    const letIn = duties.flatMap(({ arn, trust }) =>
      valuesOf(trust.Statement, "ArnEquals", "aws:PrincipalArn").map((by) => ({ role: arn, by })),
    );
    const made = [...stack.values()].map(({ arn }) => arn);
    for (const { by } of letIn) expect(made).toContain(by);
    expect(letIn.toSorted(byText)).toEqual(assumed.toSorted(byText));
    expect(letIn.length).toBeGreaterThanOrEqual(5);
  });

  it("asks for the external id that the functions give", () => {
    expect(duties.map(({ trust }) => valuesOf(trust.Statement, "StringEquals", "sts:ExternalId"))).toEqual(
      duties.map(() => [twoAccounts.seller.assumeRole?.externalId]),
    );
  });

  it("sends to the intake queue, as the role that the queue lets in", () => {
    expect(kit.rules.flatMap(({ Targets }) => Targets.map(({ Arn }) => Arn))).toEqual([sides.intakeArn]);
    expect(kit.rules.flatMap(({ Targets }) => Targets.map(({ RoleArn }) => RoleArn))).toEqual(
      sides.rolesLetIn,
    );
    expect(kit.roles.map(({ arn }) => arn)).toEqual(expect.arrayContaining([...sides.rolesLetIn]));
    expect(sides.rulesLetIn).toEqual([]);
  });

  it("subscribes the intake queue to the topics that it takes from and confirms, and no others", () => {
    const topics = kit.subscriptions.map(({ TopicArn }) => TopicArn);
    expect(topics).toEqual(sides.topicsLetIn);
    expect(sides.confirmable).toEqual([topics, topics]);
    expect(new Set(kit.subscriptions.map(({ Endpoint }) => Endpoint))).toEqual(new Set([sides.intakeArn]));
  });
});

describe("one account", async () => {
  const contents = readFileSync(path.join(import.meta.dirname, "../infra/single-account.config.ts"), "utf8");
  const synthesis = await synth("production", { overlay: { "tollhouse.config.ts": contents } });
  const { kit, assumed, ...sides } = bothSides(oneAccount, "production", synthesis);

  it("has no roles, neither to take on nor for the rule", () => {
    expect(synthesis.errors).toEqual([]);
    expect(kit.roles).toEqual([]);
    expect(assumed).toEqual([]);
    expect(sides.rolesLetIn).toEqual([]);
    expect(
      kit.rules.flatMap(({ Targets }) => Targets.filter(({ RoleArn }) => RoleArn !== undefined)),
    ).toEqual([]);
  });

  it("has a rule that the intake queue takes from, and no other rule may", () => {
    const [rule] = kit.rules;
    const ruleArn = `arn:aws:events:us-east-1:444455556666:rule/${rule?.Name ?? ""}`;
    expect(sides.rulesLetIn).toEqual([ruleArn]);
    expect(rule?.Targets.map(({ Arn }) => Arn)).toEqual([sides.intakeArn]);
    const send = (sourceArn: string) =>
      evaluate({
        principal: { kind: "service", name: "events.amazonaws.com" },
        action: "sqs:SendMessage",
        resource: rule?.Targets[0]?.Arn ?? "",
        resourceAccountId: "444455556666",
        resourcePolicy: intakePolicy(synthesis),
        context: { "aws:SourceArn": sourceArn },
      });
    expect(send(ruleArn)).toBe("allowed");
    expect(send(ruleArn.replace("444455556666", "111122223333"))).toBe("denied");
  });

  it("subscribes both topics of an old contract to the intake queue, which takes from them and confirms them", () => {
    const topics = kit.subscriptions.map(({ TopicArn }) => TopicArn);
    expect(topics).toHaveLength(2);
    expect(topics).toEqual(sides.topicsLetIn);
    expect(sides.confirmable).toEqual([topics, topics]);
    expect(new Set(kit.subscriptions.map(({ Endpoint }) => Endpoint))).toEqual(new Set([sides.intakeArn]));
  });
});

describe("sixty old listings", async () => {
  const configuration = withListings(60, "subscription");
  const contents = `export default ${JSON.stringify(configuration)}`;
  const synthesis = await synth("production", { overlay: { "tollhouse.config.ts": contents } });
  const { kit, topicsLetIn } = bothSides(configuration, "production", synthesis);

  it("are all subscribed and let in", () => {
    expect(synthesis.errors).toEqual([]);
    expect(topicsLetIn).toHaveLength(60);
    expect(kit.subscriptions.map(({ TopicArn }) => TopicArn)).toEqual(topicsLetIn);
  });

  it('fit the intake queue\'s policy, of which SQS takes 8,192 bytes (SQS guide, "Quotas")', () => {
    const policies = synthesis.resources.filter(
      ({ type, inputs }) =>
        type === "aws:sqs/queuePolicy:QueuePolicy" && String(inputs["queueUrl"]).endsWith("-Intake"),
    );
    expect(policies).toHaveLength(1);
    for (const { inputs } of policies) expect(String(inputs["policy"]).length).toBeLessThanOrEqual(8_192);
  });
});
