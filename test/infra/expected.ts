import { allow, namesOf, tableOf, topic } from "./expected-part.ts";
import { rolesOf } from "./expected-role.ts";
import { watchOf } from "./expected-watch.ts";
import type { Picture } from "./picture.ts";

/**
 * The stack of the repository's own configuration, written out by hand: a change of what exists or of who may do what is
 * made here as well, by somebody who means it. Nothing is imported from what is tested.
 */
export function expected(stage: string, permanent: boolean): Picture {
  const { prefix, arn, queueArn, queueUrl, functionArn, roleArn } = namesOf(stage);
  const names = [
    "registration",
    "intake",
    "webhook",
    "relay",
    "entitlement",
    "reconciliation",
    "usage",
    "collector",
    "access",
    "fold",
    "meter",
    "doctor",
    "watch",
    "inspection",
  ];

  const table = tableOf(permanent);
  const logDays = permanent ? 90 : 7;

  const queue = (name: string, visibilityTimeoutSeconds: number) => ({
    [`${prefix}-${name}`]: {
      visibilityTimeoutSeconds,
      messageRetentionSeconds: undefined,
      redrivePolicy: { deadLetterTargetArn: queueArn(`${name}DeadLetter`), maxReceiveCount: 5 },
      sqsManagedSseEnabled: true,
      fifoQueue: false,
    },
  });
  const deadLetter = (name: string) => ({
    [`${prefix}-${name}DeadLetter`]: {
      visibilityTimeoutSeconds: 30,
      messageRetentionSeconds: 1_209_600,
      redrivePolicy: undefined,
      sqsManagedSseEnabled: true,
      fifoQueue: false,
    },
  });

  const lambda = (
    name: string,
    timeout: number,
    memorySize: number,
    environment: Record<string, string>,
    reservedConcurrentExecutions?: number,
    linked: string[] = [],
  ) => ({
    [`${prefix}-${name}`]: {
      handler: `packages/functions/src/${name}/handler.handler`,
      minify: true,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout,
      memorySize,
      reservedConcurrentExecutions,
      loggingConfig: { logFormat: "JSON", logGroup: `/aws/lambda/${prefix}-${name}` },
      tracing: { mode: "Active" },
      role: roleArn(name),
      linked,
      environment: {
        TOLLHOUSE_STAGE: stage,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: `Tollhouse/${prefix}`,
        ...environment,
      },
    },
  });
  const LIFECYCLE_TABLE = `${prefix}-LifecycleTable`;
  const METERING_TABLE = `${prefix}-MeteringTable`;
  const RELAY_QUEUE_URL = queueUrl("Relay");
  const FOLD_QUEUE_URL = queueUrl("Fold");
  const METER_QUEUE_URL = queueUrl("Meter");
  const REGISTRATION_URL = `https://${prefix}-RegistrationApi.execute-api.us-east-1.amazonaws.com/register`;

  const subscription = (
    queueName: string,
    name: string,
    batchSize: number,
    maximumBatchingWindowInSeconds: number,
    maximumConcurrency?: number,
  ) => ({
    [queueArn(queueName)]: {
      functionName: functionArn(name),
      batchSize,
      maximumBatchingWindowInSeconds,
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(maximumConcurrency !== undefined && { scalingConfig: { maximumConcurrency } }),
    },
  });

  const schedule = (name: string, scheduleExpression: string, maximumEventAgeInSeconds: number) => ({
    [`${prefix}-${name}`]: {
      scheduleExpression,
      state: "ENABLED",
      target: {
        arn: functionArn(name),
        roleArn: roleArn(`${name}-schedule`),
        input: "{}",
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds },
        deadLetterConfig: { arn: queueArn("ScheduleDeadLetter") },
      },
    },
  });
  const failedTick = (name: string, maximumEventAgeInSeconds: number) => ({
    [`${prefix}-${name}`]: {
      maximumRetryAttempts: 1,
      maximumEventAgeInSeconds,
      destinationConfig: { onFailure: { destination: queueArn("ScheduleDeadLetter") } },
    },
  });

  const api = (
    name: string,
    throttlingRateLimit: number,
    throttlingBurstLimit: number,
    routes: Record<string, string>,
  ) => ({
    [`${prefix}-${name}Api`]: {
      cors: {},
      routes,
      throttling: [{ throttlingRateLimit, throttlingBurstLimit }],
      logged: ["requestTime", "requestId", "routeKey", "status", "responseLatency", "integrationError"],
    },
  });
  const fromUsageRule = (queueName: string) => ({
    ...allow("sqs:SendMessage", queueArn(queueName)),
    Principal: { Service: ["events.amazonaws.com"] },
    Condition: { ArnEquals: { "aws:SourceArn": [arn("events", `rule/${prefix}-BusBus/${prefix}-usage`)] } },
  });

  return {
    app: { name: "tollhouse", removal: permanent ? "retain" : "remove", protect: permanent },
    tables: {
      [LIFECYCLE_TABLE]: table(
        { byCustomer: "gsi1pk gsi1sk ALL", unpublished: "gsi2pk gsi2sk ALL", listed: "gsi3pk gsi3sk ALL" },
        "pk:S sk:S gsi1pk:S gsi1sk:S gsi2pk:S gsi2sk:S gsi3pk:S gsi3sk:S",
      ),
      [METERING_TABLE]: table(
        { pending: "gsi1pk gsi1sk INCLUDE subscriptionId dimension" },
        "pk:S sk:S gsi1pk:S gsi1sk:S",
      ),
    },
    queues: {
      ...queue("Intake", 270),
      ...queue("Relay", 270),
      ...queue("Entitlement", 360),
      ...queue("Usage", 380),
      ...queue("Fold", 1440),
      ...queue("Meter", 1450),
      ...deadLetter("Intake"),
      ...deadLetter("Relay"),
      ...deadLetter("Entitlement"),
      ...deadLetter("Usage"),
      ...deadLetter("Fold"),
      ...deadLetter("Meter"),
      ...deadLetter("Schedule"),
    },
    queuePolicies: {
      [queueUrl("Intake")]: [
        {
          ...allow("sqs:SendMessage", queueArn("Intake")),
          Principal: { Service: ["sns.amazonaws.com"] },
          Condition: { ArnEquals: { "aws:SourceArn": [topic] } },
        },
        {
          ...allow("sqs:SendMessage", queueArn("Intake")),
          Principal: { AWS: ["arn:aws:iam::111122223333:root"] },
          Condition: {
            ArnEquals: { "aws:PrincipalArn": [`arn:aws:iam::111122223333:role/${prefix}-marketplace`] },
          },
        },
      ],
      [queueUrl("Usage")]: [fromUsageRule("Usage")],
      [queueUrl("UsageDeadLetter")]: [fromUsageRule("UsageDeadLetter")],
    },
    buses: [`${prefix}-BusBus`],
    rules: {
      [`${prefix}-usage`]: {
        eventBusName: `${prefix}-BusBus`,
        eventPattern: { "detail-type": ["usage"] },
        targets: [
          {
            eventBusName: `${prefix}-BusBus`,
            arn: queueArn("Usage"),
            retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
            deadLetterConfig: { arn: queueArn("UsageDeadLetter") },
          },
        ],
      },
    },
    functions: {
      ...lambda("registration", 30, 1024, { LIFECYCLE_TABLE, RELAY_QUEUE_URL, REGISTRATION_URL }, undefined, [
        "BuyerTokenKeys",
      ]),
      ...lambda("intake", 45, 512, { LIFECYCLE_TABLE, RELAY_QUEUE_URL }),
      ...lambda("webhook", 30, 512, { LIFECYCLE_TABLE, RELAY_QUEUE_URL }),
      ...lambda("relay", 45, 512, {
        LIFECYCLE_TABLE,
        ENTITLEMENT_QUEUE_URL: queueUrl("Entitlement"),
        EVENT_BUS_NAME: `${prefix}-BusBus`,
        RELAY_QUEUE_URL,
        FOLD_QUEUE_URL,
        METER_QUEUE_URL,
        REGISTRATION_URL,
      }),
      ...lambda("entitlement", 60, 512, { LIFECYCLE_TABLE, RELAY_QUEUE_URL }),
      ...lambda(
        "reconciliation",
        600,
        512,
        { LIFECYCLE_TABLE, RELAY_QUEUE_URL, ENTITLEMENT_QUEUE_URL: queueUrl("Entitlement") },
        1,
      ),
      ...lambda("usage", 60, 1769, { LIFECYCLE_TABLE, METERING_TABLE }),
      ...lambda("collector", 30, 1024, { USAGE_QUEUE_URL: queueUrl("Usage") }),
      ...lambda("access", 30, 1024, { LIFECYCLE_TABLE }),
      ...lambda("fold", 240, 1769, { LIFECYCLE_TABLE, METERING_TABLE, METER_QUEUE_URL }),
      ...lambda("meter", 240, 1769, { LIFECYCLE_TABLE, METERING_TABLE, FOLD_QUEUE_URL, METER_QUEUE_URL }),
      ...lambda("doctor", 120, 1024, {
        LIFECYCLE_TABLE,
        METERING_TABLE,
        INTAKE_QUEUE_URL: queueUrl("Intake"),
        RELAY_QUEUE_URL,
        ENTITLEMENT_QUEUE_URL: queueUrl("Entitlement"),
        USAGE_QUEUE_URL: queueUrl("Usage"),
        FOLD_QUEUE_URL,
        METER_QUEUE_URL,
        EVENT_BUS_NAME: `${prefix}-BusBus`,
        REGISTRATION_URL,
      }),
      ...lambda("watch", 120, 1024, { LIFECYCLE_TABLE, METERING_TABLE }),
      ...lambda("inspection", 900, 1769, { LIFECYCLE_TABLE, METERING_TABLE }),
    },
    roles: rolesOf(stage),
    subscriptions: {
      ...subscription("Intake", "intake", 10, 0),
      ...subscription("Relay", "relay", 10, 0, 2),
      ...subscription("Entitlement", "entitlement", 10, 0, 2),
      ...subscription("Usage", "usage", 10_000, 20),
      ...subscription("Fold", "fold", 1, 0, 10),
      ...subscription("Meter", "meter", 100, 5, 2),
    },
    schedules: {
      ...schedule("relay", "rate(1 minute)", 60),
      ...schedule("reconciliation", "rate(15 minutes)", 900),
      ...schedule("meter", "rate(5 minutes)", 300),
      ...schedule("watch", "rate(5 minutes)", 300),
      ...schedule("inspection", "rate(1440 minutes)", 86_400),
    },
    failedTicks: {
      ...failedTick("relay", 60),
      ...failedTick("reconciliation", 900),
      ...failedTick("meter", 300),
      ...failedTick("watch", 300),
      // Lambda keeps no event longer.
      ...failedTick("inspection", 21_600),
    },
    http: {
      ...api("Registration", 50, 100, {
        "GET /register": `NONE ${functionArn("registration")}`,
        "POST /register": `NONE ${functionArn("registration")}`,
        "GET /register/{step}": `NONE ${functionArn("registration")}`,
        "POST /register/{step}": `NONE ${functionArn("registration")}`,
        "GET /.well-known/jwks.json": `NONE ${functionArn("registration")}`,
        "POST /sns": `NONE ${functionArn("webhook")}`,
      }),
      ...api("UsageHttp", 100, 200, {
        "POST /usage": `AWS_IAM ${functionArn("collector")}`,
        "GET /access": `AWS_IAM ${functionArn("access")}`,
      }),
    },
    mayInvoke: [...Array<string>(6).fill("Registration"), "UsageHttp", "UsageHttp"].map(
      (name) => `apigateway.amazonaws.com ${arn("execute-api", `${prefix}-${name}Api/*`)}`,
    ),
    logs: Object.fromEntries([
      ...names.map((name) => [`/aws/lambda/${prefix}-${name}`, logDays]),
      [`/aws/vendedlogs/apis/${prefix}-Registration`, logDays],
      [`/aws/vendedlogs/apis/${prefix}-UsageHttp`, logDays],
    ]) as Record<string, number>,
    ...watchOf(stage, permanent, names),
    census: {
      ...(permanent && {
        "aws:cloudwatch/metricAlarm:MetricAlarm": 65,
        "aws:sns/topic:Topic": 1,
        "aws:sns/topicPolicy:TopicPolicy": 1,
      }),
      "aws:cloudwatch/dashboard:Dashboard": 1,
      "aws:cloudwatch/eventArchive:EventArchive": 1,
      "aws:apigatewayv2/api:Api": 2,
      "aws:apigatewayv2/integration:Integration": 8,
      "aws:apigatewayv2/route:Route": 8,
      "aws:apigatewayv2/stage:Stage": 2,
      "aws:cloudwatch/eventBus:EventBus": 1,
      "aws:cloudwatch/eventRule:EventRule": 1,
      "aws:cloudwatch/eventTarget:EventTarget": 1,
      "aws:cloudwatch/logGroup:LogGroup": 16,
      "aws:dynamodb/table:Table": 2,
      "aws:iam/role:Role": 19,
      "aws:lambda/eventSourceMapping:EventSourceMapping": 6,
      "aws:lambda/function:Function": 14,
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 5,
      "aws:lambda/permission:Permission": 8,
      "aws:s3/bucketObjectv2:BucketObjectv2": 14,
      "aws:scheduler/schedule:Schedule": 5,
      "aws:sqs/queue:Queue": 13,
      "aws:sqs/queuePolicy:QueuePolicy": 3,
    },
    outputs: {
      registrationUrl: REGISTRATION_URL,
      snsUrl: `https://${prefix}-RegistrationApi.execute-api.us-east-1.amazonaws.com/sns`,
      usageUrl: `https://${prefix}-UsageHttpApi.execute-api.us-east-1.amazonaws.com/usage`,
      accessUrl: `https://${prefix}-UsageHttpApi.execute-api.us-east-1.amazonaws.com/access`,
      intakeQueue: queueArn("Intake"),
      usageQueue: queueUrl("Usage"),
      bus: `${prefix}-BusBus`,
      dashboard: `https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/${prefix}-dashboard`,
      alarmTopic: permanent ? arn("sns", `${prefix}-alarms`) : "none: a personal stage has no alarms",
      next: [
        `export TOLLHOUSE_LIFECYCLE_TABLE=${LIFECYCLE_TABLE} TOLLHOUSE_METERING_TABLE=${METERING_TABLE}`,
        `npx tollhouse doctor --stage ${stage}`,
        "npx tollhouse ledger at-risk",
        `aws lambda invoke --region us-east-1 --invocation-type Event --function-name ${prefix}-inspection /dev/stdout`,
      ],
    },
  };
}
