import type { Role } from "./deployed.ts";
import { evaluate, type Principal, type Verdict } from "./iam/evaluate.ts";
import type { Context } from "./iam/match.ts";
import { parsePolicy } from "./iam/policy.ts";

/** What the kit's roles are tried with: who knocks, with which external id, and what is asked for. Written out by hand. */
export const seller = "111122223333";
export const production = "444455556666";

export const dutyRoles = [
  "TollhouseRegistration",
  "TollhouseMetering",
  "TollhouseLifecycle",
  "TollhouseAudit",
];

export const externalIds = [
  ["the right", "example-only-replace-me"],
  ["a wrong", "example-only-replace-mf"],
  ["no", undefined],
] as const;

/** Of a role that may ask for all there is, so that only the other side's policy decides. */
export const everything = parsePolicy({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

export const takeOn = (principal: Principal, role: Role, externalId: string | undefined): Verdict =>
  evaluate({
    principal,
    action: "sts:AssumeRole",
    resource: role.arn,
    resourceAccountId: role.accountId,
    resourcePolicy: role.trust,
    context: externalId === undefined ? {} : { "sts:ExternalId": externalId },
  });

/** Every action of AWS Marketplace that a seller of SaaS could be asked for, and what else would be worth having. */
const triedActions = [
  ...[
    ...["ResolveCustomer", "BatchMeterUsage", "MeterUsage", "RegisterUsage", "GetEntitlements"],
    ...["SearchAgreements", "DescribeAgreement", "GetAgreementTerms", "ListAgreementCharges"],
    ...["AcceptAgreementRequest", "CancelAgreement", "StartChangeSet", "DescribeEntity", "ListEntities"],
  ].map((name) => `aws-marketplace:${name}`),
  ...["iam:GetRole", "iam:SimulatePrincipalPolicy", "iam:PassRole", "iam:UpdateAssumeRolePolicy"],
  ...["iam:PutRolePolicy", "iam:ListRoles", "sts:AssumeRole", "events:DescribeRule"],
  ...["events:ListTargetsByRule", "events:PutTargets", "events:PutEvents", "events:StartReplay"],
  ...["sns:ListSubscriptions", "sns:Unsubscribe", "sqs:SendMessage", "sqs:ReceiveMessage", "s3:GetObject"],
];

/** What a search for agreements may say of itself: AWS's condition keys for it. */
const searches: Readonly<Record<string, Context>> = {
  "of offered purchases": {
    "aws-marketplace:PartyType": "Proposer",
    "aws-marketplace:AgreementType": ["PurchaseAgreement"],
  },
  "of own purchases": {
    "aws-marketplace:PartyType": "Acceptor",
    "aws-marketplace:AgreementType": ["PurchaseAgreement"],
  },
  "of offered assessments": {
    "aws-marketplace:PartyType": "Proposer",
    "aws-marketplace:AgreementType": ["PurchaseAgreement", "VendorInsightsAgreement"],
  },
  "of nobody in particular": {},
};

interface TriedRequest {
  readonly name: string;
  readonly action: string;
  readonly context: Context;
}

export const triedRequests: readonly TriedRequest[] = triedActions.flatMap((action) =>
  action === "aws-marketplace:SearchAgreements"
    ? Object.entries(searches).map(([which, context]) => ({ name: `${action} ${which}`, action, context }))
    : [{ name: action, action, context: {} }],
);

const rule = `arn:aws:events:us-east-1:${seller}:rule/tollhouse-production-marketplace`;

export const triedResources = [
  "*",
  ...[...dutyRoles, "administrator"].map((name) => `arn:aws:iam::${seller}:role/${name}`),
  ...[rule, `${rule}2`],
  `arn:aws:sqs:us-east-1:${production}:tollhouse-production-Intake`,
  `arn:aws:sqs:us-east-1:${production}:tollhouse-production-Usage`,
  `arn:aws:sqs:us-east-1:${seller}:tollhouse-production-MarketplaceDeadLetter`,
];

/** What a role's own permissions allow: each resource counts as its account's own, so that no other side has to agree. */
export const allowedTo = ({ arn, accountId, policies }: Pick<Role, "arn" | "accountId" | "policies">) =>
  triedRequests.flatMap(({ name, action, context }) =>
    triedResources
      .filter(
        (resource) =>
          evaluate({
            principal: { kind: "role", accountId, arn, policies },
            action,
            resource,
            resourceAccountId: accountId,
            context,
          }) === "allowed",
      )
      .map((resource) => ({ action: name, resource })),
  );
