import { intakeSenders } from "@tollhouse/aws/message/intake-sender";
import { topicArns } from "@tollhouse/core/configuration/topic";
import { configuration } from "./configuration";
import type { Permission } from "./permission";
import { queues } from "./queue";

const topics = [...topicArns(configuration)];

/** What a function needs to say yes when SNS asks whether our endpoint wants these topics; `[]` when there are none. */
export const confirmSubscriptions = (): Permission[] =>
  topics.length === 0 ? [] : [{ actions: ["sns:ConfirmSubscription"], resources: topics }];

// SST's own queue policy lets SNS, S3 and EventBridge of every account send; this one replaces it.
new aws.sqs.QueuePolicy("IntakePolicy", {
  queueUrl: queues.Intake.url,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: intakeSenders(configuration, $app).map(({ principals, conditions }) => ({
      actions: ["sqs:SendMessage"],
      resources: [queues.Intake.arn],
      principals: principals.map((principal) => {
        const [type = "", identifier = ""] = principal.split(" ");
        return { type, identifiers: [identifier] };
      }),
      conditions: conditions.map(({ operator, key, values }) => ({
        test: operator,
        variable: key,
        values: [...values],
      })),
    })),
  }).json,
});
