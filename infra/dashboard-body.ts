import type { MetricName } from "@tollhouse/aws/metric/metric";
import { type FunctionName, functions, type QueueName, queues } from "@tollhouse/functions/manifest";
import { type CloudWatchMetric, type Deployed, metricsOf } from "./alarm-input.ts";
import type { Watched } from "./alarm-table.ts";

/** CloudWatch's dashboards have so many columns; heights are in the same squares. */
const columns = 24;
const graphHeight = 6;

type Statistic = "Sum" | "Maximum" | "Minimum" | "p95";
interface Line {
  readonly watched: Watched;
  readonly label: string;
  readonly statistic: Statistic;
}
interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Limits of alarms, drawn across. */
  readonly limits?: readonly number[];
}

/** One metric; what several functions measure is one line each. */
const own = (name: MetricName, statistic: Statistic): Line => ({
  ...{ watched: { own: name }, label: name, statistic },
});
const counts = (...names: readonly MetricName[]) => names.map((name) => own(name, "Sum"));
const gauges = (...names: readonly MetricName[]) => names.map((name) => own(name, "Maximum"));

const queueNames = Object.keys(queues) as QueueName[];
const functionNames = Object.keys(functions) as FunctionName[];

const text = `# Tollhouse
**Look first** at *Money at risk*: usage that AWS has not accepted, and the time that is left for it. It should be under an hour, and the deadline far.
Then at *Dead letters* and *Errors*: both should be empty. \`npx tollhouse ledger at-risk\` says what waits and why, \`npx tollhouse metering show\` what holds a product up,
\`npx tollhouse ledger check\` whether every unit is where it belongs. Alarms and what to do: docs/operations.md.`;

/** Row by row, the most urgent first. */
const rows: readonly (readonly Graph[])[] = [
  [
    {
      title: "Money at risk: hours that the oldest usage is late",
      lines: gauges("OldestUsageHours", "OldestUnattributedHours"),
      limits: [1, 6, 20],
    },
    {
      title: "Minutes to the nearest deadline",
      lines: [own("NearestDeadlineMinutes", "Minimum")],
      limits: [30],
    },
    {
      title: "Waiting: records, books, final hours, products",
      lines: gauges(
        "RecordsPending",
        "BooksUnsealed",
        "FinalHoursUnfinished",
        "ProductsPaused",
        "ProductsHeld",
      ),
    },
  ],
  [
    {
      title: "Usage: in, counted, repeated, set aside",
      lines: counts("UsageEvents", "EventsCounted", "EventsRepeated", "EventsUnattributed", "EventsGivenUp"),
    },
    {
      title: "Records: sealed, accepted, lost",
      lines: counts(
        "RecordsSealed",
        "RecordsAccepted",
        "RecordsConflicting",
        "RecordsRefused",
        "RecordsExpired",
        "WriteOffs",
      ),
    },
    { title: "BatchMeterUsage: calls, throttled", lines: counts("MeteringCalls", "MeteringCallsThrottled") },
  ],
  [
    {
      title: "Fold: minutes behind, hour-shards to fold",
      lines: gauges("FoldLagMinutes", "HourShardsUnfolded"),
    },
    {
      title: "Books: differences, records in conflict, damaged segments",
      lines: [...gauges("LedgerDifferences", "RecordsInConflict"), ...counts("SegmentsDamaged")],
    },
    {
      title: "Runs completed, and what was not looked at",
      lines: [...counts("RunsCompleted"), ...gauges("WatchIncomplete", "InspectionCutShort")],
    },
  ],
  [
    {
      title: "Dead letters",
      lines: ([...queueNames, "Schedule"] as const).map((name) => ({
        ...{ watched: { deadLetterOf: name }, label: name, statistic: "Maximum" },
      })),
    },
    {
      title: "Queues: seconds that the oldest message waits",
      lines: queueNames.map((name) => ({ watched: { ageOf: name }, label: name, statistic: "Maximum" })),
    },
    {
      title: "Queues: messages",
      lines: queueNames.map((name) => ({ watched: { depthOf: name }, label: name, statistic: "Maximum" })),
    },
  ],
  [
    {
      title: "Facts, registrations, quarantine, refused roles",
      lines: counts("FactsStored", "BuyersRegistered", "Quarantined", "SellerRoleRefused"),
    },
    { title: "Outbox: relayed, left; mails left", lines: counts("OutboxRelayed", "OutboxLeft", "MailsLeft") },
    {
      title: "HTTP: server errors",
      lines: (["registration", "usage"] as const).map((name) => ({
        ...{ watched: { serverErrorsOf: name }, label: name, statistic: "Sum" },
      })),
    },
  ],
  [
    { title: "Functions: errors", lines: ofFunctions("Errors", "Sum") },
    { title: "Functions: throttles", lines: ofFunctions("Throttles", "Sum") },
    { title: "Functions: duration in ms, 95% are below", lines: ofFunctions("Duration", "p95") },
  ],
];

function ofFunctions(metric: "Errors" | "Throttles" | "Duration", statistic: Statistic): readonly Line[] {
  return functionNames.map((name) => ({ watched: { ofFunction: name, metric }, label: name, statistic }));
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The dashboard as CloudWatch takes it, but for being JSON. @param alarmArns shown below the text, if there are any */
export function dashboardBody(installation: Deployed, alarmArns: readonly string[]) {
  const head: readonly { readonly height: number; readonly widget: object }[] = [
    { height: 4, widget: { type: "text", properties: { markdown: text } } },
    ...(alarmArns.length === 0
      ? []
      : [{ height: 4, widget: { type: "alarm", properties: { title: "Alarms", alarms: alarmArns } } }]),
  ];
  let y = 0;
  const widgets: (object & Place)[] = [];
  for (const { height, widget } of head) {
    widgets.push({ ...widget, x: 0, y, width: columns, height });
    y += height;
  }
  for (const row of rows) {
    const width = columns / row.length;
    row.forEach((graph, index) => {
      widgets.push({ ...graphWidget(installation, graph), x: index * width, y, width, height: graphHeight });
    });
    y += graphHeight;
  }
  return { widgets };
}

function graphWidget(installation: Deployed, { title, lines, limits = [] }: Graph) {
  return {
    type: "metric",
    properties: {
      ...{ title, region: "us-east-1", view: "timeSeries", stacked: false, period: 300 },
      metrics: lines.flatMap((line) => linesOf(installation, line)),
      ...(limits.length > 0 && { annotations: { horizontal: limits.map((value) => ({ value })) } }),
    },
  };
}

/** `[namespace, metric, dimension, value, …, options]`, as CloudWatch's dashboards name a metric. */
function linesOf(installation: Deployed, { watched, label, statistic }: Line) {
  const found = metricsOf(installation, watched);
  return found.map(({ namespace, metricName, dimensions }: CloudWatchMetric) => [
    ...[namespace, metricName, ...Object.entries(dimensions).flat()],
    { stat: statistic, label: found.length === 1 ? label : `${label} (${Object.values(dimensions).join()})` },
  ]);
}
