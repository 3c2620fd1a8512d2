import { describe, expect, test } from "vitest";
import { type ConfigurationInput, defineConfiguration } from "../configuration/configuration.ts";
import { judgeClock } from "./clock.ts";
import { judgeAgreements, judgeEntitlements } from "./product.ts";
import { remediesOf } from "./remedy.ts";
import { configurationDigest } from "./report.ts";
import { judgeActions } from "./grant.ts";
import { judgeRule, judgeTarget } from "./rule.ts";
import { judgeListeners, judgeTopic } from "./subscription.ts";
import { judgeShape } from "./table.ts";

const remedies = remediesOf("production", "aws");
const like = (pattern: RegExp) => expect.stringMatching(pattern) as unknown;

describe("the clock", () => {
  test.each([
    [0, "pass"],
    [60_400, "pass"],
    [-61_000, "warn"],
    [240_000, "warn"],
    [241_000, "fail"],
    [-400_000, "fail"],
  ])("%i ms ahead: %s", (skewMs, status) => {
    expect(judgeClock(skewMs).status).toBe(status);
  });

  test("says which way it is off", () => {
    expect(judgeClock(-90_000)).toMatchObject({ detail: like(/90 s behind/) });
    expect(judgeClock(90_000)).toMatchObject({ detail: like(/90 s ahead/) });
  });
});

