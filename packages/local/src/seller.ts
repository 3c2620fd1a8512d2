import { createHash, randomBytes } from "node:crypto";
import { type Configuration, type Duty } from "@tollhouse/core/configuration/configuration";
import { functionsOf, grantsOf, marketplaceRule, resourceName } from "@tollhouse/aws/seller/duty";
import { deadLetterQueueName } from "@tollhouse/aws/seller/event-rule";
import { kitDigest } from "@tollhouse/aws/seller/kit";
import { tagsOf } from "@tollhouse/aws/seller/kit-mark";
import { topicArns } from "@tollhouse/core/configuration/topic";
import { type FunctionName, functions, usageDetailType } from "@tollhouse/functions/manifest";
import { installationOf, queueArn } from "./resource.ts";

/** Access keys that only the simulator knows, made anew for each run. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principalArn: string;
}

/** Each function acts as a role of its own, as on AWS: what the seller's roles trust is tried for each. */
export const functionKeys = (configuration: Configuration): Readonly<Record<FunctionName, Keys>> =>
  Object.fromEntries(
    Object.keys(functions).map((name) => [
      name,
      {
        accessKeyId: `LOCAL${randomBytes(8).toString("hex").toUpperCase()}`,
        secretAccessKey: randomBytes(24).toString("base64url"),
        principalArn: functionRoleArn(configuration, name),
      },
    ]),
  ) as Record<FunctionName, Keys>;

const functionRoleArn = ({ production, name }: Configuration, part: string): string =>
  `arn:aws:iam::${production.accountId}:role/${resourceName({ name, stage: "local" }, part)}`;

interface Places {
  /** Where the storefront sends buyers. */
  readonly registrationUrl?: string;
  readonly queuesUrl: string;
  readonly intakeQueueUrl: string;
  readonly busName: string;
  readonly sellerEventsQueueUrl: string;
  readonly usageQueueUrl: string;
}

/** For whoever puts usage on the bus here; these are no secret, and AWS Marketplace grants them nothing. */
const servicesKeys = { accessKeyId: "LOCAL", secretAccessKey: "local" };

/** The seller account of the configuration, for the simulator to stand in for. */
export function simulatorConfiguration(
  configuration: Configuration,
  keys: Readonly<Record<FunctionName, Keys>>,
  places: Places,
): Record<string, unknown> {
  const { seller, production, products, name: installation } = configuration;
  const isAlone = seller.assumeRole === undefined;
  return {
    sellerAccountId: seller.accountId,
    topicAccountId: seller.topicAccountId,
    callers: [
      ...Object.entries(keys).map(([name, own]) => ({
        ...own,
        actions: isAlone ? dutiesOf(name).flatMap((duty) => actionsOf(duty, configuration)) : [],
      })),
      {
        ...servicesKeys,
        principalArn: `arn:aws:iam::${production.accountId}:role/${installation}-local-services`,
        actions: [],
      },
    ],
    ...sellerSide(configuration, places.intakeQueueUrl),
    products: products.map(({ code, id, title, generation, pricing, dimensions }) => ({
      ...{ code, title, generation, pricing },
      id: id ?? `prod-${createHash("sha256").update(code).digest("hex").slice(0, 13)}`,
      dimensions: dimensions.map(({ key, kind, title }) => ({
        ...{ key, title },
        types: [kind === "metered" ? "ExternallyMetered" : "Entitled"],
      })),
    })),
    registrationUrl: places.registrationUrl,
    sqs: { endpoint: places.queuesUrl },
    notificationQueueUrl: places.intakeQueueUrl,
    buses: [
      {
        name: places.busName,
        rules: [
          {
            name: "seller-services",
            pattern: { source: ["tollhouse"] },
            queueUrl: places.sellerEventsQueueUrl,
          },
          { name: "usage", pattern: { "detail-type": [usageDetailType] }, queueUrl: places.usageQueueUrl },
        ],
      },
    ],
  };
}

const duties = Object.keys(functionsOf) as Duty[];

const dutiesOf = (name: string): readonly Duty[] =>
  duties.filter((duty) => functionsOf[duty].some((each) => each === name));

const actionsOf = (duty: Duty, configuration: Configuration): readonly string[] =>
  grantsIn(duty, configuration).flatMap(({ actions }) => actions);

const conditionsOf = (duty: Duty, configuration: Configuration) =>
  Object.fromEntries(
    grantsIn(duty, configuration).flatMap(({ actions, conditions }) =>
      conditions === undefined ? [] : actions.map((action) => [action, conditions]),
    ),
  );

const grantsIn = (duty: Duty, configuration: Configuration) =>
  grantsOf(duty, configuration.seller, installationOf(configuration));

/** What the seller-account kit makes. */
function sellerSide(configuration: Configuration, intakeQueueUrl: string) {
  const { seller, products } = configuration;
  const { accountId, assumeRole } = seller;
  const mark = { installation: installationOf(configuration), digest: kitDigest(configuration, "local") };
  const ruleName = marketplaceRule(mark.installation);
  return {
    roles: Object.entries(assumeRole?.roles ?? {}).map(([duty, name]) => ({
      arn: `arn:aws:iam::${accountId}:role/${name}`,
      externalId: assumeRole?.externalId,
      trusts: functionsOf[duty as Duty].map((part) => functionRoleArn(configuration, part)),
      actions: actionsOf(duty as Duty, configuration),
      conditions: conditionsOf(duty as Duty, configuration),
      tags: Object.fromEntries(tagsOf(mark).map(({ Key, Value }) => [Key, Value])),
    })),
    topicSubscriptions: topicArns(configuration).map((topicArn) => ({
      topicArn,
      protocol: "sqs",
      endpoint: queueArn(intakeQueueUrl),
    })),
    eventRule: products.every(({ generation }) => generation === "sns")
      ? null
      : {
          name: ruleName,
          description: `kit ${mark.digest}`,
          pattern: { source: ["aws.agreement-marketplace"] },
          targets: [
            {
              id: "intake",
              arn: queueArn(intakeQueueUrl),
              ...(assumeRole && { roleArn: `arn:aws:iam::${accountId}:role/${ruleName}` }),
              deadLetterArn: `arn:aws:sqs:us-east-1:${accountId}:${deadLetterQueueName(mark)}`,
            },
          ],
        },
  };
}
