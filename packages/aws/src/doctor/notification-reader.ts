import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { ListSubscriptionsCommand, SNSClient } from "@aws-sdk/client-sns";
import type { SeenRule, SeenTarget } from "@tollhouse/core/doctor/rule";
import type { SeenSubscription } from "@tollhouse/core/doctor/subscription";
import { allPages, clientFor, read, type Reading, readIfThere } from "./reading.ts";

/** SNS gives 100 subscriptions a page; an account with more than 10,000 is read no further. */
const maxPages = 100;
const notThere = ["ResourceNotFoundException"];

export interface NotificationReader {
  /** All of the account's. @throws UnreadableError */
  subscriptions(): Promise<readonly SeenSubscription[]>;
  /** Of the default bus. @throws UnreadableError */
  rule(name: string): Promise<SeenRule | undefined>;
  /** @throws UnreadableError */
  targets(rule: string): Promise<readonly SeenTarget[] | undefined>;
}

export function notificationReader(reading: Reading): NotificationReader {
  const sns = new SNSClient(clientFor(reading));
  const events = new EventBridgeClient(clientFor(reading));
  return {
    subscriptions: () =>
      read(reading, "sns:ListSubscriptions", () =>
        allPages("sns:ListSubscriptions", maxPages, async (NextToken) => {
          const answer = await sns.send(new ListSubscriptionsCommand({ NextToken }));
          return { items: (answer.Subscriptions ?? []).map(toSubscription), next: answer.NextToken };
        }),
      ),
    rule: (Name) =>
      readIfThere(reading, "events:DescribeRule", notThere, async () => {
        const {
          State,
          EventPattern,
          Description = "",
        } = await events.send(new DescribeRuleCommand({ Name }));
        return { isEnabled: State === "ENABLED", pattern: EventPattern, description: Description };
      }),
    targets: (Rule) =>
      readIfThere(reading, "events:ListTargetsByRule", notThere, () =>
        allPages("events:ListTargetsByRule", maxPages, async (NextToken) => {
          const answer = await events.send(new ListTargetsByRuleCommand({ Rule, NextToken }));
          return { items: (answer.Targets ?? []).map(toTarget), next: answer.NextToken };
        }),
      ),
  };
}

const toTarget = ({
  Arn = "",
  RoleArn,
  DeadLetterConfig,
  Input,
  InputPath,
  InputTransformer,
}: Target): SeenTarget => ({
  arn: Arn,
  roleArn: RoleArn,
  deadLetterArn: DeadLetterConfig?.Arn,
  reshapedBy: [
    ...(Input === undefined ? [] : ["Input"]),
    // The path `$` is the whole event.
    ...(InputPath === undefined || InputPath === "$" ? [] : ["InputPath"]),
    ...(InputTransformer === undefined ? [] : ["InputTransformer"]),
  ],
});

const toSubscription = ({
  TopicArn = "",
  Protocol = "",
  Endpoint = "",
  SubscriptionArn = "",
}: {
  TopicArn?: string | undefined;
  Protocol?: string | undefined;
  Endpoint?: string | undefined;
  SubscriptionArn?: string | undefined;
}): SeenSubscription => ({
  topicArn: TopicArn,
  protocol: Protocol,
  endpoint: Endpoint,
  state: stateOf(SubscriptionArn),
});

/** SNS says `PendingConfirmation` in the ARN's place, and `Deleted` of one that has ended, which it lists for 72 hours more. */
function stateOf(subscriptionArn: string): SeenSubscription["state"] {
  if (subscriptionArn.startsWith("arn:")) return "confirmed";
  return subscriptionArn === "Deleted" ? "deleted" : "pending";
}

/** Whether a bus of our own is there. @throws UnreadableError */
export async function hasBus(own: Reading, name: string): Promise<boolean> {
  const events = new EventBridgeClient(clientFor(own));
  const seen = await readIfThere(own, "events:DescribeEventBus", notThere, () =>
    events.send(new DescribeEventBusCommand({ Name: name })),
  );
  events.destroy();
  return seen !== undefined;
}
