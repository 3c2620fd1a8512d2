import { usageDetailType } from "@tollhouse/functions/manifest";
import { bus } from "./bus";
import { configuration } from "./configuration";
import { named } from "./name";
import { deadLetters, queues } from "./queue";

const { topicArns, accountIds } = configuration.usageSources;

/** Usage that the seller's services put on the bus goes where all usage goes. */
const rule = new aws.cloudwatch.EventRule("UsageRule", {
  name: named("usage"),
  eventBusName: bus.name,
  eventPattern: JSON.stringify({ "detail-type": [usageDetailType] }),
});

new aws.cloudwatch.EventTarget("UsageTarget", {
  rule: rule.name,
  eventBusName: bus.name,
  arn: queues.Usage.arn,
  // As long and as often as EventBridge tries at all (EventBridge guide, "Retrying event delivery").
  retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
  deadLetterConfig: { arn: deadLetters.Usage.arn },
});

const byService = (identifier: string, sourceArns: $util.Input<string>[]) => ({
  principals: [{ type: "Service", identifiers: [identifier] }],
  conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: sourceArns }],
});

/** Who may send here besides the account's own roles, which their own permissions let in. */
function admit(name: string, queue: sst.aws.Queue, senders: object[]): void {
  new aws.sqs.QueuePolicy(name, {
    queueUrl: queue.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: senders.map((sender) => ({
        actions: ["sqs:SendMessage"],
        resources: [queue.arn],
        ...sender,
      })),
    }).json,
  });
}

const fromBus = byService("events.amazonaws.com", [rule.arn]);

admit("UsagePolicy", queues.Usage, [
  fromBus,
  ...(topicArns.length > 0 ? [byService("sns.amazonaws.com", [...topicArns])] : []),
  ...(accountIds.length > 0
    ? [
        {
          principals: [{ type: "AWS", identifiers: accountIds.map((id) => `arn:aws:iam::${id}:root`) }],
        },
      ]
    : []),
]);

admit("UsageDeadLetterPolicy", deadLetters.Usage, [fromBus]);
