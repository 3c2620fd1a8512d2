import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
} from "@aws-sdk/client-eventbridge";
import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { ListSubscriptionsCommand, SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  caller,
  callerArn,
  configuredCaller,
  errorName,
  externalId,
  roleArn,
  startWorld,
} from "./simulator-world.ts";

const queueArn = "arn:aws:sqs:us-east-1:000000000000:intake";
const topicArn = "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-one";
const audit = {
  arn: roleArn("Audit"),
  externalId,
  trusts: [callerArn, "arn:aws:iam::444455556666:role/another", "arn:aws:iam::999900001111:role/stranger"],
  actions: [
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "sns:ListSubscriptions",
    "events:DescribeRule",
    "events:ListTargetsByRule",
  ],
  tags: { "a:tag": "<its value>" },
};
const idle = { arn: roleArn("Idle"), externalId, trusts: [callerArn], actions: [] };

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld("http://127.0.0.1:9", {
    callers: [configuredCaller(callerArn)],
    roles: [audit, idle],
    eventRule: {
      name: "rule",
      pattern: { source: ["aws.agreement-marketplace"] },
      targets: [{ id: "intake", arn: queueArn, deadLetterArn: `${queueArn}-dead`, inputPath: "$.detail" }],
    },
    topicSubscriptions: Array.from({ length: 102 }, (_, index) => ({
      topicArn: `${topicArn}${index}`,
      protocol: "sqs" as const,
      endpoint: queueArn,
      confirmed: index !== 100,
      deleted: index === 101,
    })),
  });
});
afterAll(() => world.close());

const control = (method: string, body: object = {}) =>
  fetch(`${world.url}/_simulator/account`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
afterEach(() => control("DELETE"));

async function session(role = "Audit") {
  const { Credentials } = await new STSClient(settings(caller)).send(
    new AssumeRoleCommand({ RoleArn: roleArn(role), RoleSessionName: "test", ExternalId: externalId }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}
const settings = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => ({
  ...{ endpoint: world.url, region: "us-east-1", credentials, maxAttempts: 1 },
});
const iam = async (role?: string) => new IAMClient(settings(await session(role)));
const sns = async (role?: string) => new SNSClient(settings(await session(role)));
const events = async (role?: string) => new EventBridgeClient(settings(await session(role)));

describe("the seller's account tells of itself as AWS would", () => {
  it("a role with its tags and its trust, a statement an account", async () => {
    const { Role } = await (await iam()).send(new GetRoleCommand({ RoleName: "Audit" }));
    expect(Role).toMatchObject({ Arn: audit.arn, Tags: [{ Key: "a:tag", Value: "<its value>" }] });
    const demanded = { "sts:ExternalId": externalId };
    const statement = (accountId: string, ...arns: string[]) => ({
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: demanded, ArnEquals: { "aws:PrincipalArn": arns } },
    });
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""))).toEqual({
      Version: "2012-10-17",
      Statement: [
        statement("444455556666", callerArn, "arn:aws:iam::444455556666:role/another"),
        statement("999900001111", "arn:aws:iam::999900001111:role/stranger"),
      ],
    });
  });

  it("what a role may do, action by action and resource by resource", async () => {
    const { EvaluationResults } = await (
      await iam()
    ).send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: audit.arn,
        ActionNames: ["iam:GetRole", "iam:DeleteRole"],
        ResourceArns: ["arn:aws:iam::111122223333:role/A", "arn:aws:iam::111122223333:role/B"],
      }),
    );
    const decided = (EvalActionName: string, decision: string) => ({
      EvalActionName,
      EvalResourceName: "*",
      EvalDecision: decision,
      ResourceSpecificResults: ["A", "B"].map((name) => ({
        EvalResourceName: `arn:aws:iam::111122223333:role/${name}`,
        EvalResourceDecision: decision,
      })),
    });
    expect(EvaluationResults).toEqual([
      decided("iam:GetRole", "allowed"),
      decided("iam:DeleteRole", "implicitDeny"),
    ]);
  });

  it("what a role may do under conditions, by what the request is said to say", async () => {
    const search = "aws-marketplace:SearchAgreements";
    const [party, kind] = ["aws-marketplace:PartyType", "aws-marketplace:AgreementType"];
    const conditions = {
      [search]: [
        { operator: "StringEquals", key: party, values: ["Proposer"] },
        { operator: "ForAllValues:StringEquals", key: kind, values: ["PurchaseAgreement"] },
      ],
    };
    await control("PUT", { roles: [{ ...audit, actions: [...audit.actions, search], conditions }] });
    const client = await iam();
    const decided = async (said: Readonly<Record<string, string[]>>) => {
      const { EvaluationResults } = await client.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: audit.arn,
          ActionNames: [search],
          ContextEntries: Object.entries(said).map(([ContextKeyName, ContextKeyValues]) => ({
            ContextKeyName,
            ContextKeyValues,
            ContextKeyType: "stringList",
          })),
        }),
      );
      return EvaluationResults?.map(({ EvalDecision }) => EvalDecision).join();
    };
    expect(await decided({ [party]: ["Proposer"], [kind]: ["PurchaseAgreement"] })).toBe("allowed");
    expect(await decided({ [party.toUpperCase()]: ["Proposer"] })).toBe("allowed");
    expect(await decided({ [party]: ["Acceptor"], [kind]: ["PurchaseAgreement"] })).toBe("implicitDeny");
    expect(await decided({ [party]: ["Proposer"], [kind]: ["PurchaseAgreement", "Other"] })).toBe(
      "implicitDeny",
    );
    expect(await decided({ [kind]: ["PurchaseAgreement"] })).toBe("implicitDeny");
  });

  it("subscriptions by the hundred, one that waits and one that has ended without an ARN", async () => {
    const client = await sns();
    const first = await client.send(new ListSubscriptionsCommand({}));
    const second = await client.send(new ListSubscriptionsCommand({ NextToken: first.NextToken }));
    expect([first.Subscriptions?.length, second.Subscriptions?.length, second.NextToken]).toEqual([
      100,
      2,
      undefined,
    ]);
    expect(first.Subscriptions?.[0]).toMatchObject({
      TopicArn: `${topicArn}0`,
      Protocol: "sqs",
      Endpoint: queueArn,
    });
    expect(first.Subscriptions?.[0]?.SubscriptionArn).toMatch(/^arn:aws:sns:/);
    expect(second.Subscriptions?.map(({ SubscriptionArn }) => SubscriptionArn)).toEqual([
      "PendingConfirmation",
      "Deleted",
    ]);
  });

  it("the rule of the default bus and its targets", async () => {
    const client = await events();
    const rule = await client.send(new DescribeRuleCommand({ Name: "rule" }));
    expect(rule).toMatchObject({
      State: "ENABLED",
      EventPattern: '{"source":["aws.agreement-marketplace"]}',
      Arn: "arn:aws:events:us-east-1:111122223333:rule/rule",
    });
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: "rule" }));
    expect(Targets).toEqual([
      {
        Id: "intake",
        Arn: queueArn,
        DeadLetterConfig: { Arn: `${queueArn}-dead` },
        InputPath: "$.detail",
      },
    ]);
  });

  it("what there is not", async () => {
    expect(await errorName((await iam()).send(new GetRoleCommand({ RoleName: "Nobody" })))).toMatch(
      /^NoSuchEntity/,
    );
    expect(await errorName((await events()).send(new DescribeRuleCommand({ Name: "other" })))).toBe(
      "ResourceNotFoundException",
    );
  });
});

