import { createHash, randomBytes } from "node:crypto";
import { type Configuration, type Duty } from "@tollhouse/core/configuration/configuration";
import { functionsOf, grantsOf } from "@tollhouse/aws/seller/duty";
import { usageDetailType } from "@tollhouse/functions/manifest";

/** Access keys that only the simulator knows, made anew for each run. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principalArn: string;
}

export const productionKeys = ({ production, name }: Configuration): Keys => ({
  accessKeyId: `LOCAL${randomBytes(8).toString("hex").toUpperCase()}`,
  secretAccessKey: randomBytes(24).toString("base64url"),
  principalArn: `arn:aws:iam::${production.accountId}:role/${name}-local`,
});

interface Places {
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
  { seller, production, products, name: installation }: Configuration,
  keys: Keys,
  places: Places,
): Record<string, unknown> {
  const { assumeRole } = seller;
  const actionsOf = (duty: Duty) =>
    grantsOf(duty, seller, { name: installation, stage: "local" }).flatMap(({ actions }) => actions);
  const roles = Object.entries(assumeRole?.roles ?? {}).map(([duty, name]) => ({
    arn: `arn:aws:iam::${seller.accountId}:role/${name}`,
    externalId: assumeRole?.externalId,
    trusts: [keys.principalArn],
    actions: actionsOf(duty as Duty),
  }));
  return {
    sellerAccountId: seller.accountId,
    topicAccountId: seller.topicAccountId,
    callers: [
      {
        ...keys,
        actions: assumeRole === undefined ? (Object.keys(functionsOf) as Duty[]).flatMap(actionsOf) : [],
      },
      {
        ...servicesKeys,
        principalArn: `arn:aws:iam::${production.accountId}:role/${installation}-local-services`,
        actions: [],
      },
    ],
    roles,
    products: products.map(({ code, id, title, generation, pricing, dimensions }) => ({
      ...{ code, title, generation, pricing },
      id: id ?? `prod-${createHash("sha256").update(code).digest("hex").slice(0, 13)}`,
      dimensions: dimensions.map(({ key, kind }) => ({
        key,
        types: [kind === "metered" ? "ExternallyMetered" : "Entitled"],
      })),
    })),
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
