import type { Configuration, Duty } from "@tollhouse/core/configuration/configuration";
import { type Condition, functionsOf, type Grant, grantsOf, resourceName } from "./duty.ts";
import { type Mark, tagsOf } from "./kit-mark.ts";
import { policy, type Statement } from "./policy.ts";
import type { Resource } from "./template.ts";

type Accounts = Pick<Configuration, "seller" | "production">;

/** STS gives no more than an hour when one role assumes another (IAM guide, "Methods to assume a role"). */
const sessionSeconds = 3_600;

const purposeOf: Readonly<Record<Duty, string>> = {
  registration: "resolves the tokens that buyers bring along",
  metering: "hands usage records to AWS Marketplace",
  lifecycle: "reads entitlements and agreements",
  audit: "lets doctor look, and change nothing",
};

/** The seller's roles, one a duty; none where production is the seller's account, since functions act themselves there. */
export const dutyRoles = (accounts: Accounts, mark: Mark): Readonly<Record<string, Resource>> =>
  Object.fromEntries(
    (Object.keys(accounts.seller.assumeRole?.roles ?? {}) as Duty[]).map((duty) => [
      logicalNameOf(duty),
      dutyRole(duty, accounts, mark),
    ]),
  );

/** A role's name within the template. */
const logicalNameOf = (duty: Duty): string => `${duty.charAt(0).toUpperCase()}${duty.slice(1)}Role`;

function dutyRole(duty: Duty, accounts: Accounts, mark: Mark): Resource {
  const { seller } = accounts;
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: seller.assumeRole?.roles[duty],
      Description: `Tollhouse, installation ${mark.installation.name}, stage ${mark.installation.stage}: ${purposeOf[duty]}.`,
      MaxSessionDuration: sessionSeconds,
      AssumeRolePolicyDocument: trust(duty, accounts, mark),
      Policies: [
        {
          PolicyName: duty,
          PolicyDocument: policy(...grantsOf(duty, seller, mark.installation).map(statementOf)),
        },
      ],
      Tags: tagsOf(mark),
    },
  };
}

const statementOf = ({ actions, resources, conditions }: Grant): Statement => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources,
  ...(conditions !== undefined && { Condition: conditionOf(conditions) }),
});

/** By operator and then by key, as IAM has it. */
const conditionOf = (conditions: readonly Condition[]): NonNullable<Statement["Condition"]> =>
  Object.fromEntries(
    [...Map.groupBy(conditions, ({ operator }) => operator)].map(([operator, alike]) => [
      operator,
      Object.fromEntries(alike.map(({ key, values }) => [key, values])),
    ]),
  );

/**
 * Lets in the functions of this duty, and only with the external id. They are named in a condition, not as the principal: IAM
 * refuses a principal that does not exist yet, and binds one that does to its inner id, so that a function's role that was
 * removed and made again would be refused (IAM guide, "AWS JSON policy elements: Principal"). The account's root as principal
 * means the whole account, of which the condition leaves these roles; their own permissions have to agree as well.
 */
function trust(duty: Duty, { seller, production }: Accounts, { installation }: Mark) {
  return policy({
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${production.accountId}:root` },
    Action: "sts:AssumeRole",
    Condition: {
      StringEquals: { "sts:ExternalId": seller.assumeRole?.externalId ?? "" },
      ArnEquals: {
        "aws:PrincipalArn": functionsOf[duty].map(
          (name) => `arn:aws:iam::${production.accountId}:role/${resourceName(installation, name)}`,
        ),
      },
    },
  });
}
