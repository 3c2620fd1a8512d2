import { namesOf } from "./expected-part.ts";
import type { Picture } from "./picture.ts";

/** What watches the stack, written out by hand. A permanent stage alone has alarms. */
export function watchOf(
  stage: string,
  permanent: boolean,
  functionNames: readonly string[],
): Pick<Picture, "archives" | "topics" | "alarms" | "dashboards"> {
  const { prefix, arn } = namesOf(stage);
  const topicArn = arn("sns", `${prefix}-alarms`);
  const queueNames = ["Intake", "Relay", "Entitlement", "Usage", "Fold", "Meter"];
  const own = `Tollhouse/${prefix}`;

  const alarm = (name: string, when: string) => ({
    [`${prefix}-${name}`]: { when, tells: [topicArn, "and when it is over", topicArn] },
  });
  const lines = (list: readonly (readonly [name: string, when: string])[]) =>
    Object.assign({}, ...list.map((each) => alarm(...each))) as Picture["alarms"];
  /** Of one metric of ours. */
  const one = (metric: string, service: string, stat: string, rest: string) =>
    `${stat} of ${own} ${metric} service=${service} as m0 ${rest}`;
  const gauge = (metric: string, service: string, rest: string, stat = "Maximum") =>
    one(metric, service, stat, `${rest} min, no data: ignore`);
  /** Of several, within an hour. */
  const events = (...metrics: readonly string[]) =>
    `Sum of ${metrics.map((metric) => `${own} ${metric.replace(" ", " service=")}`).join(", ")} as ${metrics.map((_, index) => (metrics.length === 1 ? "m0" : `FILL(m${index}, 0)`)).join(" + ")} > 0, 1 of 1 x 60 min, no data: notBreaching`;
  const missed = (service: string, rest: string) =>
    one("RunsCompleted", service, "Sum", `< 1, ${rest} min, no data: breaching`);

  const money = lines([
    ["at-risk-1h-warning", gauge("OldestUsageHours", "watch", "> 1, 2 of 2 x 5")],
    ["at-risk-6h-severe", gauge("OldestUsageHours", "watch", "> 6, 2 of 2 x 5")],
    ["at-risk-20h-critical", gauge("OldestUsageHours", "watch", "> 20, 2 of 2 x 5")],
    ["final-hour", gauge("FinalHoursUnfinished", "watch", "> 0, 1 of 1 x 5")],
    ["deadline-near", gauge("NearestDeadlineMinutes", "watch", "< 30, 2 of 2 x 5", "Minimum")],
    ["conflicts", events("RecordsConflicting meter")],
    ["not-billed", events("RecordsRefused meter", "RecordsExpired meter")],
    ["written-off", events("WriteOffs meter", "EventsGivenUp fold", "EventsGivenUp meter")],
    ["unattributed", gauge("OldestUnattributedHours", "watch", "> 1, 2 of 2 x 5")],
    ["damaged-segments", events("SegmentsDamaged fold")],
    ["books-differ", gauge("LedgerDifferences", "inspection", "> 0, 1 of 1 x 60")],
    ["paused", gauge("ProductsPaused", "watch", "> 0, 12 of 12 x 5", "Minimum")],
    ["held", gauge("ProductsHeld", "watch", "> 0, 2 of 2 x 5")],
  ]);
  const lifecycle = lines([
    [
      "quarantine",
      events(
        ...["Quarantined intake", "Quarantined webhook", "Quarantined entitlement"],
        ...["Quarantined usage", "Quarantined fold"],
      ),
    ],
    [
      "seller-role-refused",
      events(
        ...["SellerRoleRefused registration", "SellerRoleRefused entitlement"],
        ...["SellerRoleRefused reconciliation", "SellerRoleRefused meter"],
      ).replace("x 60", "x 15"),
    ],
    ["mail-held", events("MailsLeft relay").replace("1 of 1 x 60", "6 of 6 x 5")],
  ]);
  const schedules = lines([
    ["missed-relay", missed("relay", "2 of 2 x 5")],
    ["missed-meter", missed("meter", "3 of 3 x 5")],
    ["missed-reconciliation", missed("reconciliation", "3 of 3 x 15")],
    ["missed-watch", missed("watch", "3 of 3 x 5")],
    ["missed-inspection", missed("inspection", "26 of 26 x 60")],
    ["watch-incomplete", gauge("WatchIncomplete", "watch", "> 0, 12 of 12 x 5", "Minimum")],
  ]);
  const oldAfterSeconds: Record<string, number> = {
    ...{ Intake: 900, Relay: 900, Entitlement: 1800, Usage: 720, Fold: 1800, Meter: 1800 },
  };
  const plumbing = lines([
    ...[...queueNames, "Schedule"].map(
      (name) =>
        [
          `dead-letters-${name.toLowerCase()}`,
          `Maximum of AWS/SQS ApproximateNumberOfMessagesVisible QueueName=${prefix}-${name}DeadLetter as m0 > 0, 1 of 1 x 5 min, no data: notBreaching`,
        ] as const,
    ),
    ...queueNames.map(
      (name) =>
        [
          `queue-age-${name.toLowerCase()}`,
          `Maximum of AWS/SQS ApproximateAgeOfOldestMessage QueueName=${prefix}-${name} as m0 > ${String(oldAfterSeconds[name])}, 1 of 1 x 5 min, no data: notBreaching`,
        ] as const,
    ),
    ...functionNames.map(
      (name) =>
        [
          `errors-${name}`,
          `Sum of AWS/Lambda Errors FunctionName=${prefix}-${name} as m0 > 2, 1 of 1 x 15 min, no data: notBreaching`,
        ] as const,
    ),
    ...functionNames.map(
      (name) =>
        [
          `throttles-${name}`,
          `Sum of AWS/Lambda Throttles FunctionName=${prefix}-${name} as m0 > 0, 3 of 3 x 5 min, no data: notBreaching`,
        ] as const,
    ),
    [
      "http-5xx-registration",
      `Sum of AWS/ApiGateway 5xx ApiId=${prefix}-RegistrationApi as m0 > 30, 1 of 1 x 15 min, no data: notBreaching`,
    ],
    [
      "http-5xx-usage",
      `Sum of AWS/ApiGateway 5xx ApiId=${prefix}-UsageHttpApi as m0 > 5, 1 of 1 x 15 min, no data: notBreaching`,
    ],
  ]);
  const alarms = permanent ? { ...money, ...lifecycle, ...schedules, ...plumbing } : {};

  return {
    archives: {
      [`${prefix}-events`]: {
        eventSourceArn: arn("events", `event-bus/${prefix}-BusBus`),
        retentionDays: permanent ? 30 : 7,
        eventPattern: { "detail-type": [{ "anything-but": ["usage"] }] },
      },
    },
    topics: permanent
      ? {
          [`${prefix}-alarms`]: {
            kmsMasterKeyId: undefined,
            mayPublish: [
              {
                Effect: "Allow",
                Action: ["sns:Publish"],
                Resource: [topicArn],
                Principal: { Service: ["cloudwatch.amazonaws.com"] },
                Condition: {
                  StringEquals: { "aws:SourceAccount": ["444455556666"] },
                  ArnLike: { "aws:SourceArn": [arn("cloudwatch", `alarm:${prefix}-*`)] },
                },
              },
            ],
            told: [],
          },
        }
      : {},
    alarms,
    dashboards: {
      [`${prefix}-dashboard`]: {
        kinds: ["text", ...(permanent ? ["alarm"] : []), ...Array.from({ length: 18 }, () => "metric")],
        alarms: Object.keys(alarms).length,
        lines: [
          "AWS/ApiGateway 5xx ApiId Sum",
          "AWS/Lambda Duration FunctionName p95",
          "AWS/Lambda Errors FunctionName Sum",
          "AWS/Lambda Throttles FunctionName Sum",
          "AWS/SQS ApproximateAgeOfOldestMessage QueueName Maximum",
          "AWS/SQS ApproximateNumberOfMessagesVisible QueueName Maximum",
          ...[
            "BooksUnsealed watch Maximum",
            "BuyersRegistered registration Sum",
            "EventsCounted fold Sum",
            "EventsCounted meter Sum",
            "EventsGivenUp fold Sum",
            "EventsGivenUp meter Sum",
            "EventsRepeated fold Sum",
            "EventsUnattributed fold Sum",
            "FactsStored intake Sum",
            "FactsStored webhook Sum",
            "FinalHoursUnfinished watch Maximum",
            "FoldLagMinutes watch Maximum",
            "HourShardsUnfolded watch Maximum",
            "InspectionCutShort inspection Maximum",
            "LedgerDifferences inspection Maximum",
            "MailsLeft relay Sum",
            "MeteringCalls meter Sum",
            "MeteringCallsThrottled meter Sum",
            "NearestDeadlineMinutes watch Minimum",
            "OldestUnattributedHours watch Maximum",
            "OldestUsageHours watch Maximum",
            "OutboxLeft relay Sum",
            "OutboxRelayed relay Sum",
            "ProductsHeld watch Maximum",
            "ProductsPaused watch Maximum",
            "Quarantined entitlement Sum",
            "Quarantined fold Sum",
            "Quarantined intake Sum",
            "Quarantined usage Sum",
            "Quarantined webhook Sum",
            "RecordsAccepted meter Sum",
            "RecordsConflicting meter Sum",
            "RecordsExpired meter Sum",
            "RecordsInConflict inspection Maximum",
            "RecordsPending watch Maximum",
            "RecordsRefused meter Sum",
            "RecordsSealed meter Sum",
            "RunsCompleted inspection Sum",
            "RunsCompleted meter Sum",
            "RunsCompleted reconciliation Sum",
            "RunsCompleted relay Sum",
            "RunsCompleted watch Sum",
            "SegmentsDamaged fold Sum",
            "SellerRoleRefused entitlement Sum",
            "SellerRoleRefused meter Sum",
            "SellerRoleRefused reconciliation Sum",
            "SellerRoleRefused registration Sum",
            "UsageEvents usage Sum",
            "WatchIncomplete watch Maximum",
            "WriteOffs meter Sum",
          ].map((line) => `${own} ${line}`),
        ],
      },
    },
  };
}
