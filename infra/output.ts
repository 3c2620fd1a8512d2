import { alarmTopic } from "./alarm";
import { bus } from "./bus";
import { dashboardUrl } from "./dashboard";
import { registrationApi, registrationUrl, usageApi } from "./http";
import { named } from "./name";
import { queues } from "./queue";
import { tables } from "./storage";

/** What whoever deploys needs next. */
export const outputs = {
  registrationUrl,
  snsUrl: $interpolate`${registrationApi.url}/sns`,
  usageUrl: $interpolate`${usageApi.url}/usage`,
  accessUrl: $interpolate`${usageApi.url}/access`,
  intakeQueue: queues.Intake.arn,
  usageQueue: queues.Usage.url,
  bus: bus.name,
  dashboard: dashboardUrl,
  alarmTopic: alarmTopic?.arn ?? "none: a personal stage has no alarms",
  /** To be typed in this order. */
  next: [
    $interpolate`export TOLLHOUSE_LIFECYCLE_TABLE=${tables.Lifecycle.name} TOLLHOUSE_METERING_TABLE=${tables.Metering.name}`,
    `npx tollhouse doctor --stage ${$app.stage}`,
    "npx tollhouse ledger at-risk",
    // The schedule's first inspection comes a day later, and its alarm waits for one.
    `aws lambda invoke --region us-east-1 --invocation-type Event --function-name ${named("inspection")} /dev/stdout`,
  ],
};
