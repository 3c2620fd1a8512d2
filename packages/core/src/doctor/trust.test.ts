import { describe, expect, test } from "vitest";
import { remediesOf } from "./remedy.ts";
import { judgeTrust } from "./trust.ts";

const root = "arn:aws:iam::444455556666:root";
const meter = "arn:aws:iam::444455556666:role/tollhouse-production-meter";
const doctor = "arn:aws:iam::444455556666:role/tollhouse-production-doctor";
const externalId = "example-only-replace-me";
const wanted = {
  roleArn: "arn:aws:iam::111122223333:role/TollhouseMetering",
  accountId: "444455556666",
  functionRoleArns: [meter],
  externalId,
};
const demanded = { StringEquals: { "sts:ExternalId": externalId } };
const byRoot = {
  Effect: "Allow",
  Principal: { AWS: root },
  Action: "sts:AssumeRole",
  Condition: { ...demanded, ArnEquals: { "aws:PrincipalArn": [meter] } },
};
const judge = (...statements: object[]) =>
  judgeTrust(
    { trustPolicy: JSON.stringify({ Version: "2012-10-17", Statement: statements }), tags: {} },
    wanted,
    remediesOf("production", "aws"),
  );

describe("a role's trust is sound", () => {
  test.each([
    ["by our account's root and a condition, as the kit writes it", byRoot],
    ["by the role itself", { ...byRoot, Principal: { AWS: [meter] }, Condition: demanded }],
    [
      "by the role itself, which a condition names as well",
      {
        ...byRoot,
        Principal: { AWS: meter },
        Condition: { ...demanded, ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/*-meter" } },
      },
    ],
    [
      "with keys in other letters and a single value bare",
      {
        ...byRoot,
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "STS:externalId": [externalId], "AWS:principalarn": meter } },
      },
    ],
  ])("%s", (_, statement) => {
    expect(judge(statement).status).toBe("pass");
  });

  test("whatever it denies besides, and whatever else it allows that assumes no role", () => {
    const others = ["sts:TagSession", "sts:Tag*", "sts:AssumeRoot", "iam:*"];
    const tagging = { Effect: "Allow", Principal: "*", Action: others };
    expect(judge(byRoot, { ...byRoot, Effect: "Deny", Principal: "*" }, tagging).status).toBe("pass");
  });
});

describe("a role's trust is not sound", () => {
  test.each([
    [
      "of every role of our account",
      { ...byRoot, Condition: demanded },
      /also trusts every role of account 444455556666/,
    ],
    [
      "of a pattern of our roles",
      { ...byRoot, Condition: { ...demanded, ArnLike: { "aws:PrincipalArn": [meter, `${meter}*`] } } },
      /^It also trusts .*-meter\*\.$/,
    ],
    [
      "of another of our functions",
      { ...byRoot, Condition: { ...demanded, ArnEquals: { "aws:PrincipalArn": [meter, doctor] } } },
      /^It also trusts .*-doctor\.$/,
    ],
    ["of anybody", { ...byRoot, Principal: "*" }, /also trusts anybody/],
    ["of anybody, written as a list", { ...byRoot, Principal: { AWS: ["*"] } }, /also trusts anybody/],
    [
      "of all but some",
      { ...byRoot, Principal: undefined, NotPrincipal: { AWS: root } },
      /also trusts anybody/,
    ],
    ["of a service", { ...byRoot, Principal: { Service: "ec2.amazonaws.com" } }, /also trusts Service ec2/],
    [
      "of an account, by its bare number",
      { ...byRoot, Principal: { AWS: ["444455556666", "999900001111"] } },
      /^It also trusts 999900001111\.$/,
    ],
    [
      "without the external id",
      { ...byRoot, Condition: { ArnEquals: { "aws:PrincipalArn": [meter] } } },
      /^It does not demand the configured external id\.$/,
    ],
    [
      "with another external id as well",
      {
        ...byRoot,
        Condition: {
          ...byRoot.Condition,
          StringEquals: { "sts:ExternalId": [externalId, "another-external-id"] },
        },
      },
      /^It does not demand the configured external id\.$/,
    ],
    [
      "with an external id that only has to begin so",
      {
        ...byRoot,
        Condition: {
          ArnEquals: { "aws:PrincipalArn": [meter] },
          StringLike: { "sts:ExternalId": "example*" },
        },
      },
      /does not demand/,
    ],
    [
      "with an external id that may be left out",
      {
        ...byRoot,
        Condition: {
          ArnEquals: { "aws:PrincipalArn": [meter] },
          StringEqualsIfExists: { "sts:ExternalId": externalId },
        },
      },
      /does not demand/,
    ],
    [
      "of everything, by its action",
      { ...byRoot, Action: "*", Principal: { AWS: "*" } },
      /also trusts anybody/,
    ],
    [
      "that asks for more than our functions bring along",
      {
        ...byRoot,
        Condition: {
          ...byRoot.Condition,
          "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-example/*" },
          Bool: { "aws:MultiFactorAuthPresent": true },
        },
      },
      /^It also asks for aws:PrincipalOrgPaths \(ForAnyValue:StringLike\); it also asks for aws:MultiFactorAuthPresent \(Bool\)\.$/,
    ],
    [
      "of a function that a condition leaves out again",
      {
        ...byRoot,
        Condition: { ...byRoot.Condition, ArnNotEquals: { "aws:PrincipalArn": meter } },
      },
      /^It also asks for aws:PrincipalArn \(ArnNotEquals\)\.$/,
    ],
    [
      "of the role itself, where a condition names another",
      {
        ...byRoot,
        Principal: { AWS: meter },
        Condition: { ...demanded, ArnEquals: { "aws:PrincipalArn": doctor } },
      },
      /^It does not trust .*-meter\.$/,
    ],
    [
      "of our functions, but not by AssumeRole",
      { ...byRoot, Action: "sts:AssumeRoleWith*" },
      /^It does not trust .*-meter\.$/,
    ],
  ])("%s", (_, statement, detail) => {
    expect(judge(statement)).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(detail) as unknown,
    });
  });

  test("when one of two statements is as it should be", () => {
    expect(judge(byRoot, { ...byRoot, Principal: "*", Condition: {} }).status).toBe("fail");
  });

  test.each(["sts:Assume*", "STS:*Role", "s?s:AssumeRol?", "*:AssumeRole", "sts:AssumeRoleWithSAML"])(
    "when a second statement lets anybody in by %s",
    (Action) => {
      expect(judge(byRoot, { Effect: "Allow", Principal: "*", Action })).toMatchObject({
        status: "fail",
        detail: "It also trusts anybody; it does not demand the configured external id.",
      });
    },
  );

  test("when a second statement lets whoever another provider vouches for in", () => {
    const federated = {
      Effect: "Allow",
      Principal: { Federated: "cognito-identity.amazonaws.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { "cognito-identity.amazonaws.com:aud": "us-east-1:pool" } },
    };
    expect(judge(byRoot, federated)).toMatchObject({
      status: "fail",
      detail:
        "It also trusts Federated cognito-identity.amazonaws.com; it does not demand the configured external id.",
    });
  });

  test("when it trusts nobody, or cannot be read", () => {
    expect(judge()).toMatchObject({ detail: `It does not trust ${meter}.` });
    const broken = { trustPolicy: "{", tags: {} };
    expect(judgeTrust(broken, wanted, remediesOf("production", "aws"))).toMatchObject({
      status: "fail",
      remedy: expect.stringMatching(/npx tollhouse seller-kit --stage production/) as unknown,
    });
  });
});
