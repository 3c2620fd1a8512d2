import { accountId } from "./account";
import { alarmInput } from "./alarm-input";
import { alarms } from "./alarm-table";
import { configuration } from "./configuration";
import { registrationApi, usageApi } from "./http";
import { named } from "./name";
import { settingsOf } from "./stage";

/**
 * Whom alarms tell. Not encrypted with SNS's own key (`alias/aws/sns`): its policy lets CloudWatch not use it and cannot be changed, so
 * that alarms would go off and nobody would hear. A key of our own costs a dollar a month, for messages that hold no more than
 * names of alarms and a number (CloudWatch guide, "Notifying users on alarm changes").
 */
function makeTopic() {
  const topic = new aws.sns.Topic("AlarmTopic", { name: named("alarms") });
  new aws.sns.TopicPolicy("AlarmTopicPolicy", {
    arn: topic.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sns:Publish"],
          resources: [topic.arn],
          principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
          conditions: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
            {
              test: "ArnLike",
              variable: "aws:SourceArn",
              values: [$interpolate`arn:aws:cloudwatch:us-east-1:${accountId}:alarm:${named("*")}`],
            },
          ],
        },
      ],
    }).json,
  });
  // AWS asks each address whether it wants them; until the link in that e-mail is pressed, nobody hears.
  configuration.operations.alarmEmails.forEach((endpoint, index) => {
    new aws.sns.TopicSubscription(`AlarmEmail${index}`, { topic: topic.arn, protocol: "email", endpoint });
  });
  return topic;
}

function makeAlarms(topic: aws.sns.Topic): void {
  const apiIds = { registration: registrationApi.nodes.api.id, usage: usageApi.nodes.api.id };
  for (const alarm of alarms)
    new aws.cloudwatch.MetricAlarm(`Alarm-${alarm.name}`, {
      ...alarmInput({ name: $app.name, stage: $app.stage, apiIds }, alarm),
      alarmActions: [topic.arn],
      // So that nobody gets up for what is over.
      okActions: [topic.arn],
    });
}

/** Absent where there are no alarms. */
export const alarmTopic = settingsOf($app.stage).hasAlarms ? makeTopic() : undefined;
if (alarmTopic !== undefined) makeAlarms(alarmTopic);
