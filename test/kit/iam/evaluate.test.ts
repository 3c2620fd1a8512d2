import { describe, expect, it } from "vitest";
import { evaluate, type Principal, type Request } from "./evaluate.ts";
import { type Context, matchesArn, matchesPattern } from "./match.ts";
import { parsePolicy } from "./policy.ts";

const here = "111111111111";
const there = "222222222222";
const queue = `arn:aws:sqs:us-east-1:${here}:inbox`;

const policy = (...statements: readonly object[]) =>
  parsePolicy({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", Action: "sqs:SendMessage", ...statement })),
  });

const role = (accountId: string, ...statements: readonly object[]): Principal => ({
  kind: "role",
  accountId,
  arn: `arn:aws:iam::${accountId}:role/sender`,
  policies: statements.length === 0 ? [] : [policy(...statements)],
});

const send = (request: Partial<Request>) =>
  evaluate({
    principal: role(here),
    action: "sqs:SendMessage",
    resource: queue,
    resourceAccountId: here,
    ...request,
  });

const mine = { Resource: "*" };
const named = (accountId: string) => ({ Principal: { AWS: `arn:aws:iam::${accountId}:role/sender` } });
const whole = (accountId: string) => ({ Principal: { AWS: `arn:aws:iam::${accountId}:root` } });

describe("a role asks in its own account", () => {
  it.each([
    ["nobody allows it", [], undefined, "denied"],
    ["its own policy allows it", [mine], undefined, "allowed"],
    ["the resource's names it", [], [named(here)], "allowed"],
    ["the resource's names the account only", [], [whole(here)], "denied"],
    ["the resource's denies what its own allows", [mine], [{ ...named(here), Effect: "Deny" }], "denied"],
    ["its own denies what the resource's allows", [{ ...mine, Effect: "Deny" }], [named(here)], "denied"],
    [
      "both allow it, and one of its own denies it",
      [mine, { ...mine, Effect: "Deny" }],
      [named(here)],
      "denied",
    ],
  ])("%s", (_, own, resources, expected) => {
    const resourcePolicy = resources && policy(...resources);
    expect(
      send({ principal: role(here, ...own), ...(resourcePolicy !== undefined && { resourcePolicy }) }),
    ).toBe(expected);
  });
});

describe("a role asks in another account", () => {
  it.each([
    ["only its own policy allows it", [mine], undefined, "denied"],
    ["only the resource's names it", [], [named(there)], "denied"],
    ["both allow it", [mine], [named(there)], "allowed"],
    ["its own allows it, and the resource's names its account", [mine], [whole(there)], "allowed"],
    ["its own allows it, and the resource's names another account", [mine], [whole(here)], "denied"],
    ["its own allows it, and the resource's means everybody", [mine], [{ Principal: "*" }], "allowed"],
    ["the resource's means a role of the same name elsewhere", [mine], [named(here)], "denied"],
  ])("%s", (_, own, resources, expected) => {
    const resourcePolicy = resources && policy(...resources);
    expect(
      send({ principal: role(there, ...own), ...(resourcePolicy !== undefined && { resourcePolicy }) }),
    ).toBe(expected);
  });
});

describe("taking on a role of the same account", () => {
  const assume = (own: readonly object[], trust: object) =>
    send({
      principal: role(here, ...own.map((statement) => ({ ...statement, Action: "sts:AssumeRole" }))),
      action: "sts:AssumeRole",
      resourcePolicy: policy({ ...trust, Action: "sts:AssumeRole" }),
    });

  it("takes both sides where the trust policy names the account, and one where it names the role", () => {
    expect(assume([mine], whole(here))).toBe("allowed");
    expect(assume([], whole(here))).toBe("denied");
    expect(assume([], named(here))).toBe("allowed");
    expect(assume([mine], whole(there))).toBe("denied");
  });
});

