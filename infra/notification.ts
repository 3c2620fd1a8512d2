import { marketplaceRule } from "@tollhouse/aws/seller/duty";
import { topicArns } from "@tollhouse/core/configuration/topic";
import { configuration } from "./configuration";
import type { Permission } from "./permission";
import { queues } from "./queue";

const { seller, products } = configuration;

const topics = [...topicArns(configuration)];

/** What a function needs to say yes when SNS asks whether our endpoint wants these topics; `[]` when there are none. */
export const confirmSubscriptions = (): Permission[] =>
  topics.length === 0 ? [] : [{ actions: ["sns:ConfirmSubscription"], resources: topics }];

const service = (identifier: string, sourceArns: string[]) => ({
  principals: [{ type: "Service", identifiers: [identifier] }],
  conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: sourceArns }],
});

/**
 * EventBridge delivers into another account not as itself but as the rule's execution role (EventBridge guide, "Sending
 * events to an AWS service in another account"). The role is named in a condition, not as the principal, because SQS refuses a
 * principal that does not exist yet, and the seller's side may be set up after this one.
 */
const rule = marketplaceRule($app);
const eventBridge =
  seller.assumeRole === undefined
    ? service("events.amazonaws.com", [`arn:aws:events:us-east-1:${seller.accountId}:rule/${rule}`])
    : {
        principals: [{ type: "AWS", identifiers: [`arn:aws:iam::${seller.accountId}:root`] }],
        conditions: [
          {
            test: "ArnEquals",
            variable: "aws:PrincipalArn",
            values: [`arn:aws:iam::${seller.accountId}:role/${rule}`],
          },
        ],
      };

const senders = [
  ...(topics.length > 0 ? [service("sns.amazonaws.com", topics)] : []),
  ...(products.some(({ generation }) => generation !== "sns") ? [eventBridge] : []),
];

// SST's own queue policy lets SNS, S3 and EventBridge of every account send; this one replaces it.
new aws.sqs.QueuePolicy("IntakePolicy", {
  queueUrl: queues.Intake.url,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: senders.map((sender) => ({
      actions: ["sqs:SendMessage"],
      resources: [queues.Intake.arn],
      ...sender,
    })),
  }).json,
});
