import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
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
          const items = (answer.Targets ?? []).map(({ Arn = "", RoleArn, DeadLetterConfig }) => ({
            arn: Arn,
            roleArn: RoleArn,
            deadLetterArn: DeadLetterConfig?.Arn,
          }));
          return { items, next: answer.NextToken };
        }),
      ),
  };
}

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
  // SNS says `PendingConfirmation` in its place, and `Deleted` for three days after one has ended.
  isConfirmed: SubscriptionArn.startsWith("arn:"),
});

/** Whether a bus of our own is there. @throws UnreadableError */
export async function hasBus(own: Reading, name: string): Promise<boolean> {
  const events = new EventBridgeClient(clientFor(own));
  const seen = await readIfThere(own, "events:DescribeEventBus", notThere, () =>
    events.send(new DescribeEventBusCommand({ Name: name })),
  );
  events.destroy();
  return seen !== undefined;
}
