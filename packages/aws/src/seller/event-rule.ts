import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { deliveryRole, deliveryRoleName } from "./delivery-role.ts";
import { marketplaceRule, resourceName } from "./duty.ts";
import { type Mark, tagsOf } from "./kit-mark.ts";
import { policy } from "./policy.ts";
import type { Resource } from "./template.ts";

type Sellers = Pick<Configuration, "seller" | "products">;

/**
 * Every event of AWS Marketplace's agreements, whatever its detail-type: new ones keep appearing, and the intake keeps what it does not know and
 * flags it. Agreement events name no product, so AWS offers nothing to filter by (Seller Guide, "EventBridge events", autumn 2026).
 */
const pattern = { source: ["aws.agreement-marketplace"] };

/** As long and as often as EventBridge tries at all (EventBridge guide, "Retrying event delivery"). */
const retryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

/** The most that SQS keeps a message. */
const deadLetterSeconds = 14 * 24 * 60 * 60;

/** Longer than any usage is accepted (`acceptUsageDays`, 35), and long enough to notice; an event is about a kilobyte. */
const archiveDays = 90;

/** Where events that production's queue did not take lie for two weeks. */
export const deadLetterQueueName = (mark: Pick<Mark, "installation">): string =>
  resourceName(mark.installation, "MarketplaceDeadLetter");

/** Hands AWS Marketplace's events on to production's intake queue, and keeps a copy; nothing where all listings are told of by SNS. */
export function eventRule(
  { seller, products }: Sellers,
  intakeQueueArn: string,
  mark: Mark,
): Readonly<Record<string, Resource>> {
  if (products.every(({ generation }) => generation === "sns")) return {};
  const ruleName = marketplaceRule(mark.installation);
  const ruleArn = `arn:aws:events:us-east-1:${seller.accountId}:rule/${ruleName}`;
  const isForeign = seller.assumeRole !== undefined;
  return {
    ...(isForeign && { [deliveryRoleName]: deliveryRole(seller.accountId, ruleArn, intakeQueueArn, mark) }),
    DeadLetterQueue: {
      Type: "AWS::SQS::Queue",
      Properties: {
        QueueName: deadLetterQueueName(mark),
        MessageRetentionPeriod: deadLetterSeconds,
        SqsManagedSseEnabled: true,
        Tags: tagsOf(mark),
      },
    },
    DeadLetterPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "DeadLetterQueue" }],
        PolicyDocument: policy({
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: { "Fn::GetAtt": ["DeadLetterQueue", "Arn"] },
          Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
        }),
      },
    },
    MarketplaceRule: {
      Type: "AWS::Events::Rule",
      DependsOn: "DeadLetterPolicy",
      Properties: {
        Name: ruleName,
        Description: describe(mark),
        EventBusName: "default",
        State: "ENABLED",
        EventPattern: pattern,
        Targets: [
          {
            Id: "intake",
            Arn: intakeQueueArn,
            // Into another account EventBridge delivers as this role; in its own, as itself (EventBridge guide, "Sending events to an
            // AWS service in another account").
            ...(isForeign && { RoleArn: { "Fn::GetAtt": [deliveryRoleName, "Arn"] } }),
            RetryPolicy: retryPolicy,
            DeadLetterConfig: { Arn: { "Fn::GetAtt": ["DeadLetterQueue", "Arn"] } },
          },
        ],
        Tags: tagsOf(mark),
      },
    },
    // AWS names it: a name would have to fit 48 characters, which ours need not.
    MarketplaceArchive: {
      Type: "AWS::Events::Archive",
      Properties: {
        Description: describe(mark),
        SourceArn: `arn:aws:events:us-east-1:${seller.accountId}:event-bus/default`,
        EventPattern: pattern,
        RetentionDays: archiveDays,
      },
    },
  };
}

/** With the digest, since DescribeRule shows it: a seller with one account has no role that could be asked. */
const describe = ({ installation, digest }: Mark): string =>
  `AWS Marketplace's events for Tollhouse, installation ${installation.name}, stage ${installation.stage} (kit ${digest})`;
