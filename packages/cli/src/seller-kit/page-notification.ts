import type { Kit } from "@tollhouse/aws/seller/kit";
import * as z from "zod";

/** How each generation of listings is told of, and what to do when it is not. A section is there when the kit has its resources. */

const subscription = z.looseObject({ TopicArn: z.string(), Endpoint: z.string() });

export function topicSection({ template }: Kit): readonly string[] {
  const [first] = Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::SNS::Subscription")
    .map(({ Properties }) => subscription.parse(Properties));
  if (first === undefined) return [];
  return [
    `## SNS subscriptions

SNS asks the intake queue's owner whether it wants each topic. The intake function says yes by itself, within a minute, to the topics of
\`tollhouse.config.ts\` and to no others; nobody has to click anything. The question is worth two days. See how it went, with credentials of the
seller account:

\`\`\`bash
aws sns list-subscriptions --region us-east-1 --query "Subscriptions[?contains(TopicArn, 'aws-mp-')].[TopicArn,SubscriptionArn]" --output table
\`\`\`

Where it says \`PendingConfirmation\` the question came before the queue was there, or the intake did not know the topic yet. Deploy production, then
let SNS ask again, for the topic in question:

\`\`\`bash
aws sns subscribe --region us-east-1 --protocol sqs \\
  --topic-arn ${first.TopicArn} \\
  --notification-endpoint ${first.Endpoint}
\`\`\`

The topics are AWS's own. When CloudFormation says that a topic does not exist, the listing has none (it is told of by EventBridge: its \`generation\`
is \`"eventbridge"\`), its product code is another, or AWS sends from another account than \`seller.topicAccountId\` says: the product's page in the
AWS Marketplace Management Portal names the topics.`,
  ];
}

const rule = z.looseObject({ Name: z.string() });
const queue = z.looseObject({ QueueName: z.string() });

export function eventSection({ template, stackName }: Kit, sellerAccountId: string): readonly string[] {
  const { MarketplaceRule, DeadLetterQueue } = template.Resources;
  if (MarketplaceRule === undefined || DeadLetterQueue === undefined) return [];
  const { Name } = rule.parse(MarketplaceRule.Properties);
  const { QueueName } = queue.parse(DeadLetterQueue.Properties);
  return [
    `## Events, and those that were lost

The rule passes on every event of AWS Marketplace's agreements, also of kinds that AWS invents later: the intake keeps what it does not know and flags it.
EventBridge tries for a day; what it could not deliver lies in \`${QueueName}\` for two weeks, and says why in its message attributes. How many there are:

\`\`\`bash
aws sqs get-queue-attributes --region us-east-1 --attribute-names ApproximateNumberOfMessages \\
  --queue-url https://sqs.us-east-1.amazonaws.com/${sellerAccountId}/${QueueName}
\`\`\`

When the cause is mended, replay the hours in question from the archive. An event that was counted already changes nothing, so take the span wide; end it ten
minutes ago or earlier, since the archive lags behind:

\`\`\`bash
ARCHIVE=$(aws cloudformation describe-stacks --region us-east-1 --stack-name ${stackName} \\
  --query "Stacks[0].Outputs[?OutputKey=='ArchiveArn'].OutputValue" --output text)
aws events start-replay --region us-east-1 --replay-name ${Name.slice(0, 50)}-$(date +%s) \\
  --event-source-arn "$ARCHIVE" \\
  --event-start-time 2026-11-20T00:00:00Z --event-end-time 2026-11-20T12:00:00Z \\
  --destination '{"Arn":"arn:aws:events:us-east-1:${sellerAccountId}:event-bus/default","FilterArns":["arn:aws:events:us-east-1:${sellerAccountId}:rule/${Name}"]}'
\`\`\`

\`FilterArns\` keeps the replay from all other rules of the account. The archive keeps 90 days. AWS bills it by the gigabyte and an event is about a
kilobyte, so it costs a seller with thousands of events less than a cent a month.`,
  ];
}
