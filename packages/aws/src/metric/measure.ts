import { Metrics } from "@aws-lambda-powertools/metrics";
import { type MetricName, metrics } from "./metric.ts";

/** Names of the table with what they are now. */
export type Measured = Readonly<Partial<Record<MetricName, number>>>;

/** Tells CloudWatch. Returns at once, and cannot fail. */
export type Measure = (measured: Measured) => void;

const tellsNobody: Measure = () => undefined;

/**
 * Measures by a line in the function's own log in Embedded Metric Format, of which CloudWatch makes metrics: no call, no permission.
 * Namespace and `service` come from the environment that the stack sets; where there is none, e.g. in a command, nobody is told.
 * Powertools writes past `console`, which Lambda's JSON log format would wrap so that CloudWatch reads no metric in it.
 */
export function makeMeasure(): Measure {
  if ((process.env["POWERTOOLS_METRICS_NAMESPACE"] ?? "") === "") return tellsNobody;
  const told = new Metrics();
  return (measured) => {
    const entries = Object.entries(measured) as [MetricName, number][];
    if (entries.length === 0) return;
    for (const [name, value] of entries) told.addMetric(name, metrics[name].unit, value);
    told.publishStoredMetrics();
  };
}