describe("a topic's subscription", () => {
  const topicArn = "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-code";
  const queueArn = "arn:aws:sqs:us-east-1:444455556666:tollhouse-production-Intake";
  const queue = { topicArn, protocol: "sqs", endpoint: queueArn, state: "confirmed" } as const;
  const door = { ...queue, protocol: "https", endpoint: "https://api.example.com/sns" };

  test("of what may be the intake's second door is told to be compared, and may be somebody else's", () => {
    expect(judgeTopic([door], topicArn, queueArn)).toMatchObject({
      status: "warn",
      detail: like(/api\.example\.com/),
    });
    expect(judgeListeners([door, queue], [topicArn], queueArn)).toMatchObject({
      status: "warn",
      detail: `https https://api.example.com/sns hears ${topicArn}.`,
      remedy: like(/compare the stack's output snsUrl/),
    });
  });

  test("counts when one of several is confirmed, and only for its own topic", () => {
    const pending = { ...queue, state: "pending" } as const;
    expect(judgeTopic([pending, queue], topicArn, queueArn).status).toBe("pass");
    expect(judgeTopic([pending], topicArn, queueArn)).toMatchObject({
      status: "fail",
      detail: like(/waits for its confirmation/),
    });
    expect(judgeTopic([{ ...queue, topicArn: `${topicArn}2` }], topicArn, queueArn)).toMatchObject({
      status: "fail",
      detail: like(/Nothing of ours/),
    });
  });

  test("that was deleted neither waits nor hears, and one after it counts", () => {
    const deleted = { ...queue, state: "deleted" } as const;
    expect(judgeTopic([deleted], topicArn, queueArn)).toMatchObject({
      status: "fail",
      detail: `The subscription of ${queueArn} was deleted, within the last three days: nothing is sent any more.`,
      remedy: like(/aws sns subscribe/),
    });
    expect(judgeTopic([deleted, { ...queue, state: "pending" }], topicArn, queueArn)).toMatchObject({
      detail: like(/waits for its confirmation/),
    });
    expect(judgeTopic([deleted, queue], topicArn, queueArn).status).toBe("pass");
    const another = { ...deleted, endpoint: `${queueArn}-of-before` };
    expect(judgeListeners([another, queue], [topicArn], queueArn).status).toBe("pass");
  });

  test("of another stage's queue is another's", () => {
    const jane = { ...queue, endpoint: queueArn.replace("production", "jane") };
    expect(judgeTopic([jane], topicArn, queueArn).status).toBe("fail");
    expect(judgeListeners([jane, queue], [topicArn], queueArn)).toMatchObject({
      status: "warn",
      detail: like(/tollhouse-jane-Intake hears/),
    });
  });
});

test("a rule without a pattern, or with one that is none, hears nothing", () => {
  for (const pattern of [undefined, "{", '"aws.agreement-marketplace"'])
    expect(judgeRule({ isEnabled: true, pattern, description: "" }, "rule", remedies)).toMatchObject({
      status: "fail",
      detail: like(/does not name the source/),
    });
});

test("a target that passes a part of each event on, or something else, fails", () => {
  const queueArn = "arn:aws:sqs:us-east-1:444455556666:tollhouse-production-Intake";
  const target = { arn: queueArn, roleArn: undefined, deadLetterArn: "arn" };
  const judge = (reshapedBy: readonly string[]) =>
    judgeTarget([{ ...target, reshapedBy }], { queueArn, roleArn: undefined }, remedies);
  expect(judge([]).status).toBe("pass");
  expect(judge(["InputPath"])).toMatchObject({
    status: "fail",
    detail: "The target has InputPath, so that what arrives is no event.",
    remedy: remedies.deployKit,
  });
});

test("a role's action that IAM says nothing of is not taken for allowed", () => {
  const wanted = { roleArn: "role", actions: ["iam:GetRole", "sns:ListSubscriptions"] };
  const decisions = [
    { action: "iam:GetRole", isAllowed: true },
    { action: "iam:GetRole", isAllowed: false },
  ];
  expect(judgeActions(decisions, wanted, remedies)).toMatchObject({
    status: "fail",
    detail: "It may not iam:GetRole; IAM said nothing of sns:ListSubscriptions.",
  });
});

describe("a listing that AWS Marketplace does not know", () => {
  const notKnown = { kind: "not-known", reason: "InvalidParameterException" } as const;

  test("may be why the role is refused, so that code and account are named then too", () => {
    const barred = { kind: "barred", reason: "The role lacks aws-marketplace:GetEntitlements" } as const;
    expect(judgeEntitlements(barred, { title: "Vault", code: "k0789" }, remedies)).toMatchObject({
      detail: "The role lacks aws-marketplace:GetEntitlements.",
      remedy: like(
        /^Deploy the seller-account kit again.*k0789 may be .*`code` of "Vault" and seller\.accountId/,
      ),
    });
  });

  test("is named with what belongs in its place", () => {
    expect(judgeEntitlements(notKnown, { title: "Vault", code: "k0789" }, remedies)).toMatchObject({
      detail: like(/does not know the product code k0789/),
      remedy: like(/`code` of "Vault"/),
    });
    expect(judgeEntitlements(notKnown, { title: "Vault", code: "prod-1" }, remedies)).toMatchObject({
      detail: like(/^prod-1 is a product id, not a product code/),
    });
    expect(
      judgeAgreements(notKnown, { title: "Vault", code: "k0789", id: "prod-1" }, remedies),
    ).toMatchObject({
      detail: like(/agreements of prod-1/),
      remedy: like(/`id` of "Vault"/),
    });
  });
});

describe("a table", () => {
  const shape = {
    key: { partition: "pk", sort: "sk" },
    indexes: { pending: { partition: "a", sort: "b", holds: ["y", "x"] } },
  };
  const seen = { ...shape, status: "ACTIVE", indexStatuses: {}, isProtected: false };

  test("may hold the same in another order, and more indexes", () => {
    const indexes = { pending: { ...shape.indexes.pending, holds: ["x", "y"] }, more: shape.indexes.pending };
    expect(judgeShape({ ...seen, indexes }, shape, remedies).status).toBe("pass");
  });

  test.each([
    [{ status: "UPDATING" }, /^The table is UPDATING\.$/],
    [{ key: { partition: "pk", sort: "none" } }, /^Its key is pk and none\.$/],
    [{ indexStatuses: { pending: "CREATING" } }, /^Its index pending is CREATING\.$/],
    [{ indexes: { pending: { partition: "a", sort: "b", holds: "all" as const } } }, /holding all/],
  ])("that is %j is not as it should be", (change, detail) => {
    expect(judgeShape({ ...seen, ...change }, shape, remedies)).toMatchObject({
      status: "fail",
      detail: like(detail),
    });
  });
});

test("a configuration's digest follows what it says, not the order in which it says it", () => {
  const seller = { accountId: "444455556666" };
  const production = { accountId: "444455556666" };
  const product = {
    code: "code",
    title: "Vault",
    generation: "sns",
    pricing: "subscription",
    dimensions: [{ key: "calls", kind: "metered" }],
  } satisfies ConfigurationInput["products"][number];
  const registrationPage = {
    sellerName: "S",
    supportContact: "s@example.com",
    continueUrl: "https://example.com",
  };
  const digestOf = (title: string) =>
    configurationDigest(
      defineConfiguration({
        ...{ name: "tollhouse", seller, production, registrationPage },
        products: [{ ...product, title }],
      }),
    );
  const reordered = configurationDigest(
    defineConfiguration({
      products: [Object.fromEntries(Object.entries(product).toReversed()) as typeof product],
      ...{ registrationPage, production, seller, name: "tollhouse" },
    }),
  );
  expect(digestOf("Vault")).toBe(reordered);
  expect(digestOf("Vaults")).not.toBe(reordered);
});
