import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { dutyRoles } from "./duty-role.ts";
import { type Installation, marketplaceRule, resourceName } from "./duty.ts";
import { eventRule } from "./event-rule.ts";
import { kitVersion, type Mark } from "./kit-mark.ts";
import { digestOf, maxResources, type Output, type Resource, type Template, textOf } from "./template.ts";
import { topicSubscriptions } from "./topic-subscription.ts";

type Sellers = Pick<Configuration, "name" | "seller" | "production" | "products">;

/** What the seller's account needs for one stage of an installation, as a CloudFormation template. */
export interface Kit {
  readonly installation: Installation;
  /** The CloudFormation stack's name. */
  readonly stackName: string;
  readonly template: Template;
  /** The template as it is written to a file. */
  readonly text: string;
  /** Of all the template says: what is deployed with another one was made from another configuration or by another version. */
  readonly digest: string;
}

/** No template can be made of this configuration; the message names the fields and what to do. */
export class SellerKitError extends Error {
  readonly code = "seller-kit-impossible";
  constructor(message: string) {
    super(message);
    this.name = "SellerKitError";
  }
}

/**
 * The seller's side of a stage. It asks nobody: configuration and stage say all there is to know.
 * @throws SellerKitError when AWS would refuse the template
 */
export function sellerKit(configuration: Sellers, stage: string): Kit {
  const installation = { name: configuration.name, stage };
  assertDistinctRoles(configuration, installation);
  const digest = digestOf(textOf(templateOf(configuration, { installation, digest: "" })));
  const template = templateOf(configuration, { installation, digest });
  assertResources(template);
  return {
    installation,
    stackName: resourceName(installation, "seller"),
    template,
    text: textOf(template),
    digest,
  };
}

/** The digest that a stage's roles carry as the tag `tollhouse:kit-digest` when the kit of this configuration is deployed. */
export const kitDigest = (configuration: Sellers, stage: string): string =>
  sellerKit(configuration, stage).digest;

function templateOf(configuration: Sellers, mark: Mark): Template {
  const { seller, production } = configuration;
  const { installation, digest } = mark;
  const intakeQueueArn = `arn:aws:sqs:us-east-1:${production.accountId}:${resourceName(installation, "Intake")}`;
  const resources = {
    ...dutyRoles(configuration, mark),
    ...eventRule(configuration, intakeQueueArn, mark),
    ...topicSubscriptions(configuration, intakeQueueArn),
  };
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `The seller's side of Tollhouse (${installation.name}, stage ${installation.stage}): what AWS Marketplace needs in account ${seller.accountId}.`,
    Metadata: {
      Tollhouse: {
        installation: installation.name,
        stage: installation.stage,
        kitVersion,
        digest,
        madeBy: "tollhouse seller-kit; do not edit, change tollhouse.config.ts and make it again",
      },
    },
    Resources: resources,
    Outputs: outputsOf(resources, digest),
  };
}

function outputsOf(
  resources: Readonly<Record<string, Resource>>,
  digest: string,
): Readonly<Record<string, Output>> {
  const hasRule = "MarketplaceRule" in resources;
  return {
    KitVersion: { Description: "Of tollhouse seller-kit", Value: String(kitVersion) },
    KitDigest: { Description: "What tollhouse seller-kit says of the same configuration", Value: digest },
    ...(hasRule && {
      DeadLetterQueueUrl: {
        Description: "Where events lie that could not be delivered",
        Value: { Ref: "DeadLetterQueue" },
      },
      ArchiveArn: {
        Description: "What events can be replayed from",
        Value: { "Fn::GetAtt": ["MarketplaceArchive", "Arn"] },
      },
    }),
  };
}

/** IAM's names differ by more than their case (IAM API, CreateRole). */
function assertDistinctRoles({ seller }: Sellers, installation: Installation): void {
  const taken = new Map([[marketplaceRule(installation).toLowerCase(), "the event rule's role"]]);
  for (const [duty, name] of Object.entries(seller.assumeRole?.roles ?? {})) {
    const other = taken.get(name.toLowerCase());
    if (other !== undefined)
      throw new SellerKitError(
        `seller.assumeRole.roles.${duty} in tollhouse.config.ts is "${name}", which is the name of ${other} as well: give each role its own name.`,
      );
    taken.set(name.toLowerCase(), `seller.assumeRole.roles.${duty}`);
  }
}

function assertResources({ Resources }: Template): void {
  const count = Object.keys(Resources).length;
  if (count > maxResources)
    throw new SellerKitError(
      `The kit would have ${count} resources, and CloudFormation takes ${maxResources}: there are too many listings that SNS tells of for one installation.`,
    );
}
