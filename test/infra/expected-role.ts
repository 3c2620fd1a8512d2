import { allow, namesOf, topic } from "./expected-part.ts";
import type { Picture } from "./picture.ts";

const functionNames = [
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

/** Who trusts whom, and what each may do, action by action. */
export function rolesOf(stage: string): Picture["roles"] {
  const { prefix, arn, lifecycle, metering, queueArn, functionArn } = namesOf(stage);
  const receive = (name: string) =>
    allow(
      "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes",
      queueArn(name),
    );
  const decide = allow(
    "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:ConditionCheckItem",
    lifecycle,
  );
  const keepBooks = [
    allow("dynamodb:Query", `${lifecycle}/index/byCustomer`),
    allow(
      "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:ConditionCheckItem",
      metering,
    ),
    allow("dynamodb:Query", `${metering}/index/pending`),
  ];
  const confirmSubscriptions = allow("sns:ConfirmSubscription", topic);
  const assume = (role: string) => allow("sts:AssumeRole", `arn:aws:iam::111122223333:role/${role}`);
  const role = (name: string, ...statements: object[]) => ({
    [`${prefix}-${name}`]: {
      trust: [
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: ["sts:AssumeRole"] },
      ],
      managed: [],
      statements: [
        ...statements,
        allow(
          "logs:CreateLogStream logs:PutLogEvents",
          arn("logs", `log-group:/aws/lambda/${prefix}-${name}:*`),
        ),
        // AWS knows no resources of these actions.
        allow("xray:PutTraceSegments xray:PutTelemetryRecords", "*"),
      ],
    },
  });
  const schedulerRole = (name: string) => ({
    [`${prefix}-${name}-schedule`]: {
      trust: [
        {
          Effect: "Allow",
          Principal: { Service: ["scheduler.amazonaws.com"] },
          Action: ["sts:AssumeRole"],
          Condition: { StringEquals: { "aws:SourceAccount": ["444455556666"] } },
        },
      ],
      managed: undefined,
      statements: [
        allow("lambda:InvokeFunction", functionArn(name)),
        allow("sqs:SendMessage", queueArn("ScheduleDeadLetter")),
      ],
    },
  });

  return {
    ...role(
      "registration",
      decide,
      allow("dynamodb:Query", `${lifecycle}/index/byCustomer`),
      allow("sqs:SendMessage", queueArn("Relay")),
      assume("TollhouseRegistration"),
    ),
    ...role(
      "intake",
      decide,
      allow("sqs:SendMessage", queueArn("Relay")),
      confirmSubscriptions,
      receive("Intake"),
    ),
    ...role("webhook", decide, allow("sqs:SendMessage", queueArn("Relay")), confirmSubscriptions),
    ...role(
      "relay",
      allow(
        "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:ConditionCheckItem dynamodb:BatchWriteItem",
        lifecycle,
      ),
      allow("dynamodb:Query", `${lifecycle}/index/unpublished`),
      allow("events:PutEvents", arn("events", `event-bus/${prefix}-BusBus`)),
      allow("sqs:SendMessage", queueArn("Entitlement")),
      allow("sqs:SendMessage", queueArn("Relay")),
      allow("sqs:SendMessage", queueArn("Fold")),
      allow("sqs:SendMessage", queueArn("Meter")),
      {
        ...allow("ses:SendEmail", arn("ses", "identity/*"), arn("ses", "configuration-set/*")),
        Condition: { StringEquals: { "ses:FromAddress": ["no-reply@example.com"] } },
      },
      receive("Relay"),
      allow("sqs:SendMessage", queueArn("ScheduleDeadLetter")),
    ),
    ...role(
      "entitlement",
      decide,
      allow("sqs:SendMessage", queueArn("Relay")),
      assume("TollhouseLifecycle"),
      receive("Entitlement"),
    ),
    ...role(
      "reconciliation",
      allow(
        "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:DeleteItem dynamodb:ConditionCheckItem",
        lifecycle,
      ),
      allow("dynamodb:Query", `${lifecycle}/index/listed`),
      allow("sqs:SendMessage", queueArn("Relay")),
      allow("sqs:SendMessage", queueArn("Entitlement")),
      assume("TollhouseLifecycle"),
      allow("sqs:SendMessage", queueArn("ScheduleDeadLetter")),
    ),
    ...role(
      "usage",
      allow("dynamodb:GetItem dynamodb:PutItem dynamodb:BatchWriteItem", metering),
      allow("dynamodb:PutItem dynamodb:BatchWriteItem", lifecycle),
      receive("Usage"),
    ),
    ...role("collector", allow("sqs:SendMessage", queueArn("Usage"))),
    ...role(
      "access",
      allow("dynamodb:GetItem", lifecycle),
      allow("dynamodb:Query", `${lifecycle}/index/byCustomer`),
    ),
    ...role(
      "fold",
      allow(
        "dynamodb:GetItem dynamodb:Query dynamodb:BatchGetItem dynamodb:PutItem dynamodb:BatchWriteItem",
        lifecycle,
      ),
      ...keepBooks,
      allow("sqs:SendMessage", queueArn("Meter")),
      receive("Fold"),
    ),
    ...role(
      "meter",
      allow("dynamodb:GetItem dynamodb:Query dynamodb:BatchGetItem", lifecycle),
      {
        ...allow("dynamodb:PutItem", lifecycle),
        Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["METER"] } },
      },
      allow("dynamodb:Query", `${lifecycle}/index/listed`),
      allow("dynamodb:Query", `${lifecycle}/index/unpublished`),
      ...keepBooks,
      allow("sqs:SendMessage", queueArn("Fold")),
      allow("sqs:SendMessage", queueArn("Meter")),
      assume("TollhouseMetering"),
      receive("Meter"),
      allow("sqs:SendMessage", queueArn("ScheduleDeadLetter")),
    ),
    ...role(
      "doctor",
      allow("dynamodb:GetItem", metering),
      allow(
        "dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:DescribeContinuousBackups",
        lifecycle,
        metering,
      ),
      allow(
        "sqs:GetQueueAttributes",
        ...["Intake", "Relay", "Entitlement", "Usage", "Fold", "Meter"].map(queueArn),
        ...["Intake", "Relay", "Entitlement", "Usage", "Fold", "Meter", "Schedule"].map((name) =>
          queueArn(`${name}DeadLetter`),
        ),
      ),
      allow("events:DescribeEventBus", arn("events", `event-bus/${prefix}-BusBus`)),
      allow("lambda:GetFunctionConfiguration", ...functionNames.map(functionArn)),
      // AWS knows no resources of this action.
      allow("lambda:ListEventSourceMappings", "*"),
      allow(
        "scheduler:GetSchedule",
        ...["relay", "reconciliation", "meter", "watch", "inspection"].map((name) =>
          arn("scheduler", `schedule/default/${prefix}-${name}`),
        ),
      ),
      allow("sns:ListSubscriptionsByTopic", arn("sns", `${prefix}-alarms`)),
      assume("TollhouseAudit"),
    ),
    ...role(
      "watch",
      allow("dynamodb:GetItem", lifecycle),
      allow("dynamodb:Query", `${lifecycle}/index/unpublished`),
      allow("dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query", metering),
      allow("dynamodb:Query", `${metering}/index/pending`),
      allow("sqs:SendMessage", queueArn("ScheduleDeadLetter")),
    ),
    ...role(
      "inspection",
      allow("dynamodb:GetItem dynamodb:Query dynamodb:Scan", metering),
      allow("sqs:SendMessage", queueArn("ScheduleDeadLetter")),
    ),
    ...schedulerRole("relay"),
    ...schedulerRole("reconciliation"),
    ...schedulerRole("meter"),
    ...schedulerRole("watch"),
    ...schedulerRole("inspection"),
  };
}
