import type { Inputs } from "./synth/fake-aws.ts";
import { statements } from "./picture.ts";
import type { Resource } from "./synth/record.ts";

type All = (type: string) => Resource[];

export const archive = ({ inputs: { eventSourceArn, retentionDays, eventPattern } }: Resource) => ({
  eventSourceArn,
  retentionDays,
  eventPattern: JSON.parse(String(eventPattern)) as unknown,
});

/** Each topic with who may publish to it, whether it is encrypted with a key, and who is told. */
export const topics = (all: All) =>
  Object.fromEntries(
    all("aws:sns/topic:Topic").map(({ inputs: { name, kmsMasterKeyId } }) => [
      String(name),
      {
        kmsMasterKeyId,
        mayPublish: all("aws:sns/topicPolicy:TopicPolicy")
          .filter(({ inputs: { arn } }) => String(arn).endsWith(`:${String(name)}`))
          .flatMap(({ inputs: { policy } }) => statements(policy)),
        told: all("aws:sns/topicSubscription:TopicSubscription").map(
          ({ inputs: { protocol, endpoint } }) => `${String(protocol)} ${String(endpoint)}`,
        ),
      },
    ]),
  );

/** Each alarm in one line, and whom it tells. */
export const alarms = (all: All) =>
  Object.fromEntries(
    all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => [
      String(inputs.name),
      {
        when: alarmLine(inputs),
        tells: [...((inputs.alarmActions as string[] | undefined) ?? []), "and when it is over"].concat(
          inputs.okActions as string[],
        ),
      },
    ]),
  );

const operators: Readonly<Record<string, string>> = { GreaterThanThreshold: ">", LessThanThreshold: "<" };

interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, string>;
  readonly period: number;
  readonly stat: string;
}

function alarmLine(inputs: Inputs): string {
  const queries = inputs.metricQueries as { expression?: string; metric?: Metric }[] | undefined;
  const metrics = queries?.flatMap(({ metric }) => metric ?? []) ?? [
    { ...(inputs as unknown as Metric), stat: String(inputs.statistic) },
  ];
  const [{ period, stat } = { period: 0, stat: "" }] = metrics;
  const what = metrics.map(
    ({ namespace, metricName, dimensions }) =>
      `${namespace} ${metricName} ${Object.entries(dimensions).flat().join("=")}`,
  );
  const sum = queries?.find(({ expression }) => expression !== undefined)?.expression ?? "m0";
  const op = operators[String(inputs.comparisonOperator)] ?? "?";
  const of = `${String(inputs.datapointsToAlarm)} of ${String(inputs.evaluationPeriods)}`;
  return `${stat} of ${what.join(", ")} as ${sum} ${op} ${String(inputs.threshold)}, ${of} x ${period / 60} min, no data: ${String(inputs.treatMissingData)}`;
}

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly metrics?: (string | { readonly stat: string })[][];
    readonly alarms?: string[];
  };
}

/** What each dashboard shows, without which queue or function it is. */
export const dashboards = (all: All) =>
  Object.fromEntries(
    all("aws:cloudwatch/dashboard:Dashboard").map(({ inputs: { dashboardName, dashboardBody } }) => {
      const { widgets } = JSON.parse(String(dashboardBody)) as { widgets: Widget[] };
      const lines = widgets.flatMap(({ properties: { metrics = [] } }) => metrics.map(metricLine));
      return [
        String(dashboardName),
        {
          kinds: widgets.map(({ type }) => type),
          alarms: widgets.flatMap(({ properties }) => properties.alarms ?? []).length,
          lines: [...new Set(lines)].toSorted(),
        },
      ];
    }),
  );

function metricLine(metric: (string | { readonly stat: string })[]): string {
  const options = metric.at(-1);
  const [namespace = "", name = "", dimension = "", value = ""] = metric.filter(
    (part) => typeof part === "string",
  );
  const of = dimension === "service" ? value : dimension;
  return `${namespace} ${name} ${of} ${typeof options === "object" ? options.stat : ""}`;
}
