import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { topicArns } from "@tollhouse/core/configuration/topic";
import type { Sender } from "@tollhouse/core/doctor/queue";
import { type Installation, marketplaceRule } from "../seller/duty.ts";

type Sellers = Pick<Configuration, "seller" | "products">;

/** Who may fill the intake queue: AWS Marketplace's topics and the seller's rule, each only where a listing needs it. */
export function intakeSenders(configuration: Sellers, installation: Installation): readonly Sender[] {
  const topics = topicArns(configuration);
  const hasEvents = configuration.products.some(({ generation }) => generation !== "sns");
  return [
    ...(topics.length > 0 ? [service("sns.amazonaws.com", "AWS Marketplace's topics", topics)] : []),
    ...(hasEvents ? [eventBridge(configuration.seller, marketplaceRule(installation))] : []),
  ];
}

const service = (identifier: string, who: string, sourceArns: readonly string[]): Sender => ({
  who,
  principals: [`Service ${identifier}`],
  conditions: [{ operator: "ArnEquals", key: "aws:SourceArn", values: sourceArns }],
});

/**
 * EventBridge delivers into another account not as itself but as the rule's execution role (EventBridge guide, "Sending
 * events to an AWS service in another account"). The role is named in a condition, not as the principal, because SQS refuses a
 * principal that does not exist yet, and the seller's side may be set up after this one.
 */
function eventBridge({ accountId, assumeRole }: Configuration["seller"], rule: string): Sender {
  const who = "the seller's event rule";
  if (assumeRole === undefined)
    return service("events.amazonaws.com", who, [`arn:aws:events:us-east-1:${accountId}:rule/${rule}`]);
  return {
    who,
    principals: [`AWS arn:aws:iam::${accountId}:root`],
    conditions: [
      { operator: "ArnEquals", key: "aws:PrincipalArn", values: [`arn:aws:iam::${accountId}:role/${rule}`] },
    ],
  };
}
