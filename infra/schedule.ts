import { type FunctionName, scheduleExpression } from "@tollhouse/functions/manifest";
import { accountId } from "./account";
import { named } from "./name";
import { deadLetters } from "./queue";

/** Runs a function every so many minutes; its event is `{}`. */
export function runEvery(everyMinutes: number, name: FunctionName, target: sst.aws.Function): void {
  new sst.aws.CronV2(`${name.charAt(0).toUpperCase()}${name.slice(1)}Schedule`, {
    schedule: scheduleExpression(everyMinutes) as "rate(1 minute)",
    function: target.arn,
    dlq: deadLetters.Schedule.arn,
    transform: {
      schedule: (schedule) => {
        schedule.name = named(name);
        schedule.target = $resolve([schedule.target]).apply(([to]) => ({
          ...to,
          // A tick older than its period is worthless: the next one looks at the same tables.
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: everyMinutes * 60 },
        }));
      },
      role: { name: named(`${name}-schedule`), assumeRolePolicy: schedulerOfThisAccount() },
    },
  });
}

/** SST trusts the scheduler whoever it works for; AWS advises to name one's own account (EventBridge Scheduler guide, "Confused deputy prevention"). */
const schedulerOfThisAccount = () =>
  aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sts:AssumeRole"],
        principals: [{ type: "Service", identifiers: ["scheduler.amazonaws.com"] }],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
      },
    ],
  }).json;
