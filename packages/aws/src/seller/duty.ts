import type { Configuration, Duty } from "@tollhouse/core/configuration/configuration";

/** Which of our functions act for the seller, and in what. A role of the seller's trusts these and no others. */
export const functionsOf = {
  registration: ["registration"],
  metering: ["meter"],
  lifecycle: ["entitlement", "reconciliation"],
  audit: ["doctor"],
} as const satisfies Readonly<Record<Duty, readonly string[]>>;

/** Something that may be done, and on what. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Of the request; all must hold. */
  readonly conditions?: readonly Condition[];
}

/** `StringEquals` is for a key with one value, `ForAllValues:StringEquals` for one that may have several. */
export interface Condition {
  readonly operator: "StringEquals" | "ForAllValues:StringEquals";
  readonly key: string;
  readonly values: readonly string[];
}

type Seller = Pick<Configuration["seller"], "accountId" | "assumeRole">;

/** An installation is a stage of a stack: `name` is the configuration's. */
export interface Installation {
  readonly name: string;
  readonly stage: string;
}

/** The fixed name of a function, its role, a queue or a rule: what the seller account's side refers to. */
export const resourceName = ({ name, stage }: Installation, part: string): string =>
  `${name}-${stage}-${part}`;

/** The rule on the seller's default bus that passes AWS Marketplace's events on; its execution role has the same name. */
export const marketplaceRule = (installation: Installation): string =>
  resourceName(installation, "marketplace");

/**
 * What each duty may do in the seller's account, action by action: the seller's roles grant it, and so does the function's own
 * role where production is the seller's account.
 *
 * `*` stands only where AWS offers nothing narrower: these actions of AWS Marketplace know no resource types, and but for
 * SearchAgreements no condition keys; ListSubscriptions lists a whole account or nothing (Service Authorization Reference, "Actions, resources, and
 * condition keys for AWS Marketplace Metering Service", "... Entitlement Service", "... Marketplace", "... Amazon SNS").
 */
export function grantsOf(duty: Duty, seller: Seller, installation: Installation): readonly Grant[] {
  switch (duty) {
    case "registration":
      return [{ actions: ["aws-marketplace:ResolveCustomer"], resources: ["*"] }];
    case "metering":
      return [{ actions: ["aws-marketplace:BatchMeterUsage"], resources: ["*"] }];
    case "lifecycle":
      return readsOfMarketplace;
    case "audit":
      return [...readsOfMarketplace, ...readsOfKit(seller, installation)];
  }
}

const readsOfMarketplace: readonly Grant[] = [
  { actions: ["aws-marketplace:GetEntitlements"], resources: ["*"] },
  {
    actions: ["aws-marketplace:SearchAgreements"],
    resources: ["*"],
    // What the seller offered, and not what the account bought itself, as both of our searches ask; AWS's own policy
    // AWSMarketplaceSellerFullAccess has the same conditions (Seller Guide, "Policies and permissions for AWS Marketplace sellers").
    conditions: [
      { operator: "StringEquals", key: "aws-marketplace:PartyType", values: ["Proposer"] },
      {
        operator: "ForAllValues:StringEquals",
        key: "aws-marketplace:AgreementType",
        values: ["PurchaseAgreement"],
      },
    ],
  },
];

/** What doctor looks at: whether roles, rule and subscriptions are as the seller-account kit makes them. */
function readsOfKit({ accountId, assumeRole }: Seller, installation: Installation): readonly Grant[] {
  const roles = Object.values(assumeRole?.roles ?? {}).map(
    (role) => `arn:aws:iam::${accountId}:role/${role}`,
  );
  return [
    ...(roles.length === 0
      ? []
      : [{ actions: ["iam:GetRole", "iam:SimulatePrincipalPolicy"], resources: roles }]),
    {
      actions: ["events:DescribeRule", "events:ListTargetsByRule"],
      resources: [`arn:aws:events:us-east-1:${accountId}:rule/${marketplaceRule(installation)}`],
    },
    { actions: ["sns:ListSubscriptions"], resources: ["*"] },
  ];
}
