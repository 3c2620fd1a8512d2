import * as z from "zod";

/** The smallest value that at least this share of all values does not exceed (nearest rank). @throws RangeError without values */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new RangeError("There is no percentile of nothing.");
  return found;
}

/** To the hundredth; what is beyond says nothing. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the rounds of one run gave. */
export const spreadSchema = z.object({ median: z.number(), least: z.number(), most: z.number() });
export type Spread = z.output<typeof spreadSchema>;

export const spreadOf = (values: readonly number[]): Spread => ({
  median: rounded(percentile(values, 0.5)),
  least: rounded(Math.min(...values)),
  most: rounded(Math.max(...values)),
});

export const latencySchema = z.object({
  count: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
});
export type Latency = z.output<typeof latencySchema>;

export const latencyOf = (valuesMs: readonly number[]): Latency => ({
  count: valuesMs.length,
  p50Ms: rounded(percentile(valuesMs, 0.5)),
  p95Ms: rounded(percentile(valuesMs, 0.95)),
  p99Ms: rounded(percentile(valuesMs, 0.99)),
});

/** Three digits that count; enough for figures that differ by more from run to run. */
export const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