describe("a service asks", () => {
  const service = (name: string): Principal => ({ kind: "service", name });
  const resourcePolicy = policy({
    Principal: { Service: "sns.amazonaws.com" },
    Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:sns:us-east-1:${there}:topic` } },
  });
  it("and the resource's policy decides", () => {
    const context = { "aws:SourceArn": `arn:aws:sns:us-east-1:${there}:topic` };
    expect(send({ principal: service("sns.amazonaws.com"), resourcePolicy, context })).toBe("allowed");
    expect(send({ principal: service("s3.amazonaws.com"), resourcePolicy, context })).toBe("denied");
    expect(send({ principal: service("sns.amazonaws.com"), resourcePolicy })).toBe("denied");
  });
});

describe("a condition", () => {
  const when = (condition: object, context: Context) =>
    send({ principal: role(here, { ...mine, Condition: condition }), context });
  const id = { StringEquals: { "sts:ExternalId": ["one", "two"] } };
  const arn = "arn:aws:iam::111111111111:role/a-b";

  it.each<[string, object, Record<string, string>, string]>([
    ["holds for any of its values", id, { "sts:ExternalId": "two" }, "allowed"],
    ["knows its key in any case", id, { "STS:externalid": "two" }, "allowed"],
    ["does not hold for another value", id, { "sts:ExternalId": "Two" }, "denied"],
    ["does not hold for a key that is not there", id, {}, "denied"],
    ["takes no wildcard as text", { StringEquals: { a: "*" } }, { a: "x" }, "denied"],
    ["takes wildcards in an ARN", { ArnEquals: { a: "arn:aws:iam::*:role/a-?" } }, { a: arn }, "allowed"],
    [
      "lets no wildcard reach into the next part",
      { ArnLike: { a: "arn:aws:*:role/a-b" } },
      { a: arn },
      "denied",
    ],
    ["holds only with each of its keys", { StringEquals: { a: "1", b: "2" } }, { a: "1" }, "denied"],
    [
      "holds only with each of its operators",
      { ...id, ArnLike: { a: arn } },
      { "sts:ExternalId": "one" },
      "denied",
    ],
  ])("%s", (_, condition, context, expected) => {
    expect(when(condition, context)).toBe(expected);
  });

  it("of all values holds when each is wanted, and for a request without any", () => {
    const keys = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["METER", "PAUSE"] } };
    expect(when(keys, { "dynamodb:LeadingKeys": ["METER"] })).toBe("allowed");
    expect(when(keys, { "dynamodb:LeadingKeys": ["METER", "PAUSE"] })).toBe("allowed");
    expect(when(keys, { "dynamodb:LeadingKeys": ["METER", "BOOK"] })).toBe("denied");
    expect(when(keys, { "dynamodb:LeadingKeys": "BOOK" })).toBe("denied");
    expect(when(keys, {})).toBe("allowed");
  });

  it("of one value is refused for a key with several", () => {
    expect(() => when(id, { "sts:ExternalId": ["one", "two"] })).toThrow("for keys with one value");
  });

  it("sees who asks, whatever the request says of it", () => {
    const condition = { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::333333333333:role/sender" } };
    expect(when(condition, { "aws:PrincipalArn": "arn:aws:iam::333333333333:role/sender" })).toBe("denied");
  });
});

it("compares actions without regard to case, and resources with it", () => {
  const ask = (statement: object) => send({ principal: role(here, statement) });
  expect(ask({ Action: "SQS:send*", Resource: queue })).toBe("allowed");
  expect(ask({ Action: "sqs:Send", Resource: queue })).toBe("denied");
  expect(ask({ Resource: queue.toUpperCase() })).toBe("denied");
  expect(ask({ Resource: [`${queue}-other`, `${queue.slice(0, -1)}?`] })).toBe("allowed");
});

it("takes a pattern's other characters as they are", () => {
  expect(matchesPattern("a.c", "abc")).toBe(false);
  expect(matchesPattern("a.c*", "a.c\nd")).toBe(true);
  expect(matchesArn("arn:aws:*:*:*:role/a", "arn:aws:sqs:r:1:x:role/a")).toBe(false);
  expect(matchesArn("*", "arn:aws:iam::111111111111:role/x")).toBe(false);
  expect(matchesArn("arn:aws:logs:r:1:log-group:*", "arn:aws:logs:r:1:log-group:a:b")).toBe(true);
});

describe("what the evaluator does not know", () => {
  const base = { Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" };
  it.each([
    ["NotAction", { NotAction: "sqs:*" }],
    ["NotResource", { NotResource: "*" }],
    ["NotPrincipal", { NotPrincipal: { AWS: "*" } }],
    ["another operator", { Condition: { StringLike: { a: "b*" } } }],
    ["an operator that passes over missing keys", { Condition: { StringEqualsIfExists: { a: "b" } } }],
    ["an operator for sets of values", { Condition: { "ForAnyValue:StringEquals": { a: "b" } } }],
    ["another kind of principal", { Principal: { Federated: "cognito-identity.amazonaws.com" } }],
    ["a policy variable", { Resource: "arn:aws:sqs:us-east-1:111111111111:${aws:username}" }],
    ["another effect", { Effect: "Perhaps" }],
    ["a number where text belongs", { Condition: { StringEquals: { a: 1 } } }],
  ])("is refused: %s", (_, part) => {
    expect(() => parsePolicy({ Version: "2012-10-17", Statement: [{ ...base, ...part }] })).toThrow(
      "not known here",
    );
  });

  it("is refused: an older version of the language", () => {
    expect(() => parsePolicy({ Version: "2008-10-17", Statement: [base] })).toThrow("not known here");
  });

  it("is refused: another part of a document", () => {
    expect(() => parsePolicy({ Version: "2012-10-17", Statement: [base], Rules: [] })).toThrow(
      "not known here",
    );
  });

  it("is refused: principals in an identity's policy, and a resource's policy without", () => {
    expect(() => send({ principal: role(here, named(here)) })).toThrow("names no principal");
    expect(() => send({ resourcePolicy: policy(mine) })).toThrow("names its principals");
  });
});
