import { notificationReader } from "@tollhouse/aws/doctor/notification-reader";
import { marketplaceRule } from "@tollhouse/aws/seller/duty";
import { kitDigest } from "@tollhouse/aws/seller/kit";
import { topicArns } from "@tollhouse/core/configuration/topic";
import { type Check, UnreadableError } from "@tollhouse/core/doctor/examine";
import { skipped } from "@tollhouse/core/doctor/finding";
import type { SeenQueue } from "@tollhouse/core/doctor/queue";
import { judgeRule, judgeRuleKit, judgeTarget } from "@tollhouse/core/doctor/rule";
import { judgeListeners, judgeTopic } from "@tollhouse/core/doctor/subscription";
import type { Installation } from "./installation.ts";
import { once } from "./once.ts";
import type { SellerAccess } from "./seller-reading.ts";

/** What both channels are to deliver to. */
type Intake = () => Promise<SeenQueue | undefined>;

/** Whether what AWS Marketplace tells the seller's account gets to the intake queue. */
export function notificationChecks(
  installation: Installation,
  access: SellerAccess,
  intake: Intake,
): readonly Check[] {
  const reader = once(async () => notificationReader(await access.reading()));
  const { remedies } = installation;
  const intakeArn = async () => {
    const queue = await intake();
    if (queue !== undefined) return queue.arn;
    throw new UnreadableError("There is no intake queue to be subscribed.", remedies.deployStack);
  };
  return [...topicChecks(installation, reader, intakeArn), ...ruleChecks(installation, reader, intakeArn)];
}

type Reader = () => Promise<ReturnType<typeof notificationReader>>;

function topicChecks(
  { configuration }: Installation,
  reader: Reader,
  intakeArn: () => Promise<string>,
): readonly Check[] {
  const topics = topicArns(configuration);
  const subscriptions = once(async () => (await reader()).subscriptions());
  if (topics.length === 0) return [];
  return [
    ...topics.map((topicArn): Check => {
      const [, kind = "", code = ""] = /aws-mp-(\w+)-notification-(.+)$/.exec(topicArn) ?? [];
      const { title = code } = configuration.products.find((product) => product.code === code) ?? {};
      return {
        id: `notifications.${kind}.${code}`,
        group: "notifications",
        tried: `The ${kind} topic of ${title} sends to the intake queue`,
        look: async () => judgeTopic(await subscriptions(), topicArn, await intakeArn()),
      };
    }),
    {
      id: "notifications.listeners",
      group: "notifications",
      tried: "Nobody else is subscribed to the listings' topics",
      look: async () => judgeListeners(await subscriptions(), topics, await intakeArn()),
    },
  ];
}

function ruleChecks(
  { configuration, remedies, stage }: Installation,
  reader: Reader,
  intakeArn: () => Promise<string>,
): readonly Check[] {
  const group = "notifications";
  const { products, seller, name } = configuration;
  const rule = marketplaceRule({ name, stage });
  if (products.every(({ generation }) => generation === "sns"))
    return [
      {
        id: "notifications.rule",
        group,
        tried: "The seller's event rule",
        look: () => Promise.resolve(skipped("Not needed: SNS tells of every listing.")),
      },
    ];
  const seen = once(async () => (await reader()).rule(rule));
  const roleArn = seller.assumeRole && `arn:aws:iam::${seller.accountId}:role/${rule}`;
  return [
    {
      id: "notifications.rule",
      group,
      tried: "The seller's event rule is on and takes all of AWS Marketplace's events",
      look: async () => judgeRule(await seen(), rule, remedies),
    },
    {
      id: "notifications.target",
      group,
      tried: "The rule sends to the intake queue, and keeps what does not arrive",
      look: async () =>
        judgeTarget(await (await reader()).targets(rule), { queueArn: await intakeArn(), roleArn }, remedies),
    },
    {
      id: "notifications.kit",
      group,
      tried: "The rule comes from this configuration's kit",
      look: async () => judgeRuleKit(await seen(), kitDigest(configuration, stage), remedies),
    },
  ];
}
