import { metricNamespace, metrics } from "@tollhouse/aws/metric/metric";
import { type Installation, resourceName } from "@tollhouse/aws/seller/duty";
import { deadLetterOf } from "@tollhouse/functions/manifest";
import type { Alarm, Watched } from "./alarm-table.ts";

/** One metric as CloudWatch names it. */
export interface CloudWatchMetric<Id = string> {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string | Id>>;
}

/** An installation with the ids that only a deploy knows: strings by then, and outputs before. */
export interface Deployed<Id = string> extends Installation {
  readonly apiIds: Readonly<Record<"registration" | "usage", Id>>;
}

/** Every metric of CloudWatch's that is added up for what is watched. */
export function metricsOf<Id>(installation: Deployed<Id>, watched: Watched): readonly CloudWatchMetric<Id>[] {
  const named = (part: string) => resourceName(installation, part);
  const ofQueue = (metricName: string, queue: string) => [
    { namespace: "AWS/SQS", metricName, dimensions: { QueueName: named(queue) } },
  ];
  if ("own" in watched) {
    const services: readonly string[] = watched.of === undefined ? metrics[watched.own].of : [watched.of];
    const namespace = metricNamespace(installation);
    return services.map((service) => ({ namespace, metricName: watched.own, dimensions: { service } }));
  }
  if ("deadLetterOf" in watched)
    return ofQueue("ApproximateNumberOfMessagesVisible", deadLetterOf(watched.deadLetterOf));
  if ("ageOf" in watched) return ofQueue("ApproximateAgeOfOldestMessage", watched.ageOf);
  if ("depthOf" in watched) return ofQueue("ApproximateNumberOfMessagesVisible", watched.depthOf);
  if ("ofFunction" in watched) {
    const dimensions = { FunctionName: named(watched.ofFunction) };
    return [{ namespace: "AWS/Lambda", metricName: watched.metric, dimensions }];
  }
  const dimensions = { ApiId: installation.apiIds[watched.serverErrorsOf] };
  return [{ namespace: "AWS/ApiGateway", metricName: "5xx", dimensions }];
}

/** What AWS is told of an alarm, but for whom it tells. */
export function alarmInput<Id>(installation: Deployed<Id>, alarm: Alarm) {
  const { name, heading, watched, statistic, alarmWhen, threshold, periodMinutes, periods, missing } = alarm;
  const period = periodMinutes * 60;
  const [first, ...others] = watched.flatMap((one) => metricsOf(installation, one));
  if (first === undefined) throw new Error(`The alarm ${name} looks at nothing.`);
  const [single, sum] =
    others.length === 0
      ? [{ ...first, statistic, period }, undefined]
      : [undefined, summed([first, ...others], statistic, period)];
  return {
    name: resourceName(installation, name),
    alarmDescription: `Impact: ${alarm.impact} Remedy: ${alarm.remedy} See docs/operations.md#${heading}`,
    comparisonOperator: alarmWhen === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
    ...{ threshold, evaluationPeriods: periods, datapointsToAlarm: periods, treatMissingData: missing },
    ...single,
    ...(sum && { metricQueries: sum }),
  };
}

/** A function that measured nothing counts as none; without `FILL` its silence would make the sum silent too. */
const summed = <Id>(all: readonly CloudWatchMetric<Id>[], stat: string, period: number) => [
  {
    id: "sum",
    expression: all.map((_, index) => `FILL(m${index}, 0)`).join(" + "),
    label: "sum",
    returnData: true,
  },
  ...all.map((metric, index) => ({ id: `m${index}`, metric: { ...metric, stat, period } })),
];
