import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { metricNamespace } from "@tollhouse/aws/metric/metric";
import {
  environmentOf,
  type FunctionName,
  functions,
  type Index,
  type Source,
  tables,
} from "@tollhouse/functions/manifest";

const account = "444455556666";
const prefix = "tollhouse-production";
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${prefix}-${name}`;
export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${prefix}-${name}`;
export const queueUrl = (name: string) => `https://sqs.us-east-1.amazonaws.com/${account}/${prefix}-${name}`;
export const tableName = (name: string) => `${prefix}-${name}Table`;

const place = {
  stage: "production",
  metricNamespace: metricNamespace({ name: "tollhouse", stage: "production" }),
  tableName,
  queueUrl,
  busName: () => `${prefix}-BusBus`,
  registrationUrl: () => "https://registration.example.com/register",
};

/** What the local world has no emulator for, as Lambda, Scheduler, SNS and DynamoDB tell it of a production that is sound. */
export function soundAccount() {
  const all = (Object.keys(functions) as FunctionName[]).map((name) => {
    const { timeoutSeconds } = functions[name];
    const sources: readonly Source[] = functions[name].sources;
    return { name, sources, timeoutSeconds };
  });
  return {
    /** By name; deny is answered to those who may not ask. */
    functions: Object.fromEntries(
      all.map(({ name, timeoutSeconds }) => [
        `${prefix}-${name}`,
        {
          State: "Active",
          LastUpdateStatus: "Successful",
          Timeout: timeoutSeconds,
          Environment: {
            Variables: { ...environmentOf(name, place), LOG_LEVEL: "DEBUG" },
          },
        },
      ]),
    ),
    mappings: Object.fromEntries(
      all.flatMap(({ name, sources }) =>
        sources.flatMap((source) =>
          source.kind === "queue"
            ? [
                [
                  `${prefix}-${name}`,
                  {
                    EventSourceArn: queueArn(source.queue),
                    State: "Enabled",
                    FunctionResponseTypes: ["ReportBatchItemFailures"],
                  },
                ],
              ]
            : [],
        ),
      ),
    ) as Record<string, { EventSourceArn: string; State: string; FunctionResponseTypes: string[] }>,
    schedules: Object.fromEntries(
      all.flatMap(({ name, sources }) =>
        sources.flatMap((source) =>
          source.kind === "schedule"
            ? [
                [
                  `${prefix}-${name}`,
                  {
                    State: "ENABLED",
                    ScheduleExpression:
                      source.everyMinutes === 1 ? "rate(1 minute)" : `rate(${source.everyMinutes} minutes)`,
                    Target: { Arn: functionArn(name) },
                  },
                ],
              ]
            : [],
        ),
      ),
    ) as Record<string, { State: string; ScheduleExpression: string; Target: { Arn: string } }>,
    /** Subscription ARNs of the alarms' topic; `undefined`: no topic. */
    alarmSubscribers: [`arn:aws:sns:us-east-1:${account}:${prefix}-alarms:1`] as string[] | undefined,
    recovery: "ENABLED",
    isProtected: true,
    /** Actions that are denied to whoever asks. */
    denied: [] as string[],
  };
}
export type FakeAccount = ReturnType<typeof soundAccount>;

interface Reply {
  readonly status?: number;
  readonly error?: string;
  readonly body: object | string;
}

const refusal = (error: string, status: number): Reply => ({
  status,
  error,
  body: { message: "as was asked for" },
});

/** Serves one account over real HTTP until it is closed; `replace` puts another in its place. */
export async function serveAccount() {
  let served = soundAccount();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { status = 200, error, body } = replyOf(served, request, await text(request));
    const type = typeof body === "string" ? "text/xml" : "application/json";
    response.writeHead(status, { "content-type": type, ...(error && { "x-amzn-errortype": error }) });
    response.end(typeof body === "string" ? body : JSON.stringify({ __type: error, ...body }));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    replace: (account_: FakeAccount) => {
      served = account_;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function replyOf(from: FakeAccount, { url = "/", headers }: IncomingMessage, body: string): Reply {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const target = headers["x-amz-target"];
  const found = (value: object | undefined): Reply =>
    value === undefined ? refusal("ResourceNotFoundException", 404) : { body: value };
  const ask = (action: string, reply: () => Reply): Reply =>
    from.denied.includes(action) ? refusal("AccessDeniedException", 403) : reply();

  const [, functionName] = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/.exec(pathname) ?? [];
  if (functionName !== undefined)
    return ask("lambda:GetFunctionConfiguration", () => found(from.functions[functionName]));
  if (pathname.startsWith("/2015-03-31/event-source-mappings"))
    return ask("lambda:ListEventSourceMappings", () => {
      const mapping = from.mappings[searchParams.get("FunctionName") ?? ""];
      return { body: { EventSourceMappings: mapping === undefined ? [] : [mapping] } };
    });
  const [, schedule] = /^\/schedules\/([^/]+)$/.exec(pathname) ?? [];
  if (schedule !== undefined) return ask("scheduler:GetSchedule", () => found(from.schedules[schedule]));
  if (typeof target === "string") return describeTable(from, target, body);
  return ask("sns:ListSubscriptionsByTopic", () => listSubscribers(from));
}

function listSubscribers({ alarmSubscribers }: FakeAccount): Reply {
  if (alarmSubscribers === undefined)
    return {
      status: 404,
      body: "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>none</Message></Error></ErrorResponse>",
    };
  const members = alarmSubscribers.map(
    (arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn><Endpoint>ops@example.com</Endpoint></member>`,
  );
  return {
    body:
      `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members.join("")}` +
      `</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
  };
}

const schemaOf = ({ partition, sort }: { partition: string; sort: string }) => [
  { AttributeName: partition, KeyType: "HASH" },
  { AttributeName: sort, KeyType: "RANGE" },
];

/** DynamoDB reads, by the last part of their target. */
function describeTable({ recovery, isProtected }: FakeAccount, target: string, body: string): Reply {
  const { TableName = "" } = JSON.parse(body) as { TableName?: string };
  const name = TableName === tableName("Lifecycle") ? "Lifecycle" : "Metering";
  const { key } = tables[name];
  const indexes: Readonly<Record<string, Index>> = tables[name].indexes;
  switch (target.split(".").at(-1) ?? "") {
    case "DescribeTable":
      return {
        body: {
          Table: {
            TableStatus: "ACTIVE",
            KeySchema: schemaOf(key),
            DeletionProtectionEnabled: isProtected,
            GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, index]) => ({
              IndexName,
              IndexStatus: "ACTIVE",
              KeySchema: schemaOf(index),
              Projection:
                index.holds === "all"
                  ? { ProjectionType: "ALL" }
                  : { ProjectionType: "INCLUDE", NonKeyAttributes: index.holds },
            })),
          },
        },
      };
    case "DescribeTimeToLive":
      return { body: { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" } } };
    default:
      return {
        body: {
          ContinuousBackupsDescription: {
            ContinuousBackupsStatus: "ENABLED",
            PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: recovery },
          },
        },
      };
  }
}
