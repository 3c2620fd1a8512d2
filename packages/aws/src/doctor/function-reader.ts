import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import type { SeenFunction, SeenMapping, SeenSchedule } from "@tollhouse/core/doctor/function";
import { allPages, clientFor, read, type Reading, readIfThere } from "./reading.ts";

/** A function has a queue or none; an alarm's topic has a handful of subscribers. */
const maxPages = 10;
const notThere = ["ResourceNotFoundException", "NotFoundException", "NotFound"];

/** Each `undefined` is something that does not exist. @throws UnreadableError */
export interface FunctionReader {
  function(name: string): Promise<SeenFunction | undefined>;
  mappings(functionName: string): Promise<readonly SeenMapping[]>;
  schedule(name: string): Promise<SeenSchedule | undefined>;
  subscribers(
    topicArn: string,
  ): Promise<readonly { readonly endpoint: string; readonly isConfirmed: boolean }[] | undefined>;
}

export function functionReader(reading: Reading): FunctionReader {
  const lambda = new LambdaClient(clientFor(reading));
  const scheduler = new SchedulerClient(clientFor(reading));
  const sns = new SNSClient(clientFor(reading));
  return {
    function: (FunctionName) =>
      readIfThere(reading, "lambda:GetFunctionConfiguration", notThere, async () => {
        const seen = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        return {
          state: seen.State ?? "unknown",
          update: seen.LastUpdateStatus ?? "unknown",
          environment: seen.Environment?.Variables ?? {},
          timeoutSeconds: seen.Timeout ?? 0,
        };
      }),
    mappings: (FunctionName) =>
      read(reading, "lambda:ListEventSourceMappings", () =>
        allPages("lambda:ListEventSourceMappings", maxPages, async (Marker) => {
          const answer = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName, Marker }));
          const items = (answer.EventSourceMappings ?? []).map(
            ({ EventSourceArn = "", State = "unknown", FunctionResponseTypes = [] }) => ({
              queueArn: EventSourceArn,
              state: State,
              keepsFailed: FunctionResponseTypes.includes("ReportBatchItemFailures"),
            }),
          );
          return { items, next: answer.NextMarker };
        }),
      ),
    schedule: (Name) =>
      readIfThere(reading, "scheduler:GetSchedule", notThere, async () => {
        const {
          State,
          ScheduleExpression = "",
          Target,
        } = await scheduler.send(new GetScheduleCommand({ Name }));
        return {
          isEnabled: State === "ENABLED",
          expression: ScheduleExpression,
          targetArn: Target?.Arn ?? "",
        };
      }),
    subscribers: (TopicArn) =>
      readIfThere(reading, "sns:ListSubscriptionsByTopic", notThere, () =>
        allPages("sns:ListSubscriptionsByTopic", maxPages, async (NextToken) => {
          const answer = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
          const items = (answer.Subscriptions ?? [])
            // SNS lists what has ended for three days more.
            .filter(({ SubscriptionArn }) => SubscriptionArn !== "Deleted")
            .map(({ Endpoint = "", SubscriptionArn = "" }) => ({
              endpoint: Endpoint,
              isConfirmed: SubscriptionArn.startsWith("arn:"),
            }));
          return { items, next: answer.NextToken };
        }),
      ),
  };
}