describe("only who may ask is told", () => {
  it("a session whose role has no such action is denied, each in its service's words", async () => {
    expect(await errorName((await iam("Idle")).send(new GetRoleCommand({ RoleName: "Audit" })))).toMatch(
      /^AccessDenied/,
    );
    expect(await errorName((await sns("Idle")).send(new ListSubscriptionsCommand({})))).toMatch(
      /^AuthorizationError/,
    );
    expect(await errorName((await events("Idle")).send(new DescribeRuleCommand({ Name: "rule" })))).toBe(
      "AccessDeniedException",
    );
  });

  it("production itself is told nothing of the seller's account, and a session nothing of production's buses", async () => {
    const client = new IAMClient(settings(caller));
    expect(await errorName(client.send(new GetRoleCommand({ RoleName: "Audit" })))).toMatch(/^AccessDenied/);
    expect(await errorName((await events()).send(new DescribeEventBusCommand({ Name: "tollhouse" })))).toBe(
      "AccessDeniedException",
    );
    const own = new EventBridgeClient(settings(caller));
    expect((await own.send(new DescribeEventBusCommand({ Name: "tollhouse" }))).Name).toBe("tollhouse");
  });

  it("a session may do what its role may now, and nothing once the role is gone", async () => {
    const client = await iam();
    const look = () => client.send(new GetRoleCommand({ RoleName: "Audit" }));
    await control("PUT", { roles: [{ ...audit, actions: [] }] });
    expect(await errorName(look())).toMatch(/^AccessDenied/);
    await control("PUT", { roles: [] });
    expect(await errorName(look())).toMatch(/^InvalidClientTokenId/);
    await control("DELETE");
    expect((await look()).Role?.Arn).toBe(audit.arn);
  });
});

it("takes no change that it does not know, and says which field is wrong", async () => {
  const response = await control("PUT", { roles: [{ arn: "Audit" }] });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("roles[0].arn");
});
