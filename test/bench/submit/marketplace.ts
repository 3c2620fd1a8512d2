import { meteringCallsPerSecond } from "@tollhouse/aws/marketplace/pace";
import { functionKeys, simulatorConfiguration } from "@tollhouse/local/seller";
import { parseConfiguration } from "@tollhouse/simulator/server/configuration";
import { startSimulator } from "@tollhouse/simulator/server/start";
import * as z from "zod";
import type { Engine } from "../engine.ts";
import { benchConfiguration } from "./configuration.ts";
import { beginsAt, type License, productCode, submitsAt } from "./record.ts";

const agreementSchema = z.object({ licenseArn: z.string(), buyerAccountId: z.string() });
const callsSchema = z.object({
  calls: z.array(
    z.object({
      number: z.number(),
      arrivedAtMs: z.number(),
      outcome: z.string(),
      records: z.number().optional(),
    }),
  ),
});
const billSchema = z.object({ totals: z.array(z.object({ quantity: z.number() })) });

export interface Arrivals {
  readonly calls: number;
  readonly throttled: number;
  readonly callsPerSecond: number;
  readonly mostInASecond: number;
}

/** AWS Marketplace with its quota, in this process, and buyers who have subscribed. */
export async function openMarketplace({ queuesUrl, queueUrls }: Engine, licenseCount: number) {
  const keys = functionKeys(benchConfiguration);
  const settings = simulatorConfiguration(benchConfiguration, keys, {
    queuesUrl,
    intakeQueueUrl: queueUrls.Intake,
    busName: "bench",
    sellerEventsQueueUrl: queueUrls.Intake,
    usageQueueUrl: queueUrls.Usage,
  });
  const clock = { startAt: new Date(beginsAt).toISOString(), rate: 0 };
  const simulator = await startSimulator({ configuration: parseConfiguration({ ...settings, clock }) });
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${simulator.url}/_simulator${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The simulator answers ${response.status} to ${method} ${path}.`);
    return response.json();
  };
  const licenses: License[] = [];
  for (let index = 0; index < licenseCount; index += 1) {
    const buyerAccountId = String(200_000_000_000 + index);
    licenses.push(
      agreementSchema.parse(await control("POST", "/agreements", { productCode, buyerAccountId })),
    );
  }
  await control("POST", "/clock", { now: new Date(submitsAt).toISOString(), rate: 1 });
  return {
    url: simulator.url,
    keys: keys.meter,
    licenses,
    /** When calls came, as AWS saw it. */
    async arrivals(): Promise<Arrivals> {
      const { calls } = callsSchema.parse(await control("GET", "/calls?operation=BatchMeterUsage"));
      const times = calls.map(({ arrivedAtMs }) => arrivedAtMs).toSorted((a, b) => a - b);
      const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
      return {
        calls: calls.length,
        throttled: calls.filter(({ outcome }) => outcome.includes("Throttling")).length,
        callsPerSecond: spanMs === 0 ? 0 : ((times.length - 1) * 1_000) / spanMs,
        mostInASecond: mostWithin(times, 1_000),
      };
    },
    billed: async (): Promise<number> =>
      billSchema.parse(await control("GET", "/bill")).totals.reduce((sum, { quantity }) => sum + quantity, 0),
    close: () => simulator.close(),
  };
}

export const quota: number = meteringCallsPerSecond;

/** The most of these instants, in order, that lie within a span. */
export function mostWithin(times: readonly number[], spanMs: number): number {
  let most = 0;
  let first = 0;
  times.forEach((time, index) => {
    while (time - (times[first] ?? time) >= spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
